/* From a build to its image's names, its record, a push and a rollback, against an engine that the test holds in its hand. */
#include "answers.h"
#include "engine_rig.h"
#include "project_rig.h"

#include "base/limits.h"
#include "data/json.h"
#include "project/attempts.h"
#include "project/grants.h"
#include "project/image_archive.h"
#include "project/push.h"
#include "project/records.h"
#include "project/rollback.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define BASE "localhost/slipway-base:debian-bookworm"
#define PROFILE \
    "slipway: 1\nname: demo\nbase_image: {bootstrap: \"debian:bookworm\"}\npython_version: \"3.11\"\n"
#define ROW(check, at, what)                                           \
    "{\"check\": \"" check "\", \"at\": \"" at "\", \"what\": \"" what \
    "\", \"code\": \"SW402\", \"fault\": null, \"untried\": null}"
#define ANSWER(release, rows)                                                        \
    "{\"nonce\": \"NONCE\", \"python\": \"3.11.2\", \"gpus\": [], \"driver\": null," \
    " \"freeze\": [{\"name\": \"six\", \"version\": \"" release "\"}], \"results\": [" rows "]}"
#define ALWAYS               \
    ROW("installs", "", "i") \
    "," ROW("files", "", "f") "," ROW("dependencies", "", "d") "," ROW("numpy", "", "n")
#define GOOD ANSWER("1.16.0", ALWAYS)

struct rig {
    const char *test;
    struct project_rig *project;
    struct engine_rig *engine;
    struct sw_catalog catalog;
    struct sw_attempt_choices choices;
    /* The end of the last build: its findings' codes, each with a blank behind it, and all their messages. */
    char codes[256];
    char messages[2048];
    char image[ENGINE_TEXT];
    bool verified;
};

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    void *project = NULL;
    assert_non_null(rig);
    assert_int_equal(project_rig_make(&project), 0);
    rig->test = *state;
    rig->project = project;
    rig->engine = engine_rig_start(BASE);
    rig->engine->answer = GOOD;
    rig->project->project.host = rig->engine->url;
    rig->project->project.offline = false;
    assert_int_equal(sw_catalog_load(&rig->catalog, NULL, NULL), 0);
    project_write(rig->project, "slipway/demo.yaml", PROFILE);
    project_sh(rig->project,
               "git init -q . && git config user.name t && git config user.email t@example.org");
    *state = rig;
    return 0;
}

/* All that the tests asked the engine for, told their user and recorded. */
static struct sw_buffer answers;

static void add_records(struct sw_buffer *out, struct rig *rig)
{
    SW_HISTORY_AUTO *history = NULL;
    struct sw_record record;
    if (sw_records_open(&history, &rig->project->project, NULL) != 0)
        return;
    for (uint64_t number = 1;
         sw_history_find(&record, &rig->project->arena, history, "demo", number, NULL) == 0; number++) {
        SW_BUFFER_AUTO json;
        sw_buffer_init(&json, SW_MIB);
        sw_buffer_addf(out, "record %" PRIu64 "\n", number);
        if (sw_history_read(&json, history, &record, "record.json", NULL) == 0)
            sw_buffer_add_str(out, sw_buffer_str(&json));
    }
}

/* Keep the answers of a test, without what differs from one run to the next. */
static void keep_answer(struct rig *rig)
{
    static const struct {
        const char *pattern, *with;
    } hidden[] = {{"/tmp/slipway-[-a-zA-Z0-9]+", "FOLDER"},
                  /* The host may trust certificates that the image does not. */
                  {",\"(PIP_CERT|SSL_CERT_FILE)\":\"[^\"]*\"", ""},
                  {"Failed to connect [^\n]*", "NO CONNECTION"},
                  {"\"slipway\": \"[^\"]*\"", "\"slipway\": VERSION"},
                  {"\n +", " "},
                  {"[0-9a-f]{12,}", "HEX"},
                  {"20[0-9]{2}-[0-9-]+[T ][0-9:.]+Z?", "TIME"},
                  {"\"seconds\": ?[0-9.]+", "\"seconds\": SECONDS"}};
    SW_BUFFER_AUTO answer;
    sw_buffer_init(&answer, SW_MIB);
    sw_buffer_addf(&answer, "=== %s\n%.*s%.*s%s\n%s", rig->test, (int)rig->engine->requests.n,
                   rig->engine->requests.p, (int)rig->project->told.n,
                   rig->project->told.n == 0 ? "" : rig->project->told.p, rig->codes, rig->messages);
    add_records(&answer, rig);
    for (size_t i = 0; i < SW_COUNT(hidden); i++)
        answers_hide(&answer, hidden[i].pattern, hidden[i].with);
    sw_buffer_add_str(&answers, sw_buffer_str(&answer));
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    keep_answer(rig);
    void *project = rig->project;
    sw_catalog_release(&rig->catalog);
    engine_rig_stop(rig->engine);
    free(rig);
    return project_rig_remove(&project);
}

static int end(void *self, struct sw_attempt *attempt, const struct sw_autofix *autofix, int code)
{
    struct rig *rig = self;
    (void)autofix;
    rig->codes[0] = rig->messages[0] = '\0';
    for (size_t i = 0; i < attempt->findings.count; i++) {
        size_t n = strlen(rig->codes), m = strlen(rig->messages);
        (void)snprintf(rig->codes + n, sizeof rig->codes - n, "%s ", attempt->findings.items[i]->code);
        (void)snprintf(rig->messages + m, sizeof rig->messages - m, "%s\n",
                       attempt->findings.items[i]->message);
    }
    (void)snprintf(rig->image, sizeof rig->image, "%s",
                   sw_attempt_has_image(attempt) ? attempt->outcome.image_id : "");
    rig->verified = attempt->verified;
    return code;
}

/* The events of a build are told with those of the project. */
static int open_view(void *self, struct sw_sink *sink, const struct sw_attempt *attempt,
                     struct sw_error *error)
{
    (void)self;
    (void)error;
    *sink = attempt->project->sink;
    return 0;
}

