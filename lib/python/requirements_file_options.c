#include "python/requirements_file_internal.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "python/scanner.h"

static const struct option {
    const char *name;
    char letter; /* '\0': none */
    bool has_value;
    enum sw_requirements_kind kind;
} options[] = {
    {"--config-settings", '\0', true, SW_REQUIREMENTS_BUILD_SETTING},
    {"--constraint", 'c', true, SW_REQUIREMENTS_CONSTRAINTS},
    {"--editable", 'e', true, SW_REQUIREMENTS_EDITABLE},
    {"--extra-index-url", '\0', true, SW_REQUIREMENTS_EXTRA_INDEX_URL},
    {"--find-links", 'f', true, SW_REQUIREMENTS_FIND_LINKS},
    {"--global-option", '\0', true, SW_REQUIREMENTS_BUILD_SETTING},
    {"--hash", '\0', true, SW_REQUIREMENTS_HASH},
    {"--index-url", 'i', true, SW_REQUIREMENTS_INDEX_URL},
    {"--install-option", '\0', true, SW_REQUIREMENTS_BUILD_SETTING},
    {"--no-binary", '\0', true, SW_REQUIREMENTS_NO_BINARY},
    {"--no-index", '\0', false, SW_REQUIREMENTS_NO_INDEX},
    {"--only-binary", '\0', true, SW_REQUIREMENTS_ONLY_BINARY},
    {"--pre", '\0', false, SW_REQUIREMENTS_PRE},
    {"--prefer-binary", '\0', false, SW_REQUIREMENTS_PREFER_BINARY},
    {"--pypi-url", '\0', true, SW_REQUIREMENTS_INDEX_URL},
    {"--require-hashes", '\0', false, SW_REQUIREMENTS_REQUIRE_HASHES},
    {"--requirement", 'r', true, SW_REQUIREMENTS_INCLUDE},
    {"--trusted-host", '\0', true, SW_REQUIREMENTS_TRUSTED_HOST},
    {"--use-feature", '\0', true, SW_REQUIREMENTS_USE_FEATURE},
};

/* The algorithms that pip accepts, and how many hexadecimal digits each gives. */
static const struct {
    const char *name;
    size_t digits;
} algorithms[] = {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}};

/* The words of the text, and the options that are made of them. */
struct reader {
    struct sw_arena *arena;
    struct sw_str *words;
    size_t word_count, at; /* `at`: the next word */
    struct sw_requirements_option *items;
    size_t count;
};

/* --- words --------------------------------------------------------------------------------------------------- */

static int add_word(struct reader *r, const struct sw_buffer *word, struct sw_error *error)
{
    r->words = sw_arena_grow(r->arena, r->words, r->word_count, sizeof *r->words);
    const char *copy = r->words == NULL ? NULL : sw_arena_copy(r->arena, sw_buffer_str(word));
    if (copy == NULL)
        return sw_fail_memory(error);
    r->words[r->word_count++] = (struct sw_str){copy, word->n};
    return 0;
}

/* A quoted part, of which the scanner has read the quote. Between double quotes a backslash stands for itself
 * unless '"' or '\' follows. */
static int scan_quoted(struct sw_buffer *word, struct sw_scanner *s, char quote, struct sw_error *error)
{
    for (; !sw_scanner_ended(s); s->at++) {
        char c = sw_scanner_peek(s);
        if (c == quote) {
            s->at++;
            return 0;
        }
        if (c == '\\' && quote == '"' && s->at + 1 < s->text.n &&
            (s->text.p[s->at + 1] == '"' || s->text.p[s->at + 1] == '\\'))
            c = s->text.p[++s->at];
        sw_buffer_add_char(word, c);
    }
    sw_fail(error, SW_EINPUT, "a %c without its end", quote);
    return sw_error_hint(error, "close it on the same line, or put a backslash before it");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int scan_word(struct sw_buffer *word, struct sw_scanner *s, struct sw_error *error)
{
    int code = 0;
    while (code == 0 && !sw_scanner_ended(s) && !is_blank(sw_scanner_peek(s))) {
        char c = sw_scanner_peek(s);
        s->at++;
        if (c == '"' || c == '\'') {
            code = scan_quoted(word, s, c, error);
        } else if (c == '\\' && sw_scanner_ended(s)) {
            code = sw_fail(error, SW_EINPUT, "nothing after the last backslash");
        } else {
            if (c == '\\')
                c = s->text.p[s->at++];
            sw_buffer_add_char(word, c);
        }
    }
    return code;
}

static int split_words(struct reader *r, struct sw_str text, struct sw_error *error)
{
    struct sw_scanner s = sw_scanner_over(text);
    SW_BUFFER_AUTO word;
    sw_buffer_init(&word, SW_MAX_REQUIREMENTS_SIZE);
    for (;;) {
        while (is_blank(sw_scanner_peek(&s)))
            s.at++;
        if (sw_scanner_ended(&s))
            return 0;
        sw_buffer_clear(&word);
        int code = scan_word(&word, &s, error);
        if (code == 0)
            code = sw_buffer_check(&word, "a word", error);
        if (code == 0)
            code = add_word(r, &word, error);
        if (code != 0)
            return code;
    }
}

/* --- options ------------------------------------------------------------------------------------------------- */

static int fail_unknown(struct sw_str name, struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE];
    const char *nearest = options[0].name;
    for (size_t i = 1; i < SW_COUNT(options); i++) {
        if (sw_str_distance(name, sw_str_from(options[i].name)) < sw_str_distance(name, sw_str_from(nearest)))
            nearest = options[i].name;
    }
    sw_fail(error, SW_EINPUT, "a requirements file has no option %s", sw_shown(shown, name));
    return sw_error_hint(error, "the nearest is %s", nearest);
}

