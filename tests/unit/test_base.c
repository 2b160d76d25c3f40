#include "unit.h"

#include "base/arena.h"
#include "base/beneath.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/finding.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/reader.h"
#include "base/sha256.h"
#include "base/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void buffer_keeps_its_maximum(void **state)
{
    (void)state;
    SW_BUFFER_AUTO b;
    struct sw_error error;
    sw_buffer_init(&b, 5);
    assert_string_equal(b.p, "");
    sw_buffer_add_text(&b, "abc");
    sw_buffer_addf(&b, "%d", 42);
    assert_string_equal(b.p, "abc42");
    assert_int_equal(sw_buffer_check(&b, "it", &error), 0);
    sw_buffer_add_char(&b, 'x');
    assert_string_equal(b.p, "abc42");
    assert_int_equal(sw_buffer_check(&b, "it", &error), SW_EINPUT);
    assert_string_equal(error.text, "it is larger than 5 bytes");
    sw_buffer_clear(&b);
    sw_buffer_add_text(&b, "xyz");
    sw_buffer_consume(&b, 2);
    assert_string_equal(b.p, "z");
    char *stolen = sw_buffer_steal(&b);
    assert_string_equal(stolen, "z");
    free(stolen);
    assert_string_equal(b.p, "");
}

static void arena_grows_arrays(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    int *items = NULL;
    for (size_t i = 0; i < 1000; i++) {
        items = sw_arena_grow(&arena, items, i, sizeof *items);
        assert_non_null(items);
        items[i] = (int)i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_null(sw_arena_alloc(&arena, 1 << 21));
    assert_null(sw_arena_array(&arena, SIZE_MAX / 2, 4));
    assert_string_equal(sw_arena_format(&arena, "%s-%d", "a", 1), "a-1");
}

static void strings_are_cut(void **state)
{
    (void)state;
    struct sw_str rest = SW_STR("a,,b");
    assert_true(sw_str_is(sw_str_cut(&rest, ','), "a"));
    assert_true(sw_str_is(sw_str_cut(&rest, ','), ""));
    assert_true(sw_str_is(sw_str_cut(&rest, ','), "b"));
    assert_null(rest.p);
    assert_true(sw_str_is(sw_str_trim(SW_STR(" \tx y\n")), "x y"));
    uint64_t value = 0;
    assert_true(sw_str_to_u64(SW_STR("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_false(sw_str_to_u64(SW_STR("18446744073709551616"), &value));
    assert_false(sw_str_to_u64(SW_STR("-1"), &value));
    assert_int_equal(sw_str_distance(SW_STR("requirments"), SW_STR("requirements")), 1);
    assert_int_equal(sw_str_distance(SW_STR("ab"), SW_STR("ba")), 1);
    assert_true(sw_utf8_valid(SW_STR("caf\xC3\xA9 \xF0\x9F\x9A\x80")));
    assert_false(sw_utf8_valid(SW_STR("\xC0\xAF")));
    assert_false(sw_utf8_valid(SW_STR("\xED\xA0\x80")));
}

static void escapes_never_reach_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"\x1B[31mred\x1B[0m", "red"},
        {"\x1B]0;title\x07text", "text"},
        {"\x1B]8;;http://x\x1B\\link\x1B]8;;\x1B\\", "link"},
        {"\x1B(Bx", "x"},
        {"a\x1B", "a"},
        {"a\x1B[", "a"},
        {"a\tb", "a b"},
        {"a\rb\n", "a\\x0db\\x0a"},
        {"\xC2\x9B"
         "31m",
         "\\u009b31m"},
        {"\xFF\xFE", "\\xff\\xfe"},
        {"caf\u00E9 \U0001F680 \u6F22", "caf\u00E9 \U0001F680 \u6F22"},
        {"a\u202Eb\u2066c\u200Fd\u061C", "a\\u202eb\\u2066c\\u200fd\\u061c"},
        {"a\u200Bb\uFEFFc\u2060\u2028", "a\\u200bb\\ufeffc\\u2060\\u2028"},
        {"a\U000E0041", "a\\U000e0041"},
        {"::error::x", ":\\x3aerror::x"},
        {" \t ::error::x", "   :\\x3aerror::x"},
        {"\u00A0\u3000::x", "\u00A0\u3000:\\x3ax"},
        {":\x1B[0m:x", ":\\x3ax"},
        {"std::string x::y", "std::string x::y"},
        {"::", ":\\x3a"},
        {"a ##[group]b ###[x]", "a ##\\x5bgroup]b ###\\x5bx]"},
        {"##\x1B[1m[error]", "##\\x5berror]"},
        {"#[derive]", "#[derive]"},
    };
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < SW_COUNT(cases); i++)
        assert_string_equal(sw_text_clean(&arena, sw_str_from(cases[i].in)), cases[i].out);
}

