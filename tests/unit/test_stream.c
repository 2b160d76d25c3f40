/* Every captured stream under tests/engines/streams gives what its .expect says, however it is cut. */
#include "stream/stream.h"

#include "base/file.h"
#include "base/limits.h"
#include "stream/failure.h"
#include "unit.h"

#include <dirent.h>
#include <zlib.h>

enum { MAX_STEPS = 64, MAX_TEXT = 16 << 20, BROKEN_OFF = 8 };

static uint64_t seed = 88172645463325252ULL; /* or $SLIPWAY_SEED */

static size_t draw(uint64_t *random, size_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (size_t)(*random % below);
}

static const char *const kind_names[] = {[SW_BUILD_OK] = "ok",
                                         [SW_BUILD_COMMAND] = "command",
                                         [SW_BUILD_DOCKERFILE] = "dockerfile",
                                         [SW_BUILD_SOURCE] = "source",
                                         [SW_BUILD_IMAGE] = "image",
                                         [SW_BUILD_SESSION] = "session",
                                         [SW_BUILD_CANCELED] = "canceled",
                                         [SW_BUILD_LOST] = "lost",
                                         [SW_BUILD_OTHER] = "other"};

/* ---- what a stream came to, as text ---- */

struct seen_step {
    char *id, *name;
    const char *state;
    size_t bytes[3]; /* by enum sw_stream */
};

struct record {
    struct sw_arena arena;
    struct seen_step steps[MAX_STEPS];
    size_t count;
    struct sw_buffer lines; /* warnings, then notes */
    struct sw_buffer notes;
    struct sw_buffer events; /* all, without their times */
};

static struct seen_step *seen(struct record *record, struct sw_str id)
{
    for (size_t i = 0; i < record->count; i++)
        if (sw_str_is(id, record->steps[i].id))
            return &record->steps[i];
    return NULL;
}

static void start(struct record *record, const struct sw_event *event)
{
    struct seen_step *step = seen(record, event->step);
    if (step == NULL) {
        assert_true(record->count < MAX_STEPS);
        step = &record->steps[record->count++];
        step->id = sw_arena_copy(&record->arena, event->step);
        step->name = sw_arena_copy(&record->arena, event->text);
    }
    step->state = "open";
}

static void done(struct record *record, const struct sw_event *event)
{
    struct seen_step *step = seen(record, event->step);
    if (step == NULL) {
        fail_msg("no such step: %.*s", SW_STR_FORMAT(event->step));
        return;
    }
    step->state = sw_failure_is_stop(event->text) ? "stopped"
                  : event->failed                 ? "failed"
                  : event->cached                 ? "cached"
                                                  : "done";
}

static void log_bytes(struct record *record, const struct sw_event *event)
{
    struct seen_step *step = seen(record, event->step);
    if (step == NULL) {
        fail_msg("no such step: %.*s", SW_STR_FORMAT(event->step));
        return;
    }
    assert_string_equal(step->state, "open");
    step->bytes[event->stream] += event->text.n;
}

static void emit(void *self, const struct sw_event *event)
{
    struct record *record = self;
    assert_true(event->time_ns != 0);
    sw_buffer_addf(&record->events, "%d [%.*s] %d %lld/%lld %d%d %u ", (int)event->kind,
                   SW_STR_FORMAT(event->step), (int)event->stream, (long long)event->current,
                   (long long)event->total, event->cached, event->failed, event->dockerfile_line);
    sw_buffer_add_str(&record->events, event->text);
    sw_buffer_add_char(&record->events, '\n');
    switch (event->kind) {
    case SW_EVENT_STEP_STARTED:
        start(record, event);
        break;
    case SW_EVENT_STEP_DONE:
        done(record, event);
        break;
    case SW_EVENT_LOG:
        log_bytes(record, event);
        break;
    case SW_EVENT_WARNING:
        sw_buffer_addf(&record->lines, "warning %u %.*s\n", event->dockerfile_line,
                       SW_STR_FORMAT(event->text));
        break;
    case SW_EVENT_NOTE:
        sw_buffer_addf(&record->notes, "note %.*s\n", SW_STR_FORMAT(event->text));
        break;
    case SW_EVENT_PROGRESS:
        break;
    }
}

static void record_init(struct record *record)
{
    *record = (struct record){0};
    sw_arena_init(&record->arena, SW_MAX_ARENA);
    sw_buffer_init(&record->lines, MAX_TEXT);
    sw_buffer_init(&record->notes, MAX_TEXT);
    sw_buffer_init(&record->events, MAX_TEXT);
}

