#include "permissions.h"

#include "output/say.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/text.h"
#include "profile/needs.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the project ---- */

static bool has_repository(struct sw_arena *arena, const char *folder)
{
    struct stat status;
    const char *path = sw_path_join(arena, folder, ".git");
    return path != NULL && lstat(path, &status) == 0;
}

/* Return true if this folder is a project only for users who start in it: a search upwards ends below it. */
static bool is_border(struct sw_arena *arena, const char *folder)
{
    const char *home = getenv("HOME");
    const char *home_real = home == NULL || home[0] == '\0' ? NULL : sw_path_real(arena, home);
    const char *real = sw_path_real(arena, folder);
    return strcmp(folder, "/") == 0 || (home_real != NULL && real != NULL && strcmp(home_real, real) == 0);
}

/* HOME may be a repository of its user's settings, and is no project for that. */
static bool is_repository(struct sw_arena *arena, const char *folder)
{
    return !is_border(arena, folder) && has_repository(arena, folder);
}

/* The project that an absolute, clean path lies in; NULL without memory. */
static const char *find_project(struct sw_arena *arena, const char *folder)
{
    for (const char *at = folder; at != NULL && !is_border(arena, at); at = sw_path_dir(arena, at)) {
        if (has_repository(arena, at))
            return at;
    }
    return folder;
}

static int add_project(struct session *session, const char *folder, struct sw_error *error)
{
    const char *project = find_project(&session->arena, folder);
    return sw_permissions_add_path(&session->permissions, project, SW_ACCESS_READ | SW_ACCESS_WRITE, error);
}

/* The absolute path that these words of the caller's mean, links not followed but in the session's own folder. */
static const char *said_path(struct session *session, const char *path)
{
    struct sw_arena *arena = &session->arena;
    const char *directory = session->options.directory;
    size_t n = directory == NULL ? 0 : strlen(directory);
    bool is_below = n > 0 && strncmp(path, directory, n) == 0 && (path[n] == '/' || path[n] == '\0');
    const char *here = sw_path_real(arena, is_below ? directory : ".");
    const char *rest = is_below ? path + n + strspn(path + n, "/") : path;
    const char *said = here == NULL ? NULL : sw_path_join(arena, here, rest);
    return said == NULL ? NULL : sw_path_clean(arena, sw_str_from(said));
}

/* A folder that is no repository, such as HOME, may hold checkouts of others: a profile in one of them has that one for its
 * project, not the folder that slipway was started in. */
static int narrow_project(struct session *session, const char *folder, struct sw_error *error)
{
    struct sw_allowed_path *started_in = &session->permissions.paths[0];
    const char *own = find_project(&session->arena, folder);
    if (is_repository(&session->arena, started_in->path) || !is_repository(&session->arena, own))
        return 0;
    const char *real = sw_path_real(&session->arena, own);
    if (real == NULL)
        return sw_fail_memory(error);
    started_in->path = real;
    return 0;
}

int permissions_add_file(struct session *session, const char *path, struct sw_error *error)
{
    const char *said = said_path(session, path);
    const char *folder = said == NULL ? NULL : sw_path_dir(&session->arena, said);
    if (folder == NULL)
        return sw_fail_memory(error);
    if (sw_path_covers(session->permissions.paths[0].path, said)) /* a link may still lead out of it */
        return narrow_project(session, folder, error);
    int code = sw_permissions_add_named(&session->permissions, path, error);
    return code == 0 ? add_project(session, folder, error) : code;
}

int permissions_check_file(struct session *session, const char *path, enum sw_access access,
                           struct sw_error *error)
{
    const char *said = said_path(session, path), *real = NULL;
    if (said == NULL)
        return sw_fail_memory(error);
    return sw_path_covers(session->permissions.paths[0].path, said)
               ? sw_permissions_find(&real, &session->arena, &session->permissions, path, access, error)
               : 0;
}

struct sw_profile_source permissions_source(const struct session *session)
{
    return sw_profile_on_disk(&session->permissions);
}

/* ---- the options ---- */

