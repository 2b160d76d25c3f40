/* The instructions of a Dockerfile's stage, in a draft. */
#include "author/draft_internal.h"
#include "data/json.h"
#include "dockerfile/instructions.h"
#include "profile/values.h"

struct draft_place draft_instruction_place(const struct draft_reader *r,
                                           const struct sw_instruction *instruction)
{
    return (struct draft_place){r->file, instruction->line, 1};
}

/* The words of an instruction in either form, and the flags before them; NULL without memory or if the text
 * only looks like JSON. */
const char **draft_words(struct draft_reader *r, struct sw_str text, size_t *count)
{
    const struct sw_node *list;
    if (!sw_str_starts(text, "[") || sw_json_read(&list, &r->draft->arena, text, NULL, NULL) != 0 ||
        sw_node_type(list) != SW_NODE_LIST)
        return sw_shell_words(count, &r->draft->arena, text, &r->variables);
    const char **words = sw_arena_array(&r->draft->arena, sw_node_count(list) + 1, sizeof(*words));
    for (size_t i = 0; words != NULL && i < sw_node_count(list); i++)
        words[i] = sw_node_text(sw_node_item(list, i), "");
    *count = words == NULL ? 0 : sw_node_count(list);
    return words;
}

const char *draft_absolute(struct draft_reader *r, const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    if (path[0] == '/')
        return path;
    const char *slash = sw_str_ends(sw_str_from(r->workdir), "/") ? "" : "/";
    return draft_format(r->draft, "%s%s%s", r->workdir, slash, strcmp(path, ".") == 0 ? "" : path);
}

/* Add a source of a COPY; it must lie in the folder. */
static void add_copy(struct draft_reader *r, const struct sw_instruction *instruction, const char *from,
                     const char *to)
{
    while (strncmp(from, "./", 2) == 0)
        from += 2;
    from = from[0] == '\0' ? "." : from;
    struct sw_str source = sw_str_from(from);
    while (source.n > 1 && source.p[source.n - 1] == '/')
        source.n--;
    from = draft_copy(r->draft, source);
    draft_set(r->draft, &r->copies, from, to, draft_instruction_place(r, instruction));
    if (r->is_source)
        return;
    draft_keep_copy(r, instruction, from, to);
    const char *wrong = sw_value_path(source);
    wrong = wrong == NULL ? sw_value_destination(sw_str_from(to)) : wrong;
    if (wrong != NULL)
        draft_leave(r->draft, draft_instruction_place(r, instruction), sw_str_from(from), "%s", wrong);
    else
        draft_set(r->draft, &r->draft->copies, from, to, draft_instruction_place(r, instruction));
}

/* Leave files of a stage or image; an environment among them would be an unknown part of the stack. */
static void leave_copy_from(struct draft_reader *r, struct draft_place place, struct sw_str flag,
                            struct sw_str text)
{
    static const char *const signs[] = {"site-packages", "dist-packages", "venv", "conda", "python3."};
    bool decides = false;
    for (size_t i = 0; i < SW_COUNT(signs); i++)
        decides = decides || sw_str_find(text, sw_str_from(signs[i])) < text.n;
    struct sw_str name = sw_str_drop(flag, strlen("--from="));
    if (decides && sw_str_find(name, SW_STR("/")) < name.n)
        draft_leave_unjudged(r->draft, place, text, "an environment out of another image");
    else
        draft_leave(r->draft, place, text,
                    "the files of another stage or image; what the stage installs is among the requirements");
}

/* The flag --from among those before the sources; empty if there is none. */
static struct sw_str other_image(struct sw_str text)
{
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_starts(flag, "--from="))
            return flag;
    }
    return SW_STR("");
}

static void read_copy(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct draft_place place = draft_instruction_place(r, instruction);
    struct sw_str from = other_image(instruction->text);
    if (from.n > 0) {
        leave_copy_from(r, place, from, instruction->text);
        return;
    }
    struct sw_str text = draft_take_copy_flags(r, instruction);
    size_t count;
    const char **words = draft_words(r, text, &count);
    if (words == NULL || count < 2 || instruction->body_line != 0) {
        if (!r->is_source)
            draft_leave(r->draft, place, instruction->text, "not a source in the folder and a destination");
        return;
    }
    const char *to = draft_absolute(r, words[count - 1]);
    if (count > 2 && !sw_str_ends(sw_str_from(to), "/"))
        to = draft_format(r->draft, "%s/", to);
    for (size_t i = 0; i + 1 < count; i++) {
        if (strstr(words[i], "://") != NULL)
            draft_leave(r->draft, place, sw_str_from(words[i]), "fetch it by a step");
        else
            add_copy(r, instruction, words[i], to);
    }
}

