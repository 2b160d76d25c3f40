#include "profile/permission.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

/* ---- the caller's permissions ---- */

static int add_text(struct sw_permissions *permissions, const char ***list, size_t *count, const char *text,
                    struct sw_error *error)
{
    const char **grown = sw_arena_grow(permissions->arena, (void *)*list, *count, sizeof(const char *));
    const char *copy = sw_arena_text(permissions->arena, text);
    if (grown == NULL || copy == NULL)
        return sw_fail_memory(error);
    *list = grown;
    grown[(*count)++] = copy;
    return 0;
}

int sw_permissions_add_path(struct sw_permissions *permissions, const char *path, unsigned access,
                            struct sw_error *error)
{
    struct sw_allowed_path *paths = sw_arena_grow(permissions->arena, permissions->paths,
                                                  permissions->paths_count, sizeof *permissions->paths);
    const char *real = sw_path_real(permissions->arena, path);
    if (paths == NULL || real == NULL)
        return sw_fail_memory(error);
    permissions->paths = paths;
    permissions->paths[permissions->paths_count++] = (struct sw_allowed_path){real, access};
    return 0;
}

int sw_permissions_add_named(struct sw_permissions *permissions, const char *path, struct sw_error *error)
{
    return add_text(permissions, &permissions->named, &permissions->named_count, path, error);
}

int sw_permissions_add_secret(struct sw_permissions *permissions, const char *id, struct sw_error *error)
{
    return add_text(permissions, &permissions->secrets, &permissions->secrets_count, id, error);
}

int sw_permissions_add_word(struct sw_permissions *permissions, const char *word, const char *folder,
                            struct sw_error *error)
{
    static const struct {
        const char *key;
        unsigned access;
    } kinds[] = {
        {"fs", SW_ACCESS_READ | SW_ACCESS_WRITE}, {"fs.read", SW_ACCESS_READ}, {"fs.write", SW_ACCESS_WRITE}};
    struct sw_str value = sw_str_from(word);
    struct sw_str key = sw_str_cut(&value, '=');
    /* The path ends with the word then. */
    bool has_value = value.n > 0;
    for (size_t i = 0; has_value && i < SW_COUNT(kinds); i++) {
        if (!sw_str_is(key, kinds[i].key))
            continue;
        const char *path = sw_path_join(permissions->arena, folder, value.p);
        return path == NULL ? sw_fail_memory(error)
                            : sw_permissions_add_path(permissions, path, kinds[i].access, error);
    }
    if (has_value && sw_str_is(key, "secret"))
        return add_text(permissions, &permissions->variables, &permissions->variables_count, value.p, error);
    if (strcmp(word, "ssh") == 0) {
        permissions->agent = true;
        return 0;
    }
    (void)sw_fail(error, SW_EINPUT, "--allow '%.200s' is no permission that slipway knows", word);
    return sw_error_hint(error, "fs=PATH, fs.read=PATH, fs.write=PATH, secret=VARIABLE or ssh");
}

static bool is_in(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0)
            return true;
    }
    return false;
}

bool sw_permissions_has_variable(const struct sw_permissions *permissions, const char *name)
{
    return is_in(permissions->variables, permissions->variables_count, name);
}

bool sw_permissions_has_secret(const struct sw_permissions *permissions, const char *id)
{
    return is_in(permissions->secrets, permissions->secrets_count, id);
}

/* ---- files ---- */

static const char *access_word(enum sw_access access)
{
    return access == SW_ACCESS_WRITE ? "fs.write" : "fs.read";
}

static bool is_allowed(const struct sw_permissions *permissions, const char *real, enum sw_access access)
{
    for (size_t i = 0; i < permissions->paths_count; i++) {
        const struct sw_allowed_path *allowed = &permissions->paths[i];
        if ((allowed->access & access) != 0 && sw_path_covers(allowed->path, real))
            return true;
    }
    return false;
}

static bool is_named(const struct sw_permissions *permissions, const char *path)
{
    return permissions != NULL && is_in(permissions->named, permissions->named_count, path);
}

