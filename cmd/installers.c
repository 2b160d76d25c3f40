#include "installers.h"

#include "environment.h"

#include "index/pip.h"
#include "output/say.h"
#include "package_index.h"

/* uv lets an index have a name: "mirror=https://…". */
static const char *without_name(const char *value)
{
    const char *sign = strchr(value, '='), *scheme = strstr(value, "://");
    return sign != NULL && scheme != NULL && sign < scheme ? sign + 1 : value;
}

/* A variable of pip's comes first, then those of uv, then pip's files. */
static void choose_index(struct installers *installers, const struct sw_pip *pip)
{
    static const char *const variables[] = {"UV_DEFAULT_INDEX", "UV_INDEX_URL"};
    const struct sw_pip_setting *named = &pip->index_url;
    bool by_variable = named->value != NULL && strncmp(named->origin, "PIP_", 4) == 0;
    for (size_t i = 0; !by_variable && i < SW_COUNT(variables); i++) {
        const char *value = environment_first(&variables[i], 1);
        if (value != NULL) {
            installers->index = without_name(value);
            installers->origin = variables[i];
            return;
        }
    }
    if (pip->no_index.value != NULL) {
        (void)sw_fail(&installers->no_index, SW_EENV, "pip is told by %s to use no package index",
                      pip->no_index.origin);
        (void)sw_error_hint(&installers->no_index,
                            "name an index by UV_DEFAULT_INDEX, or take no-index away");
    } else if (named->value != NULL) {
        installers->index = named->value;
        installers->origin = named->origin;
    } else if (sizeof PACKAGE_INDEX > 1) {
        installers->index = PACKAGE_INDEX;
        installers->origin = "pip";
        installers->built_in = true;
    } else {
        (void)sw_fail(&installers->no_index, SW_EENV, "no package index is known");
        (void)sw_error_hint(&installers->no_index,
                            "name one by PIP_INDEX_URL, or by index-url in a pip.conf");
    }
}

static const char *choose_certificates(const struct sw_pip *pip)
{
    static const char *const names[] = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    return pip->cert.value != NULL ? pip->cert.value : environment_first(names, SW_COUNT(names));
}

/* Settings that change where pip finds packages, or how, and that count for pip alone. Values may hold a login. */
static void tell(const struct session *session, const struct sw_pip *pip)
{
    const struct {
        const char *name;
        const struct sw_pip_setting *setting;
        const char *instead;
    } rows[] = {
        {"extra-index-url", &pip->extra_index_url, "a profile names further indexes under 'indexes'"},
        {"find-links", &pip->find_links, "a profile names a wheel by its URL"},
        {"trusted-host", &pip->trusted_host,
         "certificates are always verified; PIP_CERT names others to trust"},
        {"client-cert", &pip->client_cert, "connections show no certificate of their own"},
    };
    for (size_t i = 0; i < SW_COUNT(rows) && !session->options.quiet; i++) {
        if (rows[i].setting->value != NULL)
            say(session->err, "note: pip's %s of %s does not count here: %s\n", rows[i].name,
                rows[i].setting->origin, rows[i].instead);
    }
}

int installers_read(const struct installers **out, struct session *session, struct sw_error *error)
{
    struct sw_pip pip;
    if (session->installers != NULL) {
        *out = session->installers;
        return 0;
    }
    struct installers *installers = sw_arena_array(&session->arena, 1, sizeof *installers);
    const char *home = environment_home(&session->arena);
    if (installers == NULL || home == NULL)
        return sw_fail_memory(error);
    int code = sw_pip_read(&pip, &session->arena, session->environment, home, error);
    if (code != 0)
        return code;
    choose_index(installers, &pip);
    installers->certificates = choose_certificates(&pip);
    installers->proxy = pip.proxy.value;
    tell(session, &pip);
    *out = session->installers = installers;
    return 0;
}
