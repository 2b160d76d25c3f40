#include "project/wrapped.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"

#include <stdlib.h>

/* The name in the context of a Dockerfile that lies elsewhere. */
#define FOREIGN "Dockerfile.slipway"

struct wrapping {
    struct sw_wrapped *wrapped;
    struct sw_profile *profile;
    const struct sw_project *project;
    const struct sw_profile_source *source;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
};

/* The path without "FOLDER/..", as long as it leads to the same file; NULL without memory. */
static const char *shorten(struct sw_arena *arena, const char *path)
{
    char *shorter = sw_arena_text(arena, path), *up = shorter == NULL ? NULL : strstr(shorter, "/..");
    for (; up != NULL && (up[3] == '/' || up[3] == '\0'); up = strstr(shorter, "/..")) {
        char *folder = up;
        while (folder > shorter && folder[-1] != '/')
            folder--;
        if (folder == up || (up - folder == 2 && strncmp(folder, "..", 2) == 0))
            break;
        const char *rest = up[3] == '/' ? up + 4 : ".";
        memmove(folder, rest, strlen(rest) + 1);
    }
    char *one = realpath(path, NULL), *other = shorter == NULL ? NULL : realpath(shorter, NULL);
    bool same = one != NULL && other != NULL && strcmp(one, other) == 0;
    free(one);
    free(other);
    return same || shorter == NULL ? shorter : path;
}

/* A path of the profile, seen from the profile's file, as a path from here; NULL without memory. */
static const char *path_of(const struct wrapping *w, const char *key)
{
    struct sw_arena *arena = &w->profile->arena;
    const struct sw_node *node = sw_node_at(w->profile->root, key);
    const char *folder = node == NULL ? NULL : sw_path_dir(arena, sw_node_file(node));
    const char *path = folder == NULL ? NULL : sw_path_join(arena, folder, sw_node_text(node, ""));
    return path == NULL ? NULL : shorten(arena, path);
}

static int read_text(const struct wrapping *w, struct sw_error *error)
{
    struct sw_profile_dockerfile *dockerfile = &w->profile->dockerfile;
    const struct sw_node *at = sw_node_at(w->profile->root, "dockerfile.path");
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_DOCKERFILE_SIZE);
    const char *path = path_of(w, "dockerfile.path");
    if (path == NULL)
        return sw_fail_memory(error);
    struct sw_error problem;
    int code = w->source->read(w->source->self, &text, path, &problem);
    if (code == SW_EREFUSED) {
        const char *word = sw_permission_word(&w->findings->arena, path, SW_ACCESS_READ);
        (void)sw_permission_missing(w->findings, SW_ERROR, at, word == NULL ? "" : word, "%s", problem.text);
        return 0;
    }
    if (code != 0) {
        struct sw_finding *finding = sw_findings_add(w->findings, "SW102", SW_ERROR, "%s", problem.text);
        sw_profile_place(w->profile, w->findings, finding, "dockerfile.path");
        return code == SW_EINPUT || code == SW_ENOTFOUND ? 0 : sw_fail(error, code, "%s", problem.text);
    }
    dockerfile->text.p = sw_arena_copy(&w->profile->arena, sw_buffer_str(&text));
    dockerfile->text.n = text.n;
    dockerfile->file = path;
    return dockerfile->text.p == NULL ? sw_fail_memory(error) : 0;
}

/* ---- the stack ---- */

static int apply_texts(struct sw_draft *draft, const struct wrapping *w, struct sw_error *error)
{
    const struct sw_node *args = sw_node_at(w->profile->root, "dockerfile.args");
    const struct sw_texts *given = &w->project->build_arguments;
    int code = 0;
    for (size_t i = 0; code == 0 && i < sw_node_member_count(args); i++) {
        const struct sw_member *member = sw_node_member_at(args, i);
        const char *text = sw_arena_format(&w->profile->arena, "%.*s=%s", SW_STR_FORMAT(member->key),
                                           sw_node_text(member->value, ""));
        code = text == NULL ? sw_fail_memory(error) : sw_draft_argument(draft, text, error);
    }
    for (size_t i = 0; code == 0 && i < given->count; i++)
        code = sw_draft_argument(draft, given->items[i], error);
    return code;
}

static int apply(struct sw_draft *draft, const struct wrapping *w, struct sw_error *error)
{
    const struct sw_node *root = w->profile->root;
    const char *target = sw_node_text(sw_node_at(root, "dockerfile.target"), NULL);
    const char *python = sw_node_text(sw_node_get(root, "python_version"), NULL);
    const char *context = path_of(w, "dockerfile.context");
    const struct sw_node *gpus = sw_node_get(root, "accelerators");
    sw_draft_judge(draft);
    for (size_t i = 0; i < sw_node_count(gpus); i++) {
        struct sw_error unknown; /* the plan reports it */
        if (sw_draft_gpu(draft, sw_node_text(sw_node_item(gpus, i), ""), &unknown) != 0)
            continue;
    }
    if (target != NULL)
        sw_draft_target(draft, target);
    if (context != NULL)
        sw_draft_context(draft, context);
    int code = python == NULL ? 0 : sw_draft_python(draft, python, error);
    return code == 0 ? apply_texts(draft, w, error) : code;
}

static bool is_of_dockerfile(struct sw_str key)
{
    static const char *const keys[] = {"base_image",      "environment",  "indexes", "python_version",
                                       "steps",           "requirements", "torch",   "constraints",
                                       "system_packages", "overrides"};
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        if (sw_str_is(key, keys[i]))
            return true;
    }
    return false;
}

