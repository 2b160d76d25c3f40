/* No text breaks out: what each filter writes is read by what it is for, and comes back as it went in. */
#include "unit.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"
#include "data/json.h"
#include "data/yaml.h"
#include "template/filter_internal.h"

#define TEXT(literal)                \
    {                                \
        literal, sizeof(literal) - 1 \
    }
/* Texts that look like something in one of the languages. */
static const struct sw_str nasty[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("  a  "),
    TEXT("'"),
    TEXT("''"),
    TEXT("\""),
    TEXT("\\"),
    TEXT("\\\\"),
    TEXT("a\\"),
    TEXT("\\\""),
    TEXT("\\'"),
    TEXT("$"),
    TEXT("$HOME"),
    TEXT("${HOME}"),
    TEXT("$(id)"),
    TEXT("`id`"),
    TEXT("; id"),
    TEXT("a' ; id ; '"),
    TEXT("a'\\''b"),
    TEXT("|| id"),
    TEXT("> /x"),
    TEXT("#x"),
    TEXT("a #x"),
    TEXT("~"),
    TEXT("*"),
    TEXT("!!"),
    TEXT("<<EOF"),
    TEXT("-n"),
    TEXT("a\" b=\"c"),
    TEXT("null"),
    TEXT("Null"),
    TEXT("true"),
    TEXT("yes"),
    TEXT("off"),
    TEXT("12"),
    TEXT("0x1F"),
    TEXT("1e3"),
    TEXT("3.10"),
    TEXT("1_000"),
    TEXT("12:30:45"),
    TEXT("2026-11-21"),
    TEXT(".inf"),
    TEXT("- a"),
    TEXT("a: b"),
    TEXT("a:"),
    TEXT(":"),
    TEXT("?"),
    TEXT("? a"),
    TEXT("---"),
    TEXT("..."),
    TEXT("--- a"),
    TEXT("[a]"),
    TEXT("a]"),
    TEXT("{a: b}"),
    TEXT("a, b"),
    TEXT("&a"),
    TEXT("*a"),
    TEXT("!a"),
    TEXT("%a"),
    TEXT("@a"),
    TEXT("|"),
    TEXT(">"),
    TEXT("<<"),
    TEXT("="),
    TEXT("{{x}}"),
    TEXT("${{ x }}"),
    TEXT("a\tb"),
    TEXT("\t"),
    TEXT("a\nb"),
    TEXT("a\n"),
    TEXT("\n"),
    TEXT("a\r\nRUN id"),
    TEXT("a\\\nb"),
    TEXT("\x1B[31m"),
    TEXT("a\0b"),
    TEXT("gr\xC3\xBC\xC3\x9F \xF0\x9F\x9A\xA2"),
    TEXT("\xC2\x85"),
    TEXT("\xE2\x80\xA8"),
    TEXT("\xEF\xBB\xBF"),
    TEXT("\xEF\xBF\xBE"),
    TEXT("\xFF"),
    TEXT("\xC3"),
    TEXT("\xED\xA0\x80"),
};

typedef void check_text(void *self, struct sw_str text);

/* Every byte alone, doubled and within others, and all the nasty texts. */
static void for_each_text(check_text *check, void *self)
{
    for (int byte = 0; byte < 256; byte++) {
        const char c = (char)byte;
        const char within[] = {'a', c, 'b'}, twice[] = {c, c}, last[] = {'a', c},
                   quoted[] = {'\'', c, '"', c, '\\'};
        check(self, (struct sw_str){&c, 1});
        check(self, (struct sw_str){within, sizeof within});
        check(self, (struct sw_str){twice, sizeof twice});
        check(self, (struct sw_str){last, sizeof last});
        check(self, (struct sw_str){quoted, sizeof quoted});
    }
    for (size_t i = 0; i < SW_COUNT(nasty); i++)
        check(self, nasty[i]);
}

/* What the filter writes for the text; false where it refuses it, having written nothing. */
static bool apply(struct sw_buffer *out, const char *filter, struct sw_str text)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_builder b = {.arena = &arena};
    sw_buffer_clear(out);
    const char *fault = sw_filter_find(sw_str_from(filter))->write(out, sw_build_str(&b, text));
    assert_true(fault == NULL || out->n == 0);
    return fault == NULL;
}

