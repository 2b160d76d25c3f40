#include "index/pip.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/variables.h"
#include "data/ini.h"

#include <sys/stat.h>
#include <unistd.h>

/* The name that stands for the section of variables. */
static const char of_variables[] = ":env:";

struct entry {
    const char *section, *name, *value, *origin;
    unsigned line;
};

struct reader {
    struct sw_arena *arena;
    const char *const *variables;
    const char *home;
    struct sw_error *error;
    struct entry *entries;
    size_t count;
};

/* "INDEX_URL" and "--index-url" are "index-url". */
static char *normalize(struct sw_arena *arena, struct sw_str name)
{
    char *copy = sw_arena_copy(arena, name);
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        *c = *c == '_' ? '-' : (char)sw_lower((unsigned char)*c);
    return copy != NULL && strncmp(copy, "--", 2) == 0 ? copy + 2 : copy;
}

/* Put an entry: a later value takes the place of an earlier value, as in a dict of Python. */
static int put(struct reader *r, struct entry entry, struct sw_str name)
{
    entry.name = normalize(r->arena, name);
    if (entry.name == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 0; i < r->count; i++) {
        struct entry *known = &r->entries[i];
        if (strcmp(known->section, entry.section) == 0 && strcmp(known->name, entry.name) == 0) {
            *known = entry;
            return 0;
        }
    }
    struct entry *grown = sw_arena_grow(r->arena, r->entries, r->count, sizeof entry);
    if (grown == NULL)
        return sw_fail_memory(r->error);
    r->entries = grown;
    r->entries[r->count++] = entry;
    return 0;
}

static bool is_readable(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, R_OK) == 0;
}

/* A file that cannot be opened is passed over, as pip does. */
static int read_file(struct reader *r, const char *path)
{
    SW_BUFFER_AUTO text;
    struct sw_ini ini = {0};
    sw_buffer_init(&text, SW_MAX_CONFIGURATION);
    if (path == NULL)
        return sw_fail_memory(r->error);
    if (!is_readable(path))
        return 0;
    int code = sw_file_read(&text, path, r->error);
    if (code == 0)
        code = sw_ini_read(&ini, r->arena, sw_buffer_str(&text), path, r->error);
    for (size_t i = 0; code == 0 && i < ini.count; i++) {
        const struct sw_ini_option *option = &ini.options[i];
        if (strcmp(option->section, "global") != 0 && strcmp(option->section, "install") != 0)
            continue;
        const struct entry entry = {
            .section = option->section, .value = option->value, .origin = path, .line = option->line};
        code = put(r, entry, sw_str_from(option->name));
    }
    return code;
}

static int read_in(struct reader *r, struct sw_str folder, const char *name)
{
    return sw_str_starts(folder, "/")
               ? read_file(r, sw_arena_format(r->arena, "%.*s/%s", SW_STR_FORMAT(folder), name))
               : 0;
}

static int read_global(struct reader *r)
{
    struct sw_str rest = sw_str_from(sw_variables_get(r->variables, "XDG_CONFIG_DIRS"));
    if (sw_str_trim(rest).n == 0)
        rest = SW_STR("/etc/xdg");
    int code = 0;
    while (code == 0 && rest.p != NULL)
        code = read_in(r, sw_str_cut(&rest, ':'), "pip/pip.conf");
    return code == 0 ? read_file(r, "/etc/pip.conf") : code;
}

static int read_user(struct reader *r)
{
    struct sw_str folder = sw_str_from(sw_variables_get(r->variables, "XDG_CONFIG_HOME"));
    int code = read_in(r, sw_str_from(r->home), ".pip/pip.conf");
    if (code != 0)
        return code;
    return sw_str_starts(folder, "/") ? read_in(r, folder, "pip/pip.conf")
                                      : read_in(r, sw_str_from(r->home), ".config/pip/pip.conf");
}