static int build(struct rig *rig)
{
    const struct sw_attempt_view view = {.self = rig, .open = open_view, .end = end};
    const struct sw_attempts attempts = {
        .project = &rig->project->project, .catalog = &rig->catalog, .choices = &rig->choices, .view = &view};
    return sw_attempts_run(&attempts, project_in(rig->project, "slipway/demo.yaml"));
}

/* Build, and expect the image to be good and named. */
static const char *build_well(struct rig *rig)
{
    if (build(rig) != SW_OK)
        fail_msg("%s%s%s", rig->codes, rig->messages, rig->engine->requests.p);
    const struct engine_image *named = engine_image(rig->engine, "demo:latest");
    assert_non_null(named);
    assert_string_equal(named->id, rig->image);
    return sw_arena_text(&rig->project->arena, rig->image);
}

/* Let builds name their images demo:one and demo:two. */
static void choose_two_tags(struct rig *rig)
{
    struct sw_texts tags = {0};
    assert_int_equal(sw_texts_add(&tags, &rig->project->arena, "demo:one", NULL), 0);
    assert_int_equal(sw_texts_add(&tags, &rig->project->arena, "demo:two", NULL), 0);
    rig->choices.tags = tags;
}

/* The facts of the record with this number; the newest for 0. */
static struct sw_record_facts facts_of(struct rig *rig, uint64_t number)
{
    SW_HISTORY_AUTO *history = NULL;
    struct sw_record record;
    struct sw_record_facts facts = {0};
    struct sw_error error = {0};
    struct sw_arena *arena = &rig->project->arena;
    int code = sw_records_open(&history, &rig->project->project, &error);
    if (code == 0)
        code = sw_history_find(&record, arena, history, "demo", number, &error);
    if (code == 0)
        code = sw_record_facts_read(&facts, arena, history, &record, &error);
    if (code != 0)
        fail_msg("%s", error.text);
    return facts;
}

static bool has_records(struct rig *rig)
{
    SW_HISTORY_AUTO *history = NULL;
    struct sw_record record;
    assert_int_equal(sw_records_open(&history, &rig->project->project, NULL), 0);
    return sw_history_find(&record, &rig->project->arena, history, "demo", 0, NULL) == 0;
}

static bool has_text(const struct sw_buffer *bytes, const char *text)
{
    return memmem(bytes->p, bytes->n, text, strlen(text)) != NULL;
}

/* ---- builds ---- */

static void a_good_build_is_verified_then_named_and_recorded(void **state)
{
    struct rig *rig = *state;
    const char *image = build_well(rig);
    struct sw_record_facts facts = facts_of(rig, 0);
    assert_true(rig->verified);
    assert_int_equal(facts.result, SW_RECORD_VERIFIED);
    assert_int_equal(facts.kind, SW_RECORD_BUILD);
    assert_string_equal(facts.image.id, image);
    assert_string_equal(facts.image.tags.items[0], "demo:latest");
    assert_int_equal(facts.image.size, 1000);
    assert_int_equal(facts.image.layers.count, 1);
    assert_string_equal(facts.engine.product, "Podman");
    assert_string_equal(facts.engine.version, "4.3.1");
    assert_string_equal(facts.files.items[0], "slipway/demo.yaml");
    assert_int_equal(facts.passed, 5); /* the plan and four of the probe's rows */
    assert_int_equal(facts.failed, 0);
    /* The name comes after the probe. */
    const char *requests = rig->engine->requests.p;
    assert_true(strstr(requests, "/start") < strstr(requests, "/tag"));
    assert_int_equal(engine_asked(rig->engine, "DELETE /containers/"), 1);
}

static void a_build_that_the_probe_refuses_gets_no_name(void **state)
{
    static const struct {
        const char *answer;
        int exit_code;
        const char *message;
    } refused[] = {
        {ANSWER("1.16.0", "{\"check\": \"installs\", \"at\": \"\", \"what\": \"six\", \"code\": \"SW304\", "
                          "\"fault\": \"six is there twice\", "
                          "\"untried\": null}," ROW("files", "", "f") "," ROW("dependencies", "",
                                                                              "d") "," ROW("numpy", "", "n")),
         0, "six is there twice"},
        {ANSWER("1.16.0", ""), 0, "the probe says nothing of what was asked"},
        {"{\"results\": []}", 0, "does not bear the number"},
        {"Hello", 0, "is no answer"},
        {GOOD, 7, "ended with status 7"},
        {NULL, 0, "is no answer"},
    };
    struct rig *rig = *state;
    const char *before = build_well(rig);
    for (size_t i = 0; i < SW_COUNT(refused); i++) {
        rig->engine->answer = refused[i].answer;
        rig->engine->exit_code = refused[i].exit_code;
        assert_int_equal(build(rig), SW_ENO);
        if (strstr(rig->messages, refused[i].message) == NULL)
            fail_msg("%zu: %s", i, rig->messages);
        assert_string_equal(engine_image(rig->engine, "demo:latest")->id, before);
        assert_int_equal(facts_of(rig, 0).result, SW_RECORD_REJECTED);
    }
}

static void a_build_that_fails_is_explained_and_recorded(void **state)
{
    struct rig *rig = *state;
    rig->engine->build =
        "{\"stream\": \"STEP 1/2: FROM base\\n\"}\n{\"stream\": \"STEP 2/2: RUN make\\n\"}\n"
        "{\"stream\": \"/bin/sh: 1: make: not found\\n\"}\n"
        "{\"error\": \"building at STEP \\\"RUN make\\\": while running runtime: exit status 127\\n\"}\n";
    assert_int_equal(build(rig), SW_ENO);
    if (strstr(rig->messages, "make") == NULL)
        fail_msg("%s%s", rig->codes, rig->messages);
    struct sw_record_facts facts = facts_of(rig, 0);
    assert_int_equal(facts.result, SW_RECORD_FAILED);
    assert_null(facts.image.id);
    assert_int_equal(engine_asked(rig->engine, "POST /containers/"), 0);
}

