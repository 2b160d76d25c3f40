#include "base/limits.h"
#include "index/html_internal.h"
#include "index/index_internal.h"
#include "index/metadata.h"
#include "index/page_internal.h"

#include "unit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

#define ROW(rest) \
    "{\"meta\":{\"api-version\":\"1.1\"},\"files\":[{\"filename\":\"a\",\"url\":\"f/a\"" rest "}]}"

/* A page that is read in one pass reads as the tree does; all that is not plain is left to the tree. */
static void both_ways_read_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool plain;
    } pages[] = {
        {ROW(""), true},
        {" " ROW("") "\n\r\t", true},
        {ROW(",\"size\":12,\"hashes\":{\"md5\":\"1\",\"sha256\":\"" DIGEST "\"}"), true},
        {ROW(",\"hashes\":{\"sha256\":1},\"yanked\":\"why\""), true},
        {ROW(",\"hashes\":null,\"yanked\":true,\"requires-python\":null"), true},
        {ROW(",\"yanked\":false,\"upload-time\":\"2026-01-01\",\"provenance\":[[1,{\"x\":[]}]]"), true},
        {ROW(",\"dist-info-metadata\":{\"sha256\":\"" OTHER "\"},\"core-metadata\":{\"sha256\":\"" DIGEST
             "\"}"),
         true},
        {ROW(",\"core-metadata\":null,\"dist-info-metadata\":true"), true},
        {ROW(",\"data-dist-info-metadata\":true,\"core-metadata\":\"x\""), true},
        {ROW(",\"other\":\"an \\\\ and a \\\" in what is skipped\""), true},
        {"{\"files\":[]}", true},
        {"{\"files\":[{\"url\":7},{\"filename\":\"b\"},{\"url\":\"ftp://x/y\"}]}", true},
        {ROW(",\"yanked\":\"a \\\"reason\\\"\""), false},
        {ROW(",\"yanked\":\"\u00e4\""), false},
        {ROW(",\"size\":-1"), false},
        {ROW(",\"size\":1.5e3"), false},
        {ROW(",\"size\":99999999999999999999"), false},
        {ROW(",\"size\":007"), false},
        {ROW(",\"size\":\"12\""), false},
        {ROW(",\"url\":\"f/b\""), false},
        {ROW(",\"x\":tru"), false},
        {ROW(",\"x\":[1,]"), false},
        {ROW(",\"x\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"), false},
        {ROW(",\"x\":\"\n\""), false},
        {ROW(","), false},
        {ROW("") "x", false},
        {"{\"meta\":{\"api-version\":\"2.0\"},\"files\":[]}", false},
        {"{\"meta\":{\"api-version\":\"1.0\"}}", false},
        {"{\"files\":{}}", false},
        {"{\"files\":[],\"files\":[]}", false},
        {"[]", false},
        {"", false},
    };
    for (size_t i = 0; i < SW_COUNT(pages); i++) {
        SW_BUFFER_AUTO plain;
        SW_BUFFER_AUTO tree;
        SW_BUFFER_AUTO either;
        struct sw_error error = {0};
        struct sw_str text = sw_str_from(pages[i].text), url = SW_STR("https://host/simple/a/");
        sw_buffer_init(&plain, SW_MIB);
        sw_buffer_init(&tree, SW_MIB);
        sw_buffer_init(&either, SW_MIB);
        if (sw_page_convert_plain(&plain, text, url) != pages[i].plain)
            fail_msg("%s", pages[i].text);
        int code = sw_page_convert_tree(&tree, text, url, &error);
        assert_int_equal(sw_page_convert_json(&either, text, url, &error), code);
        assert_true(sw_str_equal(sw_buffer_str(&either), sw_buffer_str(&tree)));
        if (pages[i].plain && (code != 0 || !sw_str_equal(sw_buffer_str(&plain), sw_buffer_str(&tree))))
            fail_msg("%s: %s", pages[i].text, code == 0 ? plain.p : error.text);
        if (!pages[i].plain)
            assert_int_equal(plain.n, 0);
    }
}

