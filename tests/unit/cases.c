#include "cases.h"
#include "unit.h"

#include "base/file.h"
#include "base/limits.h"

#include <dirent.h>

/* Cases of the current test that failed: all are shown, not only the first. */
static size_t failures;

static bool has_flag(struct sw_str flags, const char *flag)
{
    return sw_str_find(flags, sw_str_from(flag)) < flags.n;
}

static struct sw_str with_flags(struct sw_arena *arena, struct sw_str text, struct sw_str flags)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_YAML_SIZE);
    if (has_flag(flags, "[no end]") && sw_str_ends(text, "\n"))
        text.n--;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' && has_flag(flags, "[crlf]"))
            sw_buffer_add_char(&out, '\r');
        sw_buffer_add_char(&out, text.p[i]);
    }
    const char *copy = sw_arena_copy(arena, sw_buffer_str(&out));
    assert_non_null(copy);
    return (struct sw_str){copy, out.n};
}

/* Whether the line at the start of `text` begins a case or a section. */
static bool is_marker(struct sw_str text)
{
    return sw_str_starts(text, "=== ") || sw_str_starts(text, ">>> ");
}

/* Cut off `*rest` all lines before the next marker. */
static struct sw_str take_text(struct sw_str *rest, unsigned *line)
{
    struct sw_str text = {rest->p, 0};
    while (rest->p != NULL && rest->n > 0 && !is_marker(*rest)) {
        struct sw_str one = sw_str_cut(rest, '\n');
        text.n = (size_t)(one.p - text.p) + one.n + 1;
        (*line)++;
    }
    bool last = rest->p == NULL || rest->n == 0 || sw_str_starts(*rest, "=== ");
    if (last && (sw_str_ends(text, "\n\n") || sw_str_is(text, "\n")))
        text.n--;
    return text;
}

static void take_section(struct test_case *test, struct sw_str *rest, unsigned *line)
{
    assert_in_range(test->count, 0, SW_COUNT(test->sections) - 1);
    struct test_section *section = &test->sections[test->count++];
    struct sw_str flags = sw_str_cut(rest, '\n');
    (*line)++;
    flags.p += strlen(">>> ");
    flags.n -= strlen(">>> ");
    section->name = sw_str_trim(sw_str_cut(&flags, '['));
    if (flags.p == NULL)
        flags = SW_STR("");
    else
        flags = (struct sw_str){flags.p - 1, flags.n + 1};
    section->text = with_flags(test->arena, take_text(rest, line), flags);
}

static size_t run_file(const char *path, void (*run)(const struct test_case *))
{
    SW_BUFFER_AUTO content;
    sw_buffer_init(&content, SW_MAX_YAML_SIZE);
    struct sw_error error;
    if (sw_file_read(&content, path, &error) != 0)
        fail_msg("%s", error.text);
    struct sw_str rest = sw_buffer_str(&content);
    unsigned line = 1;
    size_t count = 0;
    (void)take_text(&rest, &line);
    while (rest.p != NULL && rest.n > 0) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        struct test_case test = {.file = sw_path_base(path), .line = line, .arena = &arena};
        if (!sw_str_starts(rest, "=== "))
            fail_msg("%s:%u: a section outside a case", test.file, line);
        test.title = sw_str_cut(&rest, '\n');
        line++;
        while (rest.p != NULL && sw_str_starts(rest, ">>> "))
            take_section(&test, &rest, &line);
        run(&test);
        count++;
    }
    return count;
}

static int is_case_file(const struct dirent *entry)
{
    return sw_str_ends(sw_str_from(entry->d_name), ".txt");
}

size_t test_cases_run(const char *folder, void (*run)(const struct test_case *))
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *source = getenv("SLIPWAY_SOURCE");
    assert_non_null(source);
    char *path = sw_arena_format(&arena, "%s/tests/cases/%s", source, folder);
    struct dirent **entries;
    int files = scandir(path, &entries, is_case_file, alphasort);
    assert_in_range(files, 1, 1000);
    size_t count = 0;
    failures = 0;
    for (int i = 0; i < files; i++) {
        count += run_file(sw_path_join(&arena, path, entries[i]->d_name), run);
        free(entries[i]);
    }
    free(entries);
    if (failures > 0)
        fail_msg("%zu of %zu cases failed", failures, count);
    return count;
}

const struct test_section *test_case_section(const struct test_case *test, const char *name)
{
    for (size_t i = 0; i < test->count; i++) {
        if (sw_str_is(test->sections[i].name, name))
            return &test->sections[i];
    }
    return NULL;
}

void test_case_expect(const struct test_case *test, const char *what, const char *expected, const char *found)
{
    if (strcmp(expected, found) == 0)
        return;
    failures++;
    print_error("%s:%u: %.*s: %s differs\n--- expected\n%s--- found\n%s---\n", test->file, test->line,
                SW_STR_FORMAT(test->title), what, expected, found);
}