/* Take the facts that a Dockerfile gives beside its tree. */
static void take_facts(struct sw_profile *profile, const struct sw_profile *found)
{
    profile->unisolated = found->unisolated;
    profile->unisolated_count = found->unisolated_count;
    profile->keeps_numpy = found->keeps_numpy;
    profile->has_unread_index = found->has_unread_index;
    profile->guesses_python = found->guesses_python && sw_node_get(profile->root, "python_version") == NULL;
    if (sw_node_get(profile->root, "torch") == NULL) {
        profile->base_torch = found->base_torch;
        profile->base_companions = found->base_companions;
    }
    profile->installs = found->installs;
    profile->torch_install = found->torch_install;
}

static int read_stack(const struct wrapping *w, struct sw_error *error)
{
    struct sw_profile *profile = w->profile;
    struct sw_draft *draft =
        sw_draft_new(profile->name == NULL ? "" : profile->name, w->catalog, w->project->cancel);
    w->wrapped->draft = draft;
    int code = draft == NULL ? sw_fail_memory(error) : apply(draft, w, error);
    if (code == 0)
        code = sw_draft_read_dockerfile(draft, &w->project->permissions, profile->dockerfile.file,
                                        profile->dockerfile.text, error);
    if (code == 0)
        code = sw_draft_profile(&w->wrapped->found, draft, w->findings, error);
    if (code != 0)
        return code;
    struct sw_builder b = {.arena = &profile->arena};
    take_facts(profile, &w->wrapped->found);
    profile->root =
        sw_build_merged(&b, sw_build_filtered(&b, w->wrapped->found.root, is_of_dockerfile), profile->root);
    profile->is_found = true;
    return b.failed ? sw_fail_memory(error) : 0;
}

/* ---- the folder ---- */

/* The path of the Dockerfile below its context, NULL if it lies elsewhere. */
static void find_path(struct sw_profile *profile)
{
    struct sw_profile_dockerfile *dockerfile = &profile->dockerfile;
    char *file = realpath(dockerfile->file, NULL), *context = realpath(dockerfile->context, NULL);
    size_t n = context == NULL ? 0 : strlen(context);
    if (file != NULL && n > 0 && strncmp(file, context, n) == 0 && file[n] == '/')
        dockerfile->path = sw_arena_text(&profile->arena, file + n + 1);
    free(file);
    free(context);
}

int sw_wrapped_read(struct sw_wrapped *wrapped, struct sw_profile *profile, const struct sw_project *project,
                    const struct sw_profile_source *source, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error)
{
    const struct wrapping w = {wrapped, profile, project, source, catalog, findings};
    if (sw_node_get(profile->root, "dockerfile") == NULL)
        return 0;
    int code = read_text(&w, error);
    if (code != 0 || profile->dockerfile.file == NULL)
        return code;
    code = read_stack(&w, error);
    if (code != 0)
        return code;
    profile->dockerfile.context = sw_arena_text(&profile->arena, sw_draft_context_folder(wrapped->draft));
    if (profile->dockerfile.context == NULL)
        return sw_fail_memory(error);
    find_path(profile);
    return 0;
}

void sw_wrapped_release(struct sw_wrapped *wrapped)
{
    sw_profile_release(&wrapped->found);
    sw_draft_free(wrapped->draft);
    *wrapped = (struct sw_wrapped){0};
}

/* ---- findings ---- */

static bool edits_dockerfile(const struct sw_finding *finding)
{
    for (size_t i = 0; i < finding->fix_count; i++) {
        struct sw_str path = sw_str_from(finding->fix[i].path);
        size_t n = 0;
        while (n < path.n && path.p[n] != '.' && path.p[n] != '[')
            n++;
        if (is_of_dockerfile((struct sw_str){path.p, n}) ||
            sw_str_is((struct sw_str){path.p, n}, "system_packages"))
            return true;
    }
    return false;
}

void sw_wrapped_drop_fixes(const struct sw_profile *profile, struct sw_findings *findings, size_t from)
{
    for (size_t i = from; profile->dockerfile.file != NULL && i < findings->count; i++) {
        if (edits_dockerfile(findings->items[i]))
            findings->items[i]->fix_count = 0;
    }
}

void sw_wrapped_name_findings(const struct sw_profile *profile, struct sw_findings *findings, size_t from)
{
    for (size_t i = from; profile->dockerfile.file != NULL && i < findings->count; i++) {
        struct sw_finding *finding = findings->items[i];
        if (finding->file != NULL && strcmp(finding->file, "Dockerfile") == 0)
            sw_finding_place(findings, finding, profile->dockerfile.file, finding->line, finding->column);
    }
}

/* ---- the context ---- */

int sw_wrapped_context(struct sw_context_options *options, struct sw_arena *arena, const struct sw_plan *plan,
                       const struct sw_rendering *rendering, struct sw_error *error)
{
    struct sw_context_copy *copy = sw_arena_alloc(arena, sizeof *copy);
    struct sw_context_file *files = sw_arena_array(arena, 2, sizeof *files);
    if (copy == NULL || files == NULL)
        return sw_fail_memory(error);
    struct sw_str held = sw_rendering_text(rendering, "constraints.txt");
    *copy = (struct sw_context_copy){.from = "."};
    options->dockerfile = sw_node_text(plan->parts.dockerfile.path, FOREIGN);
    files[0] = (struct sw_context_file){.path = options->dockerfile,
                                        .content = sw_rendering_text(rendering, "Dockerfile")};
    files[1] = (struct sw_context_file){.path = SW_HOLD_FILE, .content = held};
    options->copies = copy;
    options->copies_count = 1;
    options->files = files;
    options->files_count = held.n > 0 ? 2 : 1;
    return 0;
}
