#include "unit.h"

#include "base/limits.h"
#include "contents/contents.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_BYTES = 256 * 1024 };

struct row {
    const char *name, *text;
    size_t size; /* 0: the length of the text */
};

struct tar {
    char bytes[MOST_BYTES];
    size_t used;
};

static void pack(struct tar *tar, const struct row *rows, bool gzip)
{
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
    if (gzip)
        assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    tar->used = 0;
    assert_int_equal(archive_write_open_memory(archive, tar->bytes, sizeof tar->bytes, &tar->used),
                     ARCHIVE_OK);
    for (const struct row *row = rows; row->name != NULL; row++) {
        size_t n = row->size == 0 ? strlen(row->text) : row->size;
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, row->name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)n);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, row->text, n), (la_ssize_t)n);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

static int take_some(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    (void)error;
    struct sw_str *rest = self;
    *got = rest->n < n ? rest->n : n;
    memcpy(out, rest->p, *got);
    *rest = sw_str_drop(*rest, *got);
    return 0;
}

static int read_tar(struct sw_contents *out, struct sw_arena *arena, const struct tar *tar,
                    struct sw_error *error)
{
    struct sw_str rest = {tar->bytes, tar->used};
    const struct sw_source source = {take_some, &rest};
    const struct sw_contents_input input = {
        .archive = &source, .spool = memfd_create("spool", MFD_CLOEXEC), .targets = {{90}, 1}};
    assert_true(input.spool >= 0);
    int code = sw_contents_read(out, arena, &input, error);
    (void)close(input.spool);
    return code;
}

static const char manifest[] = "[{\"Config\": \"c.json\", \"Layers\": [\"one\", \"two\"]}]";
static const char configuration[] =
    "{\"history\": [{\"created_by\": \"ADD base\"}, {\"created_by\": \"ENV A=1\", \"empty_layer\": true},"
    " {\"created_by\": \"RUN pip\"}]}";
static const struct row below[] = {
    {"./old/file", "12345", 0}, {"etc/kept", "123", 0},
    {"etc/gone", "1234567", 0}, {"v/demo-1.0.dist-info/RECORD", "demo.py,,\n", 0},
    {"v/demo.py", "older", 0},  {NULL, NULL, 0}};
static const struct row above[] = {
    {"old/.wh..wh..opq", "", 0},
    {"etc/.wh.gone", "", 0},
    {"v/demo-1.0.dist-info/RECORD", "demo.py,,\n\"a,b.py\",,\n../bin/x,,\n", 0},
    {"v/demo.py", "new", 0},
    {"v/a,b.py", "12", 0},
    {"bin/x", "\177ELF and no library", 0},
    {NULL, NULL, 0}};

static void image(struct tar *out, bool gzip)
{
    static struct tar one, two;
    pack(&one, below, gzip);
    pack(&two, above, gzip);
    const struct row rows[] = {{"two", two.bytes, two.used},   {"VERSION", "1.0", 0},
                               {"one", one.bytes, one.used},   {"c.json", configuration, 0},
                               {"manifest.json", manifest, 0}, {NULL, NULL, 0}};
    pack(out, rows, false);
}

static void claim_image(bool gzip)
{
    static struct tar tar;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_contents found;
    image(&tar, gzip);
    assert_int_equal(read_tar(&found, &arena, &tar, NULL), 0);
    assert_int_equal(found.layer_count, 2);
    assert_string_equal(found.layers[0].command, "ADD base");
    assert_string_equal(found.layers[1].command, "RUN pip");
    assert_int_equal(found.layers[0].size, 5 + 3 + 7 + 10 + 5);
    assert_int_equal(found.layers[0].hidden, 5 + 7 + 10 + 5);
    assert_int_equal(found.layers[1].hidden, 0);
    assert_int_equal(found.hidden, 27);
    assert_int_equal(found.project_count, 1);
    assert_string_equal(found.projects[0].name, "demo");
    assert_string_equal(found.projects[0].version, "1.0");
    assert_int_equal(found.projects[0].bytes.other, 3 + 2);
    assert_int_equal(found.projects[0].bytes.host_code, 19);
    assert_int_equal(found.visible.files, 5);
    assert_int_equal(found.rest.files, 2);
}

static void layers_make_the_image_together(void **state)
{
    (void)state;
    claim_image(false);
    claim_image(true);
}

static void claim_refused(const struct row *rows, const char *text)
{
    static struct tar tar;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_contents found;
    struct sw_error error = {.code = SW_OK};
    pack(&tar, rows, false);
    assert_int_equal(read_tar(&found, &arena, &tar, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, text));
}

static void an_archive_that_is_no_image_is_refused(void **state)
{
    (void)state;
    const struct row none[] = {{"VERSION", "1.0", 0}, {NULL, NULL, 0}};
    const struct row no_layer[] = {{"manifest.json", manifest, 0}, {"c.json", "{}", 0}, {NULL, NULL, 0}};
    const struct row two[] = {{"manifest.json", "[{}, {}]", 0}, {NULL, NULL, 0}};
    const struct row typed[] = {{"manifest.json", "{\"0\": 1}", 0}, {NULL, NULL, 0}};
    const struct row cut[] = {{"one", "this is no tar", 0},
                              {"two", "\037\213 this is no gzip", 0},
                              {"manifest.json", manifest, 0},
                              {"c.json", "[]", 0},
                              {NULL, NULL, 0}};
    claim_refused(none, "no 'manifest.json'");
    claim_refused(no_layer, "no layer 'one'");
    claim_refused(two, "holds 2 images");
    claim_refused(typed, "images; one is wanted");
    claim_refused(cut, "layer");
}

/* Cut anywhere, an archive gives an error or the image, and nothing else. */
static void an_archive_may_end_anywhere(void **state)
{
    (void)state;
    static struct tar tar;
    image(&tar, false);
    const size_t whole = tar.used;
    size_t refused = 0;
    for (size_t n = 0; n < whole; n += 97) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        struct sw_contents found;
        tar.used = n;
        refused += read_tar(&found, &arena, &tar, NULL) != 0;
    }
    assert_in_range(refused, whole / 97 / 2, whole / 97 + 1);
}

int suite_contents(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_make_the_image_together),
        cmocka_unit_test(an_archive_that_is_no_image_is_refused),
        cmocka_unit_test(an_archive_may_end_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
