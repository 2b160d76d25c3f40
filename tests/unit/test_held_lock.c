/* The lock of a profile: held, left aside or renewed, and the digest of its base image, which an engine knows. */
#include "engine_rig.h"
#include "project_rig.h"

#include "base/limits.h"
#include "data/json.h"
#include "profile/plan_lock.h"
#include "project/held_lock.h"
#include "project/locked_base.h"
#include "project/prepare.h"

#define HEAD "slipway: 1\nname: demo\nbase_image: {bootstrap: \"debian:bookworm\"}\n"
#define SLIM "docker.io/library/python:3.11-slim"

/* ---- a lock and its profile ---- */

static int prepare(struct sw_prepared *prepared, struct project_rig *rig, struct sw_findings *findings)
{
    SW_CATALOG_AUTO catalog = {0};
    struct sw_error error = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    return sw_prepare(prepared, &rig->project, project_in(rig, "demo.yaml"), &catalog, findings, &error);
}

/* Write a lock of no packages that was made from this digest. */
static void write_lock(struct project_rig *rig, const char *source)
{
    static const char *const gpus[] = {"t4"};
    SW_BUFFER_AUTO text;
    struct sw_error error = {0};
    const struct sw_pylock lock = {.profile = "demo",
                                   .python = "3.11",
                                   .machine = "x86_64",
                                   .glibc = "2.36",
                                   .musl = "",
                                   .accelerators = gpus,
                                   .accelerator_count = 1,
                                   .base = "",
                                   .base_digest = "",
                                   .source = source};
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    if (sw_pylock_write(&text, &lock, &error) != 0)
        fail_msg("%s", error.text);
    project_write(rig, "pylock.demo.toml", text.p);
}

/* SW224 is a warning, and an error with --locked. */
static void a_lock_of_another_profile_is_left_aside(void **state)
{
    enum { MISSING, STALE, GOOD };
    static const size_t warnings[] = {[MISSING] = 0, [STALE] = 1, [GOOD] = 0},
                        errors[] = {[MISSING] = 1, [STALE] = 1, [GOOD] = 0};
    struct project_rig *rig = *state;
    char digest[SW_SHA256_HEX_SIZE] = "";
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    for (int lock = MISSING; lock <= GOOD; lock++) {
        if (lock != MISSING)
            write_lock(rig, lock == GOOD ? digest : project_digest(rig, '1') + strlen("sha256:"));
        for (int locked = 0; locked < 2; locked++) {
            struct sw_prepared prepared;
            SW_FINDINGS_AUTO findings;
            sw_findings_init(&findings);
            rig->project.locked = locked == 1;
            assert_int_equal(prepare(&prepared, rig, &findings), 0);
            assert_int_equal(sw_findings_count(&findings, SW_ERROR), locked == 1 ? errors[lock] : 0);
            assert_int_equal(sw_findings_count(&findings, SW_WARNING), locked == 0 ? warnings[lock] : 0);
            assert_int_equal(prepared.lock != NULL, lock == GOOD);
            if (lock != GOOD)
                assert_int_equal(sw_plan_lock_source(digest, &prepared.plan, NULL), 0);
            sw_prepared_release(&prepared);
        }
    }
}

static void a_lock_that_cannot_be_read_is_an_error(void **state)
{
    struct project_rig *rig = *state;
    struct sw_prepared prepared;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    project_write(rig, "pylock.demo.toml", "lock-version = [\n");
    assert_int_equal(prepare(&prepared, rig, &findings), SW_EINPUT);
    sw_prepared_release(&prepared);
}

static void a_canceled_project_prepares_nothing(void **state)
{
    struct project_rig *rig = *state;
    struct sw_prepared prepared;
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    sw_cancel_request(&rig->cancel);
    assert_int_equal(prepare(&prepared, rig, &findings), SW_ECANCELED);
    sw_prepared_release(&prepared);
}

