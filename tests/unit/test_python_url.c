#include "unit.h"

#include "python/url_internal.h"

static const struct {
    const char *url, *scheme;
    bool valid;
} cases[] = {
    {"https://example.org/a.whl", "https", true},
    {"git+ssh://git@example.org/r.git@v1", "git+ssh", true},
    {"http://user:secret@[::1]:8080/", "http", true},
    {"http://[v1.x]/", "http", true},
    {"file:///tmp/a.whl", "file", true},
    {"git+file:///tmp/a", "git+file", true},
    {"git+https:///tmp/a", "git+https", false},
    {"FILE:///tmp", "FILE", true},
    {"https:///a", "https", false},
    {"https://?a", "https", false},
    {"file:a.whl", "file", false},
    {"mailto:a@example.org", "mailto", false},
    {"http://[::1/", "http", false},
    {"http://::1]/", "http", false},
    {"http://a[::1]/", "http", false},
    {"http://[::1]a/", "http", false},
    {"http://[127.0.0.1]/", "http", false},
    {"http://[v.x]/", "http", false},
    {"http://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]/", "http", false},
    {"1http://example.org", "", false},
    {"example.org/a", "", false},
    {"://example.org", "", false},
    {"", "", false},
};

static void urls_are_told_from_other_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        assert_true(sw_str_is(sw_url_scheme(sw_str_from(cases[i].url)), cases[i].scheme));
        if (sw_url_valid(sw_str_from(cases[i].url)) != cases[i].valid)
            fail_msg("%s", cases[i].url);
    }
}

int suite_python_url(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(urls_are_told_from_other_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
