#include "unit.h"

#include "base/limits.h"
#include "index/source_internal.h"

#include <archive.h>
#include <archive_entry.h>

static const char *written(struct sw_buffer *out, const char *text)
{
    sw_buffer_init(out, SW_MIB);
    return sw_source_pyproject(out, sw_str_from(text), SW_STR("1.5")) ? sw_buffer_str(out).p : NULL;
}

static void projects_state_their_requirements(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    assert_string_equal(
        written(&out, "[project]\n"
                      "name = 'demo'\n"
                      "dynamic = ['version', 'readme']\n"
                      "requires-python = '>=3.9'\n"
                      "dependencies = ['a>=1', \"b ; python_version < '3.9'\"]\n"
                      "[project.optional-dependencies]\n"
                      "fast = ['c', \"d[x]<2 ; sys_platform == 'linux' or python_version > '3'\"]\n"),
        "Name: demo\n"
        "Version: 1.5\n"
        "Requires-Python: >=3.9\n"
        "Provides-Extra: fast\n"
        "Requires-Dist: c ; extra == 'fast'\n"
        "Requires-Dist: d[x]<2 ; (sys_platform == \"linux\" or python_version > \"3\") and extra == 'fast'\n"
        "Requires-Dist: a>=1\n"
        "Requires-Dist: b; python_version < \"3.9\"\n");
    sw_buffer_release(&out);
    assert_string_equal(written(&out, "[project]\nname = 'demo'\nversion = '2.0'\n"),
                        "Name: demo\nVersion: 2.0\n");
}

static void what_a_build_decides_is_not_stated(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "project = 3\n",
        "[project]\nversion = '1'\n",
        "[project]\nname = 'demo'\ndynamic = ['dependencies']\n",
        "[project]\nname = 'demo'\ndynamic = ['optional-dependencies']\ndependencies = []\n",
        "[project]\nname = 'demo'\ndynamic = ['requires-python']\ndependencies = []\n",
        "[project]\nname = 'demo'\n[tool.poetry.dependencies]\nc = '^1'\n",
        "[project]\nname = 'demo'\ndependencies = 'a'\n",
        "[project]\nname = 'demo'\ndependencies = [3]\n",
        "[project]\nname = 'demo'\ndependencies = ['no requirement at all']\n",
        "[project]\nname = \"demo\\nRequires-Dist: evil\"\n",
        "[project]\nname = 'demo'\n[project.optional-dependencies]\n\"x' or 'y\" = ['a']\n",
        "[project\n",
    };
    for (size_t i = 0; i < SW_COUNT(texts); i++) {
        SW_BUFFER_AUTO out;
        assert_null(written(&out, texts[i]));
        assert_int_equal(out.n, 0);
    }
}

struct row {
    const char *name, *text;
};

/* The metadata that an archive of these files states; "" if it states none. */
static const char *stated(struct sw_buffer *out, const struct row *rows, size_t count)
{
    static char bytes[256 * 1024];
    size_t used = 0;
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, bytes, sizeof bytes, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, rows[i].name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t)strlen(rows[i].text));
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, rows[i].text, strlen(rows[i].text)),
                         (la_ssize_t)strlen(rows[i].text));
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    struct sw_str all = {bytes, used};
    const struct sw_reader reader = sw_reader_of_memory(&all, "demo-1.0.tar.gz");
    struct sw_source source = {.version = SW_STR("1.0")};
    struct sw_error error;
    sw_buffer_init(&source.metadata, SW_MIB);
    assert_int_equal(sw_source_look(&source, &reader, &error), 0);
    sw_buffer_init(out, SW_MIB);
    sw_buffer_add_str(out, sw_buffer_str(&source.metadata));
    sw_buffer_release(&source.metadata);
    return out->n == 0 ? "" : sw_buffer_str(out).p;
}

static void archives_state_their_requirements(void **state)
{
    (void)state;
    static const struct row new_info[] = {
        {"demo-1.0/demo/PKG-INFO", "Metadata-Version: 2.3\nName: other\nVersion: 9\n"},
        {"demo-1.0/PKG-INFO",
         "Metadata-Version: 2.2\nName: demo\nVersion: 1.0\nDynamic: Description\nRequires-Dist: a\n"}};
    static const struct row old_info[] = {
        {"demo-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Dist: a\n"}};
    static const struct row dynamic[] = {
        {"demo-1.0/PKG-INFO", "Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nDynamic: requires-dist\n"},
        {"demo-1.0/setup.py", "import setuptools\n"}};
    static const struct row project[] = {
        {"demo-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"},
        {"demo-1.0/pyproject.toml",
         "[project]\nname = 'demo'\ndynamic = ['version']\ndependencies = ['b']\n"}};
    SW_BUFFER_AUTO out;
    assert_string_equal(stated(&out, new_info, SW_COUNT(new_info)),
                        "Name: demo\nVersion: 1.0\nRequires-Dist: a\n");
    sw_buffer_release(&out);
    assert_string_equal(stated(&out, old_info, SW_COUNT(old_info)), "");
    sw_buffer_release(&out);
    assert_string_equal(stated(&out, dynamic, SW_COUNT(dynamic)), "");
    sw_buffer_release(&out);
    assert_string_equal(stated(&out, project, SW_COUNT(project)),
                        "Name: demo\nVersion: 1.0\nRequires-Dist: b\n");
}

int suite_source(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projects_state_their_requirements),
        cmocka_unit_test(what_a_build_decides_is_not_stated),
        cmocka_unit_test(archives_state_their_requirements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
