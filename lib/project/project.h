/* A project: a folder with profiles, and all that its functions need of the process that works on it. */
#ifndef SLIPWAY_PROJECT_PROJECT_H
#define SLIPWAY_PROJECT_PROJECT_H

#include "base/cancel.h"
#include "base/event.h"
#include "base/temporary.h"
#include "base/texts.h"
#include "profile/permission.h"

/* The things of this host that the caller gives to profiles, as the command line says them. */
struct sw_grants {
    struct sw_texts words;   /* for sw_permissions_add_word() */
    struct sw_texts secrets; /* see sw_secret_grant_read() */
    struct sw_texts agents;  /* "ID" or "ID=SOCKET" */
};

/* Ways to treat a lock that was made from something else than its profile as it stands. */
enum sw_stale_locks {
    /* Make the plan as if there were no lock. */
    SW_STALE_ASIDE,
    /* Hold the plan to the lock as it would be renewed. */
    SW_STALE_JUDGED,
    /* Do so, and write the renewed lock. */
    SW_STALE_KEPT,
};

struct sw_project {
    /* The memory of everything that lives as long as the project. */
    struct sw_arena *arena;
    const struct sw_cancel *cancel;
    /* The user's variables, see base/variables.h. */
    const char *const *environment;
    /* The project's folder as the user wrote it; NULL if it is the current folder. */
    const char *directory;
    /* The folder "slipway" in it, for overrides; NULL if there is none. */
    const char *overrides;
    /* The engine that the user named; NULL: none. */
    const char *host;
    /* The builder of docker buildx that the caller names, in the place of an engine; or NULL. */
    const char *builder;
    /* Nothing is fetched; a profile must have its lock, and the lock must be up to date. */
    bool offline, locked;
    enum sw_stale_locks stale_locks;
    struct sw_grants grants;
    /* NAME=VALUE of the command line, for a Dockerfile of the user's. */
    struct sw_texts build_arguments;
    /* The permissions that profiles have on this host, see grants.h. */
    struct sw_permissions permissions;
    /* The reader of all that is told besides results: a SW_EVENT_NOTE (whose step is "cache" if nothing can be kept between runs), or
     * the start and the end of the step "wait" while another process of this user has a lock. */
    struct sw_sink sink;
    /* The result of sw_project_writable_cache(), after its first call. */
    const char *cache;
    /* The reason why there is no cache; NULL as long as no reason is known. */
    struct sw_error *cache_problem;
    /* NULL before the first call of sw_installers_read(). */
    const struct sw_installers *installers;
    /* The way to package indexes; NULL before the first call of sw_project_index(). */
    struct sw_web *web;
};

/* The value of the first of these variables that is set and not empty, or NULL. */
const char *sw_project_variable(const struct sw_project *project, const char *const *names, size_t count);
/* The user's home: HOME if that is absolute (a relative path would lie in the folder that is being looked
 * at), else the home that the system knows, else "/". NULL without memory. */
const char *sw_project_home(const struct sw_project *project);
/* A path that the user wrote, seen from the project's folder, as a path from here; NULL without memory. */
const char *sw_project_path(const struct sw_project *project, const char *path);

/* The folder for files that may be kept between runs (XDG_CACHE_HOME or ~/.cache, with /slipway); NULL
 * without memory. */
const char *sw_project_cache(const struct sw_project *project);
/* The folder of sw_project_cache(), made if it is missing; NULL if it cannot be written, for which
 * project->cache_problem has the reason. */
const char *sw_project_writable_cache(struct sw_project *project);
/* The folder for files that should be kept (XDG_STATE_HOME or ~/.local/state, with /slipway); NULL without
 * memory. */
const char *sw_project_state(const struct sw_project *project);
/* A folder of its own, for as long as the temporary lasts: in the cache, or in /var/tmp if the cache cannot be written. */
int sw_project_temporary(struct sw_temporary *out, const char **path, struct sw_project *project,
                         struct sw_error *error) SW_NODISCARD;
/* Remove the files that killed processes left in the folders for caches and state. */
void sw_project_sweep(const struct sw_project *project);
/* Wait for a lock of this user's own, in the cache; sw_fd_close() gives it back. SW_ECANCELED if the wait was interrupted. Without a
 * cache there is none to wait for. */
int sw_project_lock(int *fd, struct sw_project *project, const char *name,
                    struct sw_error *error) SW_NODISCARD;
/* Wait for the lock of a folder that is there, whoever else holds it. */
int sw_project_lock_folder(int *fd, struct sw_project *project, const char *path,
                           struct sw_error *error) SW_NODISCARD;

#endif