static void record_release(struct record *record)
{
    sw_arena_release(&record->arena);
    sw_buffer_release(&record->lines);
    sw_buffer_release(&record->notes);
    sw_buffer_release(&record->events);
}

static void summarize(struct sw_buffer *out, const struct record *record,
                      const struct sw_build_outcome *outcome)
{
    sw_buffer_addf(out, "result %s\n", kind_names[outcome->failure]);
    if (outcome->image_id[0] != '\0')
        sw_buffer_addf(out, "image %s\n", outcome->image_id);
    if (outcome->failed) {
        sw_buffer_add_text(out, "text ");
        for (const char *p = outcome->failure_text; *p != '\0'; p++)
            sw_buffer_addf(out, *p == '\n' ? "\\n" : "%c", *p);
        sw_buffer_add_char(out, '\n');
    }
    if (outcome->exit_code >= 0)
        sw_buffer_addf(out, "exit %d\n", outcome->exit_code);
    if (outcome->dockerfile_line > 0)
        sw_buffer_addf(out, "line %u\n", outcome->dockerfile_line);
    if (outcome->step_name[0] != '\0')
        sw_buffer_addf(out, "failed-step %s\n", outcome->step_name);
    if (outcome->clipped)
        sw_buffer_add_text(out, "clipped\n");
    if (outcome->digest[0] != '\0')
        sw_buffer_addf(out, "digest %s\n", outcome->digest);
    if (outcome->cached)
        sw_buffer_add_text(out, "cached\n");
    if (outcome->retried)
        sw_buffer_add_text(out, "retried\n");
    for (size_t i = 0; i < record->count; i++)
        sw_buffer_addf(out, "step %s %zu+%zu %s\n", record->steps[i].state, record->steps[i].bytes[SW_STDOUT],
                       record->steps[i].bytes[SW_STDERR], record->steps[i].name);
    sw_buffer_add_str(out, sw_buffer_str(&record->lines));
    sw_buffer_add_str(out, sw_buffer_str(&record->notes));
}

/* ---- feeding ---- */

/* Pieces of `step` bytes; 0: of any length. */
static void feed_pieces(struct sw_build_stream *stream, struct sw_str body, size_t step, uint64_t *random)
{
    struct sw_error error = {0};
    while (body.n > 0) {
        size_t n = step != 0 ? step : draw(random, draw(random, 8) == 0 ? 100000 : 50) + 1;
        n = n < body.n ? n : body.n;
        assert_int_equal(sw_build_stream_feed(stream, body.p, n, &error), 0);
        body = sw_str_drop(body, n);
    }
}

static void feed(struct record *record, struct sw_buffer *summary, struct sw_str body, size_t step,
                 bool clean_end)
{
    struct sw_sink sink = {emit, record};
    struct sw_build_stream *stream = sw_build_stream_new(&sink);
    assert_non_null(stream);
    sw_build_stream_transfer(stream, "pull x:1");
    struct sw_error error = {0};
    uint64_t random = seed;
    feed_pieces(stream, body, step, &random);
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    assert_int_equal(sw_build_stream_finish(stream, clean_end, &outcome, &error), 0);
    assert_int_equal(outcome.failed, outcome.failure != SW_BUILD_OK);
    summarize(summary, record, &outcome);
    sw_build_stream_free(stream);
}

static void read_gzip(struct sw_buffer *out, const char *path)
{
    gzFile file = gzopen(path, "rb"); /* also what is not compressed */
    assert_non_null(file);
    char chunk[65536];
    for (int n = gzread(file, chunk, sizeof(chunk)); n > 0; n = gzread(file, chunk, sizeof(chunk)))
        sw_buffer_add(out, chunk, (size_t)n);
    assert_int_equal(gzclose(file), Z_OK);
}