static void tags_and_attributes_are_found(void **state)
{
    (void)state;
    static const char page[] = "<!DOCTYPE html><!-- <a href=no> --><!--><A HREF = 'one' x>t</A>"
                               "<script>if (a<b) '<a href=no>'</scrip></script ><a x=1 href=two/>"
                               "<a x='>' href=\"a&amp;b&#62;&#x3C;&quot;&bogus;&#xD800;&#\" href=no><?a?><3 "
                               "<a><a href><a\nx=\"y\"href=four";
    static const char *const expected[] = {"one", "two/", "a&b><\"&bogus;\uFFFD&#", NULL, "", "four"};
    struct sw_html html = {sw_str_from(page)};
    struct sw_html_tag tag;
    size_t count = 0;
    while (sw_html_next(&html, &tag)) {
        SW_BUFFER_AUTO value;
        sw_buffer_init(&value, SW_MAX_URL_SIZE);
        if (!sw_html_is(&tag, "a"))
            continue;
        assert_true(count < SW_COUNT(expected));
        assert_int_equal(sw_html_attribute(&value, &tag, "href"), expected[count] != NULL);
        if (expected[count] != NULL)
            assert_string_equal(value.p, expected[count]);
        count++;
    }
    assert_int_equal(count, SW_COUNT(expected));
}

static void a_page_may_end_anywhere(void **state)
{
    (void)state;
    static const char page[] = "<a href='x' y=z><!-- c --><script>a</script><a &#x3e; href = \"q&amp;\"";
    for (size_t n = 0; n < sizeof page; n++) {
        char *copy = malloc(n == 0 ? 1 : n); /* so that a sanitizer sees a byte too far */
        assert_non_null(copy);
        memcpy(copy, page, n);
        struct sw_html html = {{copy, n}};
        struct sw_html_tag tag;
        size_t tags = 0;
        while (sw_html_next(&html, &tag))
            tags++;
        assert_true(tags <= 3);
        free(copy);
    }
}

static void convert(struct sw_buffer *out, const char *type, const char *url, const char *text)
{
    struct sw_error error = {0};
    SW_FETCH_RESPONSE_AUTO response;
    sw_fetch_response_init(&response);
    sw_buffer_add_text(&response.url, url);
    sw_buffer_addf(&response.headers, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n", type);
    sw_buffer_add_text(&response.body, text);
    int code = sw_page_convert(out, &response, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(code, 0);
}

static void refuse(const char *type, const char *body, const char *text)
{
    struct sw_error error = {0};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MIB);
    SW_FETCH_RESPONSE_AUTO response;
    sw_fetch_response_init(&response);
    sw_buffer_add_text(&response.url, "https://h/");
    sw_buffer_addf(&response.headers, "Content-Type: %s\r\n", type);
    sw_buffer_add_text(&response.body, body);
    assert_int_equal(sw_page_convert(&out, &response, &error), SW_EINPUT);
    if (strstr(error.text, text) == NULL)
        fail_msg("not '%s' but '%s'", text, error.text);
}

static const char json_type[] = "application/vnd.pypi.simple.v1+json";

static void json_pages_are_read(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MIB);
    convert(
        &out, json_type, "https://h/simple/a/",
        "{\"meta\": {\"api-version\": \"1.1\"}, \"name\": \"a\", \"files\": ["
        "{\"filename\": \"a-1.whl\", \"url\": \"../../f/a-1.whl?x=1\", \"hashes\": {\"sha256\": \"" DIGEST
        "\"},"
        " \"size\": 12, \"upload-time\": \"2024-01-01T00:00:00Z\", \"requires-python\": \">=3.9\","
        " \"yanked\": \"a\\tb\\nc\", \"core-metadata\": {\"sha256\": \"" OTHER "\"}},"
        "{\"filename\": \"b\", \"url\": \"https://g/b\", \"hashes\": {\"sha256\": \"short\"}, \"size\": -1,"
        " \"yanked\": true, \"dist-info-metadata\": true, \"requires-python\": null},"
        "{\"filename\": \"c\", \"url\": \"/c\", \"yanked\": false, \"core-metadata\": false,"
        " \"dist-info-metadata\": true, \"hashes\": {}},"
        "{\"filename\": \"d\", \"url\": \"file:///etc/passwd\"}, {\"filename\": \"e\"}, 7, {\"url\": "
        "\"\"}]}");
    struct sw_str rest = sw_buffer_str(&out);
    struct sw_page_file file;
    assert_true(sw_page_next(&file, &rest));
    assert_true(sw_str_is(file.name, "a-1.whl"));
    assert_true(sw_str_is(file.url, "https://h/f/a-1.whl?x=1"));
    assert_true(sw_str_is(file.sha256, DIGEST));
    assert_true(file.size == 12);
    assert_true(sw_str_is(file.uploaded, "2024-01-01T00:00:00Z"));
    assert_true(sw_str_is(file.requires_python, ">=3.9"));
    assert_true(file.yanked);
    assert_true(sw_str_is(file.yanked_reason, "a b c"));
    assert_true(file.has_metadata);
    assert_true(sw_str_is(file.metadata_sha256, OTHER));
    assert_true(sw_page_next(&file, &rest));
    assert_true(sw_str_is(file.url, "https://g/b"));
    assert_int_equal(file.sha256.n, 0);
    assert_true(file.size == 0 && file.yanked && file.yanked_reason.n == 0 && file.has_metadata);
    assert_true(sw_page_next(&file, &rest));
    assert_true(sw_str_is(file.url, "https://h/c"));
    assert_false(file.yanked || file.has_metadata);
    assert_false(sw_page_next(&file, &rest));
}

