/* The logs of tests/logs as other tools hand them on: with prefixes, colours, line ends and noise. Whatever stands around a log, its
 * first finding stays. */
#include "log_rig.h"
#include "unit.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"
#include "diagnose/diagnosis.h"

#define RETRYING                                                                                        \
    "WARNING: Retrying (Retry(total=4, connect=None, read=None, redirect=None, status=None)) after "    \
    "connection "                                                                                       \
    "broken by 'ReadTimeoutError(\"HTTPSConnectionPool(host='example.org', port=443): Read timed out. " \
    "(read "                                                                                            \
    "timeout=15)\")': /simple/requests/\n"
#define XFORMERS                                                                            \
    "WARNING[XFORMERS]: xFormers can't load C++/CUDA extensions. xFormers was built for:\n" \
    "    PyTorch 2.3.1+cu121 with CUDA 1201 (you have 2.8.0+cu128)\n"                       \
    "    Python  3.11.9 (you have 3.11.7)\n"                                                \
    "  Memory-efficient attention, SwiGLU, sparse and more won't be available.\n"           \
    "  Set XFORMERS_MORE_DETAILS=1 for more details\n"

/* A text before and behind each line, and a text before the log and in its middle. */
static const struct disturbance {
    const char *name, *before, *behind, *ahead, *amid;
} disturbances[] = {
    {"CR LF", "", "\r", "", ""},
    {"colour", "\x1b[1;31m", "\x1b[0m", "", ""},
    {"classic, standard error", "\x1b[0m\x1b[91m", "", "", ""},
    {"Actions", "2026-11-21T01:22:33.1234567Z ", "", "", ""},
    {"a logger's time", "2026-11-21 01:22:33,123 ", "", "", ""},
    {"Jenkins", "[2026-11-21T01:22:33.123Z] ", "", "", ""},
    {"GitLab", "2026-11-21T01:22:33.123456Z 01O ", "", "", ""},
    {"a clock", "[01:22:33] ", "", "", ""},
    {"compose", "web-1  | ", "", "", ""},
    {"compose 1", "app_1 | ", "", "", ""},
    {"kubectl --prefix", "[pod/web-0/app] ", "", "", ""},
    {"kubectl --prefix --timestamps", "[pod/web-0/app] 2026-11-21T01:22:33.123456789Z ", "", "", ""},
    {"CRI", "2026-11-21T01:22:33.123456789Z stderr F ", "", "", ""},
    {"compose, coloured", "\x1b[36mweb-1  |\x1b[0m ", "", "", ""},
    {"compose in Actions", "2026-11-21T01:22:33.1234567Z web-1  | ", "\r", "", ""},
    {"a pod's colours", "[pod/web-0/app] \x1b[31m", "\x1b[0m\r", "", ""},
    {"retries before", "", "", RETRYING, ""},
    {"a retry amid", "", "", "", RETRYING},
    {"xformers before", "", "", XFORMERS, ""},
};

/* The code and the words of the first finding; "none" without one. */
static void first_finding(struct sw_buffer *out, struct sw_str log)
{
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    struct sw_diagnosis *diagnosis = sw_diagnosis_new(log_rules);
    assert_non_null(diagnosis);
    sw_diagnosis_feed(diagnosis, (struct sw_str){"", 0}, log);
    assert_int_equal(sw_diagnosis_finish(diagnosis, NULL, SW_OUTCOME_UNKNOWN, &findings, NULL), 0);
    sw_diagnosis_free(diagnosis);
    if (findings.count == 0)
        sw_buffer_add_text(out, "none");
    else
        sw_buffer_addf(out, "%s %s", findings.items[0]->code, findings.items[0]->message);
}

static size_t count_lines(struct sw_str log)
{
    size_t lines = 0;
    for (size_t i = 0; i < log.n; i++)
        lines += log.p[i] == '\n';
    return lines;
}

/* BuildKit's seconds before a line, which noise of the same step has too. */
static size_t seconds(struct sw_str line)
{
    size_t n = 0, digits = 0;
    if (n < line.n && line.p[n] == '#') {
        while (n < line.n && line.p[n] != ' ')
            n++;
        n++;
    }
    while (n < line.n && (sw_is_digit((unsigned char)line.p[n]) || (digits > 0 && line.p[n] == '.'))) {
        digits++;
        n++;
    }
    return digits > 2 && n < line.n && line.p[n] == ' ' ? n + 1 : 0;
}

static void disturb(struct sw_buffer *out, const struct disturbance *how, struct sw_str log)
{
    size_t middle = count_lines(log) / 2, number = 0;
    sw_buffer_add_text(out, how->ahead);
    while (log.p != NULL && log.n > 0) {
        struct sw_str line = sw_str_cut(&log, '\n');
        if (number++ == middle && how->amid[0] != '\0') {
            sw_buffer_add(out, line.p, seconds(line));
            sw_buffer_add_text(out, how->amid);
        }
        sw_buffer_add_text(out, how->before);
        sw_buffer_add_str(out, line);
        sw_buffer_add_text(out, how->behind);
        sw_buffer_add_char(out, '\n');
    }
}

