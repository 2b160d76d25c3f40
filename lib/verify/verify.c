#include "verify/verify.h"

#include "base/clock.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "data/resource.h"
#include "engine/call.h"
#include "engine/container.h"
#include "engine/gpu.h"
#include "engine/image.h"
#include "profile/render.h"
#include "verify/answer_internal.h"

#define STACK "/opt/slipway/stack.json"

/* Linux takes at most 128 KiB in an argument of a program. */
enum { MOST_ARGUMENTS = 64, ARGUMENT_SIZE = 100000 };

struct verification {
    struct sw_verification made;
    struct sw_builder b; /* into its arena */
    struct sw_node *results;
    struct sw_engine *engine;
    const struct sw_verify_request *request;
    struct sw_findings *findings;
    const struct sw_sink *sink;
    const char *probe; /* its text */
    bool ours;         /* slipway built the image */
    /* The image's own LD_LIBRARY_PATH and VIRTUAL_ENV, or NULL. */
    const char *library_path, *virtual_environment;
    struct sw_gpu_access access;
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

/* A result of the verification. `fault` and `untried` may be NULL. */
struct row {
    const char *check, *at, *what, *code, *fault, *untried;
    enum sw_severity untried_severity;
};

static void add_finding(struct verification *v, const struct row *row)
{
    const char *code = row->untried != NULL ? "SW403" : row->code;
    if (sw_finding_code_find(code) == NULL)
        code = "SW401"; /* a newer probe's, or a project's own */
    struct sw_finding *finding =
        row->untried != NULL
            ? sw_findings_add(v->findings, code, row->untried_severity, "not tried: %s", row->untried)
            : sw_findings_add(v->findings, code, SW_ERROR, "%s", row->fault);
    if (v->request->profile != NULL)
        sw_profile_place(v->request->profile, v->findings, finding, row->at);
    if (strcmp(code, "SW304") == 0)
        sw_finding_hint(v->findings, finding,
                        "something installed over it without removing it first, as pip's "
                        "--ignore-installed does");
}

static void add_row(struct verification *v, const struct row *row)
{
    struct sw_builder *b = &v->b;
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "check", sw_build_text(b, row->check));
    sw_build_set(b, node, "at", sw_build_text(b, row->at));
    sw_build_set(b, node, "what", sw_build_text(b, row->what));
    sw_build_set(b, node, "code", sw_build_text(b, row->code));
    sw_build_set(b, node, "fault", sw_build_text(b, row->fault));
    sw_build_set(b, node, "untried", sw_build_text(b, row->untried));
    sw_build_append(b, v->results, node);
    if (row->untried != NULL)
        v->made.untried++;
    else if (row->fault != NULL)
        v->made.failed++;
    else
        v->made.passed++;
    if (row->untried != NULL || row->fault != NULL)
        add_finding(v, row);
}

/* The value of the variable in a list of NAME=VALUE, or NULL. */
static const char *variable_of(const struct sw_node *variables, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < sw_node_count(variables); i++) {
        if (sw_str_starts(sw_node_str(sw_node_item(variables, i)), name))
            value = sw_node_text(sw_node_item(variables, i), "") + strlen(name);
    }
    return value;
}

/* Hold the image's label against the plan. */
static int compare_plan(struct verification *v, struct sw_error *error)
{
    const struct sw_node *inspected = NULL;
    int code = sw_image_inspect(&inspected, &v->made.arena, v->engine, v->request->image, error);
    if (code != 0)
        return code;
    const struct sw_node *variables = sw_node_at(inspected, "Config.Env");
    v->library_path = variable_of(variables, "LD_LIBRARY_PATH=");
    v->virtual_environment = variable_of(variables, "VIRTUAL_ENV=");
    const struct sw_node *labels = sw_node_at(inspected, "Config.Labels");
    const char *label = sw_node_text(sw_node_get(labels, "io.slipway.plan"), NULL);
    const struct sw_plan *plan = v->request->plan;
    struct row row = {"plan", "name", "built from this plan", "SW402", NULL, NULL, SW_NOTE};
    v->ours = label != NULL;
    /* An image to which nothing was added has no label. */
    if (plan != NULL && sw_plan_is_wrapped(plan) && !sw_plan_has_layer(plan))
        return 0;
    if (!v->ours && plan != NULL)
        row.fault = "the image bears no plan: it was not built from the profile";
    else if (!v->ours)
        row.untried = "slipway did not build this image: there is no plan and no assertion to hold it to";
    else if (plan != NULL && strcmp(label, plan->digest) != 0)
        row.fault = "the image was built from another plan than the profile's: slipway build makes a new one";
    if (!v->ours || plan != NULL)
        add_row(v, &row);
    return 0;
}

/* A probe that could not answer proves nothing. */
static void add_broken_probe(struct verification *v, const char *fault)
{
    const struct row row = {"probe", "", "the probe answers", "SW401", fault, NULL, SW_NOTE};
    add_row(v, &row);
}

