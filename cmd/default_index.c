#include "default_index.h"

#include "index/pip.h"

#include <unistd.h>

/* uv lets an index have a name: "mirror=https://…". */
static const char *without_name(const char *value)
{
    const char *sign = strchr(value, '='), *scheme = strstr(value, "://");
    return sign != NULL && scheme != NULL && sign < scheme ? sign + 1 : value;
}

/* Whether pip, or the Python that it runs on, looks at the variable. */
static bool counts_for_pip(const char *variable)
{
    static const char *const names[] = {
        "PATH=",       "HOME=",      "PIP_", "VIRTUAL_ENV=", "XDG_CONFIG_DIRS=", "XDG_CONFIG_HOME=",
        "PYTHONHOME=", "PYTHONPATH="};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strncmp(variable, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static int ask_pip(struct default_index *out, struct session *session, struct sw_store *store,
                   struct sw_error *error)
{
    size_t count = 0, kept = 0;
    while (environ[count] != NULL)
        count++;
    const char **environment = sw_arena_array(&session->arena, count + 1, sizeof *environment);
    if (environment == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        if (counts_for_pip(environ[i]))
            environment[kept++] = environ[i];
    }
    struct sw_pip_index pip;
    int code = sw_pip_index(&pip, &session->arena, store, environment, &session->cancel, error);
    if (code == 0)
        *out = (struct default_index){pip.url, "pip", pip.built_in};
    return code;
}

int default_index_find(struct default_index *out, struct session *session, struct sw_store *store,
                       struct sw_error *error)
{
    static const char *const names[] = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            *out = (struct default_index){without_name(value), names[i], false};
            return 0;
        }
    }
    return ask_pip(out, session, store, error);
}