/* What is told of a stream that breaks off anywhere is what is told of the whole one, as far as it came, and that it broke. */
static void break_off(struct sw_str body, const struct record *whole)
{
    uint64_t random = seed;
    for (int i = 0; i < BROKEN_OFF; i++) {
        struct record record;
        record_init(&record);
        struct sw_sink sink = {emit, &record};
        struct sw_build_stream *stream = sw_build_stream_new(&sink);
        assert_non_null(stream);
        feed_pieces(stream, (struct sw_str){body.p, draw(&random, body.n)}, 0, &random);
        size_t told = record.events.n;
        assert_in_range(told, 0, whole->events.n);
        assert_memory_equal(record.events.p, whole->events.p, told);
        SW_BUILD_OUTCOME_AUTO outcome = {0};
        struct sw_error error = {0};
        assert_int_equal(sw_build_stream_finish(stream, false, &outcome, &error), 0);
        assert_true(outcome.failed);
        sw_build_stream_free(stream);
        record_release(&record);
    }
}

static void replay(const char *path, const char *expect_path)
{
    SW_BUFFER_AUTO file, expect;
    sw_buffer_init(&file, MAX_TEXT);
    sw_buffer_init(&expect, MAX_TEXT);
    read_gzip(&file, path);
    struct sw_error error = {0};
    if (sw_file_read(&expect, expect_path, &error) != 0)
        fail_msg("%s", error.text);
    struct sw_str body = sw_buffer_str(&file);
    struct sw_str head = sw_str_cut(&body, '\n');
    assert_true(sw_str_starts(head, "# HTTP "));
    const size_t steps[] = {SIZE_MAX, 1, 0};
    struct record records[SW_COUNT(steps)];
    for (size_t i = 0; i < SW_COUNT(steps); i++) {
        record_init(&records[i]);
        SW_BUFFER_AUTO summary;
        sw_buffer_init(&summary, MAX_TEXT);
        feed(&records[i], &summary, body, steps[i], sw_str_ends(head, "end=end"));
        if (strcmp(summary.p, expect.p) != 0)
            fail_msg("%s, cut into %zu (0: from the seed %llu)\n%s\nis not what is expected\n%s", path,
                     steps[i], (unsigned long long)seed, summary.p, expect.p);
        assert_int_equal(records[i].events.n, records[0].events.n);
        assert_memory_equal(records[i].events.p, records[0].events.p, records[0].events.n);
    }
    break_off(body, &records[0]);
    for (size_t i = 0; i < SW_COUNT(steps); i++)
        record_release(&records[i]);
}

static void test_captured(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    char *folder = sw_path_join(&arena, getenv("SLIPWAY_SOURCE"), "tests/engines/streams");
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    size_t count = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        struct sw_str name = sw_str_from(entry->d_name);
        size_t stem = sw_str_find(name, SW_STR(".jsonl"));
        if (stem == name.n)
            continue;
        char *expect = sw_arena_format(&arena, "%s/%.*s.expect", folder, (int)stem, name.p);
        replay(sw_path_join(&arena, folder, entry->d_name), expect);
        count++;
    }
    (void)closedir(directory);
    assert_true(count >= 70);
}

/* ---- what no captured stream has ---- */

#define IMAGE "sha256:0c4286cad8108cc2f8d5e77cce1820e91ed5ce12812d3fab4457a9dd65f8619b"
#define STEP "{\"stream\":\"Step 1/2 : FROM bb\"}{\"stream\":\"\\n\"}"