/* Return the fault that keeps a container's output from being an answer, or NULL. */
static const char *fault_of(struct verification *v, const struct sw_container_result *run, int64_t timeout_ns)
{
    struct sw_arena *arena = &v->made.arena;
    if (run->end == SW_CONTAINER_LATE)
        return sw_arena_format(arena, "the probe did not end within %lld s and was stopped",
                               (long long)(timeout_ns / SW_SECOND_NS));
    if (run->end == SW_CONTAINER_FLOODING)
        return sw_arena_format(arena, "the probe printed more than %llu MiB and was stopped",
                               SW_MAX_CONTAINER_OUTPUT / SW_MIB);
    if (run->oom)
        return "the probe ran out of memory";
    if (run->exit_code < 0 || run->exit_code > 1)
        return sw_arena_format(arena, "the probe ended with status %d", run->exit_code);
    return NULL;
}

/* A question without an answer has failed. */
static void add_missing(struct verification *v, const struct sw_questions *questions)
{
    for (size_t i = 0; i < questions->count; i++) {
        const struct sw_question *question = &questions->items[i];
        if (question->rows > 0 || question->optional)
            continue;
        const char *at = question->at == NULL ? "" : question->at;
        const char *what = question->what != NULL ? question->what : question->at;
        const char *fault =
            sw_arena_format(&v->made.arena, "the probe says nothing of what was asked: %s%s%s",
                            question->check, what == NULL ? "" : " ", what == NULL ? "" : what);
        const struct row row = {.check = question->check,
                                .at = at,
                                .what = what == NULL ? question->check : what,
                                .code = "SW401",
                                .fault = fault == NULL ? "the probe says nothing" : fault};
        add_row(v, &row);
    }
}

static int read_results(struct verification *v, struct sw_str output, const char *nonce,
                        struct sw_error *error)
{
    struct sw_arena *arena = &v->made.arena;
    const struct sw_plan *plan = v->request->plan;
    const struct sw_asked asked = {.plan = plan == NULL ? NULL : &plan->parts,
                                   .own_stack = v->ours,
                                   .gpus = v->request->gpus != NULL && v->access.way != NULL,
                                   .no_gpus = v->request->gpus != NULL && v->access.way == NULL};
    struct sw_questions questions;
    struct sw_answer answer;
    struct sw_error refusal;
    int code = sw_questions_make(&questions, arena, &asked, error);
    if (code != 0)
        return code;
    if (sw_answer_read(&answer, arena, &questions, output, nonce, &refusal) != 0) {
        const char *fault = sw_arena_format(arena, "what the probe says is no answer: %s", refusal.text);
        add_broken_probe(v, fault == NULL ? "what the probe says is no answer" : fault);
        return 0;
    }
    v->made.answer = answer.root;
    for (size_t i = 0; i < answer.count; i++) {
        const struct sw_answer_row *found = &answer.rows[i];
        const struct row row = {found->check, found->at,      found->what, found->code,
                                found->fault, found->untried, SW_NOTE};
        add_row(v, &row);
    }
    add_missing(v, &questions);
    return 0;
}

/* Find GPUs for the container if they are asked for; the other checks run without GPUs too. */
static int find_gpus(struct verification *v, struct sw_error *error)
{
    struct sw_error none = {0};
    if (v->request->gpus == NULL)
        return 0;
    int code = sw_gpu_access(&v->access, &v->made.arena, v->engine, v->request->gpus, &none);
    if (code == SW_ENO) {
        const struct row row = {"gpu", "accelerators", "kernels on a GPU", "SW401",
                                NULL,  none.text,      SW_WARNING};
        add_row(v, &row);
        return 0;
    }
    if (code != 0 && error != NULL)
        *error = none;
    v->made.gpu_way = v->access.way;
    return code;
}

/* The driver's libraries before the image's own folders, as a variable of the container; NULL if there are
 * none or without memory. */
static const char *gpu_variable(struct verification *v)
{
    const char *own = v->library_path;
    if (v->access.library_folder == NULL)
        return NULL;
    return sw_arena_format(&v->made.arena, "LD_LIBRARY_PATH=%s%s%s", v->access.library_folder,
                           own == NULL ? "" : ":", own == NULL ? "" : own);
}

/* Add the questions as arguments, cut between two characters. */
static int add_stack(struct verification *v, const char **command, size_t *count, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    const struct sw_node *stack = sw_render_stack(&v->b, v->request->plan);
    if (stack == NULL)
        return sw_fail_memory(error);
    sw_json_write(&text, stack, SW_JSON_COMPACT);
    int code = sw_buffer_check(&text, "what the probe is asked", error);
    struct sw_str rest = sw_buffer_str(&text);
    while (code == 0 && rest.n > 0) {
        size_t n = rest.n < ARGUMENT_SIZE ? rest.n : ARGUMENT_SIZE;
        while (n < rest.n && ((unsigned char)rest.p[n] & 0xC0) == 0x80)
            n--;
        const char *part = sw_arena_copy(&v->made.arena, (struct sw_str){rest.p, n});
        if (part == NULL)
            return sw_fail_memory(error);
        if (*count + 3 > MOST_ARGUMENTS)
            return sw_fail(error, SW_EINPUT, "the profile asks for too much to be proven at once");
        command[(*count)++] = "--stack";
        command[(*count)++] = part;
        rest = sw_str_drop(rest, n);
    }
    return code;
}