static const struct {
    const char *text, *login; /* NULL: none */
} logins[] = {
    {"see https://user:token@host/x", "user:token"},
    {"git+https://token@host", "token"},
    {"https://:p@host", ":p"},
    {"https://user:@host", "user:"},
    {"HTTP://a:b@c@host/d@e", "a:b@c"},
    {"https://host/a@b", NULL},
    {"https://host?a@b", NULL},
    {"https://host https://u:p@h", "u:p"},
    {"(https://u:p@h)", "u:p"},
    {"ssh://git@host/x", NULL},
    {"git+ssh://git:pw@host/x", "git:pw"},
    {"https://__token__:${TOKEN}@host", NULL},
    {"https://$TOKEN@host", NULL},
    {"user:password@host", NULL},
    {"://u:p@h", "u:p"},
    {"https://", NULL},
    {"https://@", NULL},
    {"", NULL},
};

/* Logins without a scheme are not shown; whoever reads a value for use takes them for what they are. */
static const struct {
    const char *text, *shown;
} bare_logins[] = {
    {"ada:s3cret@index.example.org/simple", "***@index.example.org/simple"},
    {"--index-url=ada:s3@ret@localhost:8080", "--index-url=***@localhost:8080"},
    {"a:b@c.org d:e@f.org https://g:h@i", "***@c.org ***@f.org https://***@i"},
    {"git:pw@github.com:org/x.git", "***@github.com:org/x.git"},
    {"git@github.com:org/x.git", "git@github.com:org/x.git"},
    {"python:3.11@sha256:0123", "python:3.11@sha256:0123"},
    {"registry.example:5000/x:1@sha256:0123", "registry.example:5000/x:1@sha256:0123"},
    {"mailto:ada@example.org, ada@example.org", "mailto:ada@example.org, ada@example.org"},
    {"ada:$TOKEN@example.org", "ada:$TOKEN@example.org"},
    {"numpy:1@2.0 x@y :@h.org a:@h.org", "numpy:1@2.0 x@y :@h.org a:@h.org"},
};

static void logins_are_found_and_never_shown(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < SW_COUNT(logins); i++) {
        struct sw_str login = {0};
        bool found = sw_text_find_login(&login, sw_str_from(logins[i].text));
        if (found != (logins[i].login != NULL) || (found && !sw_str_is(login, logins[i].login)))
            fail_msg("%s: '%.*s'", logins[i].text, SW_STR_FORMAT(login));
    }
    assert_string_equal(sw_text_clean(&arena, SW_STR("a https://u:p@h/x\nb git+http://t@h ftp://x:y@z@h")),
                        "a https://***@h/x\\x0ab git+http://***@h ftp://***@h");
    for (size_t i = 0; i < SW_COUNT(bare_logins); i++)
        assert_string_equal(sw_text_clean(&arena, sw_str_from(bare_logins[i].text)), bare_logins[i].shown);
    assert_string_equal(sw_text_clean(&arena, SW_STR("https://u\x1B[0m:p\x01w@h")), "https://***@h");
}