static int refuse(struct sw_arena *arena, const char *path, const char *real, enum sw_access access,
                  struct sw_error *error)
{
    const char *said = sw_text_clean(arena, sw_str_from(path)),
               *led = sw_text_clean(arena, sw_str_from(real));
    const char *word = sw_arena_format(arena, "%s=%s", access_word(access), real);
    word = word == NULL ? NULL : sw_text_shell_word(arena, sw_str_from(word));
    if (said == NULL || led == NULL || word == NULL)
        return sw_fail_memory(error);
    bool same = strcmp(said, led) == 0;
    (void)sw_fail(error, SW_EREFUSED, "'%.300s'%s%.300s%s is outside of the project, and may not be %s", said,
                  same ? "" : " (", same ? "" : led, same ? "" : ")",
                  access == SW_ACCESS_WRITE ? "written" : "read");
    (void)sw_error_hint(error, "to allow it: --allow %.300s", word);
    return SW_EREFUSED;
}

int sw_permissions_find(const char **real, struct sw_arena *arena, const struct sw_permissions *permissions,
                        const char *path, enum sw_access access, struct sw_error *error)
{
    const char *found = sw_path_real(arena, path);
    if (found == NULL)
        return sw_fail_memory(error);
    if (is_named(permissions, path) || (permissions != NULL && is_allowed(permissions, found, access))) {
        *real = found;
        return 0;
    }
    return refuse(arena, path, found, access, error);
}

int sw_permissions_read(struct sw_buffer *out, const struct sw_permissions *permissions, const char *path,
                        struct sw_error *error)
{
    if (is_named(permissions, path))
        return sw_file_read(out, path, error);
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const char *real = NULL;
    int code = sw_permissions_find(&real, &arena, permissions, path, SW_ACCESS_READ, error);
    if (code != 0)
        return code;
    SW_FD_AUTO fd = sw_open_real(real, O_RDONLY | O_NONBLOCK); /* lest a pipe makes us wait */
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return sw_fail_errno(error, errno == ENOENT || errno == ENOTDIR ? SW_ENOTFOUND : SW_EINPUT,
                             "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        return sw_fail(error, SW_EINPUT, "cannot read '%s': it is %s", path,
                       S_ISDIR(status.st_mode) ? "a directory" : "no regular file");
    return sw_file_read_from(out, fd, path, error);
}

static int load_requirements(const void *self, struct sw_str *text, const char **file, struct sw_arena *arena,
                             const char *from, const char *name, struct sw_error *error)
{
    SW_BUFFER_AUTO content;
    sw_buffer_init(&content, SW_MAX_REQUIREMENTS_SIZE);
    const char *path = NULL;
    int code = sw_requirements_path(&path, arena, from, name, error);
    if (code == 0)
        code = sw_permissions_read(&content, self, path, error);
    if (code != 0)
        return code;
    const char *copy = sw_arena_copy(arena, sw_buffer_str(&content));
    if (copy == NULL)
        return sw_fail_memory(error);
    *text = (struct sw_str){copy, content.n};
    *file = path;
    return 0;
}

struct sw_requirements_source sw_permissions_requirements(const struct sw_permissions *permissions)
{
    return (struct sw_requirements_source){.load = load_requirements, .self = permissions};
}

int sw_permissions_rewrite(const struct sw_permissions *permissions, const char *path, struct sw_str content,
                           struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const char *real = NULL;
    int code = sw_permissions_find(&real, &arena, permissions, path, SW_ACCESS_WRITE, error);
    return code == 0 ? sw_file_rewrite(real, content, error) : code;
}

/* ---- findings ---- */

const char *sw_permission_word(struct sw_arena *arena, const char *path, enum sw_access access)
{
    const char *real = sw_path_real(arena, path);
    return real == NULL ? NULL : sw_arena_format(arena, "%s=%s", access_word(access), real);
}

struct sw_finding *sw_permission_missing(struct sw_findings *findings, enum sw_severity severity,
                                         const struct sw_node *at, const char *word, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct sw_finding *finding = sw_findings_add(findings, "SW104", severity, "%s", text);
    sw_finding_subject(findings, finding, word);
    if (at != NULL)
        sw_finding_place(findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
    const char *typed = sw_text_shell_word(&findings->arena, sw_str_from(word));
    sw_finding_hint(findings, finding, "to allow it: --allow %s", typed == NULL ? "…" : typed);
    return finding;
}