static void a_build_that_breaks_off_is_the_engines_fault(void **state)
{
    static const struct engine_fault faults[] = {
        {"POST /build", 0, -1, 0, NULL},
        {"POST /build", 0, -1, 500, "{\"message\": \"no space\"}"},
        {"GET /images/" BASE, 0, -1, 500, "{\"message\": \"busy\"}"},
        {"POST /containers/create", 0, -1, 500, "{\"message\": \"busy\"}"}};
    struct rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(faults); i++) {
        rig->engine->fault = faults[i];
        int code = build(rig);
        if (code != SW_EENV && code != SW_ENO)
            fail_msg("%zu: %d %s", i, code, rig->messages);
        assert_null(engine_image(rig->engine, "demo:latest"));
        rig->engine->fault = (struct engine_fault){0};
    }
}

static void choices_leave_steps_out(void **state)
{
    struct rig *rig = *state;
    rig->choices = (struct sw_attempt_choices){.no_verify = true, .no_record = true};
    (void)build_well(rig);
    assert_false(rig->verified);
    assert_false(has_records(rig));
    assert_int_equal(engine_asked(rig->engine, "POST /containers/"), 0);
    rig->choices = (struct sw_attempt_choices){.no_verify = true, .no_cache = true};
    (void)build_well(rig);
    assert_int_equal(facts_of(rig, 0).result, SW_RECORD_UNVERIFIED);
    assert_non_null(strstr(rig->engine->requests.p, "nocache=1"));
}

static void the_tags_are_the_callers(void **state)
{
    struct rig *rig = *state;
    choose_two_tags(rig);
    assert_int_equal(build(rig), SW_OK);
    assert_null(engine_image(rig->engine, "demo:latest"));
    assert_string_equal(engine_image(rig->engine, "demo:one")->id, rig->image);
    assert_string_equal(engine_image(rig->engine, "demo:two")->id, rig->image);
    assert_int_equal(facts_of(rig, 0).image.tags.count, 2);
}

static void the_projects_own_template_is_told_of(void **state)
{
    struct rig *rig = *state;
    project_sh(rig->project,
               sw_arena_format(&rig->project->arena,
                               "mkdir -p slipway/templates && cp '%s/templates/step' slipway/templates/",
                               getenv("SLIPWAY_SOURCE")));
    struct sw_error error = {0};
    sw_catalog_release(&rig->catalog);
    if (sw_catalog_load(&rig->catalog, project_in(rig->project, "slipway"), &error) != 0)
        fail_msg("%s", error.text);
    (void)build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "slipway/templates/step is the project's own"));
}

/* ---- the base image ---- */

#define PULLED "slipway: 1\nname: demo\nbase_image: \"python:3.11-slim\"\npython_version: \"3.11\"\n"

static void a_base_image_that_is_not_there_is_pulled(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "slipway/demo.yaml", PULLED);
    (void)build_well(rig);
    assert_int_equal(engine_asked(rig->engine, "POST /images/create?fromImage=python&tag=3.11-slim"), 1);
    (void)build_well(rig);
    assert_int_equal(engine_asked(rig->engine, "POST /images/create"), 1);
}

static void a_base_image_that_no_registry_has_is_a_finding_at_its_place(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "slipway/demo.yaml", PULLED);
    rig->engine->fault =
        (struct engine_fault){"POST /images/create", 0, -1, 404, "{\"message\": \"manifest unknown\"}"};
    assert_int_equal(build(rig), SW_ENO);
    assert_string_equal(rig->codes, "SW307 ");
}

static void offline_nothing_is_pulled(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "slipway/demo.yaml", PULLED);
    rig->project->project.offline = true;
    assert_int_equal(build(rig), SW_EENV);
    assert_non_null(strstr(rig->messages, "--offline forbids"));
    assert_int_equal(engine_asked(rig->engine, "POST /images/create"), 0);
}

/* ---- names and records together ---- */

static void a_name_that_cannot_be_given_is_taken_back(void **state)
{
    struct rig *rig = *state;
    choose_two_tags(rig);
    assert_int_equal(build(rig), SW_OK);
    char before[ENGINE_TEXT];
    (void)snprintf(before, sizeof before, "%s", rig->image);
    rig->engine->fault = (struct engine_fault){"POST /images/sha256", 1, 1, 500, "{\"message\": \"busy\"}"};
    assert_int_equal(build(rig), SW_EENV);
    rig->engine->fault = (struct engine_fault){0};
    assert_string_not_equal(rig->image, before);
    assert_string_equal(engine_image(rig->engine, "demo:one")->id, before);
    assert_string_equal(engine_image(rig->engine, "demo:two")->id, before);
    assert_string_equal(facts_of(rig, 0).image.id, before);
}

/* The engine is gone between two names, and cannot take the first back: the next build finishes that build first. */
static void a_half_named_build_is_finished_by_the_next(void **state)
{
    struct rig *rig = *state;
    choose_two_tags(rig);
    assert_int_equal(build(rig), SW_OK);
    rig->engine->fault = (struct engine_fault){"POST /images/sha256", 1, -1, 0, NULL};
    assert_int_equal(build(rig), SW_EENV);
    char half[ENGINE_TEXT];
    (void)snprintf(half, sizeof half, "%s", rig->image);
    assert_string_not_equal(facts_of(rig, 0).image.id, half);
    assert_string_equal(engine_image(rig->engine, "demo:one")->id, half);
    rig->engine->fault = (struct engine_fault){0};
    assert_int_equal(build(rig), SW_OK);
    assert_string_equal(engine_image(rig->engine, "demo:two")->id, rig->image);
    assert_string_equal(facts_of(rig, 2).image.id, half);
    assert_string_equal(facts_of(rig, 3).image.id, rig->image);
}

/* ---- a Dockerfile of the user's ---- */