static size_t report(const char *name, const char *how, const struct sw_buffer *plain,
                     const struct sw_buffer *found)
{
    if (sw_str_equal(sw_buffer_str(plain), sw_buffer_str(found)))
        return 0;
    print_error("%s (%s):\n  plain: %s\n  found: %s\n", name, how, plain->p, found->p);
    return 1;
}

/* Is the log one of a builder, which has steps of its own, or of a terminal, which no step has? */
static bool has_steps(struct sw_str log)
{
    return log.p[0] == '#' || sw_str_find(log, SW_STR("\n#")) < log.n ||
           sw_str_find(log, SW_STR("Step 1/")) < log.n || sw_str_find(log, SW_STR("STEP 1/")) < log.n ||
           sw_str_find(log, SW_STR("\n > [")) < log.n || sw_str_find(log, SW_STR("\r")) < log.n ||
           sw_str_starts(log, "root@");
}

/* Write the log as the output of a step of BuildKit that failed; `seconds` stands before each line. With a summary, buildx repeats the
 * last lines. */
static void as_step(struct sw_buffer *out, struct sw_str log, const char *seconds, bool summary)
{
    enum { REPEATED = 10 };
    size_t lines = count_lines(log), number = 0;
    struct sw_str rest = log, tail = log;
    sw_buffer_add_text(out, "#7 [3/4] RUN make-it-all\n");
    while (rest.p != NULL && rest.n > 0) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        sw_buffer_addf(out, "#7 %s %.*s\n", seconds, SW_STR_FORMAT(line));
        if (++number + REPEATED == lines)
            tail = rest;
    }
    sw_buffer_add_text(out,
                       "#7 ERROR: process \"/bin/sh -c make-it-all\" did not complete successfully: exit "
                       "code: 1\n");
    if (!summary)
        return;
    sw_buffer_add_text(out, "------\n > [3/4] RUN make-it-all:\n");
    while (tail.p != NULL && tail.n > 0) {
        struct sw_str line = sw_str_cut(&tail, '\n');
        sw_buffer_addf(out, "%s %.*s\n", seconds, SW_STR_FORMAT(line));
    }
    sw_buffer_add_text(out,
                       "------\nDockerfile:7\n--------------------\n   5 |     \n   7 | >>> RUN make-it-all\n"
                       "--------------------\nERROR: failed to build: failed to solve: process \"/bin/sh -c "
                       "make-it-all\" did not complete successfully: exit code: 1\n");
}

/* A step may last for long, and buildx repeats the end of one that failed: the first finding of the short step stays. */
static size_t check_step(const char *name, struct sw_str log)
{
    static const struct {
        const char *name, *seconds;
        bool summary;
    } forms[] = {{"a summary", "0.123", true}, {"100 s", "123.4", true}, {"1000 s", "1234.5", true}};
    SW_BUFFER_AUTO text, plain;
    size_t faults = 0;
    sw_buffer_init(&text, 64 * SW_MIB);
    sw_buffer_init(&plain, SW_MIB);
    as_step(&text, log, "0.123", false);
    first_finding(&plain, sw_buffer_str(&text));
    for (size_t i = 0; i < SW_COUNT(forms); i++) {
        SW_BUFFER_AUTO found;
        sw_buffer_init(&found, SW_MIB);
        text.n = 0;
        as_step(&text, log, forms[i].seconds, forms[i].summary);
        first_finding(&found, sw_buffer_str(&text));
        faults += report(name, forms[i].name, &plain, &found);
    }
    return faults;
}

static size_t check(const char *name, struct sw_str log)
{
    SW_BUFFER_AUTO plain;
    size_t faults = 0;
    sw_buffer_init(&plain, SW_MIB);
    first_finding(&plain, log);
    for (size_t i = 0; i < SW_COUNT(disturbances); i++) {
        SW_BUFFER_AUTO text, found;
        sw_buffer_init(&text, 64 * SW_MIB);
        sw_buffer_init(&found, SW_MIB);
        disturb(&text, &disturbances[i], log);
        first_finding(&found, sw_buffer_str(&text));
        faults += report(name, disturbances[i].name, &plain, &found);
    }
    return faults + (has_steps(log) ? 0 : check_step(name, log));
}

static void the_first_finding_stays(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    struct sw_str line;
    size_t faults = 0, logs = 0;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (struct sw_str rest = log_list(&arena, "expected"); log_list_next(&line, &rest);) {
        (void)sw_str_cut(&line, ' ');
        const char *name = sw_arena_copy(&arena, sw_str_cut(&line, ' '));
        SW_BUFFER_AUTO log;
        sw_buffer_init(&log, 16 * SW_MIB);
        assert_int_equal(sw_file_read(&log, log_path(&arena, sw_arena_format(&arena, "%s.log", name)), NULL),
                         0);
        if (log.n == 0)
            continue;
        faults += check(name, sw_buffer_str(&log));
        logs++;
    }
    assert_true(logs > 0);
    assert_int_equal(faults, 0);
}

int suite_disturbed(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_finding_stays)};
    return cmocka_run_group_tests_name("disturbed", tests, log_rules_load, log_rules_unload);
}