/* Prepare "demo", whose lock was made from something else, and return the only finding of SW224. */
static struct sw_finding renew(struct sw_prepared *prepared, struct project_rig *rig,
                               struct sw_findings *findings)
{
    struct sw_finding found = {0};
    sw_findings_init(findings);
    write_lock(rig, project_digest(rig, '1') + strlen("sha256:"));
    assert_int_equal(prepare(prepared, rig, findings), 0);
    for (size_t i = 0; i < findings->count; i++) {
        if (strcmp(findings->items[i]->code, "SW224") != 0)
            continue;
        assert_null(found.code);
        found = *findings->items[i];
    }
    assert_non_null(found.code);
    return found;
}

/* A profile without requirements is locked without an index. */
static void a_stale_lock_is_renewed(void **state)
{
    struct project_rig *rig = *state;
    struct sw_prepared prepared;
    struct sw_error error = {0};
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\n");
    rig->project.offline = false;
    for (int kept = 0; kept < 2; kept++) {
        SW_FINDINGS_AUTO findings;
        rig->project.stale_locks = kept == 1 ? SW_STALE_KEPT : SW_STALE_JUDGED;
        const struct sw_finding found = renew(&prepared, rig, &findings);
        assert_int_equal(found.severity, kept == 1 ? SW_NOTE : SW_WARNING);
        assert_non_null(strstr(found.message, kept == 1 ? "is renewed" : "as it would be renewed"));
        assert_non_null(prepared.lock);
        assert_string_equal(found.file, project_in(rig, "pylock.demo.toml"));
        const char *before = project_read(rig, "pylock.demo.toml");
        assert_int_equal(sw_prepared_keep_lock(&prepared, &rig->project, &error), 0);
        assert_int_equal(strcmp(before, project_read(rig, "pylock.demo.toml")) != 0, kept == 1);
        sw_prepared_release(&prepared);
    }
    /* The lock that was kept is that of the profile. */
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    assert_int_equal(prepare(&prepared, rig, &findings), 0);
    assert_int_equal(findings.count, 0);
    assert_non_null(prepared.lock);
    sw_prepared_release(&prepared);
}

static void a_lock_that_cannot_be_renewed_is_left_aside(void **state)
{
    struct project_rig *rig = *state;
    struct sw_prepared prepared;
    SW_FINDINGS_AUTO findings;
    project_write(rig, "demo.yaml", HEAD "python_version: \"3.11\"\nrequirements: [six==1.16.0]\n");
    project_set(rig, "PIP_INDEX_URL=http://127.0.0.1:9/simple");
    rig->project.offline = false;
    rig->project.stale_locks = SW_STALE_KEPT;
    const struct sw_finding found = renew(&prepared, rig, &findings);
    assert_int_equal(found.severity, SW_WARNING);
    assert_non_null(strstr(found.message, "is left aside: "));
    assert_null(prepared.lock);
    assert_false(prepared.is_lock_renewed);
    sw_prepared_release(&prepared);
}

/* ---- the digest of the base image ---- */

struct base {
    struct project_rig *project;
    struct engine_rig *engine;
    struct sw_plan plan;
};

static int make_base(void **state)
{
    struct base *base = calloc(1, sizeof *base);
    void *project = NULL;
    assert_non_null(base);
    assert_int_equal(project_rig_make(&project), 0);
    base->project = project;
    base->engine = engine_rig_start(SLIM);
    base->project->project.host = base->engine->url;
    base->project->project.offline = false;
    *state = base;
    return 0;
}

static int remove_base(void **state)
{
    struct base *base = *state;
    void *project = base->project;
    engine_rig_stop(base->engine);
    free(base);
    return project_rig_remove(&project);
}

static void set_plan(struct base *base, const char *json)
{
    const struct sw_node *root = NULL;
    assert_int_equal(sw_json_read(&root, &base->project->arena, sw_str_from(json), "plan", NULL), 0);
    sw_plan_set_root(&base->plan, root);
}

/* The digest that a lock gets for this base of a plan, as JSON; "" if it gets none. */
static struct sw_pylock lock_of(struct base *base, const char *json, const struct sw_pylock *former)
{
    struct sw_pylock lock = {.base = "", .base_digest = ""};
    struct sw_error error = {0};
    struct sw_arena *arena = &base->project->arena;
    set_plan(base, json);
    assert_int_equal(sw_lock_base(&lock, arena, &base->project->project, &base->plan, former, &error), 0);
    return lock;
}

