#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "session/filesync_internal.h"
#include "wire/protobuf.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder with a context in it, and what an engine would see of its transfer: one line a packet. */
struct place {
    struct sw_arena arena;
    char path[64];
    struct sw_context *context;
    struct sw_filesync *sync;
    struct sw_buffer seen;
    struct sw_error error;
};

static const char *at(struct place *place, const char *name)
{
    return sw_path_join(&place->arena, place->path, name);
}

static void put(struct place *place, const char *name, const char *text)
{
    const char *path = at(place, name);
    assert_int_equal(sw_dir_make(sw_path_dir(&place->arena, path), 0755, NULL), 0);
    assert_int_equal(sw_file_write(path, sw_str_from(text), 0644, NULL), 0);
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){{1700000000, 5}, {1700000000, 5}}, 0), 0);
}

static int make_place(void **state)
{
    static const struct sw_context_copy all = {.from = "."};
    static const struct sw_context_file files[] = {
        {.path = "Dockerfile", .content = {"FROM x", 6}},
        {.path = "a.txt", .content = {"", 0}},
        {.path = "probe.py", .content = {"print()", 7}, .mode = 0755},
        {.path = "zz", .content = {"z", 1}},
    };
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    sw_arena_init(&place->arena, 1 << 20);
    sw_buffer_init(&place->seen, 1 << 20);
    (void)snprintf(place->path, sizeof place->path, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    put(place, "b/two", "22");
    put(place, "b.c", "dot sorts after the folder's own name, before what is in it by whole paths");
    put(place, "one", "1");
    assert_int_equal(chmod(at(place, "one"), 04750), 0);
    const struct sw_context_options options = {.root = place->path,
                                               .copies = &all,
                                               .copies_count = 1,
                                               .files = files,
                                               .files_count = SW_COUNT(files)};
    assert_int_equal(sw_context_scan(&place->context, &options, &place->error), 0);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    sw_filesync_free(place->sync);
    sw_context_free(place->context);
    assert_int_equal(sw_dir_remove(place->path, NULL), 0);
    sw_buffer_release(&place->seen);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

static void show_stat(struct sw_buffer *out, struct sw_str stat)
{
    struct sw_proto reader = sw_proto_from(stat);
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        if (field.type == SW_PROTO_BYTES)
            sw_buffer_addf(out, "%.*s ", SW_STR_FORMAT(field.bytes));
        else if (field.number == 2)
            sw_buffer_addf(out, "%o ", (unsigned)field.value);
        else if (field.number == 5)
            sw_buffer_addf(out, "%u ", (unsigned)field.value);
    }
    assert_false(reader.malformed);
}

static void show(struct sw_buffer *out, struct sw_str packet)
{
    static const char *const names[] = {"stat", "request", "data", "end", "error"};
    struct sw_proto reader = sw_proto_from(packet);
    struct sw_proto_field field;
    const char *type = "stat";
    SW_BUFFER_AUTO rest;
    sw_buffer_init(&rest, 1 << 20);
    while (sw_proto_next(&reader, &field)) {
        if (field.number == 1)
            type = names[sw_proto_int(&field)];
        else if (field.number == 2)
            show_stat(&rest, field.bytes);
        else if (field.number == 3)
            sw_buffer_addf(&rest, "#%d ", (int)sw_proto_int(&field));
        else if (field.number == 4)
            sw_buffer_addf(&rest, "'%.*s'", SW_STR_FORMAT(field.bytes));
    }
    assert_false(reader.malformed);
    sw_buffer_addf(out, "%s %s\n", type, rest.p);
}

static void start(struct place *place, const char *const *followed)
{
    struct sw_str paths[8] = {{NULL, 0}};
    size_t count = 0;
    for (; followed != NULL && followed[count] != NULL; count++)
        paths[count] = sw_str_from(followed[count]);
    assert_int_equal(
        sw_filesync_new(&place->sync, place->context, SW_FILESYNC_CONTEXT, paths, count, &place->error), 0);
}

/* Everything that is sent until it is the engine's turn. */
static int drain(struct place *place)
{
    SW_BUFFER_AUTO packet;
    sw_buffer_init(&packet, 1 << 20);
    sw_buffer_clear(&place->seen);
    for (;;) {
        sw_buffer_clear(&packet);
        int code = sw_filesync_next(place->sync, &packet, &place->error);
        if (code != 0 || packet.n == 0)
            return code;
        show(&place->seen, sw_buffer_str(&packet));
    }
}

static int say(struct place *place, unsigned type, unsigned id, const char *text)
{
    SW_BUFFER_AUTO packet;
    sw_buffer_init(&packet, 4096);
    sw_proto_add_int(&packet, 1, type);
    sw_proto_add_int(&packet, 3, id);
    sw_proto_add_bytes(&packet, 4, sw_str_from(text));
    return sw_filesync_take(place->sync, sw_buffer_str(&packet), &place->error);
}

enum { REQUEST = 1, END = 3, FAULT = 4 };

/* By name in each folder, a folder before what is in it, modes in Go's bits. */
static void entries_come_in_the_order_of_the_protocol(void **state)
{
    struct place *place = *state;
    start(place, NULL);
    assert_int_equal(drain(place), 0);
    assert_string_equal(place->seen.p, "stat Dockerfile 644 6 \n"
                                       "stat a.txt 644 0 \n"
                                       "stat context 20000000700 0 \n"
                                       "stat context/b 20000000755 0 \n"
                                       "stat context/b/two 644 2 \n"
                                       "stat context/b.c 644 74 \n"
                                       "stat context/one 40000750 1 \n"
                                       "stat probe.py 755 7 \n"
                                       "stat zz 644 1 \n"
                                       "stat \n");
}

static void what_is_asked_for_is_sent(void **state)
{
    struct place *place = *state;
    start(place, NULL);
    assert_int_equal(drain(place), 0);
    assert_int_equal(say(place, REQUEST, 6, ""), 0);
    assert_int_equal(say(place, REQUEST, 0, ""), 0);
    assert_int_equal(say(place, REQUEST, 1, ""), 0);
    assert_int_equal(drain(place), 0);
    assert_string_equal(place->seen.p, "data #6 '1'\ndata #6 \ndata #0 'FROM x'\ndata #0 \ndata #1 \n");
    assert_false(sw_filesync_done(place->sync));
    assert_int_equal(say(place, END, 0, ""), 0);
    assert_int_equal(drain(place), 0);
    assert_string_equal(place->seen.p, "end \n");
    assert_true(sw_filesync_done(place->sync));
}

static void paths_narrow_what_is_offered(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *paths[4];
        const char *seen;
    } cases[] = {
        {{".dockerignore"}, "stat \n"},
        {{"Dockerfile", "Dockerfile.dockerignore", "dockerfile"}, "stat Dockerfile 644 6 \nstat \n"},
        {{"context/b", "zz"},
         "stat context 20000000700 0 \nstat context/b 20000000755 0 \n"
         "stat context/b/two 644 2 \nstat zz 644 1 \nstat \n"},
        {{"/context/o*"}, "stat context 20000000700 0 \nstat context/one 40000750 1 \nstat \n"},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        start(place, cases[i].paths);
        assert_int_equal(drain(place), 0);
        assert_string_equal(place->seen.p, cases[i].seen);
        sw_filesync_free(place->sync);
        place->sync = NULL;
    }
    start(place, (const char *const[]){".", NULL});
    assert_int_equal(drain(place), 0);
    assert_non_null(strstr(place->seen.p, "context/one"));
}

