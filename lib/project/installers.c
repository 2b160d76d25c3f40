#include "project/installers.h"

#include "index/own_index.h"
#include "index/pip.h"
#include "index/uv.h"

static void use(struct sw_installers *installers, const struct sw_setting *setting)
{
    installers->index = setting->value;
    installers->origin = setting->origin;
}

static void refuse(struct sw_installers *installers, const char *program, const char *origin)
{
    (void)sw_fail(&installers->no_index, SW_EENV, "%s is told by %s to use no package index", program,
                  origin);
    (void)sw_error_hint(&installers->no_index, "name an index by UV_DEFAULT_INDEX, or take no-index away");
}

/* A variable of pip's comes first, then those of uv, then pip's files, then uv's. */
static void choose_index(struct sw_installers *installers, const struct sw_pip *pip, const struct sw_uv *uv)
{
    bool by_variable = pip->index_url.value != NULL && strncmp(pip->index_url.origin, "PIP_", 4) == 0;
    if (uv->variable.value != NULL && !by_variable) {
        use(installers, &uv->variable);
    } else if (pip->no_index.value != NULL) {
        refuse(installers, "pip", pip->no_index.origin);
    } else if (pip->index_url.value != NULL) {
        use(installers, &pip->index_url);
    } else if (uv->no_index.value != NULL) {
        refuse(installers, "uv", uv->no_index.origin);
    } else if (uv->file.value != NULL) {
        use(installers, &uv->file);
    } else if (sw_own_index()[0] != '\0') {
        use(installers, &(const struct sw_setting){sw_own_index(), "pip"});
        installers->built_in = true;
    } else {
        (void)sw_fail(&installers->no_index, SW_EENV, "no package index is known");
        (void)sw_error_hint(&installers->no_index,
                            "name one by PIP_INDEX_URL, or by index-url in a pip.conf");
    }
}

static const char *choose_certificates(const struct sw_project *project, const struct sw_pip *pip)
{
    static const char *const names[] = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    return pip->cert.value != NULL ? pip->cert.value : sw_project_variable(project, names, SW_COUNT(names));
}

/* Tell of the settings that count for pip and uv alone, although they change how these find packages. Values
 * may hold a login and are not printed. */
static void tell(const struct sw_project *project, const struct sw_pip *pip, const struct sw_uv *uv)
{
    static const char indexes[] = "a profile names further indexes under 'indexes'";
    static const char links[] = "a profile names a wheel by its URL";
    static const char hosts[] = "certificates are always verified; PIP_CERT names others to trust";
    const struct {
        const char *name;
        const struct sw_setting *setting;
        const char *instead;
    } rows[] = {
        {"pip's extra-index-url", &pip->extra_index_url, indexes},
        {"pip's find-links", &pip->find_links, links},
        {"pip's trusted-host", &pip->trusted_host, hosts},
        {"pip's client-cert", &pip->client_cert, "connections show no certificate of their own"},
        {"uv's further indexes", &uv->more, indexes},
        {"uv's find-links", &uv->find_links, links},
        {"uv's allow-insecure-host", &uv->insecure, hosts},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (rows[i].setting->value == NULL)
            continue;
        const char *text = sw_arena_format(project->arena, "not used: %s, of %s: %s", rows[i].name,
                                           rows[i].setting->origin, rows[i].instead);
        sw_emit(&project->sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
    }
}

int sw_installers_read(const struct sw_installers **out, struct sw_project *project, struct sw_error *error)
{
    struct sw_pip pip;
    struct sw_uv uv;
    if (project->installers != NULL) {
        *out = project->installers;
        return 0;
    }
    struct sw_installers *installers = sw_arena_array(project->arena, 1, sizeof *installers);
    const char *home = sw_project_home(project);
    if (installers == NULL || home == NULL)
        return sw_fail_memory(error);
    int code = sw_pip_read(&pip, project->arena, project->environment, home, error);
    if (code == 0)
        code = sw_uv_read(&uv, project->arena, project->environment, home, error);
    if (code != 0)
        return code;
    choose_index(installers, &pip, &uv);
    installers->certificates = choose_certificates(project, &pip);
    installers->proxy = pip.proxy.value;
    tell(project, &pip, &uv);
    *out = project->installers = installers;
    return 0;
}
