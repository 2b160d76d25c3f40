#include "index/uv.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/variables.h"
#include "data/toml.h"

#include <sys/stat.h>
#include <unistd.h>

/* A file that was read; the user's stands before the system's. */
struct config {
    const char *path;
    const struct sw_node *root;
};

struct reader {
    struct sw_arena *arena;
    const char *const *variables;
    const char *home;
    struct sw_error *error;
    struct config configs[2];
    size_t count;
};

static const char *get(const struct reader *r, const char *name)
{
    const char *value = sw_variables_get(r->variables, name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

/* ---- files ---- */

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int read_file(struct reader *r, const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_CONFIGURATION);
    int code = path == NULL ? sw_fail_memory(r->error) : sw_file_read(&text, path, r->error);
    const struct sw_node *root = NULL;
    if (code == 0)
        code = sw_toml_read(&root, r->arena, sw_buffer_str(&text), path, r->error);
    if (code == 0)
        r->configs[r->count++] = (struct config){path, root};
    return code == SW_ENOTFOUND ? SW_EINPUT : code;
}

static int read_if_there(struct reader *r, const char *path)
{
    return path != NULL && !is_file(path) ? 0 : read_file(r, path);
}

static int read_user(struct reader *r)
{
    const char *folder = get(r, "XDG_CONFIG_HOME");
    return read_if_there(r, folder != NULL && folder[0] == '/'
                                ? sw_arena_format(r->arena, "%s/uv/uv.toml", folder)
                                : sw_arena_format(r->arena, "%s/.config/uv/uv.toml", r->home));
}

static int read_system(struct reader *r)
{
    const char *folders = get(r, "XDG_CONFIG_DIRS");
    struct sw_str rest = sw_str_from(folders == NULL ? "/etc/xdg" : folders);
    while (rest.p != NULL) {
        struct sw_str folder = sw_str_cut(&rest, ':');
        const char *path = sw_arena_format(r->arena, "%.*s/uv/uv.toml", SW_STR_FORMAT(folder));
        if (path == NULL)
            return sw_fail_memory(r->error);
        if (path[0] == '/' && folder.n > 0 && is_file(path))
            return read_file(r, path);
    }
    return read_if_there(r, "/etc/uv/uv.toml");
}

static bool is_true(const char *value)
{
    static const char *const words[] = {"y", "yes", "t", "true", "on", "1"};
    for (size_t i = 0; value != NULL && i < SW_COUNT(words); i++) {
        if (strcasecmp(value, words[i]) == 0)
            return true;
    }
    return false;
}

static int read_files(struct reader *r)
{
    const char *named = get(r, "UV_CONFIG_FILE");
    if (named != NULL)
        return read_file(r, named);
    if (is_true(get(r, "UV_NO_CONFIG")))
        return 0;
    int code = read_user(r);
    return code == 0 ? read_system(r) : code;
}

/* ---- the meaning of the settings ---- */

/* A key as `uv pip` takes it: from the table "pip" of any file first, then from the files themselves. */
static const struct sw_node *find(const struct reader *r, const char *key, const char **path)
{
    static const char *const tables[] = {"pip", NULL};
    for (size_t t = 0; t < SW_COUNT(tables); t++) {
        for (size_t i = 0; i < r->count; i++) {
            const struct sw_node *root = r->configs[i].root;
            const struct sw_node *table = tables[t] == NULL ? root : sw_node_get(root, tables[t]);
            const struct sw_node *node = sw_node_get(table, key);
            if (node != NULL) {
                *path = r->configs[i].path;
                return node;
            }
        }
    }
    return NULL;
}

static void set(struct sw_setting *setting, const char *value, const char *origin)
{
    if (setting->value == NULL)
        *setting = (struct sw_setting){value, origin};
}

/* [[index]]: the first default of all files is the index; other entries are further indexes, except those
 * that count only if they are named. */
static void read_indexes(struct sw_uv *uv, const struct reader *r)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct sw_node *list = sw_node_get(r->configs[i].root, "index");
        for (size_t j = 0; j < sw_node_count(list); j++) {
            const struct sw_node *row = sw_node_item(list, j);
            const char *url = sw_node_text(sw_node_get(row, "url"), NULL);
            if (url == NULL)
                continue;
            if (sw_node_boolean(sw_node_get(row, "default"), false))
                set(&uv->file, url, r->configs[i].path);
            else if (!sw_node_boolean(sw_node_get(row, "explicit"), false))
                set(&uv->more, url, r->configs[i].path);
        }
    }
}

static void read_configs(struct sw_uv *uv, const struct reader *r)
{
    const struct {
        const char *key;
        struct sw_setting *setting;
    } lists[] = {{"extra-index-url", &uv->more},
                 {"find-links", &uv->find_links},
                 {"allow-insecure-host", &uv->insecure},
                 {"trusted-host", &uv->insecure}};
    const char *path = NULL;
    read_indexes(uv, r);
    const char *url = sw_node_text(find(r, "index-url", &path), NULL);
    if (url != NULL)
        set(&uv->file, url, path);
    if (sw_node_boolean(find(r, "no-index", &path), false))
        set(&uv->no_index, "true", path);
    for (size_t i = 0; i < SW_COUNT(lists); i++) {
        const struct sw_node *list = find(r, lists[i].key, &path);
        if (sw_node_count(list) > 0)
            set(lists[i].setting, lists[i].key, path);
    }
}

/* uv lets an index have a name: "mirror=https://…". */
static const char *without_name(const char *value)
{
    const char *sign = strchr(value, '='), *scheme = strstr(value, "://");
    return sign != NULL && scheme != NULL && sign < scheme ? sign + 1 : value;
}

static void read_variables(struct sw_uv *uv, const struct reader *r)
{
    const struct {
        const char *name;
        struct sw_setting *setting;
    } rows[] = {{"UV_DEFAULT_INDEX", &uv->variable},
                {"UV_INDEX_URL", &uv->variable},
                {"UV_INDEX", &uv->more},
                {"UV_EXTRA_INDEX_URL", &uv->more},
                {"UV_FIND_LINKS", &uv->find_links},
                {"UV_INSECURE_HOST", &uv->insecure}};
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        const char *value = get(r, rows[i].name);
        if (value != NULL)
            set(rows[i].setting, rows[i].setting == &uv->variable ? without_name(value) : value,
                rows[i].name);
    }
}

int sw_uv_read(struct sw_uv *out, struct sw_arena *arena, const char *const *variables, const char *home,
               struct sw_error *error)
{
    struct reader r = {.arena = arena, .variables = variables, .home = home, .error = error};
    struct sw_uv uv = {0};
    int code = read_files(&r);
    if (code != 0)
        return code;
    read_variables(&uv, &r);
    read_configs(&uv, &r);
    *out = uv;
    return 0;
}
