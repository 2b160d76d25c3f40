#include "unit.h"

#include "base/file.h"
#include "python/requirements_file.h"

#include <unistd.h>

struct memory_file {
    const char *name, *text;
};

/* A set of files, the first of which is read, and what becomes of it: a line an entry,
 * "FILE:LINE KIND VALUE [; marker] [hashes]", constraints with a 'c' after the line; or an error. */
struct test_case {
    struct memory_file files[5];
    const char *entries;
    const char *error; /* "FILE:LINE:COLUMN: a part of the text or hint" */
};

static const char *const kinds[] = {
    [SW_REQUIREMENTS_NAMED] = "named",
    [SW_REQUIREMENTS_LINK] = "link",
    [SW_REQUIREMENTS_EDITABLE] = "editable",
    [SW_REQUIREMENTS_INDEX_URL] = "index-url",
    [SW_REQUIREMENTS_EXTRA_INDEX_URL] = "extra-index-url",
    [SW_REQUIREMENTS_NO_INDEX] = "no-index",
    [SW_REQUIREMENTS_FIND_LINKS] = "find-links",
    [SW_REQUIREMENTS_PRE] = "pre",
    [SW_REQUIREMENTS_REQUIRE_HASHES] = "require-hashes",
    [SW_REQUIREMENTS_NO_BINARY] = "no-binary",
    [SW_REQUIREMENTS_ONLY_BINARY] = "only-binary",
    [SW_REQUIREMENTS_PREFER_BINARY] = "prefer-binary",
    [SW_REQUIREMENTS_TRUSTED_HOST] = "trusted-host",
    [SW_REQUIREMENTS_USE_FEATURE] = "use-feature",
};

