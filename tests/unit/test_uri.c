#include "base/limits.h"
#include "http/header.h"
#include "http/uri.h"

#include "unit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *resolved(struct sw_buffer *out, const char *base, const char *reference)
{
    sw_buffer_clear(out);
    sw_uri_resolve(out, sw_str_from(base), sw_str_from(reference));
    assert_int_equal(out->state, SW_BUFFER_OK);
    return out->p;
}

/* RFC 3986, sections 5.4.1 and 5.4.2, without the fragments, which are dropped. */
static void references_are_resolved(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"http:g", "http:g"},
        /* and what pages have */
        {" g ", "http://a/b/c/g"},
        {"a b\t\xC3\xA9", "http://a/b/c/a%20b%09%C3%A9"},
        {"https://u:p@h:8443/x", "https://h:8443/x"},
        {"//h::/x", "http://h::/x"},
        {"//h:80:443/x", "http://h:80:443/x"},
    };
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_URL_SIZE);
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        assert_string_equal(resolved(&out, "http://user@a/b/c/d;p?q", rows[i][0]), rows[i][1]);
    assert_string_equal(resolved(&out, "https://h", "x"), "https://h/x");
    assert_string_equal(resolved(&out, "https://u:p@[::1]:81/simple/", "../f"), "https://[::1]:81/f");
}

static void parts_are_told_apart(void **state)
{
    (void)state;
    struct sw_uri uri = sw_uri_split(SW_STR("https://u:p@ss@[::1]:81/a/b%2Bc?q=1#f#g"));
    assert_true(sw_str_is(uri.scheme, "https"));
    assert_true(sw_str_is(uri.user, "u:p@ss"));
    assert_true(sw_str_is(uri.host, "[::1]"));
    assert_true(sw_str_is(uri.port, "81"));
    assert_true(sw_str_is(uri.path, "/a/b%2Bc"));
    assert_true(sw_str_is(uri.query, "q=1"));
    assert_true(sw_str_is(uri.fragment, "f#g"));
    assert_true(sw_uri_is_web(&uri));
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_URL_SIZE);
    sw_uri_file_name(&name, &uri);
    assert_string_equal(name.p, "b+c");
    static const char *const none[] = {"file:///etc/x",
                                       "ftp://h/x",
                                       "https:",
                                       "https://",
                                       "//h/x",
                                       "h/x",
                                       "",
                                       "1http://h",
                                       "http://a:b:1/",
                                       "http://h::/",
                                       "http://h:80:443/",
                                       "http://h:x/",
                                       "http://h:65536/",
                                       "http://[::1/",
                                       "http://[]/",
                                       "http://:80/"};
    for (size_t i = 0; i < SW_COUNT(none); i++) {
        uri = sw_uri_split(sw_str_from(none[i]));
        assert_false(sw_uri_is_web(&uri));
    }
    uri = sw_uri_split((struct sw_str){NULL, 0});
    assert_int_equal(uri.path.n, 0);
}

static bool same_origin(const char *a, const char *b)
{
    struct sw_uri left = sw_uri_split(sw_str_from(a)), right = sw_uri_split(sw_str_from(b));
    return sw_uri_same_origin(&left, &right);
}

static void an_origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    assert_true(same_origin("https://h/a", "HTTPS://u@H:443/b"));
    assert_true(same_origin("http://h:80", "http://h:/"));
    assert_false(same_origin("http://h", "https://h"));
    assert_false(same_origin("http://h:81", "http://h"));
    assert_false(same_origin("http://h", "http://h.evil"));
    assert_false(same_origin("http://h", "http://evil@g"));
}

static void a_content_range_names_bytes_of_the_whole(void **state)
{
    (void)state;
    uint64_t first = 7, total = 7;
    static const char *const none[] = {"",
                                       "bytes 0-99/*",
                                       "bytes 0-99",
                                       "bytes 99/100",
                                       "bytes 5-4/10",
                                       "bytes 0-10/10",
                                       "bytes -1/10",
                                       "bytes 0-18446744073709551616/18446744073709551617",
                                       "items 0-9/10"};
    for (size_t i = 0; i < SW_COUNT(none); i++)
        assert_false(sw_header_content_range(sw_str_from(none[i]), &first, &total));
    assert_int_equal(first, 7);
    assert_int_equal(total, 7);
    assert_true(sw_header_content_range(SW_STR("bytes 5-9/10"), &first, &total));
    assert_int_equal(first, 5);
    assert_int_equal(total, 10);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"a%20b", "a b"},   {"%2", "%2"}, {"%", "%"},
                                          {"%zz%41", "%zzA"}, {"%4", "%4"}, {"%%41", "%A"}};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_URL_SIZE);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        sw_buffer_clear(&out);
        sw_uri_decode(&out, sw_str_from(rows[i][0]));
        assert_string_equal(out.p, rows[i][1]);
    }
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_URL_SIZE);
    sw_uri_add_shown(&out, SW_STR("https://me:secret@h:1/a\x1b[31mb?token=1#x"));
    assert_string_equal(out.p, "https://h:1/ab");
}

static void too_long_is_said(void **state)
{
    (void)state;
    static char reference[SW_MAX_URL_SIZE + 2];
    memset(reference, 'x', sizeof reference - 1);
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_URL_SIZE);
    sw_uri_resolve(&out, SW_STR("http://h/"), sw_str_from(reference));
    assert_int_equal(out.state, SW_BUFFER_FULL);
}

static void headers_are_found(void **state)
{
    (void)state;
    struct sw_str lines = SW_STR(
        "HTTP/1.1 200 OK\r\nETag:  \"x:y\" \r\nEmpty:\r\nCache-Control: Public, max-age=\"60\"\r\n\r\n");
    assert_true(sw_str_is(sw_header_find(lines, "etag"), "\"x:y\""));
    assert_true(sw_header_find(lines, "Empty").p != NULL);
    assert_null(sw_header_find(lines, "Missing").p);
    struct sw_str list = sw_header_find(lines, "cache-control"), value = {NULL, 0};
    assert_true(sw_header_directive(list, "max-age", &value));
    assert_true(sw_str_is(value, "60"));
    assert_true(sw_header_directive(list, "public", &value));
    assert_null(value.p);
    assert_false(sw_header_directive(list, "no-store", NULL));
    assert_false(sw_header_directive((struct sw_str){NULL, 0}, "no-store", NULL));
}

int suite_uri(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_resolved),
        cmocka_unit_test(parts_are_told_apart),
        cmocka_unit_test(an_origin_is_scheme_host_and_port),
        cmocka_unit_test(a_content_range_names_bytes_of_the_whole),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(too_long_is_said),
        cmocka_unit_test(headers_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