static void a_users_dockerfile_gets_a_last_layer(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "Dockerfile", "FROM " BASE "\nRUN true\n");
    project_write(rig->project, "slipway/demo.yaml",
                  "slipway: 1\nname: demo\ndockerfile: {path: ../Dockerfile}\n");
    (void)build_well(rig);
    assert_int_equal(engine_asked(rig->engine, "POST /build?"), 2);
    /* The name that the layer's build was given is gone. */
    assert_int_equal(engine_asked(rig->engine, "DELETE /images/localhost/slipway-layer:"), 1);
    for (size_t i = 0; i < rig->engine->image_count; i++) {
        for (size_t k = 0; k < ENGINE_MOST_NAMES; k++)
            assert_null(strstr(rig->engine->images[i].names[k], "slipway-layer"));
    }
    SW_HISTORY_AUTO *history = NULL;
    assert_int_equal(sw_records_open(&history, &rig->project->project, NULL), 0);
    assert_int_equal(facts_of(rig, 0).files.count, 2); /* the profile and the Dockerfile */
}

static void a_layer_that_fails_leaves_no_name(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "Dockerfile", "FROM " BASE "\nRUN true\n");
    project_write(rig->project, "slipway/demo.yaml",
                  "slipway: 1\nname: demo\ndockerfile: {path: ../Dockerfile}\n");
    rig->engine->fault =
        (struct engine_fault){"POST /build", 1, -1, 200, "{\"error\": \"exec format error\"}\n"};
    assert_int_equal(build(rig), SW_EENV);
    assert_non_null(strstr(rig->messages, "the last layer could not be added"));
    assert_null(engine_image(rig->engine, "demo:latest"));
    assert_int_equal(engine_asked(rig->engine, "DELETE /images/localhost/slipway-layer:"), 1);
}

/* ---- pushes ---- */

static int push(struct rig *rig, struct sw_push *push, struct sw_error *error)
{
    struct sw_host_engine engine = {0};
    struct sw_project *project = &rig->project->project;
    int code = sw_host_engine_open(&engine, project, &project->sink, error);
    *push = (struct sw_push){
        .project = project, .engine = engine.engine, .sink = &project->sink, .profile = "demo"};
    if (code == 0)
        code = sw_push_recorded(push, false, error);
    sw_host_engine_close(&engine);
    return code;
}

static void a_push_is_recorded_with_its_digests(void **state)
{
    struct rig *rig = *state;
    struct sw_push pushed;
    struct sw_error error = {0};
    (void)build_well(rig);
    if (push(rig, &pushed, &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(pushed.pushed_count, 1);
    assert_int_equal(pushed.number, 2);
    struct sw_record_facts facts = facts_of(rig, 0);
    assert_int_equal(facts.kind, SW_RECORD_PUSH);
    assert_string_equal(facts.image.digests.items[0], pushed.pushed[0].reference);
    struct sw_builder b = {.arena = &rig->project->arena};
    SW_BUFFER_AUTO json;
    sw_buffer_init(&json, SW_MIB);
    sw_json_write(&json, sw_record_pushed_json(&b, pushed.pushed, pushed.pushed_count), SW_JSON_COMPACT);
    assert_non_null(strstr(json.p, "\"tag\":\"demo:latest\""));
}

static void a_tag_that_moved_is_not_pushed(void **state)
{
    struct rig *rig = *state;
    struct sw_push pushed;
    struct sw_error error = {0};
    assert_int_equal(push(rig, &pushed, &error), SW_ENO);
    assert_non_null(strstr(error.text, "no good build"));
    (void)build_well(rig);
    engine_name(rig->engine, project_digest(rig->project, '9'), "demo:latest");
    assert_int_equal(push(rig, &pushed, &error), SW_ENO);
    assert_non_null(strstr(error.text, "names another image"));
    engine_forget(rig->engine, project_digest(rig->project, '9'));
    assert_int_equal(push(rig, &pushed, &error), SW_ENO);
    assert_non_null(strstr(error.text, "the engine has no image"));
    assert_int_equal(engine_asked(rig->engine, "POST /images/demo/push"), 0);
}

static void the_tags_that_were_pushed_are_recorded_though_the_next_fails(void **state)
{
    struct rig *rig = *state;
    struct sw_push pushed;
    struct sw_error error = {0};
    choose_two_tags(rig);
    assert_int_equal(build(rig), SW_OK);
    rig->engine->fault =
        (struct engine_fault){"POST /images/demo/push", 1, -1, 200, "{\"error\": \"denied: no access\"}\n"};
    assert_true(push(rig, &pushed, &error) < 0);
    assert_int_equal(pushed.pushed_count, 1);
    assert_int_equal(facts_of(rig, 0).kind, SW_RECORD_PUSH);
}

static void a_build_with_push_pushes_a_good_image_only(void **state)
{
    struct rig *rig = *state;
    rig->choices.push = true;
    rig->engine->answer = ANSWER("1.16.0", "");
    assert_int_equal(build(rig), SW_ENO);
    assert_int_equal(engine_asked(rig->engine, "POST /images/demo/push"), 0);
    rig->engine->answer = GOOD;
    (void)build_well(rig);
    assert_int_equal(engine_asked(rig->engine, "POST /images/demo/push"), 1);
    assert_int_equal(facts_of(rig, 0).kind, SW_RECORD_PUSH);
    rig->engine->fault =
        (struct engine_fault){"POST /images/demo/push", 0, -1, 200, "{\"error\": \"denied: no access\"}\n"};
    assert_true(build(rig) != SW_OK);
    assert_non_null(strstr(rig->messages, "denied"));
}

/* ---- rollbacks ---- */

static int roll_back_with(struct rig *rig, struct sw_rollback *rollback, struct sw_rollback_input input,
                          struct sw_error *error)
{
    const struct sw_attempt_view view = {.self = rig};
    const struct sw_texts words = {0};
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    input.choices = &rig->choices;
    input.view = &view;
    input.findings = &findings;
    int code = sw_rollback_open(rollback, &rig->project->project, &words, error);
    rollback->sink = rig->project->project.sink;
    if (code == 0)
        code = sw_rollback_run(rollback, &input, error);
    struct sw_builder b = {.arena = &rig->project->arena};
    if (code == 0)
        assert_non_null(sw_rollback_json(&b, rollback));
    sw_rollback_release(rollback);
    return code;
}

static void roll_back(struct rig *rig, struct sw_rollback *rollback)
{
    struct sw_error error = {0};
    if (roll_back_with(rig, rollback, (struct sw_rollback_input){0}, &error) != 0)
        fail_msg("%s", error.text);
}

/* Build twice, from two texts of the profile; return the first image. */
static const char *build_two(struct rig *rig)
{
    const char *first = build_well(rig);
    project_write(rig->project, "slipway/demo.yaml", PROFILE "description: second\n");
    (void)build_well(rig);
    return first;
}

static void a_rollback_gives_name_and_profile_back(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    const char *first = build_two(rig);
    roll_back(rig, &rollback);
    assert_string_equal(rollback.how, "present");
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, first);
    assert_string_equal(project_read(rig->project, "slipway/demo.yaml"), PROFILE);
    struct sw_record_facts facts = facts_of(rig, 0);
    assert_int_equal(facts.kind, SW_RECORD_ROLLBACK);
    assert_int_equal(facts.rollback_to, 1);
    assert_string_equal(facts.image.id, first);
}

static void a_dry_rollback_changes_nothing(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    (void)build_two(rig);
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){.dry_run = true}, &error), 0);
    assert_string_equal(rollback.how, "present");
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, rig->image);
    assert_string_equal(project_read(rig->project, "slipway/demo.yaml"), PROFILE "description: second\n");
    assert_int_equal(facts_of(rig, 0).kind, SW_RECORD_BUILD);
}