#define SHA "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct test_case cases[] = {
    {{{"r", ""}}, "", NULL},
    {{{"r", "\n  \n# a comment\n   # another\n"}}, "", NULL},
    {{{"r", "a\nb==1 # why\r\nc#d\n"}}, "", "r:3:2: cannot read '#d'"},
    {{{"r", "\xEF\xBB\xBF"
            "a\n\nb>=1,<2 # why\r\nc[x] ; os_name == 'nt'"}},
     "r:1 named a\nr:3 named b>=1,<2\nr:4 named c[x] ; os_name == 'nt'; os_name == \"nt\"\n",
     NULL},
    /* continuations; a comment ends one */
    {{{"r", "a>=1,\\\n  <2\nb \\\n# no more \\\nc\nd\\"}},
     "r:1 named a>=1,  <2\nr:3 named b\nr:5 named c\nr:6 named d\n",
     NULL},
    {{{"r", "a==1 \\\n    --hash=" SHA " \\\n    --hash " SHA "\nb"}},
     "r:1 named a==1 " SHA " " SHA "\nr:4 named b\n",
     NULL},
    {{{"r", "a\\\n# no more\nb"}}, "r:1 named a\nr:3 named b\n", NULL},
    /* every option, every spelling */
    {{{"r",
       "-i https://example.org/simple\n--index-url=https://example.org/2\n-ihttps://example.org/3\n"
       "--extra-index-url 'https://example.org/a b'\n--no-index\n-f "
       "./wheels\n--find-links=\"x\\\"y\"\n--pre\n"
       "--require-hashes\n--no-binary :all:\n--only-binary a,b\n--prefer-binary\n--trusted-host example.org\n"
       "--use-feature fast-deps\n--extra-i https://example.org/4"}},
     "r:1 index-url https://example.org/simple\nr:2 index-url https://example.org/2\n"
     "r:3 index-url https://example.org/3\nr:4 extra-index-url https://example.org/a b\nr:5 no-index \n"
     "r:6 find-links ./wheels\nr:7 find-links x\"y\nr:8 pre \nr:9 require-hashes \nr:10 no-binary :all:\n"
     "r:11 only-binary a,b\nr:12 prefer-binary \nr:13 trusted-host example.org\nr:14 use-feature fast-deps\n"
     "r:15 extra-index-url https://example.org/4\n",
     NULL},
    {{{"r", "--pre --no-index stray -f a -f b"}}, "r:1 pre \nr:1 no-index \nr:1 find-links a\n", NULL},
    /* links and editables */
    {{{"r", "https://example.org/a.whl\n./local[x]\n../up ; os_name=='nt'\ndir/a.whl --hash=" SHA
            "\na-1.0.tar.gz\n"
            "git+https://example.org/r.git@v1#egg=a ; os_name=='nt'\nhttps://example.org/a;b\na @ "
            "https://example.org/x\n"
            "-e .[dev]\n--editable=git+ssh://git@example.org/r"}},
     "r:1 link https://example.org/a.whl\nr:2 link ./local\nr:3 link ../up; os_name == \"nt\"\n"
     "r:4 link dir/a.whl " SHA "\nr:5 link a-1.0.tar.gz\n"
     "r:6 link git+https://example.org/r.git@v1#egg=a; os_name == \"nt\"\nr:7 link https://example.org/a;b\n"
     "r:8 named a @ https://example.org/x\nr:9 editable .[dev]\nr:10 editable git+ssh://git@example.org/r\n",
     NULL},
    /* other files, in place */
    {{{"r", "a\n-r sub/more.txt\n-c c.txt\nz"},
      {"sub/more.txt", "b\n--requirement last.txt\n"},
      {"sub/last.txt", "c"},
      {"c.txt", "d<2"}},
     "r:1 named a\nsub/more.txt:1 named b\nsub/last.txt:1 named c\nc.txt:1c named d<2\nr:4 named z\n",
     NULL},
    {{{"r", "-r x\n-r x"}, {"x", "a"}}, "x:1 named a\nx:1 named a\n", NULL},
    {{{"r", "-r x"}, {"x", "a\n-c y"}, {"y", "-r r"}}, "", "y:1:0: includes itself"},
    {{{"r", "-r r"}}, "", "r:1:0: includes itself"},
    {{{"r", "\n-r missing"}}, "", "r:2:0: no file 'missing'"},
    /* variables: SET is "value", EMPTY is "" */
    {{{"r", "-i https://${SET}@example.org/${UNSET}${EMPTY}$SET${set}${}${SET"}},
     "r:1 index-url https://value@example.org/${UNSET}${EMPTY}$SET${set}${}${SET\n",
     NULL},
    /* faults and their place */
    {{{"r", "a\n  b=1"}}, "", "r:2:4: '=='"},
    {{{"r", "a ; python_version > 3"}}, "", "r:1:22: '3'"},
    {{{"r", "./a ; python_version > 3"}}, "", "r:1:24: '3'"},
    {{{"r", "a \\\n  b"}}, "", "r:1:0: 'b'"},
    {{{"r", "${SET}=1"}}, "", "r:1:0: '=1'"},
    {{{"r", "--index https://example.org"}}, "r:1 index-url https://example.org\n", NULL},
    {{{"r", "--no https://example.org"}}, "", "r:1:0: --no-binary or --no-index"},
    {{{"r", "--index-ulr x"}}, "", "r:1:0: --index-url"},
    {{{"r", "-x"}}, "", "r:1:0: no option '-x'"},
    {{{"r", "--pre=1"}}, "", "r:1:0: takes no value"},
    {{{"r", "-r"}}, "", "r:1:0: has no value"},
    {{{"r", "-r 'x"}}, "", "r:1:0: without its end"},
    {{{"r", "-r x\\ y"}, {"x y", "a"}}, "x y:1 named a\n", NULL},
    {{{"r", "a --hash=md5:d41d8cd98f00b204e9800998ecf8427e"}}, "", "r:1:0: sha256"},
    {{{"r", "a --hash=sha256:abc"}}, "", "r:1:0: 64"},
    {{{"r", "a\xFF"}}, "", "r:0:0: UTF-8"},
};

/* A loader over the case's files: relative names start at the folder of the file that has them. */
static int load(const void *self, struct sw_str *text, const char **file, struct sw_arena *arena,
                const char *from, const char *name, struct sw_error *error)
{
    const struct test_case *test = self;
    const char *path = sw_path_join(arena, from == NULL ? "." : sw_path_dir(arena, from), name);
    for (size_t i = 0; i < SW_COUNT(test->files) && test->files[i].name != NULL; i++) {
        if (strcmp(test->files[i].name, path) == 0) {
            *text = sw_str_from(test->files[i].text);
            *file = path;
            return 0;
        }
    }
    return sw_fail(error, SW_EINPUT, "no file '%s'", path);
}

