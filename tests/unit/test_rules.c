/* Every rule against its own examples, each as it would stand in the logs of the tools that wrap others. */
#include "log_rig.h"
#include "random.h"
#include "unit.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "diagnose/diagnosis.h"
#include "diagnose/pattern_internal.h"

/* What the tools around put before and behind a line. */
static const struct style {
    const char *name, *before, *after;
} styles[] = {
    {"plain", "", "\n"},
    {"CR LF", "", "\r\n"},
    {"BuildKit", "#12 34.56 ", "\n"},
    {"BuildKit, first second", "#7 0.123 ", "\n"},
    {"buildx's summary", "0.512 ", "\n"},
    {"compose", "web-1  | ", "\n"},
    {"Actions", "2026-11-21T01:22:33.1234567Z ", "\n"},
    {"Actions, an error", "2026-11-21T01:22:33.1234567Z ##[error]", "\n"},
    {"Actions around BuildKit", "2026-11-21T01:22:33.1234567Z #12 34.56 ", "\n"},
    {"gh run view", "build\tBuild the image\t2026-11-21T01:22:33.1234567Z ", "\n"},
    {"classic, standard error", "\x1b[91m", "\n\x1b[0m"},
    {"a progress bar before", "  10% [===     ]\r 100% [========]\r", "\n"},
    {"colour", "\x1b[1;31m", "\x1b[0m\n"},
};

static void dress(struct sw_buffer *out, const struct style *style, struct sw_str text)
{
    while (text.p != NULL && text.n > 0) {
        sw_buffer_add_text(out, style->before);
        sw_buffer_add_str(out, sw_str_cut(&text, '\n'));
        sw_buffer_add_text(out, style->after);
    }
}

static struct test_random numbers = TEST_RANDOM_START;

static void feed_in_pieces(struct sw_diagnosis *diagnosis, struct sw_str log, size_t longest)
{
    while (log.n > 0) {
        size_t n = 1 + test_random_below(&numbers, longest);
        n = n < log.n ? n : log.n;
        sw_diagnosis_feed(diagnosis, SW_STR(""), (struct sw_str){log.p, n});
        log.p += n;
        log.n -= n;
    }
}

/* Lines of a log that says nothing. */
static const char before[] =
    "Collecting torch\n  Downloading torch-2.8.0-cp311-cp311-manylinux_2_28_x86_64.whl\n";
static const char after[] = "Installing collected packages: torch\nall is well\n";

/* How often rule `id` matches `example` in `style`, the log coming in pieces of up to `longest` bytes. */
static size_t matches(const char *id, struct sw_str example, const struct style *style, size_t longest)
{
    SW_BUFFER_AUTO log;
    SW_FINDINGS_AUTO findings;
    struct sw_error error;
    sw_buffer_init(&log, SW_MIB);
    sw_findings_init(&findings);
    dress(&log, style, sw_str_from(before));
    dress(&log, style, example);
    dress(&log, style, sw_str_from(after));
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(log_rules);
    assert_non_null(diagnosis);
    feed_in_pieces(diagnosis, sw_buffer_str(&log), longest);
    assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_UNKNOWN, &findings, &error), 0);
    size_t count = sw_diagnosis_matches(diagnosis, id);
    sw_diagnosis_free(diagnosis);
    return count;
}

static size_t faults;

static void check(const struct sw_node *rule, const struct sw_node *example, bool expected,
                  const struct style *style, size_t longest)
{
    const char *id = sw_node_text(sw_node_get(rule, "id"), "");
    bool in_step = sw_node_get(rule, "in") != NULL || sw_node_get(rule, "step") != NULL;
    /* The examples of such a rule name their step themselves. */
    if (in_step && (strchr(style->before, '#') != NULL || sw_is_digit((unsigned char)style->before[0])))
        return;
    if ((matches(id, sw_node_str(example), style, longest) > 0) == expected)
        return;
    faults++;
    print_error("%s:%u: rule %s %s this example (%s, pieces of up to %zu bytes)\n", sw_node_file(example),
                sw_node_line(example), id, expected ? "does not match" : "must not match", style->name,
                longest);
}

static void check_examples(const struct sw_node *rule, const char *kind, bool expected)
{
    static const size_t pieces[] = {1, 7, 65536};
    const struct sw_node *list = sw_node_get(sw_node_get(rule, "examples"), kind);
    if (sw_node_count(list) == 0) {
        faults++;
        print_error("%s:%u: no example under '%s'\n", sw_node_file(rule), sw_node_line(rule), kind);
    }
    for (size_t i = 0; i < sw_node_count(list); i++) {
        for (size_t s = 0; s < SW_COUNT(styles); s++)
            check(rule, sw_node_item(list, i), expected, &styles[s], pieces[(i + s) % SW_COUNT(pieces)]);
    }
}

static void examples_hold_in_every_style(void **state)
{
    (void)state;
    assert_true(sw_rules_count(log_rules) > 0);
    for (size_t i = 0; i < sw_rules_count(log_rules); i++) {
        check_examples(sw_rules_node(log_rules, i), "match", true);
        check_examples(sw_rules_node(log_rules, i), "no", false);
    }
    assert_int_equal(faults, 0);
}

/* Does the pattern match in some example of a log that the rule is for ("match"), or is not ("no")? */
static bool is_shown(const struct sw_node *rule, const struct sw_node *pattern, const char *kind)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_names names = {0};
    struct sw_pattern *compiled = NULL;
    struct sw_error error;
    assert_int_equal(sw_pattern_new(&compiled, &arena, pattern, &names, &error), 0);
    struct sw_matcher *matcher = sw_matcher_new();
    assert_non_null(matcher);
    const struct sw_node *list = sw_node_get(sw_node_get(rule, "examples"), kind);
    bool shown = false;
    for (size_t i = 0; i < sw_node_count(list) && !shown; i++) {
        size_t from = 0;
        struct sw_str match;
        struct sw_values values = {0};
        shown =
            sw_pattern_match(compiled, matcher, sw_node_str(sw_node_item(list, i)), &from, &match, &values);
    }
    sw_matcher_free(matcher);
    sw_pattern_free(compiled);
    return shown;
}

/* What a rule looks for around its line need not be there, so that only its own examples show that it can be. */
static void lines_around_are_shown_too(void **state)
{
    (void)state;
    static const char *const kinds[] = {"line", "step", "before", "after"};
    faults = 0;
    for (size_t i = 0; i < sw_rules_count(log_rules); i++) {
        const struct sw_node *rule = sw_rules_node(log_rules, i);
        for (size_t k = 0; k < SW_COUNT(kinds); k++) {
            const struct sw_node *list = sw_node_get(rule, kinds[k]);
            for (size_t j = 0; j < sw_node_count(list); j++) {
                const struct sw_node *pattern = sw_node_get(sw_node_item(list, j), "match");
                bool absent = sw_node_boolean(sw_node_get(sw_node_item(list, j), "absent"), false);
                if (is_shown(rule, pattern, absent ? "no" : "match"))
                    continue;
                faults++;
                print_error("%s:%u: no example of rule %s has this line\n", sw_node_file(pattern),
                            sw_node_line(pattern), sw_node_text(sw_node_get(rule, "id"), ""));
            }
        }
    }
    assert_int_equal(faults, 0);
}

int suite_rules(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples_hold_in_every_style),
                                       cmocka_unit_test(lines_around_are_shown_too)};
    return cmocka_run_group_tests_name("rules", tests, log_rules_load, log_rules_unload);
}