static void a_rollback_keeps_a_profile_that_is_nowhere_else(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    const char *first = build_two(rig);
    project_write(rig->project, "slipway/demo.yaml", PROFILE "description: never built\n");
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){.to = "1"}, &error),
                     SW_EINPUT);
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, rig->image);
    assert_int_equal(
        roll_back_with(rig, &rollback, (struct sw_rollback_input){.to = "1", .force = true}, &error), 0);
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, first);
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){.to = "77"}, &error),
                     SW_ENOTFOUND);
}

static void an_image_that_was_pushed_is_pulled_by_its_digest(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_push pushed;
    const char *first = build_well(rig);
    struct sw_error error = {0};
    assert_int_equal(push(rig, &pushed, &error), 0);
    project_write(rig->project, "slipway/demo.yaml", PROFILE "description: second\n");
    (void)build_well(rig);
    engine_forget(rig->engine, first);
    roll_back(rig, &rollback);
    assert_string_equal(rollback.how, "pulled");
    assert_string_equal(engine_image(rig->engine, "demo:latest")->digest, pushed.pushed[0].reference);
    assert_int_equal(engine_asked(rig->engine, "POST /images/create?fromImage=demo&tag=sha256:"), 1);
}

static void an_image_that_is_nowhere_is_built_from_its_record(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    const char *first = build_two(rig);
    engine_forget(rig->engine, first);
    int builds = engine_asked(rig->engine, "POST /build?");
    roll_back(rig, &rollback);
    assert_string_equal(rollback.how, "rebuilt");
    assert_int_equal(engine_asked(rig->engine, "POST /build?"), builds + 1);
    const struct engine_image *made = engine_image(rig->engine, "demo:latest");
    assert_string_not_equal(made->id, rig->image);
    assert_string_equal(facts_of(rig, 0).image.id, made->id);
    assert_string_equal(facts_of(rig, 0).rollback_how, "rebuilt");
}

/* The index offers a newer release by now: the image is built once more, with the releases of then; if that does not help, no name moves. */
static void a_rebuild_with_other_releases_is_no_rollback(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    const char *first = build_two(rig);
    engine_forget(rig->engine, first);
    int builds = engine_asked(rig->engine, "POST /build?");
    rig->engine->answer = ANSWER("1.17.0", ALWAYS);
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){0}, &error), SW_ENO);
    assert_non_null(strstr(error.text, "what can be installed today is not what demo@1 held"));
    assert_int_equal(engine_asked(rig->engine, "POST /build?"), builds + 2);
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, rig->image);
}

static void a_rollback_whose_name_cannot_be_given_leaves_all_as_it_was(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    (void)build_two(rig);
    rig->engine->fault = (struct engine_fault){"POST /images/sha256", 0, 1, 500, "{\"message\": \"busy\"}"};
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){0}, &error), SW_EENV);
    rig->engine->fault = (struct engine_fault){0};
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, rig->image);
    assert_string_equal(project_read(rig->project, "slipway/demo.yaml"), PROFILE "description: second\n");
    assert_int_equal(facts_of(rig, 0).kind, SW_RECORD_BUILD);
    roll_back(rig, &rollback);
}

static void without_records_there_is_no_way_back(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){0}, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "no build is recorded here"));
    (void)build_well(rig);
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){0}, &error), SW_ENO);
}

/* ---- what the engine cannot do ---- */

static void a_build_asks_no_engine_for_what_it_has_not(void **state)
{
    static const struct {
        const char *profile, *message;
    } refused[] = {
        {PROFILE "secrets: [{id: token}]\n", "cannot be given secrets"},
        {"slipway: 1\nname: demo\ndockerfile: {path: ../../outside/Dockerfile, context: .}\n", "outside"},
    };
    struct rig *rig = *state;
    struct sw_grants *grants = &rig->project->project.grants;
    project_write(rig->project, "token", "secret");
    assert_int_equal(sw_texts_add(&grants->secrets, &rig->project->arena,
                                  sw_arena_format(&rig->project->arena, "id=token,src=%s",
                                                  project_in(rig->project, "token")),
                                  NULL),
                     0);
    assert_int_equal(sw_grants_open(&rig->project->project, NULL), 0);
    for (size_t i = 0; i < SW_COUNT(refused); i++) {
        project_write(rig->project, "slipway/demo.yaml", refused[i].profile);
        assert_int_not_equal(build(rig), SW_OK);
        if (strstr(rig->messages, refused[i].message) == NULL)
            fail_msg("%zu: %s", i, rig->messages);
        assert_int_equal(engine_asked(rig->engine, "POST /build?"), 0);
    }
}

