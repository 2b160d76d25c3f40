#include "verify/verify.h"

#include "base/limits.h"
#include "data/json.h"
#include "engine/container.h"
#include "engine/image.h"

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

/* Whether the image bears slipway's label, and whether that is the plan's. */
static int compare_plan(bool *ours, struct sw_engine *engine, const char *image,
                        const struct sw_profile *profile, const struct sw_plan *plan,
                        struct sw_findings *findings, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *inspected = NULL;
    int code = sw_image_inspect(&inspected, &arena, engine, image, error);
    if (code != 0)
        return code;
    const struct sw_node *labels = sw_node_at(inspected, "Config.Labels");
    const char *label = sw_node_text(sw_node_get(labels, "io.slipway.plan"), NULL);
    *ours = label != NULL;
    if (label != NULL && plan != NULL && strcmp(label, plan->digest) != 0) {
        struct sw_finding *finding = sw_findings_add(
            findings, "SW402", SW_ERROR, "'%s' was built from another plan than the profile's", image);
        if (profile != NULL)
            sw_profile_place(profile, findings, finding, "name");
        sw_finding_hint(findings, finding, "build it again: slipway build");
    }
    return 0;
}

static void add_fault(struct sw_findings *findings, const struct sw_profile *profile,
                      const struct sw_node *result)
{
    const char *at = sw_node_text(sw_node_get(result, "at"), ""),
               *fault = sw_node_text(sw_node_get(result, "fault"), "");
    bool doubled = strncmp(fault, "two installs", 12) == 0;
    struct sw_finding *finding =
        sw_findings_add(findings, doubled ? "SW304" : "SW401", SW_ERROR, "%s", fault);
    if (profile != NULL)
        sw_profile_place(profile, findings, finding, at);
    if (doubled)
        sw_finding_hint(findings, finding,
                        "something installed over it without removing it first, as pip's "
                        "--ignore-installed does");
}

static int read_results(struct sw_verification *result, struct sw_str output,
                        const struct sw_profile *profile, struct sw_findings *findings,
                        struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *root = NULL;
    int code = sw_json_read(&root, &arena, output, "the probe's answer", error);
    if (code != 0)
        return code;
    const struct sw_node *rows = sw_node_get(root, "results");
    for (size_t i = 0; rows != NULL && i < rows->count; i++) {
        const struct sw_node *fault = sw_node_get(rows->items[i], "fault");
        bool holds = fault == NULL || fault->type == SW_NODE_NULL;
        result->passed += holds;
        result->failed += !holds;
        if (!holds)
            add_fault(findings, profile, rows->items[i]);
    }
    return 0;
}

/* A probe that could not answer proves nothing. */
static void add_broken_probe(struct sw_findings *findings, const struct sw_container_result *run,
                             const char *image)
{
    if (run->oom)
        (void)sw_findings_add(findings, "SW401", SW_ERROR, "the probe ran out of memory in '%s'", image);
    else
        (void)sw_findings_add(findings, "SW401", SW_ERROR, "the probe ended with status %d in '%s'",
                              run->exit_code, image);
}

static int run_probe(struct sw_verification *result, struct sw_engine *engine, const char *image,
                     const struct sw_profile *profile, struct sw_findings *findings,
                     const struct sw_sink *sink, struct sw_error *error)
{
    static const char *const command[] = {"/opt/venv/bin/python", "/opt/slipway/probe.py", "--json", NULL};
    const struct sw_container_request request = {.image = image, .command = command, .network = "none"};
    struct sw_container_result run = {0};
    struct collector collector = {.next = sink};
    sw_buffer_init(&collector.output, SW_MAX_PROCESS_OUTPUT);
    const struct sw_sink collecting = {collect, &collector};
    int code = sw_container_run(&run, engine, &request, &collecting, error);
    if (code == 0 && (run.oom || run.exit_code < 0 || run.exit_code > 1)) {
        add_broken_probe(findings, &run, image);
        result->failed++;
    } else if (code == 0) {
        code = sw_buffer_check(&collector.output, "the probe's answer", error);
        if (code == 0)
            code = read_results(result, sw_buffer_str(&collector.output), profile, findings, error);
    }
    sw_buffer_release(&collector.output);
    return code;
}

int sw_verify_image(struct sw_verification *result, struct sw_engine *engine, const char *image,
                    const struct sw_profile *profile, const struct sw_plan *plan,
                    struct sw_findings *findings, const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_verification counted = {0};
    bool ours = false;
    int code = compare_plan(&ours, engine, image, profile, plan, findings, error);
    if (code != 0)
        return code;
    if (!ours) {
        (void)sw_findings_add(findings, "SW403", SW_ERROR,
                              "'%s' was not built by slipway: there is no probe in it", image);
        *result = counted;
        return 0;
    }
    code = run_probe(&counted, engine, image, profile, findings, sink, error);
    if (code == 0)
        *result = counted;
    return code;
}