static const struct {
    const char *what, *body;
    bool clean_end;
    const char *expect;
} cases[] = {
    {"an empty answer", "", true, "result lost\ntext the engine's answer is empty\n"},
    {"the engine goes away in a step", STEP, false,
     "result lost\ntext the engine's answer broke off\nfailed-step [1/2] FROM bb\n"
     "step failed 0+0 [1/2] FROM bb\n"},
    {"the engine goes away between two chunks of an object", STEP "{\"stre", true,
     "result lost\ntext the engine's answer broke off\nfailed-step [1/2] FROM bb\n"
     "step failed 0+0 [1/2] FROM bb\n"},
    {"the image of a stage is not the result",
     STEP "{\"aux\":{\"ID\":\"" IMAGE "\"}}{\"stream\":\"Step 2/2 : FROM cc\"}", true,
     "result lost\ntext the engine ended the build with neither an image nor an error\n"
     "failed-step [2/2] FROM cc\nstep done 0+0 [1/2] FROM bb\nstep failed 0+0 [2/2] FROM cc\n"},
    {"an image, then the connection breaks", STEP "{\"aux\":{\"ID\":\"" IMAGE "\"}}", false,
     "result lost\ntext the engine's answer broke off\nfailed-step [1/2] FROM bb\n"
     "step failed 0+0 [1/2] FROM bb\n"},
    {"output that looks like a step",
     STEP "{\"stream\":\"Step 4/9 : RUN x\\n\"}{\"aux\":{\"ID\":\"" IMAGE "\"}}", true,
     "result ok\nimage " IMAGE "\nstep done 17+0 [1/2] FROM bb\n"},
    {"invalid UTF-8, raw and as half a surrogate pair",
     STEP "{\"stream\":\"\xFF|\\ud800|\\udc00x|\\ud83d\\ude00\"}{\"aux\":{\"ID\":\"" IMAGE "\"}}", true,
     "result ok\nimage " IMAGE "\nstep done 17+0 [1/2] FROM bb\n"},
    {"a U+0000", STEP "{\"stream\":\"a\\u0000b\"}{\"aux\":{\"ID\":\"" IMAGE "\"}}", true,
     "result ok\nimage " IMAGE "\nstep done 3+0 [1/2] FROM bb\n"},
    {"a damaged object is skipped",
     STEP "{\"stream\":\"x\n{\"stream\":nonsense}\n{\"aux\":{\"ID\":\"" IMAGE "\"}}", true,
     "result ok\nimage " IMAGE "\nstep done 0+0 [1/2] FROM bb\n"
     "warning 0 a part of the engine's stream is damaged\n"
     "warning 0 a part of the engine's stream is not JSON\n"},
    {"unknown fields and kinds",
     STEP "{\"id\":\"moby.new\",\"aux\":{\"x\":[{}]}}{\"aux\":{\"ID\":\"" IMAGE "\"}}", true,
     "result ok\nimage " IMAGE "\nstep done 0+0 [1/2] FROM bb\n"},
    {"a trace that is not base64",
     "{\"id\":\"moby.buildkit.trace\",\"aux\":\"%%%\"}"
     "{\"id\":\"moby.image.id\",\"aux\":{\"ID\":\"" IMAGE "\"}}",
     true, "result ok\nimage " IMAGE "\nwarning 0 a status message of BuildKit is not base64\n"},
    {"error without errorDetail", STEP "{\"error\":\"it broke\\n\"}", true,
     "result other\ntext it broke\nfailed-step [1/2] FROM bb\nstep failed 0+0 [1/2] FROM bb\n"},
    {"errorDetail without error", STEP "{\"errorDetail\":{\"message\":\"it broke\"}}", true,
     "result other\ntext it broke\nfailed-step [1/2] FROM bb\nstep failed 0+0 [1/2] FROM bb\n"},
    {"Podman's advice about arguments that may stay open",
     "{\"stream\":\"time=\\\"2026-11-30T20:45:41Z\\\" level=warning msg=\\\"missing "
     "\\\\\\\"PIP_INDEX_URL\\\\\\\" build argument. Try adding \\\\\\\"--build-arg "
     "PIP_INDEX_URL=<VALUE>\\\\\\\" to the command line\\\"\\n\"}" STEP
     "{\"stream\":\"missing \\\"A\\\" build argument. Try adding \\\"--build-arg A=<VALUE>\\\" to the "
     "command line\\n\"}"
     "{\"stream\":\"what a step says of a build argument. Try adding one\\n\"}",
     true,
     "result lost\ntext the engine ended the build with neither an image nor an error\nfailed-step [1/2] "
     "FROM bb\n"
     "step failed 53+0 [1/2] FROM bb\n"},
    {"a pull",
     "{\"status\":\"Pulling from library/busybox\",\"id\":\"1.36\"}"
     "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":10,\"total\":50},\"id\":\"a\"}"
     "{\"status\":\"Digest: " IMAGE "\"}{\"status\":\"Status: Downloaded newer image for busybox:1.36\"}",
     true, "result ok\ndigest " IMAGE "\n"},
    {"a pull of what is there",
     "{\"status\":\"Pulling from library/busybox\",\"id\":\"1.36\"}"
     "{\"status\":\"Status: Image is up to date for busybox:1.36\"}",
     true, "result ok\ncached\n"},
    {"a push",
     "{\"status\":\"The push refers to repository [localhost:5000/x]\"}"
     "{\"status\":\"Preparing\",\"progressDetail\":{},\"id\":\"a\"}"
     "{\"status\":\"1: digest: " IMAGE " size: 527\"}"
     "{\"progressDetail\":{},\"aux\":{\"Tag\":\"1\",\"Digest\":\"" IMAGE "\",\"Size\":527}}",
     true, "result ok\ndigest " IMAGE "\n"},
    {"a push by Podman",
     "{\"status\":\"The push refers to repository [localhost:5000/x:1]\"}"
     "{\"status\":\"1: digest: " IMAGE " size: 343\"}",
     true, "result ok\ndigest " IMAGE "\n"},
    {"a push that the engine tries again",
     "{\"status\":\"Retrying in 2 seconds\",\"progressDetail\":{},\"id\":\"a\"}"
     "{\"status\":\"Retrying in 1 second\",\"progressDetail\":{},\"id\":\"a\"}"
     "{\"status\":\"Retrying in 4 seconds\",\"progressDetail\":{},\"id\":\"a\"}"
     "{\"errorDetail\":{\"message\":\"EOF\"}}",
     true,
     "result other\ntext EOF\nretried\n"
     "warning 0 layer a failed; the engine tries it again in 2 s\n"
     "warning 0 layer a failed; the engine tries it again in 4 s\n"},
    {"a push that is refused",
     "{\"status\":\"The push refers to repository [localhost:5000/x]\"}"
     "{\"errorDetail\":{\"message\":\"no basic auth credentials\"}}",
     true, "result other\ntext no basic auth credentials\n"},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        for (size_t step = 1; step < 100; step += 33) {
            struct record record;
            record_init(&record);
            SW_BUFFER_AUTO summary;
            sw_buffer_init(&summary, MAX_TEXT);
            feed(&record, &summary, sw_str_from(cases[i].body), step, cases[i].clean_end);
            if (strcmp(summary.p, cases[i].expect) != 0)
                fail_msg("%s:\n%s\nis not what is expected\n%s", cases[i].what, summary.p, cases[i].expect);
            record_release(&record);
        }
    }
}

