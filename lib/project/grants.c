#include "project/grants.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/variables.h"
#include "profile/needs.h"

#include <sys/stat.h>

/* ---- the folder that is the project's own ---- */

static bool has_repository(struct sw_arena *arena, const char *folder)
{
    struct stat status;
    const char *path = sw_path_join(arena, folder, ".git");
    return path != NULL && lstat(path, &status) == 0;
}

/* Return true if this folder is a project only for users who start in it: a search upwards ends below it. */
static bool is_border(const struct sw_project *project, const char *folder)
{
    struct sw_arena *arena = project->arena;
    const char *home = sw_variables_get(project->environment, "HOME");
    const char *home_real = home == NULL || home[0] == '\0' ? NULL : sw_path_real(arena, home);
    const char *real = sw_path_real(arena, folder);
    return strcmp(folder, "/") == 0 || (home_real != NULL && real != NULL && strcmp(home_real, real) == 0);
}

/* HOME may be a repository of its user's settings, and is no project for that. */
static bool is_repository(const struct sw_project *project, const char *folder)
{
    return !is_border(project, folder) && has_repository(project->arena, folder);
}

/* The top of the project that an absolute, clean path lies in; NULL without memory. */
static const char *find_top(const struct sw_project *project, const char *folder)
{
    for (const char *at = folder; at != NULL && !is_border(project, at);
         at = sw_path_dir(project->arena, at)) {
        if (has_repository(project->arena, at))
            return at;
    }
    return folder;
}

static int add_top(struct sw_project *project, const char *folder, struct sw_error *error)
{
    const char *top = find_top(project, folder);
    return sw_permissions_add_path(&project->permissions, top, SW_ACCESS_READ | SW_ACCESS_WRITE, error);
}

/* The absolute path that these words of the caller's mean, links not followed but in the project's own folder. */
static const char *said_path(const struct sw_project *project, const char *path)
{
    struct sw_arena *arena = project->arena;
    const char *directory = project->directory;
    size_t n = directory == NULL ? 0 : strlen(directory);
    bool is_below = n > 0 && strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
    const char *here = sw_path_real(arena, is_below ? directory : ".");
    const char *rest = is_below ? path + n + strspn(path + n, "/") : path;
    const char *said = here == NULL ? NULL : sw_path_join(arena, here, rest);
    return said == NULL ? NULL : sw_path_clean(arena, sw_str_from(said));
}

/* A folder that is no repository, such as HOME, may hold checkouts of others: a profile in one of them has that one for its
 * project, not the folder that slipway was started in. */
static int narrow_project(struct sw_project *project, const char *folder, struct sw_error *error)
{
    struct sw_allowed_path *started_in = &project->permissions.paths[0];
    const char *own = find_top(project, folder);
    if (is_repository(project, started_in->path) || !is_repository(project, own))
        return 0;
    const char *real = sw_path_real(project->arena, own);
    if (real == NULL)
        return sw_fail_memory(error);
    started_in->path = real;
    return 0;
}

int sw_grants_add_file(struct sw_project *project, const char *path, struct sw_error *error)
{
    const char *said = said_path(project, path);
    const char *folder = said == NULL ? NULL : sw_path_dir(project->arena, said);
    if (folder == NULL)
        return sw_fail_memory(error);
    if (sw_path_covers(project->permissions.paths[0].path, said)) /* a link may still lead out of it */
        return narrow_project(project, folder, error);
    int code = sw_permissions_add_named(&project->permissions, path, error);
    return code == 0 ? add_top(project, folder, error) : code;
}

int sw_grants_check_file(const struct sw_project *project, const char *path, enum sw_access access,
                         struct sw_error *error)
{
    const char *said = said_path(project, path), *real = NULL;
    if (said == NULL)
        return sw_fail_memory(error);
    return sw_path_covers(project->permissions.paths[0].path, said)
               ? sw_permissions_find(&real, project->arena, &project->permissions, path, access, error)
               : 0;
}

struct sw_profile_source sw_grants_source(const struct sw_project *project)
{
    return sw_profile_on_disk(&project->permissions);
}

/* ---- the words of the caller ---- */

int sw_secret_grant_read(struct sw_secret_grant *out, struct sw_arena *arena, const char *text,
                         struct sw_error *error)
{
    struct sw_str rest = sw_str_from(text);
    struct sw_secret_grant read = {0};
    while (rest.p != NULL) {
        struct sw_str value = sw_str_cut(&rest, ',');
        struct sw_str key = sw_str_cut(&value, '=');
        const char *copy = value.p == NULL ? NULL : sw_arena_copy(arena, value);
        bool known = true;
        if (sw_str_is(key, "id"))
            read.id = copy;
        else if (sw_str_is(key, "src") || sw_str_is(key, "source"))
            read.file = copy;
        else if (sw_str_is(key, "env"))
            read.variable = copy;
        else
            known = sw_str_is(key, "type");
        if (!known || copy == NULL || copy[0] == '\0')
            return sw_fail(error, SW_EINPUT, "--secret '%.200s' is not id=ID,src=FILE or id=ID,env=NAME",
                           text);
    }
    if (read.id == NULL || (read.file != NULL && read.variable != NULL))
        return sw_fail(error, SW_EINPUT, "--secret '%.200s' is not id=ID,src=FILE or id=ID,env=NAME", text);
    *out = read;
    return 0;
}

int sw_grants_open(struct sw_project *project, struct sw_error *error)
{
    struct sw_arena *arena = project->arena;
    struct sw_permissions *permissions = &project->permissions;
    const struct sw_grants *grants = &project->grants;
    const char *here = sw_project_path(project, "."),
               *folder = here == NULL ? NULL : sw_path_real(arena, here);
    permissions->arena = arena;
    permissions->agent = grants->agents.count > 0;
    int code = folder == NULL ? sw_fail_memory(error) : add_top(project, folder, error);
    for (size_t i = 0; code == 0 && i < grants->words.count; i++)
        code = sw_permissions_add_word(permissions, grants->words.items[i], folder, error);
    for (size_t i = 0; code == 0 && i < grants->secrets.count; i++) {
        struct sw_secret_grant secret;
        code = sw_secret_grant_read(&secret, arena, grants->secrets.items[i], error);
        if (code == 0)
            code = sw_permissions_add_secret(permissions, secret.id, error);
    }
    return code;
}

/* A profile that cannot be read is for its build to tell. */
int sw_grants_missing(struct sw_findings *missing, const struct sw_project *project,
                      const struct sw_texts *paths, struct sw_error *error)
{
    const struct sw_profile_source source = sw_grants_source(project);
    int code = 0;
    for (size_t i = 0; code == 0 && i < paths->count; i++) {
        SW_PROFILE_AUTO profile = {0};
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        if (sw_profile_load(&profile, paths->items[i], &source, &findings, NULL) != 0)
            continue;
        if (profile.root != NULL) {
            sw_profile_needs_secrets(&profile, &project->permissions, SW_ERROR, &findings);
            code = sw_profile_needs_files(&profile, &project->permissions, &findings, error);
        }
        for (size_t j = 0; j < findings.count; j++) {
            if (findings.items[j]->subject != NULL && strcmp(findings.items[j]->code, "SW104") == 0)
                (void)sw_findings_copy(missing, findings.items[j]);
        }
    }
    sw_findings_unique(missing);
    return code;
}
