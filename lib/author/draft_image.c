/* The instructions of a Dockerfile with the image's own words: USER, EXPOSE, VOLUME, LABEL, STOPSIGNAL, SHELL, HEALTHCHECK. */
#include "author/draft_internal.h"

#include "dockerfile/instructions.h"

#include "profile/values.h"

static void clear(struct draft_reader *r, enum draft_list list)
{
    r->draft->lists[list].count = 0;
}

static void add_words(struct draft_reader *r, const struct sw_instruction *instruction, enum draft_list list,
                      struct sw_str text)
{
    size_t count = 0;
    const char **words = draft_words(r, text, &count);
    for (size_t i = 0; words != NULL && i < count; i++) {
        if (words[i][0] == '\0' && list != DRAFT_SHELL && list != DRAFT_HEALTHCHECK)
            draft_leave(r->draft, draft_instruction_place(r, instruction), instruction->text,
                        "it names a variable that has no value");
        else
            draft_add(r->draft, list, words[i], draft_instruction_place(r, instruction));
    }
}

/* Take the only word of an instruction, instead of the word of an earlier instruction. */
static void set_word(struct draft_reader *r, const struct sw_instruction *instruction, enum draft_list list)
{
    size_t count = 0;
    const char **words = draft_words(r, instruction->text, &count);
    clear(r, list);
    if (words != NULL && count == 1)
        add_words(r, instruction, list, instruction->text);
    else
        draft_leave(r->draft, draft_instruction_place(r, instruction), instruction->text,
                    "the instruction takes one word");
}

static void add_label(struct draft_reader *r, const struct sw_instruction *instruction, struct sw_str name,
                      struct sw_str value)
{
    struct draft_place place = draft_instruction_place(r, instruction);
    const char *wrong = sw_value_label(name);
    wrong = wrong == NULL ? sw_value_line(value) : wrong;
    if (wrong != NULL) {
        draft_leave(r->draft, place, name, "%s", wrong);
        return;
    }
    struct draft_pairs *labels = &r->draft->labels;
    const char *text = draft_copy(r->draft, value);
    for (size_t i = 0; i < labels->count; i++) {
        if (sw_str_is(name, labels->items[i].first)) {
            labels->items[i].second = text;
            return;
        }
    }
    draft_set(r->draft, labels, draft_copy(r->draft, name), text, place);
}

/* LABEL NAME=VALUE..., or the old form LABEL NAME VALUE. */
static void read_label(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count = 0;
    const char **words = draft_words(r, instruction->text, &count);
    if (words != NULL && count > 0 && strchr(words[0], '=') == NULL) {
        struct sw_str value = sw_str_trim(instruction->text);
        (void)sw_str_cut(&value, ' ');
        add_label(r, instruction, sw_str_from(words[0]),
                  value.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(value));
        return;
    }
    for (size_t i = 0; words != NULL && i < count; i++) {
        struct sw_str value = sw_str_from(words[i]), name = sw_str_cut(&value, '=');
        add_label(r, instruction, name, value.p == NULL ? (struct sw_str){"", 0} : value);
    }
}

/* Take --interval=30s and the like off the text; false if a profile has no key for one of them. */
static bool take_options(struct draft_reader *r, const struct sw_instruction *instruction,
                         struct sw_str *text)
{
    static const char *const keys[][2] = {{"--interval", "interval"},
                                          {"--timeout", "timeout"},
                                          {"--start-period", "start_period"},
                                          {"--retries", "retries"}};
    r->draft->health_options.count = 0;
    while (sw_str_starts(*text, "--")) {
        struct sw_str value = sw_str_cut(text, ' '), option = sw_str_cut(&value, '=');
        const char *key = NULL;
        for (size_t i = 0; i < SW_COUNT(keys); i++)
            key = sw_str_is(option, keys[i][0]) ? keys[i][1] : key;
        uint64_t number;
        bool is_good =
            key != NULL && value.p != NULL &&
            (strcmp(key, "retries") == 0 ? sw_str_to_u64(value, &number) : sw_value_duration(value) == NULL);
        if (!is_good)
            return false;
        draft_set(r->draft, &r->draft->health_options, key, draft_copy(r->draft, value),
                  draft_instruction_place(r, instruction));
        *text = text->p == NULL ? (struct sw_str){"", 0} : sw_str_trim(*text);
    }
    return true;
}

/* False if the profile cannot hold the check. */
static bool read_healthcheck(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct sw_str text = sw_str_trim(instruction->text);
    clear(r, DRAFT_HEALTHCHECK);
    r->draft->health_is_text = false;
    r->draft->health_is_none = sw_str_is(text, "NONE");
    if (r->draft->health_is_none)
        return true;
    if (!take_options(r, instruction, &text) || !sw_str_starts(text, "CMD"))
        return false;
    text = sw_str_trim(sw_str_drop(text, strlen("CMD")));
    r->draft->health_is_text = !sw_str_starts(text, "[");
    if (r->draft->health_is_text)
        draft_add(r->draft, DRAFT_HEALTHCHECK, draft_copy(r->draft, text),
                  draft_instruction_place(r, instruction));
    else
        add_words(r, instruction, DRAFT_HEALTHCHECK, text);
    return true;
}

bool draft_read_image(struct draft_reader *r, const struct sw_instruction *instruction)
{
    static const struct {
        const char *keyword;
        enum draft_list list;
        /* NEW_WORDS stand in the place of those of an earlier instruction. */
        enum { ONE_WORD, MORE_WORDS, NEW_WORDS } kind;
    } rows[] = {
        {"user", DRAFT_USER, ONE_WORD},        {"expose", DRAFT_PORTS, MORE_WORDS},
        {"volume", DRAFT_VOLUMES, MORE_WORDS}, {"stopsignal", DRAFT_STOP_SIGNAL, ONE_WORD},
        {"shell", DRAFT_SHELL, NEW_WORDS},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (!sw_instruction_is(instruction, rows[i].keyword))
            continue;
        if (rows[i].kind == NEW_WORDS)
            clear(r, rows[i].list);
        if (rows[i].kind == ONE_WORD)
            set_word(r, instruction, rows[i].list);
        else
            add_words(r, instruction, rows[i].list, instruction->text);
        const struct draft_items *shell = &r->draft->lists[DRAFT_SHELL];
        if (rows[i].list == DRAFT_SHELL && shell->count > 0 && !draft_is_shell(shell->items[0].text))
            draft_leave(r->draft, draft_instruction_place(r, instruction), instruction->text,
                        "it runs the installs too, which a profile does in its own environment");
        return true;
    }
    if (sw_instruction_is(instruction, "label"))
        read_label(r, instruction);
    else
        return sw_instruction_is(instruction, "healthcheck") && read_healthcheck(r, instruction);
    return true;
}
