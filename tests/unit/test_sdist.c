#include "unit.h"

#include "base/limits.h"
#include "wheel/sdist.h"

#include <archive.h>
#include <archive_entry.h>

struct row {
    const char *name, *text;
};

enum form { TAR, ZIP, ZIP_SIZES_BEHIND };

/* Write an archive into `out`: a tar that gzip packed, or a zip file that says the sizes of its files before their bytes or behind. */
static void pack(struct sw_buffer *out, enum form form, const struct row *rows, size_t count)
{
    char bytes[64 * 1024];
    size_t used = 0;
    struct archive *archive = archive_write_new();
    if (form == TAR) {
        assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
        assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
    } else {
        assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
        assert_int_equal(archive_write_zip_set_compression_deflate(archive), ARCHIVE_OK);
    }
    assert_int_equal(archive_write_open_memory(archive, bytes, sizeof bytes, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, rows[i].name);
        archive_entry_set_filetype(entry, rows[i].text == NULL ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        if (form != ZIP_SIZES_BEHIND)
            archive_entry_set_size(entry, rows[i].text == NULL ? 0 : (la_int64_t)strlen(rows[i].text));
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        if (rows[i].text != NULL)
            assert_int_equal(archive_write_data(archive, rows[i].text, strlen(rows[i].text)),
                             (la_ssize_t)strlen(rows[i].text));
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    sw_buffer_init(out, SW_MIB);
    sw_buffer_add_str(out, (struct sw_str){bytes, used});
}

static int open_bytes(struct sw_wheel *wheel, struct sw_arena *arena, struct sw_reader *reader,
                      struct sw_str *bytes, struct sw_error *error)
{
    *reader = sw_reader_of_memory(bytes, "demo-1.0.tar.gz");
    return sw_sdist_open(wheel, arena, reader, error);
}

static void sources_are_members_in_order(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"demo-1.0/", NULL},
        {"demo-1.0/src/demo/inner.py", "x = 1\n"},
        {"demo-1.0/setup.py", "import setuptools\n"},
        {"demo-1.0/src/demo/__init__.py", "from .inner import x\n"},
        {"demo-1.0/lib/data.py", "a folder without a package keeps its name\n"},
        {"demo-1.0/README.md", "no source\n"},
        {"demo-1.0/src/demo/inner.py", "the second of a name does not count\n"},
    };
    static const char *const names[] = {"demo/__init__.py", "demo/inner.py", "lib/data.py", "setup.py"};
    static const enum form forms[] = {TAR, ZIP};
    for (size_t f = 0; f < SW_COUNT(forms); f++) {
        SW_BUFFER_AUTO packed;
        SW_ARENA_AUTO arena;
        struct sw_wheel wheel;
        struct sw_reader reader;
        struct sw_error error;
        struct sw_module module;
        pack(&packed, forms[f], rows, SW_COUNT(rows));
        sw_arena_init(&arena, SW_MAX_ARENA);
        struct sw_str bytes = sw_buffer_str(&packed);
        assert_int_equal(open_bytes(&wheel, &arena, &reader, &bytes, &error), 0);
        assert_int_equal(wheel.zip.count, SW_COUNT(names));
        for (size_t i = 0; i < SW_COUNT(names); i++)
            assert_string_equal(wheel.zip.members[i].name.p, names[i]);
        assert_int_equal(sw_wheel_module(NULL, &wheel, SW_STR("demo.inner")), SW_MODULE_SOURCE);
        assert_int_equal(sw_wheel_outline(&module, &arena, &wheel, &wheel.zip.members[0], &error), 0);
        assert_int_equal(module.import_count, 1);
    }
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {{"demo-1.0/demo.py", "import a\nimport b\n"}};
    SW_BUFFER_AUTO packed;
    SW_ARENA_AUTO arena;
    struct sw_wheel wheel;
    struct sw_reader reader;
    struct sw_error error;
    pack(&packed, TAR, rows, SW_COUNT(rows));
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_str bytes = {packed.p, packed.n / 2};
    assert_int_equal(open_bytes(&wheel, &arena, &reader, &bytes, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "'demo-1.0.tar.gz' cannot be read"));
    bytes = SW_STR("PK\003\004 is no tar");
    assert_int_equal(open_bytes(&wheel, &arena, &reader, &bytes, &error), SW_EINPUT);
    bytes = SW_STR("");
    assert_int_equal(open_bytes(&wheel, &arena, &reader, &bytes, &error), SW_EINPUT);
    SW_BUFFER_AUTO behind;
    pack(&behind, ZIP_SIZES_BEHIND, rows, SW_COUNT(rows));
    bytes = sw_buffer_str(&behind);
    assert_int_equal(open_bytes(&wheel, &arena, &reader, &bytes, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "the sizes of its files"));
}

int suite_sdist(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_are_members_in_order),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
