#include "commands.h"

#include "output/format.h"
#include "output/say.h"

#include "base/file.h"
#include "base/text.h"
#include "base/variables.h"
#include "bootstrap/bootstrap.h"
#include "data/path.h"
#include "engine/nvml.h"
#include "project/host_engine.h"
#include "project/prepare.h"
#include "project/prepared.h"
#include "project/profiles.h"

#include <stdarg.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A running build takes about twice the size of its image: the layers, and the files that they are made from. */
enum { BUILD_TO_IMAGE = 2, MEGABYTE = 1000000 };

enum state { STATE_GOOD, STATE_NOTE, STATE_BAD };

struct examination {
    struct session *session;
    struct sw_catalog catalog;
    struct sw_builder b;
    struct sw_node *checks; /* {name, state, text, remedy} */
    struct sw_nvml host;
    bool has_gpu, works; /* a build can run here */
};

static void note(struct examination *e, enum state state, const char *name, const char *text,
                 const char *remedy)
{
    static const char *const states[] = {"good", "note", "problem"};
    struct sw_node *row = sw_build_map(&e->b);
    sw_build_set(&e->b, row, "name", sw_build_text(&e->b, name));
    sw_build_set(&e->b, row, "state", sw_build_text(&e->b, states[state]));
    sw_build_set(&e->b, row, "text", sw_build_text(&e->b, text));
    sw_build_set(&e->b, row, "remedy", sw_build_text(&e->b, remedy));
    sw_build_append(&e->b, e->checks, row);
}

