#include "base/variables.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folders of programs if PATH names none. */
static const char usual_folders[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* The variables of every program. PATH is added apart, since a child always has PATH. */
static const struct sw_variable usual[] = {
    {"HOME", SW_VARIABLE_HOME},
    {"USER", SW_VARIABLE_TEXT},
    {"LOGNAME", SW_VARIABLE_TEXT},
    {"SHELL", SW_VARIABLE_HOME},
    {"LANG", SW_VARIABLE_TEXT},
    {"LANGUAGE", SW_VARIABLE_TEXT},
    {"LC_*", SW_VARIABLE_TEXT},
    {"TZ", SW_VARIABLE_TEXT},
    {"TERM", SW_VARIABLE_TEXT},
    {"TMPDIR", SW_VARIABLE_HOME},
    {"XDG_CONFIG_DIRS", SW_VARIABLE_LIST},
    {"XDG_DATA_DIRS", SW_VARIABLE_LIST},
    {"XDG_*", SW_VARIABLE_HOME},
    {"http_proxy", SW_VARIABLE_TEXT},
    {"https_proxy", SW_VARIABLE_TEXT},
    {"ftp_proxy", SW_VARIABLE_TEXT},
    {"all_proxy", SW_VARIABLE_TEXT},
    {"no_proxy", SW_VARIABLE_TEXT},
    {"HTTP_PROXY", SW_VARIABLE_TEXT},
    {"HTTPS_PROXY", SW_VARIABLE_TEXT},
    {"FTP_PROXY", SW_VARIABLE_TEXT},
    {"ALL_PROXY", SW_VARIABLE_TEXT},
    {"NO_PROXY", SW_VARIABLE_TEXT},
    {"SSL_CERT_FILE", SW_VARIABLE_FILE},
    {"SSL_CERT_DIR", SW_VARIABLE_LIST},
    {NULL, SW_VARIABLE_TEXT},
};

const char *sw_variables_get(const char *const *variables, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; variables != NULL && variables[i] != NULL; i++) {
        if (strncmp(variables[i], name, n) == 0 && variables[i][n] == '=')
            return variables[i] + n + 1;
    }
    return NULL;
}

/* The absolute paths of a list, in the arena; NULL if there are none, or (`*failed`) without memory. */
static const char *absolute_only(struct sw_arena *arena, const char *list, bool *failed)
{
    char *kept = sw_arena_text(arena, list);
    size_t n = 0;
    *failed = kept == NULL;
    for (struct sw_str rest = sw_str_from(list); kept != NULL && rest.p != NULL;) {
        struct sw_str folder = sw_str_cut(&rest, ':');
        if (!sw_str_starts(folder, "/"))
            continue;
        if (n > 0)
            kept[n++] = ':';
        memcpy(kept + n, folder.p, folder.n);
        n += folder.n;
    }
    if (kept == NULL || n == 0)
        return NULL;
    kept[n] = '\0';
    return kept;
}

static const char *search_path(struct sw_arena *arena, const char *const *variables, bool *failed)
{
    const char *path = sw_variables_get(variables, "PATH");
    *failed = false;
    const char *kept = path == NULL ? NULL : absolute_only(arena, path, failed);
    return kept == NULL ? usual_folders : kept;
}

static const char *seen_from_here(struct sw_arena *arena, const char *path, bool *failed)
{
    char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    const char *absolute = here == NULL ? path : sw_path_join(arena, here, path);
    free(here);
    *failed = absolute == NULL;
    return absolute != NULL && absolute[0] == '/' ? absolute : NULL;
}

/* The value that a child sees; NULL: none. */
static const char *pass_on(struct sw_arena *arena, enum sw_variable_kind kind, const char *value,
                           bool *failed)
{
    switch (kind) {
    case SW_VARIABLE_TEXT:
        return value;
    case SW_VARIABLE_FILE:
        return value[0] == '\0' ? NULL : seen_from_here(arena, value, failed);
    case SW_VARIABLE_HOME:
        return value[0] == '/' ? value : NULL;
    case SW_VARIABLE_LIST:
        return absolute_only(arena, value, failed);
    }
    return NULL;
}

static const struct sw_variable *find_row(const struct sw_variable *rows, struct sw_str name)
{
    for (; rows != NULL && rows->name != NULL; rows++) {
        struct sw_str wanted = sw_str_from(rows->name);
        bool open = sw_str_ends(wanted, "*");
        wanted.n -= open;
        bool same =
            open ? name.n >= wanted.n && memcmp(name.p, wanted.p, wanted.n) == 0 : sw_str_equal(name, wanted);
        if (same)
            return rows;
    }
    return NULL;
}

int sw_variables_select(const char *const **out, struct sw_arena *arena, const char *const *variables,
                        const struct sw_variable *needs, struct sw_error *error)
{
    size_t count = 0, kept = 0;
    bool failed = false;
    while (variables != NULL && variables[count] != NULL)
        count++;
    const char **list = sw_arena_array(arena, count + 2, sizeof *list);
    const char *path = search_path(arena, variables, &failed);
    if (list == NULL || failed)
        return sw_fail_memory(error);
    list[kept++] = sw_arena_format(arena, "PATH=%s", path);
    for (size_t i = 0; i < count; i++) {
        struct sw_str rest = sw_str_from(variables[i]), name = sw_str_cut(&rest, '=');
        const struct sw_variable *row = find_row(needs, name);
        row = row == NULL ? find_row(usual, name) : row;
        const char *value = row == NULL || rest.p == NULL ? NULL : pass_on(arena, row->kind, rest.p, &failed);
        if (value != NULL)
            list[kept++] = sw_arena_format(arena, "%.*s=%s", SW_STR_FORMAT(name), value);
        if (failed || list[kept - 1] == NULL)
            return sw_fail_memory(error);
    }
    *out = list;
    return 0;
}

static bool can_start(const char *file)
{
    struct stat status;
    return stat(file, &status) == 0 && S_ISREG(status.st_mode) && access(file, X_OK) == 0;
}

int sw_program_find(const char **path, struct sw_arena *arena, const char *program,
                    const char *const *variables, struct sw_error *error)
{
    bool failed = false, named = strchr(program, '/') != NULL;
    struct sw_str rest = sw_str_from(named ? "" : search_path(arena, variables, &failed));
    if (program[0] == '/' && can_start(program)) {
        *path = program;
        return 0;
    }
    while (!failed && !named && rest.p != NULL) {
        struct sw_str folder = sw_str_cut(&rest, ':');
        const char *file = sw_arena_format(arena, "%.*s/%s", SW_STR_FORMAT(folder), program);
        failed = file == NULL;
        if (!failed && can_start(file)) {
            *path = file;
            return 0;
        }
    }
    if (failed)
        return sw_fail_memory(error);
    errno = ENOENT;
    return sw_fail_errno(error, SW_ENOTFOUND, "cannot start '%s'", program);
}