/* The words of ENTRYPOINT or CMD in the place of earlier words; a text is run by the shell of SHELL, as an engine has it. */
static void read_start(struct draft_reader *r, const struct sw_instruction *instruction, enum draft_list list)
{
    static const char *const usual[] = {"/bin/sh", "-c"};
    struct draft_place place = draft_instruction_place(r, instruction);
    const struct draft_items *shell = &r->draft->lists[DRAFT_SHELL];
    const struct sw_node *words = NULL;
    r->draft->lists[list].count = 0;
    bool is_list = sw_json_read(&words, &r->draft->arena, instruction->text, NULL, NULL) == 0 &&
                   sw_node_type(words) == SW_NODE_LIST;
    for (size_t i = 0; is_list && i < sw_node_count(words); i++)
        draft_add(r->draft, list, sw_node_text(sw_node_item(words, i), ""), place);
    if (list == DRAFT_ENTRYPOINT)
        r->draft->entrypoint_is_none = is_list && sw_node_count(words) == 0;
    else if (is_list && sw_node_count(words) == 0)
        draft_leave(r->draft, place, instruction->text, "a profile cannot clear the base's command");
    if (is_list)
        return;
    for (size_t i = 0; i < (shell->count == 0 ? SW_COUNT(usual) : shell->count); i++)
        draft_add(r->draft, list, shell->count == 0 ? usual[i] : shell->items[i].text, place);
    draft_add(r->draft, list, draft_copy(r->draft, instruction->text), place);
}

/* Name an instruction for images that are built on this image; draft_stages.c reads it for the stages of the file. */
static void leave_trigger(struct draft_reader *r, const struct sw_instruction *instruction)
{
    const char *text = draft_format(r->draft, "ONBUILD %.*s", SW_STR_FORMAT(instruction->text));
    draft_leave_unjudged(r->draft, draft_instruction_place(r, instruction), sw_str_from(text),
                         "it runs in images that are built on this image, not in this image");
}

static void read_other(struct draft_reader *r, const struct sw_instruction *instruction)
{
    if (sw_instruction_is(instruction, "onbuild")) {
        if (r->is_last)
            leave_trigger(r, instruction);
        return;
    }
    if (r->is_source || r->draft->judged || draft_read_image(r, instruction))
        return;
    const char *text = draft_format(r->draft, "%.*s %.*s", SW_STR_FORMAT(instruction->keyword),
                                    SW_STR_FORMAT(instruction->text));
    draft_leave(r->draft, draft_instruction_place(r, instruction), sw_str_from(text),
                "a profile has no key for it");
}

static void read_workdir(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    if (words == NULL || count != 1)
        return;
    struct sw_str path = sw_str_from(draft_absolute(r, words[0]));
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    r->workdir = draft_copy(r->draft, path);
    const char *wrong = sw_value_destination(path);
    if (r->is_source)
        return;
    if (wrong == NULL)
        r->draft->workdir = r->workdir;
    else if (!r->draft->judged)
        draft_leave(r->draft, draft_instruction_place(r, instruction), instruction->text, "%s", wrong);
}

void draft_read_instruction(struct draft_reader *r, const struct sw_instruction *instruction,
                            const struct sw_shell_variables *globals)
{
    bool writes = !r->is_source && !r->draft->judged;
    if (draft_is_over(r->draft))
        return;
    if (sw_instruction_is(instruction, "run"))
        draft_run(r, instruction);
    else if (sw_instruction_is(instruction, "env"))
        draft_read_env(r, instruction);
    else if (sw_instruction_is(instruction, "arg"))
        draft_read_arg(r, instruction, globals);
    else if (sw_instruction_is(instruction, "copy") || sw_instruction_is(instruction, "add"))
        read_copy(r, instruction);
    else if (sw_instruction_is(instruction, "workdir"))
        read_workdir(r, instruction);
    else if (!writes)
        read_other(r, instruction);
    else if (sw_instruction_is(instruction, "cmd"))
        read_start(r, instruction, DRAFT_COMMAND);
    else if (sw_instruction_is(instruction, "entrypoint"))
        read_start(r, instruction, DRAFT_ENTRYPOINT);
    else
        read_other(r, instruction);
}