int secret_option_read(struct secret_option *option, struct sw_arena *arena, const char *text,
                       struct sw_error *error)
{
    struct sw_str rest = sw_str_from(text);
    struct secret_option read = {0};
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
    *option = read;
    return 0;
}

int permissions_open(struct session *session, struct sw_error *error)
{
    struct sw_arena *arena = &session->arena;
    struct sw_permissions *permissions = &session->permissions;
    const struct options *options = &session->options;
    const char *here = session_path(session, "."), *folder = here == NULL ? NULL : sw_path_real(arena, here);
    permissions->arena = arena;
    permissions->agent = options->agents.count > 0;
    int code = folder == NULL ? sw_fail_memory(error) : add_project(session, folder, error);
    for (size_t i = 0; code == 0 && i < options->allowed.count; i++)
        code = sw_permissions_add_word(permissions, options->allowed.items[i], folder, error);
    for (size_t i = 0; code == 0 && i < options->secrets.count; i++) {
        struct secret_option secret;
        code = secret_option_read(&secret, arena, options->secrets.items[i], error);
        if (code == 0)
            code = sw_permissions_add_secret(permissions, secret.id, error);
    }
    return code;
}

/* ---- the question ---- */

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool can_ask(const struct session *session)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && session->format == FORMAT_TTY &&
           !is_set("CI") && !session->options.dry_run;
}

/* All that the profiles lack, as findings SW104. A profile that cannot be read is for its build to tell. */
static int find_missing(struct sw_findings *missing, struct session *session, const struct text_list *paths,
                        struct sw_error *error)
{
    const struct sw_profile_source source = permissions_source(session);
    int code = 0;
    for (size_t i = 0; code == 0 && i < paths->count; i++) {
        SW_PROFILE_AUTO profile = {0};
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        if (sw_profile_load(&profile, paths->items[i], &source, &findings, NULL) != 0)
            continue;
        if (profile.root != NULL) {
            sw_profile_needs_secrets(&profile, &session->permissions, SW_ERROR, &findings);
            code = sw_profile_needs_files(&profile, &session->permissions, &findings, error);
        }
        for (size_t j = 0; j < findings.count; j++) {
            if (findings.items[j]->subject != NULL && strcmp(findings.items[j]->code, "SW104") == 0)
                (void)sw_findings_copy(missing, findings.items[j]);
        }
    }
    sw_findings_unique(missing);
    return code;
}

static bool is_yes(struct session *session, const struct sw_findings *missing)
{
    char *line = NULL;
    size_t room = 0;
    say(session->err, "the build wants more of this host than its project:\n");
    for (size_t i = 0; i < missing->count; i++) {
        const struct sw_finding *finding = missing->items[i];
        const char *word = sw_text_shell_word(&session->arena, sw_str_from(finding->subject));
        say(session->err, "  %s:%u: %s\n      --allow %s\n", finding->file == NULL ? "" : finding->file,
            finding->line, finding->message, word == NULL ? "" : word);
    }
    say(session->err, "do you trust it with that? [y/N] ");
    (void)fflush(session->err);
    ssize_t n = getline(&line, &room, stdin);
    struct sw_str answer = n > 0 ? sw_str_trim((struct sw_str){line, (size_t)n}) : SW_STR("");
    bool yes = sw_str_is(answer, "y") || sw_str_is(answer, "Y") || sw_str_is(answer, "yes");
    free(line);
    return yes;
}

int permissions_ask(struct session *session, const struct text_list *paths, struct sw_error *error)
{
    SW_FINDINGS_AUTO missing;
    sw_findings_init(&missing);
    int code = can_ask(session) ? find_missing(&missing, session, paths, error) : 0;
    if (code != 0 || missing.count == 0)
        return code;
    bool yes = is_yes(session, &missing);
    if (sw_cancel_requested(&session->cancel))
        return sw_fail_canceled(error);
    for (size_t i = 0; yes && code == 0 && i < missing.count; i++)
        code = sw_permissions_add_word(&session->permissions, missing.items[i]->subject, "/", error);
    return code;
}