static void a_link_may_lead_anywhere(void **state)
{
    struct place *place = *state;
    static const struct sw_context_copy all = {.from = "."};
    assert_int_equal(symlink("b/two", at(place, "link")), 0);
    sw_context_free(place->context);
    const struct sw_context_options options = {.root = place->path, .copies = &all, .copies_count = 1};
    assert_int_equal(sw_context_scan(&place->context, &options, &place->error), 0);
    start(place, (const char *const[]){"context/link", NULL});
    assert_int_equal(drain(place), 0);
    assert_non_null(strstr(place->seen.p, "stat context/link 1000000777 0 b/two"));
    assert_non_null(strstr(place->seen.p, "stat context/b/two"));
}

/* What an engine may not ask for, it does not get. */
static void breaches_are_refused(void **state)
{
    struct place *place = *state;
    start(place, NULL);
    assert_int_equal(say(place, REQUEST, 0, ""), SW_EENV); /* before it was offered */
    assert_int_equal(drain(place), 0);
    assert_int_equal(say(place, REQUEST, 0, ""), 0);
    assert_int_equal(say(place, REQUEST, 0, ""), SW_EENV); /* twice */
    assert_int_equal(say(place, REQUEST, 2, ""), SW_EENV); /* a folder */
    assert_int_equal(say(place, REQUEST, 9, ""), SW_EENV); /* past the end */
    assert_int_equal(say(place, REQUEST, 0xFFFFFFFFU, ""), SW_EENV);
    assert_int_equal(say(place, 2, 0, "data"), SW_EENV); /* the wrong way */
    assert_int_equal(say(place, FAULT, 0, "disk \033[1mfull"), SW_EENV);
    assert_string_equal(place->error.text, "the engine could not take the context: disk full");
    assert_int_equal(sw_filesync_take(place->sync, SW_STR("\x08"), &place->error), SW_EENV);
    assert_int_equal(say(place, END, 0, ""), 0);
    assert_int_equal(say(place, END, 0, ""), SW_EENV);
}