static int read_files(struct reader *r)
{
    const char *named = sw_variables_get(r->variables, "PIP_CONFIG_FILE");
    if (named != NULL && strcmp(named, "/dev/null") == 0) /* pip's way to say: no files */
        return 0;
    int code = read_global(r);
    if (code == 0 && (named == NULL || access(named, F_OK) != 0))
        code = read_user(r);
    if (code == 0)
        code = read_in(r, sw_str_from(sw_variables_get(r->variables, "VIRTUAL_ENV")), "pip.conf");
    return code == 0 && named != NULL ? read_file(r, named) : code;
}

static int read_variables(struct reader *r)
{
    int code = 0;
    for (size_t i = 0; code == 0 && r->variables != NULL && r->variables[i] != NULL; i++) {
        struct sw_str value = sw_str_from(r->variables[i]), name = sw_str_cut(&value, '=');
        if (value.p == NULL || !sw_str_starts(name, "PIP_"))
            continue;
        const struct entry entry = {
            .section = of_variables, .value = value.p, .origin = sw_arena_copy(r->arena, name)};
        code = entry.origin == NULL ? sw_fail_memory(r->error)
                                    : put(r, entry, sw_str_drop(name, strlen("PIP_")));
    }
    return code;
}

/* ---- the meaning of the entries ---- */

static int read_truth(bool *truth, const struct reader *r, const struct entry *entry)
{
    static const char *const words[][6] = {{"n", "no", "f", "false", "off", "0"},
                                           {"y", "yes", "t", "true", "on", "1"}};
    struct sw_str value = sw_str_from(entry->value);
    for (size_t i = 0; i < 2 * SW_COUNT(words[0]); i++) {
        const char *word = words[i % 2][i / 2];
        if (value.n == strlen(word) && strcasecmp(entry->value, word) == 0) {
            *truth = i % 2 == 1;
            return 0;
        }
    }
    bool in_file = entry->section != of_variables;
    return sw_fail_at(r->error, SW_EINPUT, in_file ? entry->origin : NULL, entry->line, in_file,
                      "%s of pip is neither true nor false", in_file ? entry->name : entry->origin);
}

/* A path of pip's may begin with "~/". */
static const char *expand(const struct reader *r, const char *path)
{
    return strncmp(path, "~/", 2) == 0 ? sw_arena_format(r->arena, "%s%s", r->home, path + 1) : path;
}

static int apply(struct sw_pip *pip, const struct reader *r, const struct entry *entry)
{
    const struct {
        const char *name;
        struct sw_setting *setting;
        enum { TEXT, TRUTH, PATH } kind;
    } options[] = {
        {"index-url", &pip->index_url, TEXT},
        {"pypi-url", &pip->index_url, TEXT}, /* the older name, still taken */
        {"extra-index-url", &pip->extra_index_url, TEXT},
        {"find-links", &pip->find_links, TEXT},
        {"trusted-host", &pip->trusted_host, TEXT},
        {"no-index", &pip->no_index, TRUTH},
        {"cert", &pip->cert, PATH},
        {"client-cert", &pip->client_cert, PATH},
        {"proxy", &pip->proxy, TEXT},
    };
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        if (strcmp(options[i].name, entry->name) != 0)
            continue;
        bool on = true;
        int code = options[i].kind == TRUTH ? read_truth(&on, r, entry) : 0;
        const char *value = options[i].kind == PATH ? expand(r, entry->value) : entry->value;
        if (code != 0 || value == NULL)
            return code != 0 ? code : sw_fail_memory(r->error);
        *options[i].setting = (struct sw_setting){on ? value : NULL, on ? entry->origin : NULL};
    }
    return 0;
}

int sw_pip_read(struct sw_pip *out, struct sw_arena *arena, const char *const *variables, const char *home,
                struct sw_error *error)
{
    static const char *const order[] = {"global", "install", of_variables};
    struct reader r = {.arena = arena, .variables = variables, .home = home, .error = error};
    struct sw_pip pip = {0};
    int code = read_files(&r);
    if (code == 0)
        code = read_variables(&r);
    for (size_t i = 0; code == 0 && i < SW_COUNT(order) * r.count; i++) {
        const struct entry *entry = &r.entries[i % r.count];
        if (strcmp(entry->section, order[i / r.count]) == 0 && entry->value[0] != '\0')
            code = apply(&pip, &r, entry);
    }
    if (code == 0)
        *out = pip;
    return code;
}