/* Pieces that become something else beside each other. */
static const char *const nasty[] = {
    "::",       ":",      "#",      "##",      "[",        "]",      "error",      " ",        "\t",
    "\n",       "\r",     "\x1B",   "\x1B[0m", "\x1B]0;t", "\x07",   "\x7F",       "\xFF",     "\xC2\x9B",
    "\xE2\x80", "\u202E", "\u2028", "\u200B",  "\u00A0",   "\u3000", "\U000E0001", "\u00E9",   "https://",
    "u:p",      "@",      "h/",     "%0A",     "add-mask", "\\x3a",  "\uFFFE",     "\xC2\x85", "\xC2\xAD",
};

static bool is_command(struct sw_str line)
{
    while (line.n > 0 && ((unsigned char)line.p[0] <= ' ' || (unsigned char)line.p[0] >= 0x80))
        line = sw_str_drop(line, 1);
    return sw_str_starts(line, "::");
}

static void assert_harmless(struct sw_str text)
{
    assert_true(sw_utf8_valid(text));
    assert_int_equal(sw_str_find(text, SW_STR("##[")), text.n);
    assert_int_equal(sw_str_find(text, SW_STR("//u:p@")), text.n);
    for (struct sw_str rest = text; rest.n > 0;) {
        size_t length;
        uint32_t code;
        if (rest.p[0] != '\n')
            assert_false(sw_text_unsafe(rest, &length, &code));
        rest = sw_str_drop(rest, sw_utf8_length(rest));
    }
    for (struct sw_str rest = text; rest.p != NULL;)
        assert_false(is_command(sw_str_cut(&rest, '\n')));
}

static void no_mix_of_pieces_gets_through(void **state)
{
    (void)state;
    SW_BUFFER_AUTO in, out, again;
    sw_buffer_init(&in, SW_KIB);
    sw_buffer_init(&out, 4 * SW_KIB);
    sw_buffer_init(&again, 4 * SW_KIB);
    uint32_t random = 1;
    for (int round = 0; round < 100000; round++) {
        sw_buffer_clear(&in);
        sw_buffer_clear(&out);
        sw_buffer_clear(&again);
        for (int i = 0; i < 8; i++) {
            random = random * 1664525U + 1013904223U;
            sw_buffer_add_text(&in, nasty[(random >> 16) % SW_COUNT(nasty)]);
        }
        if (round % 2 == 0)
            sw_text_add_clean(&out, sw_buffer_str(&in));
        else
            sw_text_add_clean_lines(&out, sw_buffer_str(&in), "  ");
        assert_int_equal(out.state, SW_BUFFER_OK);
        assert_harmless(sw_buffer_str(&out));
        sw_text_add_clean_lines(&again, sw_buffer_str(&out), "");
        assert_string_equal(again.p, out.p);
    }
}

static void numbers_are_readable(void **state)
{
    (void)state;
    char text[16];
    static const struct {
        uint64_t bytes;
        const char *text;
    } sizes[] = {{0, "0 B"},         {999, "999 B"},        {1000, "1.0 kB"},
                 {999600, "1.0 MB"}, {766715424, "767 MB"}, {UINT64_MAX, "18 EB"}};
    for (size_t i = 0; i < SW_COUNT(sizes); i++) {
        sw_text_size(text, sizes[i].bytes);
        assert_string_equal(text, sizes[i].text);
    }
    sw_text_duration(text, 12345 * SW_MILLISECOND_NS);
    assert_string_equal(text, "12.3s");
    sw_text_duration(text, 185 * SW_SECOND_NS);
    assert_string_equal(text, "3m05s");
    sw_text_duration(text, 3720 * SW_SECOND_NS);
    assert_string_equal(text, "1h02m");
}