/* Find an option by its name, or by a beginning of the name that no other option has. */
static int find_long(const struct option **out, struct sw_str name, struct sw_error *error)
{
    const struct option *found = NULL, *other = NULL;
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        struct sw_str whole = sw_str_from(options[i].name);
        if (sw_str_equal(whole, name)) {
            *out = &options[i];
            return 0;
        }
        if (whole.n > name.n && sw_str_equal((struct sw_str){whole.p, name.n}, name)) {
            other = found;
            found = &options[i];
        }
    }
    if (found == NULL)
        return fail_unknown(name, error);
    if (other != NULL) {
        char shown[SW_SHOWN_SIZE];
        sw_fail(error, SW_EINPUT, "the option %s is not clear", sw_shown(shown, name));
        return sw_error_hint(error, "it could be %s or %s", other->name, found->name);
    }
    *out = found;
    return 0;
}

static int find_short(const struct option **out, struct sw_str word, struct sw_error *error)
{
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        if (options[i].letter == word.p[1]) {
            *out = &options[i];
            return 0;
        }
    }
    return fail_unknown(word, error);
}

static int check_hash(struct sw_str value, struct sw_error *error)
{
    char shown[SW_SHOWN_SIZE];
    struct sw_str digest = value, name = sw_str_cut(&digest, ':');
    for (size_t i = 0; i < SW_COUNT(algorithms) && digest.p != NULL; i++) {
        size_t n = 0;
        while (n < digest.n && (sw_is_digit((unsigned char)digest.p[n]) ||
                                (sw_lower(digest.p[n]) >= 'a' && sw_lower(digest.p[n]) <= 'f')))
            n++;
        if (sw_str_is(name, algorithms[i].name) && n == digest.n && n == algorithms[i].digits)
            return 0;
    }
    sw_fail(error, SW_EINPUT, "%s is not a hash", sw_shown(shown, value));
    return sw_error_hint(error,
                         "write --hash=sha256: and 64 hexadecimal digits, or sha384 (96) or sha512 (128)");
}

static int add_option(struct reader *r, const struct option *option, struct sw_str value,
                      struct sw_error *error)
{
    if (option->kind == SW_REQUIREMENTS_HASH) {
        int code = check_hash(value, error);
        if (code != 0)
            return code;
    }
    r->items = sw_arena_grow(r->arena, r->items, r->count, sizeof *r->items);
    if (r->items == NULL)
        return sw_fail_memory(error);
    r->items[r->count++] = (struct sw_requirements_option){option->kind, value};
    return 0;
}

/* `value` is the value in the option's own word; {NULL, 0} means that the next word is the value. */
static int read_value(struct reader *r, const struct option *option, struct sw_str value,
                      struct sw_error *error)
{
    if (!option->has_value) {
        if (value.p == NULL)
            return add_option(r, option, SW_STR(""), error);
        sw_fail(error, SW_EINPUT, "the option %s takes no value", option->name);
        return sw_error_hint(error, "leave '=' and what follows away");
    }
    if (value.p == NULL && r->at == r->word_count) {
        sw_fail(error, SW_EINPUT, "the option %s has no value", option->name);
        return sw_error_hint(error, "write it on the same line");
    }
    return add_option(r, option, value.p != NULL ? value : r->words[r->at++], error);
}

static int read_word(struct reader *r, struct sw_str word, struct sw_error *error)
{
    const struct option *option = NULL;
    struct sw_str value = word;
    int code;
    if (sw_str_starts(word, "--")) {
        struct sw_str name = sw_str_cut(&value, '=');
        code = find_long(&option, name, error);
    } else {
        code = find_short(&option, word, error);
        value = word.n == 2 ? (struct sw_str){NULL, 0} : (struct sw_str){word.p + 2, word.n - 2};
    }
    return option == NULL ? code : read_value(r, option, value, error);
}

int sw_requirements_options_read(struct sw_requirements_options *out, struct sw_arena *arena,
                                 struct sw_str text, struct sw_error *error)
{
    struct reader r = {.arena = arena};
    int code = split_words(&r, text, error);
    while (code == 0 && r.at < r.word_count) {
        struct sw_str word = r.words[r.at++];
        if (sw_str_is(word, "--"))
            break;
        if (word.n > 1 && word.p[0] == '-')
            code = read_word(&r, word, error);
    }
    if (code == 0)
        *out = (struct sw_requirements_options){r.items, r.count};
    return code;
}