/* The captured builds of a RUN that fails: FROM bb, then the RUN. */
static void test_dockerfile_lines(void **state)
{
    (void)state;
    static const char *const names[] = {"docker-20.10.24-buildkit-runfail", "docker-29.7.2-buildkit-runfail",
                                        "docker-28.5.2-classic-runfail", "podman-5.8.6-podman-runfail"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MAX_ARENA);
        SW_BUFFER_AUTO file;
        sw_buffer_init(&file, MAX_TEXT);
        read_gzip(&file, sw_arena_format(&arena, "%s/tests/engines/streams/%s.jsonl",
                                         getenv("SLIPWAY_SOURCE"), names[i]));
        struct sw_str body = sw_buffer_str(&file);
        (void)sw_str_cut(&body, '\n');
        struct record record;
        record_init(&record);
        struct sw_sink sink = {emit, &record};
        struct sw_build_stream *stream = sw_build_stream_new(&sink);
        assert_non_null(stream);
        sw_build_stream_dockerfile(stream,
                                   SW_STR("# made\nFROM bb\n\nRUN echo about to fail; \\\n exit 3\n"));
        struct sw_error error = {0};
        assert_int_equal(sw_build_stream_feed(stream, body.p, body.n, &error), 0);
        SW_BUILD_OUTCOME_AUTO outcome = {0};
        assert_int_equal(sw_build_stream_finish(stream, true, &outcome, &error), 0);
        if (outcome.dockerfile_line != 4 || strstr(record.events.p, " 00 4 [2/2] RUN") == NULL)
            fail_msg("%s: line %u", names[i], outcome.dockerfile_line);
        sw_build_stream_free(stream);
        record_release(&record);
    }
}

static void test_layers(void **state)
{
    (void)state;
    static const char body[] =
        "{\"status\":\"Pulling from library/x\",\"id\":\"1\"}"
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":10,\"total\":50},\"id\":\"a\"}"
        "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":100},\"id\":\"b\"}"
        "{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"a\"}"
        "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":7,\"total\":50},\"id\":\"a\"}";
    struct record record;
    record_init(&record);
    SW_BUFFER_AUTO summary;
    sw_buffer_init(&summary, MAX_TEXT);
    feed(&record, &summary, sw_str_from(body), SIZE_MAX, true);
    assert_string_equal(record.events.p, "2 [pull x:1] 0 10/50 00 0 downloading a\n"
                                         "2 [pull x:1] 0 5/100 00 0 downloading b\n"
                                         "2 [pull x:1] 0 50/50 00 0 downloading a\n"
                                         "2 [pull x:1] 0 7/50 00 0 extracting a\n");
    record_release(&record);
}