/* Python is isolated, so that neither the environment nor a folder of the image can replace the modules that the probe imports. */
static int make_command(struct verification *v, const char **command, const char *python, const char *nonce,
                        struct sw_error *error)
{
    size_t count = 0;
    const char *const start[] = {python, "-I", "-S", "-c", v->probe, "--json", "--nonce", nonce};
    for (; count < SW_COUNT(start); count++)
        command[count] = start[count];
    if (v->request->files)
        command[count++] = "--files";
    if (v->request->gpus != NULL)
        command[count++] =
            v->access.way != NULL ? "--gpu" : "--no-gpu"; /* for which there is a row already */
    if (v->request->plan != NULL)
        return add_stack(v, command, &count, error);
    if (v->ours)
        command[count] = STACK;
    return 0;
}

/* Run the probe with a Python. The code is negative if the engine cannot start that Python. */
static int run_probe(struct verification *v, const char *python, struct sw_error *error)
{
    const char *command[MOST_ARGUMENTS] = {NULL}, *environment[2] = {gpu_variable(v)};
    char nonce[SW_TOKEN_SIZE];
    int64_t timeout_ns =
        v->request->timeout_ns > 0 ? v->request->timeout_ns : SW_MAX_CONTAINER_SECONDS * SW_SECOND_NS;
    int code = sw_call_token(nonce, error);
    if (code == 0)
        code = make_command(v, command, python, nonce, error);
    if (code != 0)
        return code;
    const struct sw_container_request request = {.image = v->request->image,
                                                 .command = command,
                                                 .environment = environment,
                                                 .network = "none",
                                                 .memory =
                                                     v->access.way != NULL ? SW_MAX_CONTAINER_MEMORY_GPU : 0,
                                                 .timeout_ns = timeout_ns,
                                                 .host_config = v->access.host_config};
    struct sw_container_result run = {0};
    struct collector collector = {.next = v->sink};
    sw_buffer_init(&collector.output, SW_MAX_JSON_SIZE);
    const struct sw_sink collecting = {collect, &collector};
    code = sw_container_run(&run, v->engine, &request, &collecting, error);
    const char *fault = code == 0 ? fault_of(v, &run, timeout_ns) : NULL;
    if (code == 0 && fault == NULL && collector.output.state != SW_BUFFER_OK)
        fault = "the probe's answer is too long";
    if (fault != NULL)
        add_broken_probe(v, fault);
    else if (code == 0)
        code = read_results(v, sw_buffer_str(&collector.output), nonce, error);
    sw_buffer_release(&collector.output);
    return code;
}

/* Try the usual names of Python, since any image may hold a Python; the images that slipway renders keep theirs in
 * /opt/venv. */
static int try_pythons(struct verification *v, struct sw_error *error)
{
    bool wrapped = v->request->plan == NULL || sw_plan_is_wrapped(v->request->plan);
    if (v->ours && !wrapped)
        return run_probe(v, "/opt/venv/bin/python", error);
    const char *folder = v->ours && v->request->plan == NULL ? "/opt/venv" : v->virtual_environment;
    const char *own = folder == NULL ? NULL : sw_arena_format(&v->made.arena, "%s/bin/python", folder);
    const char *const names[] = {own, "python3", "python"};
    int code = 0;
    for (size_t i = own == NULL ? 1 : 0; i < SW_COUNT(names); i++) {
        code = run_probe(v, names[i], error);
        if (code != SW_ENO && code != SW_ENOTFOUND)
            return code;
    }
    const struct row row = {"probe", "",   "the probe runs",
                            "SW401", NULL, "there is no Python in the image to try anything with",
                            SW_NOTE};
    add_row(v, &row);
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
    v.b.arena = &v.made.arena;
    v.results = sw_build_list(&v.b);
    int code = sw_resource_load(&probe, &path, &v.made.arena, request->project, "templates/probe.py", error);
    if (code == 0)
        code = compare_plan(&v, error);
    v.probe = probe.p; /* resources end in NUL */
    if (code == 0)
        code = find_gpus(&v, error);
    if (code == 0)
        code = try_pythons(&v, error);
    if (code == 0 && v.b.failed)
        code = sw_fail_memory(error);
    if (code != 0) {
        sw_verification_release(&v.made);
        return code;
    }
    v.made.results = v.results;
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
