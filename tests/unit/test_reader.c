/* Lines of a traceback and of a list of events, each read by itself. */
#include "unit.h"

#include "base/limits.h"
#include "diagnose/cluster_event_internal.h"
#include "diagnose/fact_internal.h"
#include "diagnose/reader_internal.h"

static void an_event_of_a_cluster_is_read_by_its_columns(void **state)
{
    (void)state;
    static const struct {
        const char *line, *reason, *message; /* NULL: it is no event */
        bool failure;
    } rows[] = {
        {"Warning  FailedMount  40s (x4 over 2m)  kubelet  no volume", "FailedMount", "no volume", true},
        {"  Normal   Pulled       <unknown>  kubelet  it is there ", "Pulled", "it is there", false},
        {"40s   Warning   BackOff   pod/web   it waits", "BackOff", "it waits", true},
        {"<unknown>   Normal   Killing   pod/web   failed liveness probe", "Killing", "failed liveness probe",
         true},
        {"40s   Warning   Unhealthy   pod/web   not ready", "Unhealthy", "not ready", false},
        {"Warning  Abc  1m  kubelet  x", "Abc", "x", true},
        {"Warning  Ab  1m  kubelet  x", NULL, NULL, false},
        {"Warning  abc  1m  kubelet  x", NULL, NULL, false},
        {"Warning  Ab1  1m  kubelet  x", NULL, NULL, false},
        {"Warning  Abc  m1  kubelet  x", NULL, NULL, false},
        {"Warning  Abc  1m  kubelet", NULL, NULL, false},
        {"40s   Warning   Abc", NULL, NULL, false},
        {"Error  Abc  1m  kubelet  x", NULL, NULL, false},
        {"Warning Abc 1m kubelet x", NULL, NULL, false},
        {"", NULL, NULL, false},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        struct sw_cluster_event event;
        bool read = sw_cluster_event_read(&event, sw_str_from(rows[i].line));
        if (read != (rows[i].reason != NULL) ||
            (read && (!sw_str_is(event.reason, rows[i].reason) ||
                      !sw_str_is(event.message, rows[i].message) || event.failure != rows[i].failure)))
            fail_msg("'%s'", rows[i].line);
    }
}

/* Open a fact with the line of the reader; false if none begins there. */
static bool open_fact(struct sw_fact *fact, const struct sw_reader *reader, const char *line)
{
    *fact = (struct sw_fact){.reader = reader, .first = 1, .last = 1};
    return reader->open(fact, sw_str_from(line));
}

static void the_lines_of_a_traceback_are_followed(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum sw_follow follow;
    } rows[] = {
        {"  File \"/app/x.py\", line 3, in f", SW_FOLLOW_YES},
        {"    call()", SW_FOLLOW_QUOTE},
        {"KeyError: 'x'", SW_FOLLOW_YES},
        {"KeyboardInterrupt", SW_FOLLOW_YES},
        {"torch.cuda.OutOfMemoryError: CUDA", SW_FOLLOW_YES},
        {"a_b: c", SW_FOLLOW_YES},
        {"Error in fail: no", SW_FOLLOW_YES},
        {"WARNING: no", SW_FOLLOW_PERHAPS},
        {"1abc: no", SW_FOLLOW_PERHAPS},
        {"two words: no", SW_FOLLOW_PERHAPS},
        {": no", SW_FOLLOW_PERHAPS},
        {"", SW_FOLLOW_PERHAPS},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        static struct sw_fact fact;
        assert_true(open_fact(&fact, &sw_reader_traceback, "Traceback (most recent call last):"));
        if (sw_reader_traceback.follow(&fact, sw_str_from(rows[i].line), 2) != rows[i].follow)
            fail_msg("'%s'", rows[i].line);
    }
}

/* The package, or the file, that the innermost frame lies in; the frames of a package keep its name. */
static void the_importer_of_a_traceback_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *frames[3], *importer;
    } rows[] = {
        {{"/usr/lib/python3/site-packages/torch/nn/x.py"}, "torch"},
        {{"/usr/lib/python3/dist-packages/six.py"}, "six"},
        {{"/app/x.py"}, "/app/x.py"},
        {{"/app/x.py", "<frozen importlib>"}, "/app/x.py"},
        {{"/app/x.py", "/v/site-packages/yaml/a.py", "/app/z.py"}, "/app/z.py"},
        {{"/src/pack/__init__.py"}, "pack"},
        {{"/src/pack/__init__.py", "/src/pack/inner/deep.py"}, "pack"},
        {{"/src/pack/__init__.py", "/src/packed/a.py"}, "src"},
        {{"/src/pack/__init__.py", "/other/a.py"}, "/other/a.py"},
        {{"/src/pack/inner/__init__.py", "/src/pack/a.py"}, "pack"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        static struct sw_fact fact;
        assert_true(open_fact(&fact, &sw_reader_traceback, "Traceback (most recent call last):"));
        for (size_t k = 0; k < SW_COUNT(rows[i].frames) && rows[i].frames[k] != NULL; k++) {
            char line[128];
            (void)snprintf(line, sizeof line, "  File \"%s\", line 3, in f", rows[i].frames[k]);
            (void)sw_reader_traceback.follow(&fact, sw_str_from(line), 2 + k);
        }
        struct sw_str importer = {fact.importer, fact.importer_n};
        if (!sw_str_is(importer, rows[i].importer))
            fail_msg("%zu: '%.*s'", i, SW_STR_FORMAT(importer));
    }
}

int suite_reader(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_of_a_cluster_is_read_by_its_columns),
        cmocka_unit_test(the_lines_of_a_traceback_are_followed),
        cmocka_unit_test(the_importer_of_a_traceback_is_found),
    };
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