static void outputs_take_buildkit(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(sw_texts_add(&rig->choices.parts.outputs, &rig->project->arena,
                                  sw_arena_format(&rig->project->arena, "type=local,dest=%s",
                                                  project_in(rig->project, "out")),
                                  NULL),
                     0);
    assert_int_not_equal(build(rig), SW_OK);
    assert_non_null(strstr(rig->messages, "Podman"));
    assert_int_equal(engine_asked(rig->engine, "POST /build?"), 0);
}

static void warnings_tell_of_words_without_effect(void **state)
{
    struct rig *rig = *state;
    struct sw_texts arguments = {0};
    project_write(rig->project, "slipway/demo.yaml", PROFILE "image: {name: demo, compression: zstd}\n");
    assert_int_equal(sw_texts_add(&arguments, &rig->project->arena, "NOBODY=1", NULL), 0);
    assert_int_equal(sw_texts_add(&arguments, &rig->project->arena, "http_proxy=x", NULL), 0);
    rig->choices.arguments = arguments;
    (void)build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "--build-arg NOBODY has no effect"));
    assert_null(strstr(rig->project->told.p, "--build-arg http_proxy"));
    assert_non_null(strstr(rig->project->told.p, "are not compressed with zstd"));
    assert_int_equal(facts_of(rig, 0).arguments.count, 2);
}

static void a_guard_of_another_machine_is_refused(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "slipway/demo.yaml",
                  PROFILE
                  "torch: {version: \"2.8.0\", cuda: \"12.8\"}\naccelerators: [rtx-4090]\nguard: true\n");
    rig->project->project.offline = true;
    rig->choices.platform = strcmp(SW_GUARD_ARCHITECTURE, "arm64") == 0 ? "linux/amd64" : "linux/arm64";
    assert_int_equal(build(rig), SW_EINPUT);
    if (strstr(rig->messages, "this slipway has a guard for linux/" SW_GUARD_ARCHITECTURE " only") == NULL)
        fail_msg("%s", rig->messages);
}

static void an_interrupted_build_changes_nothing(void **state)
{
    struct rig *rig = *state;
    sw_cancel_request(&rig->project->cancel);
    assert_int_equal(build(rig), SW_ECANCELED);
    assert_int_equal(engine_asked(rig->engine, "POST /"), 0);
    assert_false(has_records(rig));
}

static void a_users_dockerfile_alone_is_built_without_a_layer(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "Dockerfile", "FROM " BASE "\nRUN true\n");
    project_write(rig->project, "slipway/demo.yaml",
                  "slipway: 1\nname: demo\ndockerfile: {path: ../Dockerfile}\nprove: outside\n");
    (void)build_well(rig);
    assert_int_equal(engine_asked(rig->engine, "POST /build?"), 1);
    assert_int_equal(facts_of(rig, 0).result, SW_RECORD_VERIFIED);
}

/* ---- the user's files in a record ---- */

#define COPIES PROFILE "context: {path: .., copy: [{from: app, to: /app}]}\n"

static void a_rebuild_gets_the_files_of_then(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    project_write(rig->project, "slipway/demo.yaml", COPIES);
    project_write(rig->project, "app/main.py", "print(1)\n");
    const char *first = build_well(rig);
    project_write(rig->project, "app/main.py", "print(2)\n");
    (void)build_well(rig);
    engine_forget(rig->engine, first);
    roll_back(rig, &rollback);
    assert_string_equal(rollback.how, "rebuilt");
    assert_true(has_text(&rig->engine->sent, "print(1)"));
    assert_false(has_text(&rig->engine->sent, "print(2)"));
    assert_string_equal(project_read(rig->project, "app/main.py"),
                        "print(2)\n"); /* only profiles come back */
}

static void files_that_git_ignores_are_told_and_not_recorded(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    project_write(rig->project, "slipway/demo.yaml", COPIES);
    project_write(rig->project, "app/main.py", "print(1)\n");
    project_write(rig->project, "app/secret.env", "TOKEN=1\n");
    project_write(rig->project, ".gitignore", "*.env\n");
    const char *first = build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "the first is 'app/secret.env'"));
    struct sw_record_facts facts = facts_of(rig, 0);
    assert_true(facts.left_out.ignored);
    assert_int_equal(facts.left_out.count, 1);
    project_write(rig->project, "app/main.py", "print(2)\n");
    (void)build_well(rig);
    engine_forget(rig->engine, first);
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){0}, &error), SW_ENO);
    assert_non_null(strstr(error.text, "does not keep 1 files that the image copies and git ignores"));
}

/* ---- rollbacks that were cut off ---- */

static void a_half_done_rollback_is_finished_by_the_next(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    choose_two_tags(rig);
    assert_int_equal(build(rig), SW_OK);
    char first[ENGINE_TEXT];
    (void)snprintf(first, sizeof first, "%s", rig->image);
    project_write(rig->project, "slipway/demo.yaml", PROFILE "description: second\n");
    assert_int_equal(build(rig), SW_OK);
    rig->engine->fault = (struct engine_fault){"POST /images/sha256", 1, -1, 0, NULL};
    assert_int_equal(roll_back_with(rig, &rollback, (struct sw_rollback_input){0}, &error), SW_EENV);
    assert_non_null(strstr(error.text, "the rollback is half done"));
    rig->engine->fault = (struct engine_fault){0};
    assert_int_equal(build(rig), SW_EINPUT);
    assert_non_null(strstr(rig->messages, "a rollback of 'demo' was interrupted"));
    roll_back(rig, &rollback);
    assert_true(rollback.finished);
    assert_string_equal(engine_image(rig->engine, "demo:one")->id, first);
    assert_string_equal(engine_image(rig->engine, "demo:two")->id, first);
    assert_string_equal(project_read(rig->project, "slipway/demo.yaml"), PROFILE);
    assert_int_equal(facts_of(rig, 0).kind, SW_RECORD_ROLLBACK);
}

