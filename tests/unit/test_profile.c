#include "unit.h"

#include "base/limits.h"
#include "profile/profile.h"
#include "profile/values.h"

typedef const char *(*check)(struct sw_str text);

/* Texts that a kind of value takes, and texts that it must refuse: whatever passes here may stand in a Dockerfile. */
static const struct {
    check check;
    const char *good[6], *bad[10];
} kinds[] = {
    {sw_value_name,
     {"a", "mixtral-rtx5090", "a.b_c-d"},
     {"", "A", "-a", "a-", "a b", "a\nb", "a$b", "a--b", "\xC3\xA9"}},
    {sw_value_python, {"3.8", "3.11"}, {"", "3", "3.", "3.111", "2.7", "3.1x", " 3.1", "3.1.2"}},
    {sw_value_cuda, {"12.8", "9.0"}, {"", "12", "cu128", "12.10", "12.8.1", "-1.0"}},
    {sw_value_version, {"2.8.0", "2.9.0rc1"}, {"", "2.8.0+cu128", "two", "2.8.0; rm", "2.8.0\n"}},
    {sw_value_specifier, {"==12.8", ">=1,<2", "2.5.1+cu124", "True"}, {"==", ">=x", "==1\n", "a\nb"}},
    {sw_value_requirement,
     {"numpy", "numpy>=1,<2", "a[b]==1; python_version<'3.9'", "a @ git+https://example.org/a.git"},
     {"", "-r x", "numpy==", "a b", "a;", "a\nb", "--index-url=http://example.org"}},
    {sw_value_index_url,
     {"default", "https://example.org/simple", "http://localhost:8080/whl/cu128"},
     {"", "ftp://example.org", "https://u:p@example.org/", "https://example.org/$(id)",
      "https://example.org/a b", "https://example.org/'"}},
    {sw_value_package,
     {"git", "libgl1", "python3.11=3.11.2-6", "g++"},
     {"", "a", "Git", "git;id", "-y", "git vim", "git="}},
    {sw_value_reference,
     {"python:3.11-slim", "debian:bookworm", "a.b/c@sha256:0123"},
     {"", "a b", "-a", "a\nRUN id", "a$b", "a:"}},
    {sw_value_variable, {"A", "HF_TOKEN", "a1"}, {"", "1A", "A-B", "A B", "A=B", "A\n"}},
    {sw_value_path, {"handler.py", "./a/b", "a*", "a b"}, {"", "/etc", "..", "../a", "a/../b", "a\nb"}},
    {sw_value_destination, {"/app/", "/a b"}, {"", "app", "/a/../b", "/$HOME", "/a\nb"}},
    {sw_value_secret,
     {"HF_TOKEN", "hf_token", "a.b-c"},
     {"", "-a", ".a", "a b", "a,target=/x", "a\n", "a$b"}},
    {sw_value_user,
     {"service", "1000", "1000:1000", "service:staff", "_a:0", "4294967293"},
     {"", ":", "a:", ":a", "a b", "$USER", "4294967294", "a:b:c", "-a", "a\nUSER root"}},
    {sw_value_account, {"service", "_apt", "a-b"}, {"", "1000", "a:b", "-a", "a b", "a$"}},
    {sw_value_port,
     {"1", "65535", "8000-8010", "53/udp", "8000-8010/tcp"},
     {"", "0", "65536", "10-9", "80/icmp", "80 81", "$PORT", "-1", "80/", "80-"}},
    {sw_value_label,
     {"a", "com.example/a-b_c", "A1"},
     {"", "a b", "a=b", "a\"", "a$", "io.slipway.plan", "a\n"}},
    {sw_value_signal,
     {"SIGTERM", "INT", "9", "SIGRTMIN"},
     {"", "SIG", "SIGNAL", "0", "65", "sigterm", "TERM KILL", "$SIG", "9\n"}},
    {sw_value_duration,
     {"30s", "1m30s", "1.5h", "100ms"},
     {"", "30", "s", "1d", "-1s", "1.s", ".5s", "30 s", "1s;", "1us"}},
    {sw_value_build_argument, {"MODEL", "a1"}, {"", "1A", "A B", "A=B", "PIP_INDEX_URL", "SSL_CERT_FILE"}},
    {sw_value_sha256,
     {"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"},
     {"", "0123", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg"}},
    {sw_value_url,
     {"https://example.org/a.bin?x=1"},
     {"", "default", "file:///etc/passwd", "https://u:p@example.org/"}},
    {sw_value_image, {"busybox:1.36", "localhost/a@sha256:0123"}, {"", "0", "12", "a b", "a$b", "-a"}},
    {sw_value_code, {"SW301"}, {"", "SW999", "sw301"}},
};

static void values_are_taken_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(kinds); i++) {
        for (size_t j = 0; j < SW_COUNT(kinds[i].good) && kinds[i].good[j] != NULL; j++) {
            const char *wrong = kinds[i].check(sw_str_from(kinds[i].good[j]));
            if (wrong != NULL)
                fail_msg("kind %zu refuses '%s': it %s", i, kinds[i].good[j], wrong);
        }
        for (size_t j = 0; j < SW_COUNT(kinds[i].bad) && kinds[i].bad[j] != NULL; j++) {
            if (kinds[i].check(sw_str_from(kinds[i].bad[j])) == NULL)
                fail_msg("kind %zu takes '%s'", i, kinds[i].bad[j]);
        }
    }
}

/* No value that is written into a Dockerfile or a shell command may hold a control character. */
static void no_value_takes_a_control_character(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(kinds); i++) {
        for (int c = 1; c < 0x20; c++) {
            char text[256];
            int n = snprintf(text, sizeof text, "%s%c", kinds[i].good[0], c);
            if (kinds[i].check((struct sw_str){text, (size_t)n}) == NULL)
                fail_msg("kind %zu takes '%s' with the character %d behind it", i, kinds[i].good[0], c);
        }
    }
}

static void check_bounds(const struct sw_schema *schema, const char *key)
{
    if ((schema->kind == SW_SCHEMA_LIST || schema->kind == SW_SCHEMA_MAP) &&
        (schema->most_items == 0 || schema->most_items > SW_MAX_PROFILE_ITEMS))
        fail_msg("'%s' may have any number of entries", key);
    if (schema->items != NULL)
        check_bounds(schema->items, key);
    for (const struct sw_field *field = schema->fields; field != NULL && field->key != NULL; field++)
        check_bounds(field->schema, field->key);
    for (size_t i = 0; schema->choices != NULL && schema->choices[i] != NULL; i++)
        check_bounds(schema->choices[i], key);
}

/* The checks compare entries with each other. */
static void each_list_and_map_is_bounded(void **state)
{
    (void)state;
    check_bounds(&sw_profile_schema, "");
}

int suite_profile(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_taken_or_refused),
        cmocka_unit_test(no_value_takes_a_control_character),
        cmocka_unit_test(each_list_and_map_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