static void digests_are_fips_180(void **state)
{
    (void)state;
    char hex[SW_SHA256_HEX_SIZE];
    assert_true(sw_sha256_hex(SW_STR("abc"), hex));
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void files_are_replaced_whole(void **state)
{
    (void)state;
    char directory[] = "/tmp/slipway-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    struct sw_error error;
    char *deep = sw_path_join(&arena, directory, "a/b");
    assert_int_equal(sw_dir_make(deep, 0755, &error), 0);
    char *path = sw_path_join(&arena, deep, "file");
    assert_int_equal(sw_file_write(path, SW_STR("one"), 0644, &error), 0);
    assert_int_equal(sw_file_write(path, SW_STR("two"), 0644, &error), 0);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 100);
    assert_int_equal(sw_file_read(&text, path, &error), 0);
    assert_string_equal(text.p, "two");
    sw_buffer_clear(&text);
    text.max = 2;
    assert_int_equal(sw_file_read(&text, path, &error), SW_EINPUT);
    assert_int_equal(sw_file_read(&text, deep, &error), SW_EINPUT);
    assert_int_equal(sw_file_write_new(path, SW_STR("new"), 0644, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "is there already"));
    char *other = sw_path_join(&arena, deep, "other");
    assert_int_equal(symlink("nowhere", other), 0);
    assert_int_equal(sw_file_write_new(other, SW_STR("new"), 0644, &error), SW_EINPUT);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(sw_file_write_new(other, SW_STR("new"), 0644, &error), 0);
    sw_buffer_clear(&text);
    text.max = 100;
    assert_int_equal(sw_file_read(&text, other, &error), 0);
    assert_string_equal(text.p, "new");
    assert_int_equal(unlink(other), 0);
    text.max = 2;
    assert_int_equal(sw_file_read(&text, sw_path_join(&arena, deep, "none"), &error), SW_ENOTFOUND);
    assert_int_equal(sw_file_write(sw_path_join(&arena, path, "x"), SW_STR(""), 0644, &error), SW_EENV);
    assert_int_equal(sw_dir_remove(directory, &error), 0);
    struct stat status;
    assert_int_equal(stat(directory, &status), -1);
    assert_string_equal(sw_path_dir(&arena, "/x"), "/");
    assert_string_equal(sw_path_dir(&arena, "x"), ".");
    assert_string_equal(sw_path_base("a/b"), "b");
}

static void add_log(void *self, const struct sw_event *event)
{
    assert_int_equal(event->kind, SW_EVENT_LOG);
    sw_buffer_addf(self, "%.*s %d %.*s", SW_STR_FORMAT(event->step), (int)event->stream,
                   SW_STR_FORMAT(event->text));
}

static void processes_tell_their_output(void **state)
{
    (void)state;
    SW_BUFFER_AUTO log;
    sw_buffer_init(&log, 1000);
    const struct sw_sink sink = {add_log, &log};
    struct sw_process_result result = {0};
    const struct sw_process_options options = {
        .argv = (const char *const[]){"sh", "-c", "echo out; exec 1>&-; sleep 0.1; echo err >&2", NULL},
        .sink = &sink,
        .step = SW_STR("step"),
    };
    assert_int_equal(sw_process_run(&result, &options, NULL, NULL, NULL), 0);
    assert_string_equal(log.p, "step 1 out\nstep 2 err\n");
}

/* A descriptor of our own parent's is not a child's. */
static void processes_get_three_descriptors(void **state)
{
    (void)state;
    int leaked = dup(STDOUT_FILENO);
    assert_true(leaked > STDERR_FILENO);
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 1000);
    struct sw_process_result result = {0};
    char command[64];
    (void)snprintf(command, sizeof command, "[ ! -e /proc/self/fd/%d ] && echo closed", leaked);
    const struct sw_process_options options = {.argv = (const char *const[]){"sh", "-c", command, NULL}};
    assert_int_equal(sw_process_run(&result, &options, &out, NULL, NULL), 0);
    assert_string_equal(out.p, "closed\n");
    (void)close(leaked);
}