static void html_pages_are_read(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MIB);
    convert(
        &out, "text/html; charset=utf-8", "https://h/simple/a/",
        "<meta content='1.3' name=\"pypi:repository-version\"><base href='https://g/x/'><base href='/no'>"
        "<a href='../f/a%2Bb-1.whl#egg=q&amp;sha256=" DIGEST
        "' data-requires-python='&gt;=3.9' data-yanked='bad &lt;'"
        " data-core-metadata='sha256=" OTHER "' data-upload-time=2024>t</a>"
        "<a data-dist-info-metadata=true href=b>b</a><a href='c' data-core-metadata=false data-yanked>c</a>"
        "<a href='mailto:x'></a><a href='../'>..</a><a>none</a><a href='javascript:x'>");
    struct sw_str rest = sw_buffer_str(&out);
    struct sw_page_file file;
    assert_true(sw_page_next(&file, &rest));
    assert_true(sw_str_is(file.name, "a+b-1.whl"));
    assert_true(sw_str_is(file.url, "https://g/f/a%2Bb-1.whl"));
    assert_true(sw_str_is(file.sha256, DIGEST));
    assert_true(sw_str_is(file.requires_python, ">=3.9"));
    assert_true(file.yanked);
    assert_true(sw_str_is(file.yanked_reason, "bad <"));
    assert_true(file.has_metadata);
    assert_true(sw_str_is(file.metadata_sha256, OTHER));
    assert_true(sw_str_is(file.uploaded, "2024"));
    assert_true(sw_page_next(&file, &rest));
    assert_true(sw_str_is(file.url, "https://g/x/b"));
    assert_true(file.has_metadata && file.metadata_sha256.n == 0 && !file.yanked);
    assert_true(sw_page_next(&file, &rest));
    assert_true(file.yanked && file.yanked_reason.n == 0 && !file.has_metadata);
    assert_false(sw_page_next(&file, &rest));
}

static void what_is_no_page_is_refused(void **state)
{
    (void)state;
    refuse("application/octet-stream", "", "its type is 'application/octet-stream'");
    refuse("", "", "its type is ''");
    refuse(json_type, "<html>", "invalid token");
    refuse(json_type, "{}", "lists no files");
    refuse(json_type, "{\"files\": 1}", "lists no files");
    refuse(json_type, "{\"meta\": {\"api-version\": \"2.0\"}, \"files\": []}",
           "version 2.0 of the index API");
    refuse("text/html", "<meta name='pypi:repository-version' content='10.0'>",
           "version 10.0 of the index API");
    refuse(json_type, "{\"files\": [], \"files\": []}", "");
}

static void lines_that_are_none_are_passed_over(void **state)
{
    (void)state;
    struct sw_str rest =
        SW_STR("\n\t\t\t0\t\t\t\t\nx\ty\nn\tu\t\tx\t\t\t\t\nn\tu\t\t1\t\t\tyanked \tmetadata ");
    struct sw_page_file file;
    assert_true(sw_page_next(&file, &rest));
    assert_true(sw_str_is(file.name, "n") && file.size == 1 && file.yanked && file.has_metadata);
    assert_false(sw_page_next(&file, &rest));
}