static bool has_control(struct sw_str text, const char *but)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == 0 || ((c < 0x20 || c == 0x7F) && strchr(but, c) == NULL))
            return true;
    }
    return false;
}

static void same(const char *what, struct sw_str text, struct sw_str back, const struct sw_buffer *written)
{
    if (!sw_str_equal(text, back))
        fail_msg("%s: '%.*s' is written %s and read as '%.*s'", what, SW_STR_FORMAT(text), written->p,
                 SW_STR_FORMAT(back));
}

static void json_reads_back(void *self, struct sw_str text)
{
    struct sw_buffer *out = self;
    SW_ARENA_AUTO arena;
    const struct sw_node *back = NULL;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    assert_true(apply(out, "json", text));
    assert_int_equal(sw_json_read(&back, &arena, sw_buffer_str(out), NULL, &error), 0);
    assert_null(memchr(out->p, '\n', out->n));
    if (sw_utf8_valid(text))
        same("json", text, sw_node_str(back), out);
}

/* As docker's own parser reads the inside of double quotes: a \ before " $ \ goes, any other stays, an unescaped " ends
 * the word, and an unescaped $ begins a variable. */
static void env_reads_back(void *self, struct sw_str text)
{
    struct sw_buffer *out = self;
    SW_BUFFER_AUTO back;
    sw_buffer_init(&back, 1000);
    if (!apply(out, "env", text)) {
        assert_true(has_control(text, ""));
        return;
    }
    assert_false(has_control(text, ""));
    for (size_t i = 0; i < out->n; i++) {
        bool escaped = out->p[i] == '\\' && i + 1 < out->n && strchr("\"$\\", out->p[i + 1]) != NULL;
        if (!escaped && strchr("\"$\\", out->p[i]) != NULL)
            fail_msg("env: '%.*s' breaks out as %s", SW_STR_FORMAT(text), out->p);
        sw_buffer_add_char(&back, out->p[escaped ? ++i : i]);
    }
    same("env", text, sw_buffer_str(&back), out);
}

static void yaml_reads_back(void *self, struct sw_str text)
{
    static const char *const places[][2] = {
        {"", "\n"}, {"- ", "\n"}, {"k: ", "\n"}, {"[a, ", ", b]"}, {"{a: b, k: ", "}"}};
    struct sw_buffer *out = self;
    bool good = apply(out, "yaml", text);
    assert_true(good == (sw_utf8_valid(text) && memchr(text.p, '\0', text.n) == NULL));
    for (size_t i = 0; i < SW_COUNT(places) && good; i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        const struct sw_node *root = NULL;
        struct sw_error error;
        const char *yaml = sw_arena_format(&arena, "%s%s%s", places[i][0], out->p, places[i][1]);
        if (sw_yaml_read(&root, &arena, sw_str_from(yaml), NULL, &error) != 0)
            fail_msg("yaml: %s: %s", yaml, error.text);
        if (sw_node_type(root) == SW_NODE_MAP)
            root = sw_node_get(root, "k");
        else if (sw_node_type(root) == SW_NODE_LIST)
            root = sw_node_item(root, sw_node_count(root) > 1);
        assert_int_equal(sw_node_type(root), SW_NODE_TEXT);
        same("yaml", text, sw_node_str(root), out);
    }
}

/* Nothing begins an element or ends an attribute's quotes; what the references stand for is the text as a person may see it. */
static void html_reads_back(void *self, struct sw_str text)
{
    struct sw_buffer *out = self;
    SW_BUFFER_AUTO back, clean;
    sw_buffer_init(&back, 1000);
    sw_buffer_init(&clean, 1000);
    assert_true(apply(out, "html", text));
    for (struct sw_str rest = text; rest.p != NULL;) {
        sw_text_add_clean(&clean, sw_str_cut(&rest, '\n'));
        sw_buffer_add_text(&clean, rest.p == NULL ? "" : "\n");
    }
    for (size_t i = 0; i < out->n; i++) {
        assert_null(strchr("<>\"'", out->p[i] == '\0' ? '<' : out->p[i]));
        char *end = NULL;
        long reference = out->p[i] == '&' ? strtol(out->p + i + 2, &end, 10) : 0;
        assert_true(reference == 0 || (out->p[i + 1] == '#' && *end == ';'));
        sw_buffer_add_char(&back, reference == 0 ? out->p[i] : (char)reference);
        i = reference == 0 ? i : (size_t)(end - out->p);
    }
    same("html", sw_buffer_str(&clean), sw_buffer_str(&back), out);
}

