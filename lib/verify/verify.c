#include "verify/verify.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/resource.h"
#include "engine/container.h"
#include "engine/image.h"

#define STACK "/opt/slipway/stack.json"

/* One verification on its way. */
struct verification {
    struct sw_verification made;
    struct sw_engine *engine;
    const struct sw_verify_request *request;
    struct sw_findings *findings;
    const struct sw_sink *sink;
    const char *probe; /* its text */
    bool ours;         /* slipway built the image */
};

/* The probe's standard output; the rest goes on to the sink. */
struct collector {
    struct sw_buffer output;
    const struct sw_sink *next;
};

static void collect(void *self, const struct sw_event *event)
{
    struct collector *collector = self;
    if (event->kind == SW_EVENT_LOG && event->stream == SW_STDOUT)
        sw_buffer_add_str(&collector->output, event->text);
    else
        sw_emit(collector->next, *event);
}

static void place(struct verification *v, struct sw_finding *finding, const char *at)
{
    if (v->request->profile != NULL)
        sw_profile_place(v->request->profile, v->findings, finding, at);
}

/* Whether the image bears slipway's label, and whether that is the plan's. */
static int compare_plan(struct verification *v, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *inspected = NULL;
    int code = sw_image_inspect(&inspected, &arena, v->engine, v->request->image, error);
    if (code != 0)
        return code;
    const struct sw_node *labels = sw_node_at(inspected, "Config.Labels");
    const char *label = sw_node_text(sw_node_get(labels, "io.slipway.plan"), NULL);
    const struct sw_plan *plan = v->request->plan;
    v->ours = label != NULL;
    if (label != NULL && plan != NULL && strcmp(label, plan->digest) != 0) {
        struct sw_finding *finding =
            sw_findings_add(v->findings, "SW402", SW_ERROR,
                            "'%s' was built from another plan than the profile's", v->request->image);
        place(v, finding, "name");
        sw_finding_hint(v->findings, finding, "build it again: slipway build");
    }
    return 0;
}

static void add_untried(struct verification *v, const char *at, const char *why)
{
    struct sw_finding *finding = sw_findings_add(v->findings, "SW403", SW_NOTE, "not tried: %s", why);
    place(v, finding, at);
    v->made.untried++;
}

static void add_fault(struct verification *v, const struct sw_node *row, const char *fault)
{
    const char *code = sw_node_text(sw_node_get(row, "code"), "");
    if (sw_finding_code_find(code) == NULL)
        code = "SW401";
    struct sw_finding *finding = sw_findings_add(v->findings, code, SW_ERROR, "%s", fault);
    place(v, finding, sw_node_text(sw_node_get(row, "at"), ""));
    if (strcmp(code, "SW304") == 0)
        sw_finding_hint(v->findings, finding,
                        "something installed over it without removing it first, as pip's "
                        "--ignore-installed does");
    v->made.failed++;
}

static int read_results(struct verification *v, struct sw_str output, struct sw_error *error)
{
    int code = sw_json_read(&v->made.answer, &v->made.arena, output, "the probe's answer", error);
    const struct sw_node *rows = sw_node_get(v->made.answer, "results");
    for (size_t i = 0; code == 0 && rows != NULL && i < rows->count; i++) {
        const struct sw_node *row = rows->items[i];
        const char *fault = sw_node_text(sw_node_get(row, "fault"), NULL);
        const char *untried = sw_node_text(sw_node_get(row, "untried"), NULL);
        if (untried != NULL)
            add_untried(v, sw_node_text(sw_node_get(row, "at"), ""), untried);
        else if (fault != NULL)
            add_fault(v, row, fault);
        else
            v->made.passed++;
    }
    return code;
}

/* A probe that could not answer proves nothing. */
static void add_broken_probe(struct verification *v, const struct sw_container_result *run)
{
    if (run->oom)
        (void)sw_findings_add(v->findings, "SW401", SW_ERROR, "the probe ran out of memory in '%s'",
                              v->request->image);
    else
        (void)sw_findings_add(v->findings, "SW401", SW_ERROR, "the probe ended with status %d in '%s'",
                              run->exit_code, v->request->image);
    v->made.failed++;
}

/* Run the probe with one Python; a negative code where the engine cannot start that. */
static int run_probe(struct verification *v, const char *python, struct sw_error *error)
{
    const char *command[9] = {python, "-c", v->probe, "--json"};
    size_t count = 4;
    if (v->request->files)
        command[count++] = "--files";
    if (v->ours)
        command[count++] = STACK;
    const struct sw_container_request request = {
        .image = v->request->image, .command = command, .network = "none"};
    struct sw_container_result run = {0};
    struct collector collector = {.next = v->sink};
    sw_buffer_init(&collector.output, SW_MAX_JSON_SIZE);
    const struct sw_sink collecting = {collect, &collector};
    int code = sw_container_run(&run, v->engine, &request, &collecting, error);
    if (code == 0 && (run.oom || run.exit_code < 0 || run.exit_code > 1)) {
        add_broken_probe(v, &run);
    } else if (code == 0) {
        code = sw_buffer_check(&collector.output, "the probe's answer", error);
        if (code == 0)
            code = read_results(v, sw_buffer_str(&collector.output), error);
    }
    sw_buffer_release(&collector.output);
    return code;
}

/* Any image may hold a Python, under one of its usual names; slipway's own is where the build made it. */
static int try_pythons(struct verification *v, struct sw_error *error)
{
    static const char *const names[] = {"python3", "python"};
    if (v->ours)
        return run_probe(v, "/opt/venv/bin/python", error);
    add_untried(v, "", "slipway did not build this image: there is no plan and no assertion to hold it to");
    int code = 0;
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        code = run_probe(v, names[i], error);
        if (code != SW_ENO && code != SW_ENOTFOUND)
            return code;
    }
    add_untried(v, "", "there is no Python in the image to try anything with");
    return 0;
}

int sw_verify_image(struct sw_verification *result, struct sw_engine *engine,
                    const struct sw_verify_request *request, struct sw_findings *findings,
                    const struct sw_sink *sink, struct sw_error *error)
{
    struct verification v = {.engine = engine, .request = request, .findings = findings, .sink = sink};
    struct sw_str probe = {0};
    const char *path = NULL;
    sw_arena_init(&v.made.arena, SW_MAX_ARENA);
    int code = sw_resource_load(&probe, &path, &v.made.arena, request->project, "templates/probe.py", error);
    if (code == 0)
        code = compare_plan(&v, error);
    v.probe = probe.p; /* resources end in NUL */
    if (code == 0)
        code = try_pythons(&v, error);
    if (code != 0) {
        sw_verification_release(&v.made);
        return code;
    }
    *result = v.made;
    return 0;
}

void sw_verification_release(struct sw_verification *verification)
{
    if (verification == NULL)
        return;
    sw_arena_release(&verification->arena);
    *verification = (struct sw_verification){0};
}