static const char *variable(const void *self, const char *name)
{
    (void)self;
    return strcmp(name, "SET") == 0 ? "value" : strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static void write_entry(struct sw_buffer *out, const struct sw_requirements_entry *entry)
{
    sw_buffer_addf(out, "%s:%u%s %s %.*s", entry->file, entry->line, entry->constraint ? "c" : "",
                   kinds[entry->kind], SW_STR_FORMAT(entry->value));
    if (entry->marker != NULL) {
        sw_buffer_add_text(out, "; ");
        sw_marker_write(out, entry->marker);
    }
    for (size_t i = 0; i < entry->hash_count; i++)
        sw_buffer_addf(out, " %.*s", SW_STR_FORMAT(entry->hashes[i]));
    sw_buffer_add_char(out, '\n');
}

static void check_error(const struct test_case *test, const struct sw_error *error)
{
    char place[300];
    (void)snprintf(place, sizeof place, "%s:%u:%u: ", error->file, error->line, error->column);
    size_t n = strlen(place);
    if (strncmp(test->error, place, n) != 0 ||
        (strstr(error->text, test->error + n) == NULL && strstr(error->hint, test->error + n) == NULL))
        fail_msg("%s%s (%s), not %s", place, error->text, error->hint, test->error);
}

static void files_are_read_as_pip_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        struct test_case test = cases[i];
        const struct sw_requirements_source source = {load, variable, &test};
        struct sw_requirements requirements = {NULL, 0};
        struct sw_error error;
        int code = sw_requirements_read(&requirements, &arena, "r", &source, &error);
        if (code != 0) {
            if (test.error == NULL)
                fail_msg("case %zu: %s:%u: %s", i, error.file, error.line, error.text);
            check_error(&test, &error);
            continue;
        }
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 10000);
        for (size_t k = 0; k < requirements.count; k++)
            write_entry(&text, &requirements.items[k]);
        if (test.error != NULL)
            fail_msg("case %zu is read: %s", i, text.p);
        assert_string_equal(text.p, test.entries);
    }
}

/* Files without end: each includes the next one twice. */
static int load_endless(const void *self, struct sw_str *text, const char **file, struct sw_arena *arena,
                        const char *from, const char *name, struct sw_error *error)
{
    (void)from;
    (void)error;
    size_t depth = strlen(name), most = *(const size_t *)self;
    char *next = sw_arena_format(arena, "-r %sx\n-r %sx\n", name, name);
    *text = depth < most ? sw_str_from(next) : SW_STR("a");
    *file = name;
    return 0;
}

static void inclusion_has_limits(void **state)
{
    (void)state;
    static const struct {
        size_t most;
        const char *text;
    } limits[] = {{100, "16 deep"}, {12, "more than 1000 requirements files"}};
    for (size_t i = 0; i < SW_COUNT(limits); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 22);
        size_t most = limits[i].most;
        const struct sw_requirements_source source = {load_endless, NULL, &most};
        struct sw_requirements requirements;
        struct sw_error error;
        assert_int_equal(sw_requirements_read(&requirements, &arena, "x", &source, &error), SW_EINPUT);
        assert_non_null(strstr(error.text, limits[i].text));
    }
}

static int load_file(const void *self, struct sw_str *text, const char **file, struct sw_arena *arena,
                     const char *from, const char *name, struct sw_error *error)
{
    (void)self;
    int code = sw_requirements_path(file, arena, from, name, error);
    SW_BUFFER_AUTO content;
    sw_buffer_init(&content, 1 << 20);
    if (code == 0)
        code = sw_file_read(&content, *file, error);
    if (code != 0)
        return code;
    *text = (struct sw_str){sw_arena_copy(arena, sw_buffer_str(&content)), content.n};
    assert_non_null(text->p);
    return 0;
}

static void local_files_are_found_beside_each_other(void **state)
{
    (void)state;
    char folder[] = "/tmp/slipway-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    const char *first = sw_path_join(&arena, folder, "r.txt");
    assert_int_equal(sw_dir_make(sw_path_join(&arena, folder, "sub"), 0755, NULL), 0);
    assert_int_equal(sw_file_write(first, SW_STR("-r sub/a.txt\n"), 0644, NULL), 0);
    assert_int_equal(sw_file_write(sw_path_join(&arena, folder, "sub/a.txt"), SW_STR("-r b.txt"), 0644, NULL),
                     0);
    assert_int_equal(sw_file_write(sw_path_join(&arena, folder, "sub/b.txt"), SW_STR("torch"), 0644, NULL),
                     0);
    const struct sw_requirements_source source = {load_file, NULL, NULL};
    struct sw_requirements requirements;
    struct sw_error error;
    assert_int_equal(sw_requirements_read(&requirements, &arena, first, &source, &error), 0);
    assert_int_equal(requirements.count, 1);
    assert_true(sw_str_is(requirements.items[0].requirement.name, "torch"));
    assert_int_equal(sw_file_write(first, SW_STR("-r https://example.org/r.txt"), 0644, NULL), 0);
    assert_int_equal(sw_requirements_read(&requirements, &arena, first, &source, &error), SW_EINPUT);
    assert_int_equal(error.line, 1);
    assert_int_equal(sw_dir_remove(folder, NULL), 0);
}

int suite_python_requirements_file(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_as_pip_does),
        cmocka_unit_test(inclusion_has_limits),
        cmocka_unit_test(local_files_are_found_beside_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