static void a_file_that_changes_is_an_error(void **state)
{
    struct place *place = *state;
    static const char *const faults[] = {"'one' grew", "'one' went away"};
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        start(place, NULL);
        assert_int_equal(drain(place), 0);
        assert_int_equal(say(place, REQUEST, 6, ""), 0);
        if (i == 0)
            assert_int_equal(truncate(at(place, "one"), 5), 0);
        else
            assert_int_equal(unlink(at(place, "one")), 0);
        assert_int_equal(drain(place), SW_EINPUT);
        assert_non_null(strstr(place->error.text, faults[i]));
        sw_filesync_free(place->sync);
        place->sync = NULL;
    }
}

/* Same size, other content: the time tells. */
static void files_in_memory_tell_that_they_changed(void **state)
{
    struct place *place = *state;
    struct sw_context_file file = {.path = "Dockerfile", .content = {"FROM y", 6}};
    const struct sw_context_options options = {.root = place->path, .files = &file, .files_count = 1};
    struct sw_context *other = NULL;
    size_t count;
    assert_int_equal(sw_context_scan(&other, &options, &place->error), 0);
    const struct sw_context_entry *before = sw_context_entries(place->context, &count);
    const struct sw_context_entry *after = sw_context_entries(other, &count);
    assert_string_equal(before->path, after->path);
    assert_int_equal(before->size, after->size);
    assert_true(before->mtime != after->mtime || before->mtime_ns != after->mtime_ns);
    sw_context_free(other);
}

/* The context of a user's Dockerfile is the user's folder; the Dockerfile comes alone, by its last name. */
static void an_own_dockerfile_comes_apart(void **state)
{
    struct place *place = *state;
    static const struct sw_context_copy all = {.from = "."};
    static const struct sw_context_file files[] = {
        {.path = "b/Dockerfile", .content = {"FROM x", 6}},
        {.path = "b+", .content = {"", 0}},
    };
    const struct sw_context_options options = {.root = place->path,
                                               .copies = &all,
                                               .copies_count = 1,
                                               .files = files,
                                               .files_count = SW_COUNT(files),
                                               .dockerfile = "b/Dockerfile"};
    sw_context_free(place->context);
    put(place, "b/Dockerfile", "another");
    assert_int_equal(sw_context_scan(&place->context, &options, &place->error), 0);
    assert_int_equal(
        sw_filesync_new(&place->sync, place->context, SW_FILESYNC_DOCKERFILE, NULL, 0, &place->error), 0);
    (void)drain(place);
    assert_non_null(strstr(place->seen.p, "stat Dockerfile "));
    assert_null(strstr(place->seen.p, "one"));
    sw_filesync_free(place->sync);
    sw_buffer_clear(&place->seen);
    start(place, NULL);
    (void)drain(place);
    const char *const order[] = {"stat b ",  "stat b/Dockerfile ", "stat b/two ",
                                 "stat b+ ", "stat b.c ",          "stat one "};
    const char *at = place->seen.p;
    for (size_t i = 0; i < SW_COUNT(order); i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    assert_null(strstr(place->seen.p, "context"));
}

int suite_filesync(void)
{
    (void)umask(022);
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
    const struct CMUnitTest tests[] = {
        TEST(entries_come_in_the_order_of_the_protocol),
        TEST(what_is_asked_for_is_sent),
        TEST(paths_narrow_what_is_offered),
        TEST(a_link_may_lead_anywhere),
        TEST(breaches_are_refused),
        TEST(a_file_that_changes_is_an_error),
        TEST(files_in_memory_tell_that_they_changed),
        TEST(an_own_dockerfile_comes_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
