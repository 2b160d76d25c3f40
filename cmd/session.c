#include "session.h"

#include "environment.h"
#include "output/format.h"
#include "output/say.h"
#include "permissions.h"
#include "web.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/lock.h"
#include "data/yaml.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const session_profile_folders[] = {"slipway", "profiles", ".", NULL};

enum status status_of(int code)
{
    switch ((enum sw_code)code) {
    case SW_OK:
        return STATUS_DONE;
    case SW_ENO:
    case SW_EREFUSED:
        return STATUS_NO;
    case SW_EINPUT:
    case SW_ENOTFOUND:
        return STATUS_INPUT;
    case SW_EENV:
        return STATUS_ENVIRONMENT;
    case SW_ECANCELED:
        break;
    }
    return STATUS_INTERRUPTED;
}

enum status session_fail(struct session *session, const struct sw_error *error)
{
    if (session->format == FORMAT_JSON || session->format == FORMAT_SARIF) {
        SW_FINDINGS_AUTO findings;
        sw_findings_init(&findings);
        (void)sw_findings_add_error(&findings, NULL, error);
        (void)format_refusal(session, &findings);
        return status_of(error->code);
    }
    const struct sw_finding finding = {
        .code = error->code == SW_EREFUSED                           ? "SW104"
                : error->code == SW_EINPUT && error->file[0] != '\0' ? "SW102"
                                                                     : "",
        .severity = SW_ERROR,
        .message = error->text,
        .file = error->file[0] == '\0' ? NULL : error->file,
        .line = error->line,
        .column = error->column,
        .hint = error->hint[0] == '\0' ? NULL : error->hint,
    };
    if (session->format == FORMAT_GITHUB)
        format_finding_github(session->err, &finding);
    else
        format_finding_text(session->err, &finding, session->color);
    return status_of(error->code);
}

/* A folder that the XDG base directory specification names by a variable, or by its place below HOME. */
static const char *base_folder(struct session *session, const char *variable, const char *below)
{
    const char *base = getenv(variable), *home = environment_home(&session->arena);
    if (base == NULL || base[0] != '/')
        base = home == NULL ? NULL : sw_path_join(&session->arena, home, below);
    return base == NULL ? NULL : sw_path_join(&session->arena, base, "slipway");
}

int session_index(struct sw_index **index, struct session *session, struct sw_error *error)
{
    int code = session->web == NULL ? web_new(&session->web, session, error) : 0;
    return code == 0 ? web_index(index, session->web, session, error) : code;
}

const char *session_cache(struct session *session)
{
    return base_folder(session, "XDG_CACHE_HOME", ".cache");
}

const char *session_writable_cache(struct session *session)
{
    if (session->cache != NULL || session->cache_problem != NULL)
        return session->cache;
    const char *folder = session_cache(session);
    struct sw_error *problem = sw_arena_alloc(&session->arena, sizeof *problem);
    if (folder == NULL || problem == NULL)
        return NULL;
    int code = sw_dir_make(folder, 0777, problem);
    if (code == 0 && access(folder, W_OK | X_OK) != 0)
        code = sw_fail_errno(problem, SW_EENV, "cannot write to '%s'", folder);
    if (code == 0)
        return session->cache = folder;
    session->cache_problem = problem;
    if (session->options.verbose)
        say(session->err, "note: nothing is kept between runs: %s\n", problem->text);
    return NULL;
}

const char *session_state(struct session *session)
{
    return base_folder(session, "XDG_STATE_HOME", ".local/state");
}