/* Text in the session's arena; a failure shows in the builder. */
static const char *words(struct examination *e, const char *format, ...) SW_PRINTF(2, 3);
static const char *words(struct examination *e, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *copy = sw_arena_text(e->b.arena, text);
    e->b.failed = e->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

static const char *size_of(struct examination *e, uint64_t bytes)
{
    char text[16];
    sw_text_size(text, bytes);
    return words(e, "%s", text);
}

/* ---- the host's GPUs ---- */

/* The catalog's row of a GPU as NVML calls it: the longest title that stands in its name, of that compute capability. */
static const struct sw_node *known_gpu(const struct examination *e, const struct sw_nvml_gpu *gpu)
{
    char capability[32];
    (void)snprintf(capability, sizeof capability, "%u.%u", gpu->major, gpu->minor);
    const struct sw_node *best = NULL;
    size_t longest = 0;
    for (size_t i = 0; i < sw_node_count(e->catalog.gpus); i++) {
        const struct sw_node *row = sw_node_item(e->catalog.gpus, i);
        const char *title = sw_node_text(sw_node_get(row, "title"), "?");
        bool same = strcmp(sw_node_text(sw_node_get(row, "compute_capability"), ""), capability) == 0;
        if (same && strstr(gpu->name, title) != NULL && strlen(title) > longest) {
            best = row;
            longest = strlen(title);
        }
    }
    return best;
}

static void examine_gpus(struct examination *e)
{
    struct sw_error error;
    int code = sw_nvml_read(&e->host, &error);
    if (code != 0) {
        bool absent = code == SW_ENOTFOUND;
        note(e, absent ? STATE_NOTE : STATE_BAD, "gpu", error.text,
             absent ? "not needed to build; 'slipway verify' will not try the GPU here" : error.hint);
        return;
    }
    note(e, STATE_GOOD, "driver",
         words(e, "%s, for CUDA %u.%u", e->host.driver, e->host.cuda_major, e->host.cuda_minor), NULL);
    e->has_gpu = e->host.count > 0;
    if (e->host.count == 0)
        note(e, STATE_NOTE, "gpu", "the driver sees none", "see 'nvidia-smi -L'");
    for (size_t i = 0; i < e->host.count; i++) {
        const struct sw_nvml_gpu *gpu = &e->host.gpus[i];
        const struct sw_node *row = known_gpu(e, gpu);
        const char *name = row == NULL ? "not in the catalog" : sw_node_text(sw_node_get(row, "name"), "");
        const char *memory = gpu->memory == 0 ? "" : words(e, ", %s", size_of(e, gpu->memory));
        note(e, row == NULL ? STATE_NOTE : STATE_GOOD, "gpu",
             words(e, "%s (%s), compute capability %u.%u%s", gpu->name, name, gpu->major, gpu->minor, memory),
             row == NULL ? "add it to slipway/profiles/catalog/gpus.yaml to name it in a profile" : NULL);
    }
}

/* ---- profiles ---- */

/* Return true if torch's build has code for a GPU of this host, or if its code is not known. */
static bool serves(struct examination *e, const char *torch, const char *cuda, const struct sw_nvml_gpu *gpu)
{
    struct sw_node *row = sw_build_map(&e->b);
    sw_build_set(&e->b, row, "compute_capability", sw_build_format(&e->b, "%u.%u", gpu->major, gpu->minor));
    const struct sw_node *known = known_gpu(e, gpu);
    const struct sw_node *target = known == NULL ? row : known;
    const struct sw_node *code =
        sw_catalog_code(e->catalog.torch_code, torch, cuda, sw_catalog_machine(target));
    return target != NULL && (code == NULL || sw_catalog_serves(code, target) != SW_NOT_SERVED);
}

/* The reason why a profile cannot run here; NULL if no reason is known. */
static const char *obstacle(struct examination *e, const struct sw_plan_parts *plan)
{
    const char *cuda = sw_node_text(plan->torch.cuda, NULL);
    const char *torch = sw_node_text(plan->torch.version, "");
    if (cuda == NULL)
        return NULL;
    const char *floor =
        sw_node_text(sw_node_get(sw_catalog_row(e->catalog.toolkits, "version", cuda), "floor"), NULL);
    if (floor != NULL && sw_catalog_compare(e->host.driver, floor) < 0)
        return words(e, "CUDA %s needs driver %s, this host has %s", cuda, floor, e->host.driver);
    for (size_t i = 0; i < e->host.count; i++) {
        if (serves(e, torch, cuda, &e->host.gpus[i]))
            return NULL;
    }
    return words(e, "torch %s for CUDA %s has no code for compute capability %u.%u", torch, cuda,
                 e->host.gpus[0].major, e->host.gpus[0].minor);
}

static uint64_t size_of_part(const struct examination *e, const char *key)
{
    const struct sw_node *sizes = sw_node_get(e->catalog.images, "sizes");
    return (uint64_t)sw_node_integer(sw_node_get(sizes, key), 0) * MEGABYTE;
}

/* The size that the image is likely to take on the engine's disk. */
static uint64_t likely_size(const struct examination *e, const struct sw_plan_parts *plan)
{
    const char *base = sw_node_text(plan->base.reference, "");
    uint64_t size = size_of_part(e, strstr(base, "-devel") == NULL ? "python" : "devel");
    bool torch = sw_node_text(plan->torch.version, NULL) != NULL;
    const struct sw_node *requirements = plan->requirements;
    for (size_t i = 0; !torch && i < sw_node_count(requirements); i++)
        torch = sw_path_names_project(sw_node_str(sw_node_item(requirements, i)), SW_STR("torch"));
    return size + (torch ? size_of_part(e, "torch") : 0);
}

/* Say of a profile without errors whether it builds and runs here. */
static void judge_profile(struct examination *e, const char *name, const struct sw_plan_parts *plan,
                          uint64_t size)
{
    const char *why = e->has_gpu ? obstacle(e, plan) : NULL;
    if (why != NULL)
        note(e, STATE_NOTE, name,
             words(e, "%s, but will not run here: %s", e->works ? "builds" : "has no errors", why),
             "'slipway gpus' says what first serves a GPU");
    else if (!e->works)
        note(e, STATE_NOTE, name,
             words(e, "%s, but no engine builds it here; likely %s",
                   e->has_gpu ? "fits the GPUs of this host" : "has no errors", size_of(e, size)),
             NULL);
    else
        note(e, STATE_GOOD, name,
             words(e, "%s; likely %s", e->has_gpu ? "fits this host" : "builds here", size_of(e, size)),
             NULL);
}

/* Examine a profile; `*largest` gets the size of the largest image of all. */
static void examine_profile(struct examination *e, const char *path, uint64_t *largest)
{
    SW_PREPARED_AUTO prepared;
    SW_FINDINGS_AUTO findings;
    struct sw_error error;
    sw_findings_init(&findings);
    int code = sw_prepare(&prepared, &e->session->project, path, &e->catalog, &findings, &error);
    const char *name = words(e, "profile %s", prepared.profile.name == NULL ? path : prepared.profile.name);
    if (code != 0 || prepared.plan.root == NULL || sw_findings_count(&findings, SW_ERROR) > 0) {
        note(e, STATE_BAD, name, "it has errors", words(e, "see 'slipway check %s'", path));
        return;
    }
    const struct sw_plan_parts *plan = &prepared.plan.parts;
    uint64_t size = likely_size(e, plan);
    *largest = size > *largest ? size : *largest;
    const char *tool = sw_bootstrap_tool(), *found;
    if (sw_node_text(plan->base.bootstrap, NULL) != NULL &&
        sw_program_find(&found, e->b.arena, tool, e->session->project.environment, NULL) != 0) {
        note(e, STATE_BAD, name, words(e, "its base is made with %s, which is not installed", tool),
             words(e, "install the package %s", tool));
        return;
    }
    judge_profile(e, name, plan, size);
}

static int examine_profiles(struct examination *e, uint64_t *largest, struct sw_error *error)
{
    struct sw_texts paths = {0};
    int code = sw_profiles_list(&paths, &e->session->project, error);
    for (size_t i = 0; code == 0 && i < paths.count; i++)
        examine_profile(e, paths.items[i], largest);
    if (code == 0 && paths.count == 0)
        note(e, STATE_NOTE, "profiles", "there are none here", "write a first one with 'slipway init'");
    return code;
}

/* ---- the engine ---- */

static void examine_disk(struct examination *e, struct sw_engine *engine, uint64_t largest)
{
    const char *root = "";
    struct statvfs disk;
    if (sw_engine_endpoint(engine)->kind != SW_ENDPOINT_UNIX ||
        sw_engine_root(&root, e->b.arena, engine, NULL) != 0 || root[0] == '\0' ||
        statvfs(root, &disk) != 0) {
        note(e, STATE_NOTE, "disk", "the engine's disk cannot be seen from here", NULL);
        return;
    }
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize, wanted = largest * BUILD_TO_IMAGE;
    const char *text = words(e, "%s free in %s", size_of(e, free_bytes), root);
    if (free_bytes >= wanted) {
        note(e, STATE_GOOD, "disk", text, NULL);
        return;
    }
    e->works = false;
    note(e, STATE_BAD, "disk",
         words(e, "%s; the largest profile here may take %s while it builds", text, size_of(e, wanted)),
         sw_engine_info(engine)->podman ? "podman system prune"
                                        : "docker system prune, docker builder prune");
}

static void examine_ondemand(struct examination *e)
{
    const struct sw_ondemand_options options = {.uid = (unsigned)getuid(),
                                                .environment = e->session->project.environment,
                                                .cancel = &e->session->cancel};
    const char *program = "";
    struct sw_error error;
    e->works = sw_ondemand_program(&program, &options, &error) == 0;
    if (e->works)
        note(e, STATE_NOTE, "engine",
             words(e, "none runs; 'slipway build' starts %s for as long as it needs one", program), NULL);
    else
        note(e, STATE_BAD, "engine", error.text, error.hint);
}

/* Find the engine, and leave it in `*engine` if it answers. */
static void examine_engine(struct examination *e, struct sw_host_engine *engine)
{
    struct sw_error error;
    bool chosen = false;
    int code = sw_host_engine_find(engine, &chosen, &e->session->project, NULL, &error);
    if (code != 0 && !chosen && code == SW_EENV) {
        examine_ondemand(e);
        return;
    }
    e->works = code == 0;
    if (code != 0) {
        note(e, STATE_BAD, "engine", error.text, error.hint);
        return;
    }
    const struct sw_engine_info *info = sw_engine_info(engine->engine);
    note(e, STATE_GOOD, "engine",
         words(e, "%s %s%s%s, %s/%s, at %s", info->product, info->version, info->builder ? "" : ", API ",
               info->api_version, info->os, info->architecture, sw_engine_endpoint(engine->engine)->url),
         NULL);
    note(e, STATE_GOOD, "builder",
         info->podman     ? "Buildah"
         : info->buildkit ? "BuildKit"
                          : "the classic builder",
         NULL);
}

/* ---- */

static void print(const struct examination *e)
{
    const struct session *session = e->session;
    static const struct {
        const char *state, *mark, *color;
    } marks[] = {
        {"good", "ok", "\033[32m"}, {"note", "note", "\033[36m"}, {"problem", "problem", "\033[31m"}};
    for (size_t i = 0; i < sw_node_count(e->checks); i++) {
        const struct sw_node *row = sw_node_item(e->checks, i);
        const char *state = sw_node_text(sw_node_get(row, "state"), "");
        const char *remedy = sw_node_text(sw_node_get(row, "remedy"), NULL);
        size_t at = 0;
        while (strcmp(marks[at].state, state) != 0)
            at++;
        say_own(session->out, session->color ? marks[at].color : "");
        say(session->out, "%-8s", marks[at].mark);
        say_own(session->out, session->color ? "\033[0m" : "");
        say(session->out, "%s: %s\n", sw_node_text(sw_node_get(row, "name"), ""),
            sw_node_text(sw_node_get(row, "text"), ""));
        if (remedy != NULL && remedy[0] != '\0')
            say(session->out, "        %s\n", remedy);
    }
}

static enum status report(struct examination *e)
{
    enum status status = e->works ? STATUS_DONE : STATUS_ENVIRONMENT;
    if (e->session->format == FORMAT_JSON || e->b.failed) {
        struct sw_node *root = sw_build_map(&e->b);
        sw_build_set(&e->b, root, "ok", sw_build_bool(&e->b, e->works));
        sw_build_set(&e->b, root, "checks", e->checks);
        enum status written = format_node(e->session, e->b.failed ? NULL : root, true);
        return written == STATUS_DONE ? status : written;
    }
    print(e);
    return status;
}

enum status command_doctor(struct session *session)
{
    struct examination e = {.session = session, .b = {.arena = &session->arena}};
    SW_HOST_ENGINE_AUTO engine = {0};
    struct sw_error error;
    uint64_t largest = 0;
    e.checks = sw_build_list(&e.b);
    int code = sw_catalog_load(&e.catalog, session->project.overrides, &error);
    if (code == 0) {
        examine_gpus(&e);
        examine_engine(&e, &engine);
        code = examine_profiles(&e, &largest, &error);
    }
    if (code == 0 && engine.engine != NULL)
        examine_disk(&e, engine.engine, largest);
    enum status status = code == 0 ? report(&e) : session_fail(session, &error);
    sw_catalog_release(&e.catalog);
    return status;
}