/* A page in the kept form with these files. */
static void read_page(struct sw_index_project *project, struct sw_arena *arena, const char *name,
                      const char *const *files, size_t count)
{
    SW_BUFFER_AUTO page;
    sw_buffer_init(&page, SW_MIB);
    for (size_t i = 0; i < count; i++) /* "name|requires-python|yanked |" */
        sw_buffer_addf(&page, "%.*s\thttps://h/f\t\t0\t\t%s\n", (int)strcspn(files[i], "|"), files[i],
                       strchr(files[i], '|') == NULL ? "\t\t" : strchr(files[i], '|') + 1);
    *project = (struct sw_index_project){.name = name};
    assert_int_equal(sw_index_read_page(project, arena, sw_buffer_str(&page), NULL), 0);
}

static void releases_are_grouped_newest_first(void **state)
{
    (void)state;
    static const char *const files[] = {"my-pkg-1.0.zip",
                                        "My_Pkg-1.10-py3-none-any.whl",
                                        "my_pkg-1.9.0.tar.gz",
                                        "my.pkg-1.0-rc1.tar.gz",
                                        "my_pkg-1.0.0-py3-none-any.whl",
                                        "other-3.0.tar.gz",
                                        "my-pkg-extra-4.0.tar.gz",
                                        "my_pkg-5.0-py3.egg",
                                        "my_pkg-2.0.dev1.tar.gz",
                                        "my_pkg-x-py3-none-any.whl",
                                        "my-pkg-.tar.gz"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_index_project project;
    read_page(&project, &arena, "my-pkg", files, SW_COUNT(files));
    static const char *const versions[] = {"2.0.dev1", "1.10", "1.9.0", "1.0.0", "1.0rc1"};
    assert_int_equal(project.release_count, SW_COUNT(versions));
    for (size_t i = 0; i < SW_COUNT(versions); i++)
        assert_string_equal(sw_version_normalized(&arena, &project.releases[i].version), versions[i]);
    assert_int_equal(project.unread, 5);
    assert_int_equal(project.releases[3].file_count, 2);
    assert_string_equal(project.releases[3].files[0].name, "my_pkg-1.0.0-py3-none-any.whl");
    assert_string_equal(sw_index_sdist(&project.releases[3])->name, "my-pkg-1.0.zip");
    assert_null(sw_index_sdist(&project.releases[1]));
    struct sw_version version;
    assert_int_equal(sw_version_parse(&version, SW_STR("1.0.0.0"), NULL), 0);
    assert_ptr_equal(sw_index_release(&project, &version), &project.releases[3]);
    assert_int_equal(sw_version_parse(&version, SW_STR("7"), NULL), 0);
    assert_null(sw_index_release(&project, &version));
}

static void the_best_wheel_is_taken(void **state)
{
    (void)state;
    static const char *const files[] = {"a-1-py3-none-any.whl",
                                        "a-1-cp311-cp311-manylinux2014_x86_64.whl",
                                        "a-1-1-cp311-cp311-manylinux2014_x86_64.whl",
                                        "a-1-cp311-cp311-manylinux_2_28_x86_64.whl|>=3.12\t\t",
                                        "a-1-cp311-cp311-manylinux_2_27_x86_64.whl|\tyanked x\t",
                                        "a-1-cp311-cp311-win_amd64.whl",
                                        "a-1-cp312-cp312-manylinux_2_28_x86_64.whl",
                                        "a-1.tar.gz",
                                        "a-2.tar.gz",
                                        "a-3-py3-none-any.whl|\tyanked broken\t",
                                        "a-4-py3-none-any.whl|not readable\t\t"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 16 * SW_MIB);
    struct sw_index_project project;
    read_page(&project, &arena, "a", files, SW_COUNT(files));
    struct sw_tag_list tags;
    struct sw_version python;
    assert_int_equal(
        sw_tag_list_make(&tags, &arena, &(struct sw_tag_target){3, 11, "x86_64", 35, false}, NULL), 0);
    assert_int_equal(sw_version_parse(&python, SW_STR("3.11.9"), NULL), 0);
    assert_string_equal(sw_index_wheel(&project.releases[3], &tags, &python)->name,
                        "a-1-1-cp311-cp311-manylinux2014_x86_64.whl");
    assert_null(sw_index_wheel(&project.releases[2], &tags, &python));
    assert_true(project.releases[1].yanked);
    assert_string_equal(sw_index_wheel(&project.releases[1], &tags, &python)->yanked_reason, "broken");
    assert_non_null(sw_index_wheel(&project.releases[0], &tags, &python));
    assert_false(project.releases[3].yanked);
}

static void metadata_is_read(void **state)
{
    (void)state;
    static const char text[] =
        "Metadata-Version: 2.1\r\nname: My.Pkg\nVersion: 1.0\nVersion: 2.0\nSummary: x\n y\n"
        "Requires-Python: >=3.9\nRequires-Dist: a (>=1.0)\nRequires-Dist: b[c]>=1 ;\n"
        "        extra == 'd'\nRequires-Dist: ???\nProvides-Extra: d\nbroken line\n\n"
        "Requires-Dist: not-any-more\n";
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SW_MIB);
    sw_metadata_keep(&kept, sw_str_from(text));
    struct sw_str forms[] = {sw_str_from(text), sw_buffer_str(&kept)};
    for (size_t i = 0; i < SW_COUNT(forms); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MIB);
        struct sw_metadata metadata;
        assert_int_equal(sw_metadata_read(&metadata, &arena, forms[i], NULL), 0);
        assert_string_equal(metadata.name.p, "My.Pkg");
        assert_string_equal(metadata.version.p, "1.0");
        assert_string_equal(metadata.requires_python.p, ">=3.9");
        assert_int_equal(metadata.requirement_count, 3);
        assert_true(metadata.requirements[0].valid);
        assert_int_equal(metadata.requirements[0].requirement.specifiers.count, 1);
        assert_true(metadata.requirements[1].valid);
        assert_non_null(metadata.requirements[1].requirement.marker);
        assert_false(metadata.requirements[2].valid);
        assert_string_equal(metadata.requirements[2].text.p, "???");
        assert_int_equal(metadata.extra_count, 1);
        assert_string_equal(metadata.extras[0].p, "d");
    }
    assert_null(strstr(kept.p, "Summary"));
}

