#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"
#include "profile/needs.h"
#include "project/prepared.h"

static int read_ignore(struct sw_ignore **ignore, const struct sw_project *project, const char *path,
                       struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_IGNORE_SIZE);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_permissions_read(&text, &project->permissions, path, error);
    return code != 0 ? code : sw_ignore_new(ignore, sw_buffer_str(&text), path, error);
}

/* A Dockerfile of the user's may have an ignore file of its own, which comes before the folder's. */
static int load_ignore(struct sw_ignore **ignore, const struct sw_project *project, const char *dockerfile,
                       const char *root, struct sw_error *error)
{
    struct sw_arena *arena = project->arena;
    int code = SW_ENOTFOUND;
    if (dockerfile != NULL)
        code = read_ignore(ignore, project, sw_arena_format(arena, "%s.dockerignore", dockerfile), error);
    if (code == SW_ENOTFOUND)
        code = read_ignore(ignore, project, sw_path_join(arena, root, ".dockerignore"), error);
    return code == SW_ENOTFOUND ? 0 : code;
}

struct sw_context_file *sw_rendering_files(struct sw_arena *arena, const struct sw_rendering *rendering,
                                           struct sw_str certificates)
{
    struct sw_context_file *files = sw_arena_array(arena, rendering->count + 1, sizeof *files);
    for (size_t i = 0; files != NULL && i < rendering->count; i++) {
        const struct sw_rendered_file *file = &rendering->files[i];
        bool replaced = certificates.n > 0 && strcmp(file->name, "certificates.pem") == 0;
        files[i] = (struct sw_context_file){
            .path = file->name, .content = replaced ? certificates : file->text, .mode = file->mode};
    }
    return files;
}

static void add_copy(struct sw_context_options *options, struct sw_context_copy *copies,
                     const struct sw_node *from)
{
    copies[options->copies_count++] = (struct sw_context_copy){sw_node_text(from, ""), sw_node_file(from),
                                                               sw_node_line(from), sw_node_column(from)};
}

/* Arrays of an arena that a context is scanned from. */
static int fill(struct sw_context_options *options, struct sw_arena *arena,
                const struct sw_prepared *prepared, const struct sw_rendering *rendering,
                struct sw_str certificates, struct sw_error *error)
{
    if (sw_plan_is_wrapped(&prepared->plan))
        return sw_wrapped_context(options, arena, &prepared->plan, rendering, error);
    const struct sw_node *list = sw_node_at(prepared->profile.root, "context.copy");
    const struct sw_node *repositories = sw_node_get(prepared->profile.root, "repositories");
    size_t most = sw_node_count(list) + sw_node_count(repositories) + 2;
    struct sw_context_copy *copies = sw_arena_array(arena, most, sizeof *copies);
    struct sw_context_file *files = sw_rendering_files(arena, rendering, certificates);
    if (copies == NULL || files == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *from = sw_node_get(sw_node_item(list, i), "from");
        bool is_own = from != NULL && sw_node_get(sw_node_item(list, i), "image") == NULL;
        if (is_own)
            add_copy(options, copies, from);
    }
    for (size_t i = 0; i < sw_node_count(repositories); i++) {
        const struct sw_node *file = sw_node_at(sw_node_item(repositories, i), "key.file");
        if (file != NULL)
            add_copy(options, copies, file);
    }
    if (sw_node_text(prepared->plan.parts.interpreter.folder, NULL) != NULL)
        add_copy(options, copies, sw_node_get(prepared->profile.root, "python_builds"));
    options->copies = copies;
    options->files = files;
    options->files_count = rendering->count;
    return 0;
}

int sw_prepared_context(struct sw_context **context, struct sw_project *project,
                        const struct sw_prepared *prepared, const struct sw_rendering *rendering,
                        struct sw_str certificates, const char *output, const struct sw_sink *sink,
                        struct sw_error *error)
{
    struct sw_arena *arena = project->arena;
    struct sw_context_options *options = sw_arena_alloc(arena, sizeof *options);
    struct sw_ignore *ignore = NULL;
    const char *root = sw_profile_context(arena, &prepared->profile);
    if (options == NULL || root == NULL)
        return sw_fail_memory(error);
    *options =
        (struct sw_context_options){.root = root, .output = output, .sink = sink, .cancel = project->cancel};
    const char *real = NULL;
    int code = sw_permissions_find(&real, arena, &project->permissions, root, SW_ACCESS_READ, error);
    options->real_root = real;
    if (code == 0)
        code = fill(options, arena, prepared, rendering, certificates, error);
    if (code == 0)
        code = load_ignore(&ignore, project, prepared->profile.dockerfile.file, root, error);
    options->ignore = ignore;
    if (code == 0)
        code = sw_context_scan(context, options, error);
    sw_ignore_free(ignore);
    if (code != 0)
        sw_error_place(error, sw_node_at(prepared->profile.root, "context.path"));
    return code;
}
