#include "project/committed.h"

#include "base/limits.h"
#include "project/prepare.h"
#include "project/profiles.h"
#include "project/records.h"

bool sw_committed_is_named(const char *word)
{
    const char *at = strstr(word, "@{");
    return at != NULL && at > word && sw_str_ends(sw_str_from(at), "}");
}

/* Append `path` to `out` without "." and ".."; return false if the path leaves the repository. */
static bool add_path(struct sw_buffer *out, const char *path)
{
    struct sw_str rest = sw_str_from(path);
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '/');
        if (part.n == 0 || sw_str_is(part, "."))
            continue;
        if (!sw_str_is(part, "..")) {
            sw_buffer_addf(out, "%s%.*s", out->n == 0 ? "" : "/", SW_STR_FORMAT(part));
            continue;
        }
        if (out->n == 0)
            return false;
        const char *slash = strrchr(out->p, '/');
        sw_buffer_truncate(out, slash == NULL ? 0 : (size_t)(slash - out->p));
    }
    return true;
}

static int read_committed(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    const struct sw_committed *files = self;
    SW_BUFFER_AUTO full;
    sw_buffer_init(&full, SW_MAX_PATH_SIZE);
    if (path[0] == '/' || !add_path(&full, files->folder) || !add_path(&full, path))
        return sw_fail(error, SW_EINPUT, "'%s' is not in the repository", path);
    int code = sw_buffer_check(&full, "a path", error);
    return code == 0 ? sw_revision_read(out, &files->revision, full.p, error) : code;
}

/* The profile's file in the revision. */
static int find_file(const char **path, struct sw_project *project, const struct sw_profile_source *source,
                     const char *name, const char *expression, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    if (sw_profiles_is_path(name)) {
        *path = name;
        return 0;
    }
    for (size_t i = 0; sw_profiles_folders[i] != NULL; i++) {
        const char *candidate = sw_arena_format(project->arena, "%s/%s.yaml", sw_profiles_folders[i], name);
        if (candidate == NULL)
            return sw_fail_memory(error);
        sw_buffer_clear(&text);
        int code = source->read(source->self, &text, candidate, error);
        *path = code == 0 ? candidate : *path;
        if (code != SW_ENOTFOUND)
            return code;
    }
    (void)sw_fail(error, SW_ENOTFOUND, "there is no profile '%s' in '%s'", name, expression);
    return sw_error_hint(error, "looked for slipway/%s.yaml, profiles/%s.yaml and %s.yaml there", name, name,
                         name);
}

int sw_committed_open(struct sw_committed *files, const char **path, struct sw_project *project,
                      struct sw_history *history, const char *name, const char *expression,
                      struct sw_error *error)
{
    *files = (struct sw_committed){.folder = sw_records_folder(project, history),
                                   .source = {read_committed, files}};
    if (files->folder == NULL)
        return sw_fail_errno(error, SW_EINPUT, "cannot read the folder");
    int code = sw_revision_find(&files->revision, history, expression, error);
    return code == 0 ? find_file(path, project, &files->source, name, expression, error) : code;
}

int sw_committed_prepare(struct sw_prepared *prepared, struct sw_project *project, struct sw_history *history,
                         const char *word, const struct sw_catalog *catalog, struct sw_findings *findings,
                         struct sw_error *error)
{
    struct sw_committed files;
    const char *at = strstr(word, "@{"), *path = NULL;
    const char *name = sw_arena_copy(project->arena, (struct sw_str){word, (size_t)(at - word)});
    const char *expression = sw_arena_copy(project->arena, (struct sw_str){at + 2, strlen(at + 2) - 1});
    if (name == NULL || expression == NULL)
        return sw_fail_memory(error);
    int code = sw_committed_open(&files, &path, project, history, name, expression, error);
    return code == 0 ? sw_prepare_with(prepared, project, path, &files.source, catalog, findings, error)
                     : code;
}
