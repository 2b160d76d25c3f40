#include "unit.h"

#include "engine/query.h"
#include "engine/reference.h"

static void values_are_percent_encoded(void **state)
{
    (void)state;
    static const struct {
        const char *value, *encoded; /* by RFC 3986: all but letters, digits and "-._~" */
    } cases[] = {
        {"azAZ09-._~", "azAZ09-._~"},
        {"a b", "a%20b"},
        {"a+b", "a%2Bb"},
        {"a&b=c?d#e/f", "a%26b%3Dc%3Fd%23e%2Ff"},
        {"{\"k\":\"v\"}", "%7B%22k%22%3A%22v%22%7D"},
        {"100%\n", "100%25%0A"},
        {"\xC3\xA9", "%C3%A9"},
        {"", ""},
    };
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        SW_BUFFER_AUTO target;
        sw_buffer_init(&target, 1000);
        sw_query_add(&target, "v", cases[i].value);
        assert_string_equal(target.p + strlen("?v="), cases[i].encoded);
    }
}

static void parameters_follow_one_another(void **state)
{
    (void)state;
    SW_BUFFER_AUTO target;
    sw_buffer_init(&target, 1000);
    sw_query_add_path(&target, "/images/localhost:5000/a b?c@sha256:12/json");
    sw_query_add(&target, "none", NULL);
    sw_query_add(&target, "a", "1");
    sw_query_add(&target, "b", "2");
    assert_string_equal(target.p, "/images/localhost:5000/a%20b%3Fc@sha256:12/json?a=1&b=2");
}

static void references_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *name, *registry, *repository, *tag;
    } cases[] = {
        {"python", "docker.io", "python", "latest"},
        {"python:3.11-slim", "docker.io", "python", "3.11-slim"},
        {"org/python:3.11-slim", "docker.io", "org/python", "3.11-slim"},
        {"localhost:5000/a/b", "localhost:5000", "localhost:5000/a/b", "latest"},
        {"localhost:5000/a/b:c", "localhost:5000", "localhost:5000/a/b", "c"},
        {"localhost/a", "localhost", "localhost/a", "latest"},
        {"ghcr.example/a", "ghcr.example", "ghcr.example/a", "latest"},
        {"a@sha256:0123", "docker.io", "a", "sha256:0123"},
        {"host:1/a:tag@sha256:0123", "host:1", "host:1/a", "sha256:0123"},
    };
    static const char *const bad[] = {"", ":", "a:", ":a", "a@", "@a"};
    struct sw_reference reference;
    struct sw_error error;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        assert_int_equal(sw_reference_split(&reference, cases[i].name, &error), 0);
        assert_string_equal(reference.registry, cases[i].registry);
        assert_string_equal(reference.repository, cases[i].repository);
        assert_string_equal(reference.tag, cases[i].tag);
    }
    for (size_t i = 0; i < SW_COUNT(bad); i++)
        assert_int_equal(sw_reference_split(&reference, bad[i], &error), SW_EINPUT);
    char longest[600];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(sw_reference_split(&reference, longest, &error), SW_EINPUT);
}

int suite_query(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_percent_encoded),
        cmocka_unit_test(parameters_follow_one_another),
        cmocka_unit_test(references_are_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