static void processes_run_and_are_bounded(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    SW_BUFFER_AUTO err;
    sw_buffer_init(&out, 1000);
    sw_buffer_init(&err, 1000);
    struct sw_error error;
    struct sw_process_result result = {0};
    const char *const cat[] = {"sh", "-c", "cat; echo e >&2; exit 3", NULL};
    struct sw_process_options options = {.argv = cat, .input = SW_STR("hello")};
    assert_int_equal(sw_process_run(&result, &options, &out, &err, &error), 0);
    assert_int_equal(result.status, 3);
    assert_string_equal(out.p, "hello");
    assert_string_equal(err.p, "e\n");

    const char *const yes[] = {"sh", "-c", "yes | head -c 100000", NULL};
    options = (struct sw_process_options){.argv = yes};
    sw_buffer_clear(&out);
    assert_int_equal(sw_process_run(&result, &options, &out, NULL, &error), 0);
    assert_int_equal(out.n, 1000);

    const char *const none[] = {"no-such-program-here", NULL};
    options = (struct sw_process_options){.argv = none};
    assert_int_equal(sw_process_run(&result, &options, NULL, NULL, &error), SW_ENOTFOUND);

    const char *const slow[] = {"sleep", "60", NULL};
    options = (struct sw_process_options){.argv = slow, .timeout_ns = 50 * SW_MILLISECOND_NS};
    int64_t start = sw_clock_now();
    assert_int_equal(sw_process_run(&result, &options, NULL, NULL, &error), SW_EENV);
    assert_true(sw_clock_now() - start < 10 * SW_SECOND_NS);

    struct sw_cancel cancel;
    sw_cancel_init(&cancel);
    sw_cancel_request(&cancel);
    options = (struct sw_process_options){.argv = slow, .cancel = &cancel};
    assert_int_equal(sw_process_run(&result, &options, NULL, NULL, &error), SW_ECANCELED);
    sw_cancel_release(&cancel);
}

/* What `env` and `pwd` say in a child that is started from this folder with these variables. */
static const char *seen_by_a_child(struct sw_arena *arena, const char *const *variables,
                                   const struct sw_variable *needs)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, 10000);
    struct sw_process_result result = {0};
    const char *const argv[] = {"sh", "-c", "env | grep -v '^_=' | grep -v '^PWD=' | sort; pwd; echo $0",
                                NULL};
    const struct sw_process_options options = {.argv = argv, .environment = variables, .needs = needs};
    assert_int_equal(sw_process_run(&result, &options, &out, NULL, NULL), 0);
    return sw_arena_copy(arena, sw_buffer_str(&out));
}

static void a_child_sees_only_what_it_needs(void **state)
{
    (void)state;
    static const struct sw_variable needs[] = {{"TEST_FILE", SW_VARIABLE_FILE},
                                               {"TEST_*", SW_VARIABLE_TEXT},
                                               {"EMPTY_FILE", SW_VARIABLE_FILE},
                                               {NULL, SW_VARIABLE_TEXT}};
    static const char *const variables[] = {"PATH=.:/usr/bin:bin::/bin:",
                                            "HOME=relative",
                                            "TMPDIR=/tmp",
                                            "XDG_CACHE_HOME=.cache",
                                            "XDG_CONFIG_HOME=/c",
                                            "XDG_CONFIG_DIRS=a:/b::/c",
                                            "XDG_DATA_DIRS=a:b",
                                            "LC_ALL=C",
                                            "PYTHONPATH=.",
                                            "PYTHONHOME=/x",
                                            "LD_PRELOAD=./x",
                                            "GIT_DIR=.git",
                                            "BASH_ENV=evil",
                                            "ENV=evil",
                                            "IFS=x",
                                            "TEST_FILE=a/b",
                                            "TEST_MORE=a b=c",
                                            "TESTS=no",
                                            "EMPTY_FILE=",
                                            "SSL_CERT_FILE=/s",
                                            "no_proxy=",
                                            "malformed",
                                            NULL};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    char *here = getcwd(NULL, 0);
    assert_int_equal(chdir("/usr"), 0);
    assert_string_equal(
        seen_by_a_child(&arena, variables, needs),
        "LC_ALL=C\nPATH=/usr/bin:/bin\nSSL_CERT_FILE=/s\nTEST_FILE=/usr/a/b\nTEST_MORE=a b=c\n"
        "TMPDIR=/tmp\nXDG_CONFIG_DIRS=/b:/c\nXDG_CONFIG_HOME=/c\nno_proxy=\n/\nsh\n");
    const char *usual = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n/\nsh\n";
    assert_string_equal(seen_by_a_child(&arena, NULL, NULL), usual);
    assert_string_equal(seen_by_a_child(&arena, (const char *const[]){"PATH=.:bin:", NULL}, NULL), usual);
    assert_int_equal(chdir(here), 0);
    free(here);
}

