#include "project/project.h"

#include "base/file.h"
#include "base/lock.h"
#include "base/variables.h"

#include <pwd.h>
#include <unistd.h>

const char *sw_project_variable(const struct sw_project *project, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = sw_variables_get(project->environment, names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

const char *sw_project_home(const struct sw_project *project)
{
    const char *home = sw_variables_get(project->environment, "HOME");
    if (home != NULL && home[0] == '/')
        return sw_arena_text(project->arena, home);
    const struct passwd *user = getpwuid(getuid());
    bool known = user != NULL && user->pw_dir != NULL && user->pw_dir[0] == '/';
    return sw_arena_text(project->arena, known ? user->pw_dir : "/");
}

const char *sw_project_path(const struct sw_project *project, const char *path)
{
    const char *directory = project->directory == NULL ? "." : project->directory;
    return strcmp(path, ".") == 0 ? directory : sw_path_join(project->arena, directory, path);
}

/* A folder that the XDG base directory specification names by a variable, or by its place below HOME. */
static const char *base_folder(const struct sw_project *project, const char *variable, const char *below)
{
    const char *base = sw_variables_get(project->environment, variable), *home = sw_project_home(project);
    if (base == NULL || base[0] != '/')
        base = home == NULL ? NULL : sw_path_join(project->arena, home, below);
    return base == NULL ? NULL : sw_path_join(project->arena, base, "slipway");
}

const char *sw_project_cache(const struct sw_project *project)
{
    return base_folder(project, "XDG_CACHE_HOME", ".cache");
}

const char *sw_project_state(const struct sw_project *project)
{
    return base_folder(project, "XDG_STATE_HOME", ".local/state");
}

const char *sw_project_writable_cache(struct sw_project *project)
{
    if (project->cache != NULL || project->cache_problem != NULL)
        return project->cache;
    const char *folder = sw_project_cache(project);
    struct sw_error *problem = sw_arena_alloc(project->arena, sizeof *problem);
    if (folder == NULL || problem == NULL)
        return NULL;
    int code = sw_dir_make(folder, 0777, problem);
    if (code == 0 && access(folder, W_OK | X_OK) != 0)
        code = sw_fail_errno(problem, SW_EENV, "cannot write to '%s'", folder);
    if (code == 0)
        return project->cache = folder;
    project->cache_problem = problem;
    const char *text = sw_arena_format(project->arena, "nothing is kept between runs: %s", problem->text);
    sw_emit(&project->sink,
            (struct sw_event){.kind = SW_EVENT_NOTE, .step = SW_STR("cache"), .text = sw_str_from(text)});
    return NULL;
}

int sw_project_temporary(struct sw_temporary *out, const char **path, struct sw_project *project,
                         struct sw_error *error)
{
    const char *folder = sw_project_writable_cache(project);
    if (folder == NULL)
        folder = "/var/tmp";
    if (sw_temporary_folder(out, folder, 0700) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write to '%s'", folder);
    *path = sw_path_join(project->arena, folder, out->name);
    if (*path != NULL)
        return 0;
    sw_temporary_drop(out);
    return sw_fail_memory(error);
}

void sw_project_sweep(const struct sw_project *project)
{
    const char *const folders[] = {sw_project_cache(project), sw_project_state(project)};
    for (size_t i = 0; i < SW_COUNT(folders); i++) {
        if (folders[i] != NULL)
            sw_temporary_sweep_path(folders[i]);
    }
}

/* A wait for another process, and whether it has begun. */
struct waiting {
    const struct sw_sink *sink;
    bool begun;
};

static void tell_waiting(void *self)
{
    struct waiting *waiting = self;
    waiting->begun = true;
    sw_emit(waiting->sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                             .step = SW_STR("wait"),
                                             .text = SW_STR("waiting for another slipway")});
}

typedef int take_lock(int *fd, const char *path, const struct sw_lock_wait *wait, struct sw_error *error);

static int wait_for(int *fd, struct sw_project *project, take_lock *take, const char *path,
                    struct sw_error *error)
{
    struct waiting waiting = {.sink = &project->sink};
    const struct sw_lock_wait wait = {.cancel = project->cancel, .begin = tell_waiting, .self = &waiting};
    int code = take(fd, path, &wait, error);
    if (waiting.begun)
        sw_emit(waiting.sink, (struct sw_event){.kind = SW_EVENT_STEP_DONE, .step = SW_STR("wait")});
    return code;
}

int sw_project_lock(int *fd, struct sw_project *project, const char *name, struct sw_error *error)
{
    const char *folder = sw_project_writable_cache(project);
    if (folder == NULL)
        return 0;
    const char *path = sw_path_join(project->arena, folder, name);
    return path == NULL ? sw_fail_memory(error) : wait_for(fd, project, sw_lock_file, path, error);
}

int sw_project_lock_folder(int *fd, struct sw_project *project, const char *path, struct sw_error *error)
{
    return wait_for(fd, project, sw_lock_folder, path, error);
}