/* Nothing but letters, digits, blanks, commas, dashes and characters beyond ASCII stands for itself. */
static void markdown_reads_back(void *self, struct sw_str text)
{
    static const struct {
        const char *written, *read;
    } marks[] = {{"<br>", "\n"}, {"<!-- -->", ""}};
    struct sw_buffer *out = self;
    SW_BUFFER_AUTO back, clean;
    sw_buffer_init(&back, 1000);
    sw_buffer_init(&clean, 1000);
    assert_true(apply(out, "markdown", text));
    sw_text_add_clean_lines(&clean, text, "");
    for (struct sw_str rest = sw_buffer_str(out); rest.n > 0;) {
        size_t n = 0;
        for (size_t i = 0; n == 0 && i < SW_COUNT(marks); i++) {
            if (!sw_str_starts(rest, marks[i].written))
                continue;
            n = strlen(marks[i].written);
            sw_buffer_add_text(&back, marks[i].read);
        }
        if (n == 0 && rest.p[0] == '&') {
            char *end = NULL;
            sw_buffer_add_char(&back, (char)strtol(rest.p + 2, &end, 10));
            assert_true(rest.p[1] == '#' && *end == ';');
            n = (size_t)(end + 1 - rest.p);
        } else if (n == 0) {
            unsigned char c = (unsigned char)rest.p[0];
            assert_true(c >= 0x80 || sw_is_alnum(c) || (c != '\0' && strchr(" ,-", c) != NULL));
            sw_buffer_add_char(&back, rest.p[0]);
            n = 1;
        }
        rest = sw_str_drop(rest, n);
    }
    same("markdown", sw_buffer_str(&clean), sw_buffer_str(&back), out);
}

/* Collects a script that prints each word with a NUL behind it, and what that must print. */
struct script {
    struct sw_buffer text, expected, word;
};

static void add_word(void *self, struct sw_str text)
{
    struct script *script = self;
    bool good = apply(&script->word, "shell", text);
    assert_true(good != has_control(text, "\t"));
    if (!good)
        return;
    assert_null(memchr(script->word.p, '\n', script->word.n));
    sw_buffer_addf(&script->text, "printf '%%s\\0' %s\n", script->word.p);
    sw_buffer_add_str(&script->expected, text);
    sw_buffer_add_char(&script->expected, '\0');
}

static void a_shell_reads_words_back(void **state)
{
    (void)state;
    struct script script;
    struct sw_process_result result;
    struct sw_error error;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&script.text, SW_MIB);
    sw_buffer_init(&script.expected, SW_MIB);
    sw_buffer_init(&script.word, SW_MIB);
    sw_buffer_init(&out, SW_MIB);
    for_each_text(add_word, &script);
    const char *const argv[] = {"sh", "-c", script.text.p, NULL};
    const struct sw_process_options options = {.argv = argv, .timeout_ns = 30 * SW_SECOND_NS};
    if (sw_process_run(&result, &options, &out, NULL, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(result.status, 0);
    assert_int_equal(out.n, script.expected.n);
    assert_memory_equal(out.p, script.expected.p, out.n);
    sw_buffer_release(&script.text);
    sw_buffer_release(&script.expected);
    sw_buffer_release(&script.word);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 1000);
    for_each_text(json_reads_back, &out);
    for_each_text(env_reads_back, &out);
    for_each_text(html_reads_back, &out);
    for_each_text(markdown_reads_back, &out);
    for_each_text(yaml_reads_back, &out);
}

int suite_filter(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(a_shell_reads_words_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