static void a_rollback_gives_the_names_that_its_caller_wants(void **state)
{
    struct rig *rig = *state;
    struct sw_rollback rollback;
    struct sw_error error = {0};
    struct sw_texts tags = {0};
    const char *first = build_two(rig);
    assert_int_equal(sw_texts_add(&tags, &rig->project->arena, "demo:old", NULL), 0);
    assert_int_equal(
        roll_back_with(rig, &rollback, (struct sw_rollback_input){.to = "1", .tags = tags}, &error), 0);
    assert_string_equal(engine_image(rig->engine, "demo:old")->id, first);
    assert_string_equal(engine_image(rig->engine, "demo:latest")->id, rig->image);
}

/* ---- compiled wheels for other builders ---- */

#define COMPILES_INTO(cache)                                                                            \
    "slipway: 1\nname: demo\nbase_image: {bootstrap: \"debian:bookworm\"}\naccelerators: [h100]\n"      \
    "torch: {version: \"2.12.0\", cuda: \"13.0\"}\nrequirements: [\"kernels @ file:///src/kernels\"]\n" \
    "compile: [kernels]\ncontext: {path: .., copy: [{from: app, to: /src/kernels}]}\n"                  \
    "wheels: {cache: " cache "}\n"
#define COMPILES COMPILES_INTO("registry.example/team/wheels")

static void wheels_go_to_a_registry_and_come_from_there(void **state)
{
    struct rig *rig = *state;
    const char *pulls = "POST /images/create?fromImage=registry.example/team/wheels";
    const char *pushes = "POST /images/registry.example/team/wheels/push";
    project_write(rig->project, "slipway/demo.yaml", COMPILES);
    project_write(rig->project, "app/setup.py", "x");
    rig->choices.no_verify = true;
    rig->engine->fault = (struct engine_fault){pulls, 0, 1, 404, "{\"message\": \"manifest unknown\"}"};
    (void)build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "the wheels go to 'registry.example/team/wheels:"));
    assert_int_equal(engine_asked(rig->engine, pushes), 0);
    assert_int_equal(engine_asked(rig->engine, "POST /build?"), 2);
    assert_non_null(strstr(rig->engine->requests.p, "target=slipway-wheels"));
    assert_null(strstr(rig->engine->requests.p, "SLIPWAY_WHEELS"));
    /* With --push they are kept. A registry that takes no wheels is a warning. */
    rig->choices.push = true;
    rig->engine->fault = (struct engine_fault){pulls, 0, 2, 500, "{\"message\": \"busy\"}"};
    (void)build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "no wheels of earlier builds: "));
    assert_int_equal(engine_asked(rig->engine, pushes), 1);
    assert_non_null(strstr(rig->project->told.p, "the wheels are kept: registry.example/team/wheels:"));
    /* Another builder takes them, and has nothing to add: their layers are the same. */
    rig->engine->fault = (struct engine_fault){0};
    (void)build_well(rig);
    assert_non_null(strstr(rig->engine->requests.p, "SLIPWAY_WHEELS"));
    assert_non_null(strstr(rig->project->told.p, "wheels of an earlier build: "));
    assert_int_equal(engine_asked(rig->engine, pushes), 1);
}

static void wheels_that_cannot_be_kept_do_not_fail_a_build(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "slipway/demo.yaml", COMPILES);
    project_write(rig->project, "app/setup.py", "x");
    rig->choices = (struct sw_attempt_choices){.no_verify = true, .push = true};
    rig->engine->fault = (struct engine_fault){"POST /images/registry.example/team/wheels/push", 0, -1, 200,
                                               "{\"error\": \"denied: no access\"}\n"};
    rig->project->project.offline = true; /* nothing is pulled */
    (void)build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "the wheels are not kept for other builders: "));
    rig->engine->build =
        "{\"stream\": \"STEP 1/1: RUN nvcc\\n\"}\n"
        "{\"error\": \"building at STEP \\\"RUN nvcc\\\": while running runtime: exit status 1\\n\"}\n";
    assert_int_equal(build(rig), SW_ENO);
    assert_int_equal(facts_of(rig, 0).result, SW_RECORD_FAILED);
}

/* The engine's archive of the image with the wheels is no tar, so that the folder gets nothing, not even in part. */
static void a_folder_gets_whole_wheels_or_nothing(void **state)
{
    struct rig *rig = *state;
    project_write(rig->project, "slipway/demo.yaml", COMPILES_INTO("../kept"));
    project_write(rig->project, "app/setup.py", "x");
    rig->choices = (struct sw_attempt_choices){.no_verify = true};
    (void)build_well(rig);
    assert_non_null(strstr(rig->project->told.p, "the wheels are not kept for other builders: "));
    project_sh(rig->project, "test -d kept && test -z \"$(ls -A kept)\"");
}

/* ---- secrets of a build ---- */

/* Podman takes none; the values are gathered before it is asked. */
static void each_secret_has_one_value_or_refuses_the_build(void **state)
{
    static const struct {
        const char *secret, *variable, *message;
    } tried[] = {
        {"id=token,src=/nowhere/token", NULL, "the secret 'token'"},
        {"id=token,env=UNSET", NULL, "the variable 'UNSET' for the secret 'token' is not set"},
        {"id=token,env=GIVEN", "GIVEN=x", "cannot be given secrets"},
        {"id=token", "token=x", "cannot be given secrets"},
        {"token", NULL, "id="},
    };
    struct rig *rig = *state;
    struct sw_grants *grants = &rig->project->project.grants;
    project_write(rig->project, "slipway/demo.yaml", PROFILE "secrets: [{id: token}]\n");
    for (size_t i = 0; i < SW_COUNT(tried); i++) {
        grants->secrets = (struct sw_texts){0};
        if (tried[i].variable != NULL)
            project_set(rig->project, tried[i].variable);
        assert_int_equal(sw_texts_add(&grants->secrets, &rig->project->arena, tried[i].secret, NULL), 0);
        struct sw_error error = {0};
        if (sw_grants_open(&rig->project->project, &error) != 0) {
            assert_non_null(strstr(error.text, tried[i].message));
            continue;
        }
        assert_int_not_equal(build(rig), SW_OK);
        if (strstr(rig->messages, tried[i].message) == NULL)
            fail_msg("%zu: %s", i, rig->messages);
        assert_int_equal(engine_asked(rig->engine, "POST /build?"), 0);
    }
}