/* Programs of these names lie in the folder that we are in, and below it. */
static void programs_are_looked_for_in_absolute_folders(void **state)
{
    (void)state;
    static const char *const searches[] = {
        "PATH=.", "PATH=",           "PATH=bin", "PATH=:/usr/bin", "PATH=./bin:/usr/bin", "PATH=..",
        "PATH=~", "PATH=/usr/bin::", NULL};
    char folder[] = "/tmp/slipway-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 1 << 20);
    const char *below = sw_path_join(&arena, folder, "bin"), *path = NULL;
    const char *file = sw_path_join(&arena, below, "slipway-trap"),
               *link = sw_path_join(&arena, folder, "slipway-trap");
    char *here = getcwd(NULL, 0);
    assert_int_equal(sw_dir_make(below, 0700, NULL), 0);
    assert_int_equal(sw_file_write(file, SW_STR("#!/bin/sh\n"), 0700, NULL), 0);
    assert_int_equal(symlink("bin/slipway-trap", link), 0);
    assert_int_equal(chdir(folder), 0);
    for (const char *const *search = searches; *search != NULL; search++)
        assert_int_equal(sw_program_find(&path, &arena, "slipway-trap", search, NULL), SW_ENOTFOUND);
    assert_int_equal(sw_program_find(&path, &arena, "bin/slipway-trap", NULL, NULL), SW_ENOTFOUND);
    assert_int_equal(sw_program_find(&path, &arena, "./slipway-trap", NULL, NULL), SW_ENOTFOUND);
    assert_int_equal(sw_program_find(&path, &arena, below, NULL, NULL), SW_ENOTFOUND);
    const char *const absolute[] = {sw_arena_format(&arena, "PATH=:/nonexistent:%s", below), NULL};
    assert_int_equal(sw_program_find(&path, &arena, "slipway-trap", absolute, NULL), 0);
    assert_string_equal(path, file);
    assert_int_equal(sw_program_find(&path, &arena, file, NULL, NULL), 0);
    assert_int_equal(chdir(here), 0);
    assert_int_equal(sw_dir_remove(folder, NULL), 0);
    free(here);
}

static void findings_are_told_apart(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO list;
    sw_findings_init(&list);
    static const struct {
        const char *code, *message, *subject, *file;
        unsigned line;
        bool same, same_moved;
    } rows[] = {
        {"SW210", "a", "lib", "p.yaml", 3, true, true},   {"SW210", "a", "lib", "base.yaml", 3, false, true},
        {"SW210", "a", "lib", "p.yaml", 4, false, true},  {"SW205", "a", "lib", "p.yaml", 3, false, false},
        {"SW210", "b", "lib", "p.yaml", 3, false, false}, {"SW210", "a", "app", "p.yaml", 3, false, false},
        {"SW210", "a", NULL, "p.yaml", 3, false, false},  {"SW210", "a", "lib", NULL, 0, false, true},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_finding *finding = sw_findings_add(&list, rows[i].code, SW_ERROR, "%s", rows[i].message);
        if (rows[i].subject != NULL)
            sw_finding_subject(&list, finding, rows[i].subject);
        sw_finding_place(&list, finding, rows[i].file, rows[i].line, 1);
        assert_int_equal(sw_finding_same(list.items[0], finding), rows[i].same);
        assert_int_equal(sw_finding_same_moved(list.items[0], finding), rows[i].same_moved);
    }
    assert_ptr_equal(sw_findings_about(&list, "SW210", "lib", "base.yaml", 3, 1), list.items[1]);
    assert_ptr_equal(sw_findings_about(&list, "SW210", "app", "p.yaml", 3, 1), list.items[5]);
    assert_null(sw_findings_about(&list, "SW210", "app", "base.yaml", 3, 1));
    (void)sw_findings_copy(&list, list.items[1]);
    sw_findings_unique(&list);
    assert_int_equal(list.count, SW_COUNT(rows));
}