int session_temporary(struct sw_temporary *out, const char **path, struct session *session,
                      struct sw_error *error)
{
    const char *folder = session_writable_cache(session);
    if (folder == NULL)
        folder = "/var/tmp";
    if (sw_temporary_folder(out, folder, 0700) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write to '%s'", folder);
    *path = sw_path_join(&session->arena, folder, out->name);
    if (*path != NULL)
        return 0;
    sw_temporary_drop(out);
    return sw_fail_memory(error);
}

void session_sweep(struct session *session)
{
    const char *const folders[] = {session_cache(session), session_state(session)};
    for (size_t i = 0; i < SW_COUNT(folders); i++)
        if (folders[i] != NULL)
            sw_temporary_sweep_path(folders[i]);
}

static void tell_lock(void *self)
{
    const struct session *session = self;
    if (!session->options.quiet)
        say(session->err, "waiting for another slipway of this user\n");
}

int session_lock(int *fd, struct session *session, const char *name, struct sw_error *error)
{
    const struct sw_lock_wait wait = {.cancel = &session->cancel, .begin = tell_lock, .self = session};
    const char *folder = session_writable_cache(session);
    if (folder == NULL)
        return 0;
    const char *path = sw_path_join(&session->arena, folder, name);
    return path == NULL ? sw_fail_memory(error) : sw_lock_file(fd, path, &wait, error);
}

int session_verify_timeout(int64_t *timeout_ns, const struct session *session, struct sw_error *error)
{
    enum { MOST_SECONDS = SW_ORPHAN_SECONDS / 2 };
    const char *text = session->options.verify_timeout;
    uint64_t seconds = 0;
    if (text != NULL &&
        (!sw_str_to_u64(sw_str_from(text), &seconds) || seconds < 1 || seconds > MOST_SECONDS))
        return sw_fail(error, SW_EINPUT, "--verify-timeout wants a number of seconds from 1 to %d, not '%s'",
                       MOST_SECONDS, text);
    *timeout_ns = (int64_t)seconds * SW_SECOND_NS;
    return 0;
}

const char *session_path(struct session *session, const char *path)
{
    const char *directory = session->options.directory == NULL ? "." : session->options.directory;
    return strcmp(path, ".") == 0 ? directory : sw_path_join(&session->arena, directory, path);
}

bool session_is_path(const char *name)
{
    return strchr(name, '/') != NULL || sw_str_ends(sw_str_from(name), ".yaml") ||
           sw_str_ends(sw_str_from(name), ".yml");
}

static bool exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* Return true if the file can be a profile: broken profiles and links that lead out of the project count, so
 * that `check` reports them; other YAML does not. */
static bool looks_like_profile(const struct session *session, const char *path)
{
    SW_BUFFER_AUTO head;
    sw_buffer_init(&head, 1 << 20);
    /* A read from a pipe would wait, so that only regular files are read. */
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    int code = sw_permissions_read(&head, &session->permissions, path, NULL);
    if (code != 0)
        return code == SW_EREFUSED;
    struct sw_str rest = sw_buffer_str(&head);
    while (rest.p != NULL) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        if (sw_str_starts(line, "slipway:"))
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int add_folder(struct text_list *paths, struct session *session, const char *directory,
                      struct sw_error *error)
{
    DIR *entries = opendir(directory);
    if (entries == NULL)
        return 0;
    int code = 0;
    for (struct dirent *entry = readdir(entries); code == 0 && entry != NULL; entry = readdir(entries)) {
        struct sw_str name = sw_str_from(entry->d_name);
        if (!sw_str_ends(name, ".yaml") && !sw_str_ends(name, ".yml"))
            continue;
        const char *path = sw_path_join(&session->arena, directory, entry->d_name);
        const char **items =
            sw_arena_grow(&session->arena, (void *)paths->items, paths->count, sizeof(const char *));
        if (path == NULL || items == NULL) {
            code = sw_fail_memory(error);
        } else if (looks_like_profile(session, path)) {
            paths->items = items;
            paths->items[paths->count++] = path;
        }
    }
    (void)closedir(entries);
    return code;
}

int session_list_profiles(struct text_list *paths, struct session *session, struct sw_error *error)
{
    struct text_list found = {0};
    int code = 0;
    for (size_t i = 0; code == 0 && session_profile_folders[i] != NULL; i++) {
        const char *directory = session_path(session, session_profile_folders[i]);
        code = directory == NULL ? sw_fail_memory(error) : add_folder(&found, session, directory, error);
    }
    if (code != 0)
        return code;
    if (found.count > 0)
        qsort((void *)found.items, found.count, sizeof(const char *), by_name);
    *paths = found;
    return 0;
}

/* The nearest folder above that has profiles, as a path from here, up to the top of a git checkout; NULL if there is
 * none. */
static const char *project_above(struct session *session)
{
    enum { MOST = 8 };
    const char *above = "..";
    for (int i = 0; i < MOST && above != NULL; i++) {
        const char *full = session_path(session, above), *git = NULL;
        struct text_list found = {0};
        for (size_t j = 0; full != NULL && j < 2; j++) { /* not among files of others that lie there */
            const char *folder = sw_path_join(&session->arena, full, session_profile_folders[j]);
            if (folder == NULL || add_folder(&found, session, folder, NULL) != 0)
                return NULL;
        }
        git = full == NULL ? NULL : sw_path_join(&session->arena, full, ".git");
        if (found.count > 0 || git == NULL)
            return git == NULL ? NULL : full;
        if (exists(git))
            return NULL;
        above = sw_path_join(&session->arena, above, "..");
    }
    return NULL;
}

static int no_such_profile(struct session *session, const char *name, struct sw_error *error)
{
    struct text_list all = {0};
    const char *nearest = NULL;
    unsigned best = (unsigned)strlen(name) / 2 + 1;
    if (session_list_profiles(&all, session, error) != 0)
        return SW_EENV;
    for (size_t i = 0; i < all.count; i++) {
        struct sw_str base = sw_str_from(sw_path_base(all.items[i]));
        base.n -= sw_str_ends(base, ".yaml") ? 5 : 4;
        unsigned distance = sw_str_distance(base, sw_str_from(name));
        if (distance < best) {
            best = distance;
            nearest = sw_arena_copy(&session->arena, base);
        }
    }
    (void)sw_fail(error, SW_ENOTFOUND, "no profile '%s' here", name);
    const char *above = all.count == 0 ? project_above(session) : NULL;
    if (above != NULL)
        return sw_error_hint(error, "the profiles are in '%s': use -C %s", above, above);
    if (nearest != NULL)
        return sw_error_hint(error, "did you mean '%s'?", nearest);
    return sw_error_hint(error, "looked for slipway/%s.yaml, profiles/%s.yaml and %s.yaml", name, name, name);
}

/* The `name` that a profile's file says; NULL if it says none. */
static const char *declared_name(struct session *session, const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    const struct sw_node *root = NULL;
    if (sw_permissions_read(&text, &session->permissions, path, NULL) != 0 ||
        sw_yaml_read(&root, &session->arena, sw_buffer_str(&text), path, NULL) != 0)
        return NULL;
    return sw_node_text(sw_node_get(root, "name"), NULL);
}

/* The profile that calls itself so in a file of another name. */
static int find_declared(const char **path, struct session *session, const char *name, struct sw_error *error)
{
    struct text_list all = {0};
    const char *found = NULL;
    int code = session_list_profiles(&all, session, error);
    for (size_t i = 0; code == 0 && i < all.count; i++) {
        const char *declared = declared_name(session, all.items[i]);
        if (declared == NULL || strcmp(declared, name) != 0)
            continue;
        if (found != NULL) {
            (void)sw_fail(error, SW_EINPUT, "'%s' and '%s' are both the profile '%s'", found, all.items[i],
                          name);
            return sw_error_hint(error, "name the file instead");
        }
        found = all.items[i];
    }
    if (code == 0 && found == NULL)
        return no_such_profile(session, name, error);
    if (code != 0)
        return code;
    *path = found;
    return permissions_add_file(session, found, error);
}

/* The file FOLDER/BASE of each profile folder that has it. Two of them are an error: which is meant? */
static int find_file(const char **path, struct session *session, const char *base, const char *name,
                     struct sw_error *error)
{
    const char *found = NULL;
    for (size_t i = 0; session_profile_folders[i] != NULL; i++) {
        const char *directory = session_path(session, session_profile_folders[i]);
        const char *candidate = directory == NULL ? NULL : sw_path_join(&session->arena, directory, base);
        if (candidate == NULL)
            return sw_fail_memory(error);
        if (!exists(candidate))
            continue;
        if (found != NULL) {
            (void)sw_fail(error, SW_EINPUT, "'%s' and '%s' are both the profile '%s'", found, candidate,
                          name);
            return sw_error_hint(error, "name the file instead, or remove one of them");
        }
        found = candidate;
    }
    *path = found;
    return 0;
}

int session_find_profile(const char **path, struct session *session, const char *name, struct sw_error *error)
{
    const char *found = NULL, *file = name;
    if (session_is_path(name)) {
        found = session_path(session, name);
        if (found == NULL)
            return sw_fail_memory(error);
    } else {
        file = sw_arena_format(&session->arena, "%s.yaml", name);
        if (file == NULL)
            return sw_fail_memory(error);
    }
    /* "good.yaml" may lie in a folder of profiles too. */
    const char *elsewhere = NULL;
    bool looks = found == NULL || (!exists(found) && strchr(name, '/') == NULL);
    int code = looks ? find_file(&elsewhere, session, file, name, error) : 0;
    if (code != 0)
        return code;
    found = elsewhere == NULL ? found : elsewhere;
    if (found == NULL)
        return find_declared(path, session, name, error);
    *path = found;
    return permissions_add_file(session, found, error);
}

static int no_profile(struct session *session, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "no profile here");
    const char *above = project_above(session);
    if (above != NULL)
        return sw_error_hint(error, "the profiles are in '%s': use -C %s", above, above);
    return sw_error_hint(error,
                         "a profile is slipway/NAME.yaml, profiles/NAME.yaml or NAME.yaml; write a first one "
                         "with 'slipway init --gpu NAME'");
}

int session_choose_profiles(struct text_list *paths, struct session *session, bool all,
                            struct sw_error *error)
{
    const struct text_list *names = &session->options.arguments;
    struct text_list chosen = {0};
    if (names->count == 0) {
        int code = session_list_profiles(&chosen, session, error);
        if (code == 0 && chosen.count == 0) {
            code = no_profile(session, error);
        } else if (code == 0 && chosen.count > 1 && !all) {
            (void)sw_fail(error, SW_EINPUT, "which profile? there are %zu here", chosen.count);
            code = sw_error_hint(error, "name one; 'slipway list' shows them");
        }
        if (code == 0)
            *paths = chosen;
        return code;
    }
    chosen.items = sw_arena_array(&session->arena, names->count, sizeof(const char *));
    if (chosen.items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < names->count; i++) {
        int code = session_find_profile(&chosen.items[i], session, names->items[i], error);
        if (code != 0)
            return code;
    }
    chosen.count = names->count;
    *paths = chosen;
    return 0;
}

int session_display(struct progress_options *display, const struct session *session, struct sw_error *error)
{
    struct progress_options options = {
        .kind = PROGRESS_AUTO, .fd = STDERR_FILENO, .color = session->color, .utf8 = session->utf8};
    int code = progress_kind_find(&options.kind, session->options.progress, error);
    if (code != 0)
        return code;
    if (session->options.quiet)
        options.kind = PROGRESS_QUIET;
    else if (session->format == FORMAT_JSON && session->options.progress == NULL)
        options.kind = PROGRESS_RAWJSON;
    else if ((session->format != FORMAT_TTY || session->options.verbose) && options.kind == PROGRESS_AUTO)
        options.kind = PROGRESS_PLAIN;
    if (options.kind == PROGRESS_RAWJSON)
        options.fd = STDOUT_FILENO;
    *display = options;
    return 0;
}

int session_progress(struct progress **progress, struct session *session, struct sw_error *error)
{
    struct progress_options options = {0};
    if (session->display != NULL)
        return progress_new(progress, session->display, error);
    int code = session_display(&options, session, error);
    return code == 0 ? progress_new(progress, &options, error) : code;
}