static void test_oversize_object(void **state)
{
    (void)state;
    static const char head[] = STEP "{\"stream\":\"";
    static const char tail[] = "\"}{\"aux\":{\"ID\":\"" IMAGE "\"}}";
    SW_BUFFER_AUTO body;
    sw_buffer_init(&body, 2 * SW_MAX_JSON_SIZE);
    sw_buffer_add_text(&body, head);
    char block[4096];
    memset(block, 'x', sizeof(block));
    for (size_t n = 0; n <= SW_MAX_JSON_SIZE; n += sizeof(block))
        sw_buffer_add(&body, block, sizeof(block));
    sw_buffer_add_text(&body, tail);
    struct record record;
    record_init(&record);
    SW_BUFFER_AUTO summary;
    sw_buffer_init(&summary, MAX_TEXT);
    feed(&record, &summary, sw_buffer_str(&body), 8192, true);
    assert_string_equal(summary.p, "result ok\nimage " IMAGE "\nstep done 0+0 [1/2] FROM bb\n"
                                   "warning 0 a part of the engine's stream is too large to read\n");
    record_release(&record);
}

static void test_not_a_stream(void **state)
{
    (void)state;
    struct sw_build_stream *stream = sw_build_stream_new(NULL);
    struct sw_error error = {0};
    static const char html[] = "<html><body>{}</body></html>";
    assert_int_equal(sw_build_stream_feed(stream, html, sizeof(html) - 1, &error), SW_EENV);
    sw_build_stream_free(stream);
}

/* ---- the engines' words ---- */

static const struct {
    const char *text;
    enum sw_build_failure kind;
    int exit_code;
    unsigned line;
} failures[] = {
    {"executor failed running [/bin/sh -c exit 3]: exit code: 3", SW_BUILD_COMMAND, 3, 0},
    {"process \"/bin/sh -c echo exit code: 9\" did not complete successfully: exit code: 137",
     SW_BUILD_COMMAND, 137, 0},
    {"The command '/bin/sh -c false' returned a non-zero code: 1", SW_BUILD_COMMAND, 1, 0},
    {"building at STEP \"RUN exit 3\": while running runtime: exit status 3\n", SW_BUILD_COMMAND, 3, 0},
    {"error building at STEP \"RUN exit 3\": error while running runtime: exit status 3", SW_BUILD_COMMAND, 3,
     0},
    {"process \"/bin/sh -c sleep 9\" did not complete successfully: exit code: 137: context canceled: "
     "context canceled",
     SW_BUILD_CANCELED, -1, 0},
    {"context canceled", SW_BUILD_CANCELED, -1, 0},
    {"process \"/bin/sh -c x\" did not complete successfully: cannot allocate memory", SW_BUILD_OTHER, -1, 0},
    {"dockerfile parse error on line 12: unknown instruction: RUNX (did you mean RUN?)", SW_BUILD_DOCKERFILE,
     -1, 12},
    {"dockerfile parse error line 2: unknown instruction: RUNX", SW_BUILD_DOCKERFILE, -1, 2},
    {"the Dockerfile cannot be empty", SW_BUILD_DOCKERFILE, -1, 0},
    {"failed to compute cache key: failed to download: write /x: no space left on device", SW_BUILD_OTHER, -1,
     0},
    {"pull access denied for nope, repository does not exist or may require 'docker login'", SW_BUILD_IMAGE,
     -1, 0},
    {"failed to do request: no active sessions", SW_BUILD_SESSION, -1, 0},
};

static void test_failures(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(failures); i++) {
        struct sw_failure failure = sw_failure_read(sw_str_from(failures[i].text));
        if (failure.kind != failures[i].kind || failure.exit_code != failures[i].exit_code ||
            failure.dockerfile_line != failures[i].line)
            fail_msg("%s: %s %d %u", failures[i].text, kind_names[failure.kind], failure.exit_code,
                     failure.dockerfile_line);
    }
}

int suite_stream(void)
{
    const char *wanted = getenv("SLIPWAY_SEED");
    if (wanted != NULL && !sw_str_to_u64(sw_str_from(wanted), &seed))
        return 2;
    print_message("seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captured),         cmocka_unit_test(test_cases),
        cmocka_unit_test(test_dockerfile_lines), cmocka_unit_test(test_layers),
        cmocka_unit_test(test_oversize_object),  cmocka_unit_test(test_not_a_stream),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