static void findings_are_kept_and_counted(void **state)
{
    (void)state;
    SW_FINDINGS_AUTO list;
    sw_findings_init(&list);
    struct sw_finding *f = sw_findings_add(&list, "SW301", SW_ERROR, "CUDA is %s", "12.6");
    sw_finding_place(&list, f, "p.yaml", 3, 7);
    sw_finding_evidence(&list, f, SW_STR("Assertion\x1B[1mError"), "log");
    sw_finding_hint(&list, f, "do this");
    sw_finding_fix(&list, f, SW_EDIT_SET, "torch.cuda", "12.6");
    assert_int_equal(list.count, 1);
    assert_string_equal(f->message, "CUDA is 12.6");
    assert_string_equal(f->evidence[0].text, "AssertionError");
    assert_string_equal(f->fix[0].path, "torch.cuda");
    for (int i = 0; i < 2000; i++)
        (void)sw_findings_add(&list, "SW102", SW_WARNING, "x");
    assert_int_equal(list.count, SW_MAX_FINDINGS);
    assert_int_equal(list.dropped, 1001);
    assert_int_equal(sw_findings_count(&list, SW_ERROR), 1);
    assert_string_equal(sw_finding_code_find("two-installs")->code, "SW304");
    assert_null(sw_finding_code_find("SW999"));
}

static void readers_stay_within_their_bytes(void **state)
{
    (void)state;
    struct sw_error error;
    char out[8] = {0};
    struct sw_str bytes = SW_STR("0123456789");
    struct sw_reader memory = sw_reader_of_memory(&bytes, "ten");
    assert_int_equal(sw_reader_read(&memory, out, 7, 3, &error), 0);
    assert_string_equal(out, "789");
    assert_int_equal(sw_reader_read(&memory, out, 10, 0, &error), 0);
    assert_int_equal(sw_reader_read(&memory, out, 8, 3, &error), SW_EINPUT);
    assert_string_equal(error.text, "'ten' ends at byte 10, before the 3 bytes at 8");
    assert_int_equal(sw_reader_read(&memory, out, UINT64_MAX, 2, &error), SW_EINPUT);
    const struct sw_range past = {9, UINT64_MAX};
    assert_int_equal(sw_reader_expect(&memory, &past, 1, &error), SW_EINPUT);

    char path[] = "/tmp/slipway-reader.XXXXXX";
    int made = mkstemp(path);
    assert_true(made >= 0 && write(made, "0123456789", 10) == 10);
    struct sw_reader_file file;
    struct sw_reader reader;
    assert_int_equal(sw_reader_file_open(&file, &reader, path, &error), 0);
    assert_int_equal(reader.size, 10);
    assert_int_equal(sw_reader_read(&reader, out, 2, 3, &error), 0);
    assert_memory_equal(out, "234", 3);
    assert_int_equal(ftruncate(made, 4), 0);
    assert_int_equal(sw_reader_read(&reader, out, 2, 3, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "became shorter"));
    sw_reader_file_close(&file);
    (void)close(made);
    (void)unlink(path);
    assert_int_equal(sw_reader_file_open(&file, &reader, path, &error), SW_ENOTFOUND);
    assert_int_equal(sw_reader_file_open(&file, &reader, "/tmp", &error), SW_EINPUT);
}