static void metadata_names_what_it_is_of(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"", "no Name"},
                                          {"Name: a\n", "no Version"},
                                          {"\nName: a\nVersion: 1\n", "no Name"},
                                          {"Name:\nVersion: 1\n", "no Name"}};
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MIB);
        struct sw_metadata metadata;
        struct sw_error error;
        assert_int_equal(sw_metadata_read(&metadata, &arena, sw_str_from(rows[i][0]), &error), SW_EINPUT);
        assert_non_null(strstr(error.text, rows[i][1]));
    }
}

static void metadata_is_bounded(void **state)
{
    (void)state;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_METADATA_SIZE);
    sw_buffer_add_text(&text, "Name: a\nVersion: 1\n");
    for (size_t i = 0; i < SW_MAX_METADATA_FIELDS; i++)
        sw_buffer_add_text(&text, "Provides-Extra: x\n");
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 64 * SW_MIB);
    struct sw_metadata metadata;
    assert_int_equal(sw_metadata_read(&metadata, &arena, sw_buffer_str(&text), NULL), SW_EINPUT);
}

int suite_index(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_and_attributes_are_found),
        cmocka_unit_test(a_page_may_end_anywhere),
        cmocka_unit_test(json_pages_are_read),
        cmocka_unit_test(both_ways_read_the_same),
        cmocka_unit_test(html_pages_are_read),
        cmocka_unit_test(what_is_no_page_is_refused),
        cmocka_unit_test(lines_that_are_none_are_passed_over),
        cmocka_unit_test(releases_are_grouped_newest_first),
        cmocka_unit_test(the_best_wheel_is_taken),
        cmocka_unit_test(metadata_is_read),
        cmocka_unit_test(metadata_names_what_it_is_of),
        cmocka_unit_test(metadata_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
