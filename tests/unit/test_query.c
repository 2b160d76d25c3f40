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

static void references_are_held_to_the_grammar(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {
        {"a", true},
        {"python:3.11-slim", true},
        {"library/a__b.c---d:_T.1-x", true},
        {"registry.test:5443/example/tiny:latest", true},
        {"localhost/slipway-base:debian-bookworm", true},
        {"Host.Example/a", true},
        {"[::1]:5000/a", true},
        {"a@sha256:0123456789012345678901234567890123456789012345678901234567890123", true},
        {"", false},
        {"A", false},
        {"a//b", false},
        {"/a", false},
        {"a/", false},
        {"a___b", false},
        {"a..b", false},
        {"-a", false},
        {"a-", false},
        {"a:", false},
        {"a:.x", false},
        {"a:b c", false},
        {"a:b\x1b[2J", false},
        {"a@sha256:0123", false},
        {"a@", false},
        {"localhost:99999/a", false},
        {"host.example:5000", true}, /* a repository and its tag */
        {"host.example/", false},
        {"--help", false},
        {"a\nb", false},
    };
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        if (sw_reference_valid(sw_str_from(cases[i].text)) != cases[i].valid)
            fail_msg("'%s'", cases[i].text);
    }
    char longest[256 + 1];
    memset(longest, 'a', sizeof longest);
    assert_true(sw_reference_valid((struct sw_str){longest, 255}));
    assert_false(sw_reference_valid((struct sw_str){longest, 256}));
    assert_false(sw_reference_valid((struct sw_str){"a\0b", 3}));
}

static void repositories_are_compared(void **state)
{
    (void)state;
    assert_true(sw_reference_same_repository("tiny", "tiny:latest"));
    assert_true(sw_reference_same_repository("docker.io/library/tiny:1", "tiny"));
    assert_true(sw_reference_same_repository(
        "r.test:5443/a/b",
        "r.test:5443/a/b@sha256:0123456789012345678901234567890123456789012345678901234567890123"));
    assert_false(sw_reference_same_repository("tiny", "python:3.11-slim"));
    assert_false(sw_reference_same_repository("tiny", "r.test/tiny"));
    assert_false(sw_reference_same_repository("tiny", "tiny/x"));
    assert_false(sw_reference_same_repository("tiny", ""));
}

int suite_query(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_percent_encoded), cmocka_unit_test(parameters_follow_one_another),
        cmocka_unit_test(references_are_split),       cmocka_unit_test(references_are_held_to_the_grammar),
        cmocka_unit_test(repositories_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