/* ---- an image as an archive ---- */

static int read_archive(struct sw_buffer *out, struct rig *rig, const char *name, struct sw_error *error)
{
    struct sw_image_archive archive;
    struct sw_project *project = &rig->project->project;
    char bytes[16];
    size_t got = 1;
    int code = sw_image_archive_open(&archive, project, name, &project->sink, error);
    while (code == 0 && got > 0) {
        code = sw_image_archive_read(&archive, bytes, sizeof bytes, &got, error);
        sw_buffer_add(out, bytes, code == 0 ? got : 0);
    }
    return sw_image_archive_close(&archive, code, error);
}

static void an_image_comes_from_its_engine_or_a_file(void **state)
{
    struct rig *rig = *state;
    struct sw_error error = {0};
    SW_BUFFER_AUTO bytes;
    sw_buffer_init(&bytes, SW_MIB);
    if (read_archive(&bytes, rig, BASE, &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(bytes.p, "the archive of " BASE);
    project_write(rig->project, "image.tar", "a file");
    sw_buffer_clear(&bytes);
    assert_int_equal(read_archive(&bytes, rig, "image.tar", &error), 0);
    assert_string_equal(bytes.p, "a file");
}

static void an_archive_that_cannot_be_had_is_an_error(void **state)
{
    static const struct {
        const char *name;
        int code;
        const char *message;
    } tried[] = {{"nothing:1", SW_ENO, "the engine has no image 'nothing:1'"},
                 {"none.tar", SW_EINPUT, "cannot open 'none.tar'"},
                 {"folder.tar", SW_EINPUT, "'folder.tar' is no file"},
                 {BASE, SW_EENV, "busy"}};
    struct rig *rig = *state;
    project_write(rig->project, "folder.tar/x", "x");
    rig->engine->fault =
        (struct engine_fault){"GET /images/" BASE "/get", 0, -1, 500, "{\"message\": \"busy\"}"};
    for (size_t i = 0; i < SW_COUNT(tried); i++) {
        struct sw_error error = {0};
        SW_BUFFER_AUTO bytes;
        sw_buffer_init(&bytes, SW_MIB);
        int code = read_archive(&bytes, rig, tried[i].name, &error);
        if (code != tried[i].code || strstr(error.text, tried[i].message) == NULL)
            fail_msg("%s: %d %s", tried[i].name, code, error.text);
    }
}

/* Every test leads to the requests, words and records that it led to before. */
static void answers_are_as_they_were(void **state)
{
    (void)state;
    answers_compare("tests/unit/building.answers", sw_buffer_str(&answers));
}

static int begin_answers(void **state)
{
    (void)state;
    sw_buffer_init(&answers, 16 * SW_MIB);
    return 0;
}

static int end_answers(void **state)
{
    (void)state;
    sw_buffer_release(&answers);
    return 0;
}

int suite_building(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, set_up, tear_down, (void *)(uintptr_t) #f)
        TEST(a_good_build_is_verified_then_named_and_recorded),
        TEST(a_build_that_the_probe_refuses_gets_no_name),
        TEST(a_build_that_fails_is_explained_and_recorded),
        TEST(a_build_that_breaks_off_is_the_engines_fault),
        TEST(choices_leave_steps_out),
        TEST(the_tags_are_the_callers),
        TEST(the_projects_own_template_is_told_of),
        TEST(a_base_image_that_is_not_there_is_pulled),
        TEST(a_base_image_that_no_registry_has_is_a_finding_at_its_place),
        TEST(offline_nothing_is_pulled),
        TEST(a_name_that_cannot_be_given_is_taken_back),
        TEST(a_half_named_build_is_finished_by_the_next),
        TEST(a_users_dockerfile_gets_a_last_layer),
        TEST(a_layer_that_fails_leaves_no_name),
        TEST(a_push_is_recorded_with_its_digests),
        TEST(a_tag_that_moved_is_not_pushed),
        TEST(the_tags_that_were_pushed_are_recorded_though_the_next_fails),
        TEST(a_build_with_push_pushes_a_good_image_only),
        TEST(a_rollback_gives_name_and_profile_back),
        TEST(a_dry_rollback_changes_nothing),
        TEST(a_rollback_keeps_a_profile_that_is_nowhere_else),
        TEST(an_image_that_was_pushed_is_pulled_by_its_digest),
        TEST(an_image_that_is_nowhere_is_built_from_its_record),
        TEST(a_rebuild_with_other_releases_is_no_rollback),
        TEST(a_rollback_whose_name_cannot_be_given_leaves_all_as_it_was),
        TEST(without_records_there_is_no_way_back),
        TEST(a_build_asks_no_engine_for_what_it_has_not),
        TEST(outputs_take_buildkit),
        TEST(warnings_tell_of_words_without_effect),
        TEST(a_guard_of_another_machine_is_refused),
        TEST(an_interrupted_build_changes_nothing),
        TEST(a_users_dockerfile_alone_is_built_without_a_layer),
        TEST(a_rebuild_gets_the_files_of_then),
        TEST(files_that_git_ignores_are_told_and_not_recorded),
        TEST(a_half_done_rollback_is_finished_by_the_next),
        TEST(a_rollback_gives_the_names_that_its_caller_wants),
        TEST(wheels_go_to_a_registry_and_come_from_there),
        TEST(wheels_that_cannot_be_kept_do_not_fail_a_build),
        TEST(a_folder_gets_whole_wheels_or_nothing),
        TEST(each_secret_has_one_value_or_refuses_the_build),
        TEST(an_image_comes_from_its_engine_or_a_file),
        TEST(an_archive_that_cannot_be_had_is_an_error),
#undef TEST
        cmocka_unit_test(answers_are_as_they_were),
    };
    return cmocka_run_group_tests(tests, begin_answers, end_answers);
}
