/* The state that every command works with: its options, the environment as read once at the start, and the
 * output streams. */
#ifndef SLIPWAY_CMD_SESSION_H
#define SLIPWAY_CMD_SESSION_H

#include "display/progress.h"
#include "options.h"

#include "base/cancel.h"
#include "base/finding.h"
#include "base/temporary.h"
#include "catalog/catalog.h"
#include "index/index.h"
#include "profile/profile.h"

/* Exit statuses, as the contract with users names them. */
enum status {
    STATUS_DONE = 0,
    STATUS_NO = 1,
    STATUS_INPUT = 2,
    STATUS_ENVIRONMENT = 3,
    STATUS_INTERRUPTED = 130
};

struct session {
    struct options options;
    enum format format; /* never FORMAT_AUTO */
    bool color;         /* on standard error and output */
    bool utf8;
    FILE *out, *err;
    /* The user's variables, see base/variables.h. */
    const char *const *environment;
    struct sw_cancel cancel;
    struct sw_arena arena;
    /* The permissions that profiles have on this host, see permissions.h. */
    struct sw_permissions permissions;
    /* The result of session_writable_cache(), after its first call. */
    const char *cache;
    /* The reason why there is no cache; NULL as long as no reason is known. */
    struct sw_error *cache_problem;
    /* NULL before the first call of installers_read(). */
    const struct installers *installers;
    /* The way to package indexes; NULL before the first call of session_index(). */
    struct web *web;
    /* The display of a build among several, for session_progress(); else NULL. */
    const struct progress_options *display;
    /* The folder "slipway" of the project, for overrides; NULL if there is none. */
    const char *project;
};

enum status status_of(int code); /* of a negative enum sw_code, or 0 */

/* Print the error as a finding is printed, to standard error or as the document of JSON and SARIF; returns its exit status. */
enum status session_fail(struct session *session, const struct sw_error *error);

/* The package index, opened with the first call; it lives as long as the session. */
int session_index(struct sw_index **index, struct session *session, struct sw_error *error);

/* The folder for files that may be kept between runs (XDG_CACHE_HOME or ~/.cache, with /slipway); NULL
 * without memory. */
const char *session_cache(struct session *session);
/* The folder of session_cache(), made if it is missing; NULL if it cannot be written, for which
 * session->cache_problem has the reason. */
const char *session_writable_cache(struct session *session);
/* A folder of its own, for as long as the temporary lasts: in the cache, or in /var/tmp if the cache cannot be written. */
int session_temporary(struct sw_temporary *out, const char **path, struct session *session,
                      struct sw_error *error);
/* Remove the files that killed commands left in the folders for caches and state. */
void session_sweep(struct session *session);
/* The folder for files that should be kept (XDG_STATE_HOME or ~/.local/state, with /slipway); NULL without
 * memory. */
const char *session_state(struct session *session);

/* Wait for a lock of this user's own, in the cache; sw_fd_close() gives it back. SW_ECANCELED if the wait was interrupted. Without a
 * cache there is none to wait for. */
int session_lock(int *fd, struct session *session, const char *name, struct sw_error *error);

/* The value of --verify-timeout; 0 without that option. */
int session_verify_timeout(int64_t *timeout_ns, const struct session *session, struct sw_error *error);

/* A path of the command line as one from here: below -C; NULL without memory. */
const char *session_path(struct session *session, const char *path);

/* Profiles: slipway/NAME.yaml, profiles/NAME.yaml and NAME.yaml in the session's folder, then the profile there
 * whose `name` is NAME. An argument with a slash or ending in .yaml is a path. The folders are "slipway",
 * "profiles" and "."; NULL at the end. */
extern const char *const session_profile_folders[];
bool session_is_path(const char *name);
int session_find_profile(const char **path, struct session *session, const char *name,
                         struct sw_error *error);
/* Every profile there is, sorted by path; a file in these folders is one if it has the key `slipway`. */
int session_list_profiles(struct text_list *paths, struct session *session, struct sw_error *error);
/* The arguments as paths; without arguments every profile if `all`, else the only profile. */
int session_choose_profiles(struct text_list *paths, struct session *session, bool all,
                            struct sw_error *error);

/* The display that --progress and --format ask for: one JSON object an event on standard output with --format json, else on
 * standard error. */
int session_display(struct progress_options *display, const struct session *session, struct sw_error *error);
/* Create the progress display: session->display if set, else the display that --progress and --format choose. */
int session_progress(struct progress **progress, struct session *session, struct sw_error *error);

#endif