/* Files beneath a folder in which links lead out of it, and a file beside it that must stay as it is. */
static void files_beneath_a_folder(void **state)
{
    static const char *const behind_links[] = {"link", "folder/x", "a/link", "loop"};
    char base[] = "/tmp/slipway-test-XXXXXX", path[256];
    struct stat status;
    struct sw_error error = {0};
    SW_BUFFER_AUTO text;
    (void)state;
    sw_buffer_init(&text, 100);
    assert_non_null(mkdtemp(base));
    (void)snprintf(path, sizeof path, "%s/root/a", base);
    assert_int_equal(sw_dir_make(path, 0777, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/x", base);
    assert_int_equal(sw_file_write(path, SW_STR("outside"), 0644, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/root", base);
    SW_FD_AUTO root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(root >= 0);
    assert_int_equal(symlinkat("../x", root, "link"), 0);
    assert_int_equal(symlinkat("..", root, "folder"), 0);
    assert_int_equal(symlinkat("../../x", root, "a/link"), 0);
    assert_int_equal(symlinkat("loop", root, "loop"), 0);
    for (size_t i = 0; i < SW_COUNT(behind_links); i++) {
        assert_int_equal(sw_read_beneath(&text, root, behind_links[i], &error), SW_EINPUT);
        assert_non_null(strstr(error.text, "symbolic link"));
        assert_int_equal(sw_write_beneath(root, behind_links[i], SW_STR("y"), &error), SW_EINPUT);
    }
    assert_int_not_equal(sw_write_beneath(root, "../x", SW_STR("y"), &error), 0);
    assert_int_not_equal(sw_read_beneath(&text, root, "../x", &error), 0);
    assert_int_not_equal(sw_write_beneath(root, "a", SW_STR("y"), &error), 0); /* a folder */

    assert_int_equal(sw_read_beneath(&text, root, "a/new", &error), SW_ENOTFOUND);
    assert_int_equal(sw_write_beneath(root, "new/file", SW_STR("1"), NULL), 0);
    assert_int_equal(fchmodat(root, "new/file", 0640, 0), 0);
    assert_int_equal(sw_write_beneath(root, "new/file", SW_STR("22"), NULL), 0);
    assert_int_equal(fstatat(root, "new/file", &status, 0), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(sw_read_beneath(&text, root, "new/file", NULL), 0);
    assert_string_equal(text.p, "22");
    assert_int_equal(sw_remove_beneath(root, "new/file", NULL), 0);
    assert_int_equal(sw_remove_beneath(root, "new/file", NULL), 0);
    assert_int_equal(unlinkat(root, "new", AT_REMOVEDIR), 0); /* nothing is left in it */
    assert_int_equal(mkfifoat(root, "pipe", 0600), 0);
    assert_int_equal(sw_read_beneath(&text, root, "pipe", &error), SW_EINPUT); /* and does not wait */

    sw_buffer_clear(&text);
    (void)snprintf(path, sizeof path, "%s/x", base);
    assert_int_equal(sw_file_read(&text, path, NULL), 0);
    assert_string_equal(text.p, "outside");
    assert_int_equal(sw_dir_remove(base, NULL), 0);
}

static void errors_gain_context(void **state)
{
    (void)state;
    struct sw_error error;
    assert_int_equal(sw_fail_at(&error, SW_EINPUT, "f", 1, 2, "bad %s", "thing"), SW_EINPUT);
    assert_int_equal(sw_error_context(SW_EINPUT, &error, "reading '%s'", "x"), SW_EINPUT);
    assert_int_equal(sw_error_context(SW_ENOTFOUND, NULL, "reading"), SW_ENOTFOUND);
    assert_string_equal(error.text, "reading 'x': bad thing");
    assert_int_equal(error.line, 1);
    assert_int_equal(sw_fail(NULL, SW_EENV, "x"), SW_EENV);
}

int suite_base(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffer_keeps_its_maximum),
        cmocka_unit_test(arena_grows_arrays),
        cmocka_unit_test(strings_are_cut),
        cmocka_unit_test(escapes_never_reach_a_terminal),
        cmocka_unit_test(logins_are_found_and_never_shown),
        cmocka_unit_test(no_mix_of_pieces_gets_through),
        cmocka_unit_test(numbers_are_readable),
        cmocka_unit_test(digests_are_fips_180),
        cmocka_unit_test(files_are_replaced_whole),
        cmocka_unit_test(processes_get_three_descriptors),
        cmocka_unit_test(processes_run_and_are_bounded),
        cmocka_unit_test(a_child_sees_only_what_it_needs),
        cmocka_unit_test(programs_are_looked_for_in_absolute_folders),
        cmocka_unit_test(processes_tell_their_output),
        cmocka_unit_test(findings_are_kept_and_counted),
        cmocka_unit_test(findings_are_told_apart),
        cmocka_unit_test(readers_stay_within_their_bytes),
        cmocka_unit_test(files_beneath_a_folder),
        cmocka_unit_test(errors_gain_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