#define PLAN "{\"base\": {\"reference\": \"" SLIM "\", \"bootstrap\": null}}"

/* Give the engine's image a digest of a repository. */
static const char *give_digest(struct base *base, const char *repository)
{
    const char *digest = project_digest(base->project, '5');
    struct engine_image *image = engine_image(base->engine, SLIM);
    (void)snprintf(image->digest, sizeof image->digest, "%s@%s", repository, digest);
    return digest;
}

static void the_engine_tells_the_digest_of_the_base(void **state)
{
    const char *digest = give_digest(*state, "docker.io/library/python");
    const struct sw_pylock lock = lock_of(*state, PLAN, NULL);
    assert_string_equal(lock.base, SLIM);
    assert_string_equal(lock.base_digest, digest);
}

static void a_digest_of_another_repository_is_none(void **state)
{
    (void)give_digest(*state, "docker.io/library/debian");
    assert_string_equal(lock_of(*state, PLAN, NULL).base_digest, "");
}

static void an_image_that_no_registry_has_gets_no_digest(void **state)
{
    assert_string_equal(lock_of(*state, PLAN, NULL).base_digest, "");
}

static void a_former_lock_of_the_same_base_keeps_its_digest(void **state)
{
    struct base *base = *state;
    const char *digest = give_digest(base, "docker.io/library/python"),
               *other = project_digest(base->project, '6');
    struct sw_pylock former = {.base = SLIM, .base_digest = other};
    assert_string_equal(lock_of(base, PLAN, &former).base_digest, other);
    assert_int_equal(engine_asked(base->engine, "GET /images/"), 0);
    former.base = "docker.io/library/python:3.10-slim";
    assert_string_equal(lock_of(base, PLAN, &former).base_digest, digest);
}

static void an_engine_that_fails_gives_no_digest(void **state)
{
    struct base *base = *state;
    (void)give_digest(base, "docker.io/library/python");
    base->engine->fault =
        (struct engine_fault){"GET /images/", .times = -1, .status = 500, .body = "{\"message\": \"x\"}"};
    assert_string_equal(lock_of(base, PLAN, NULL).base_digest, "");
}

static void a_base_that_is_made_here_has_no_digest(void **state)
{
    struct base *base = *state;
    const struct sw_pylock lock =
        lock_of(base, "{\"base\": {\"reference\": \"" SLIM "\", \"bootstrap\": \"debian:bookworm\"}}", NULL);
    assert_string_equal(lock.base, "");
    assert_int_equal(engine_asked(base->engine, "GET /images/"), 0);
}

static void a_cancellation_ends_the_question_for_the_digest(void **state)
{
    struct base *base = *state;
    struct sw_pylock lock = {.base = "", .base_digest = ""};
    struct sw_error error = {0};
    set_plan(base, PLAN);
    sw_cancel_request(&base->project->cancel);
    assert_int_equal(
        sw_lock_base(&lock, &base->project->arena, &base->project->project, &base->plan, NULL, &error),
        SW_ECANCELED);
}

int suite_held_lock(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, project_rig_make, project_rig_remove)
        TEST(a_lock_of_another_profile_is_left_aside),
        TEST(a_lock_that_cannot_be_read_is_an_error),
        TEST(a_stale_lock_is_renewed),
        TEST(a_lock_that_cannot_be_renewed_is_left_aside),
        TEST(a_canceled_project_prepares_nothing),
#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_base, remove_base)
        TEST(the_engine_tells_the_digest_of_the_base),
        TEST(a_digest_of_another_repository_is_none),
        TEST(an_image_that_no_registry_has_gets_no_digest),
        TEST(a_former_lock_of_the_same_base_keeps_its_digest),
        TEST(an_engine_that_fails_gives_no_digest),
        TEST(a_base_that_is_made_here_has_no_digest),
        TEST(a_cancellation_ends_the_question_for_the_digest),
#undef TEST
    };
    return cmocka_run_group_tests_name("held_lock", tests, NULL, NULL);
}
