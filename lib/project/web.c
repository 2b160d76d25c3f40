#include "project/web.h"

#include "base/file.h"
#include "project/certificates.h"
#include "project/installers.h"

int sw_web_new(struct sw_web **out, struct sw_project *project, struct sw_error *error)
{
    static const char *const rc[] = {"NETRC"};
    static const char *const http[] = {"http_proxy"};
    static const char *const https[] = {"https_proxy", "HTTPS_PROXY"};
    static const char *const none[] = {"no_proxy", "NO_PROXY"};
    const struct sw_installers *installers = NULL;
    int code = sw_installers_read(&installers, project, error);
    if (code != 0)
        return code;
    struct sw_web *web = calloc(1, sizeof *web);
    if (web == NULL)
        return sw_fail_memory(error);
    const char *proxy = installers->proxy;
    const char *home = sw_project_home(project), *netrc = sw_project_variable(project, rc, SW_COUNT(rc));
    const struct sw_fetch_options options = {
        .ca_file = installers->certificates != NULL ? installers->certificates : sw_certificates_of_system(),
        .netrc = netrc != NULL  ? netrc
                 : home == NULL ? NULL
                                : sw_path_join(project->arena, home, ".netrc"),
        .http_proxy = proxy != NULL ? proxy : sw_project_variable(project, http, SW_COUNT(http)),
        .https_proxy = proxy != NULL ? proxy : sw_project_variable(project, https, SW_COUNT(https)),
        .no_proxy = sw_project_variable(project, none, SW_COUNT(none)),
        .cancel = project->cancel,
    };
    const char *cache = sw_project_cache(project);
    const char *folder = cache == NULL ? NULL : sw_path_join(project->arena, cache, "web");
    web->folder = sw_project_writable_cache(project);
    code = options.netrc == NULL || folder == NULL ? sw_fail_memory(error) : 0;
    if (code == 0)
        code = sw_store_new(&web->store, folder, error);
    if (code == 0)
        code = sw_fetcher_new(&web->fetcher, &options, error);
    if (code != 0) {
        sw_web_free(web);
        return code;
    }
    *out = web;
    return 0;
}

void sw_web_free(struct sw_web *web)
{
    if (web == NULL)
        return;
    sw_index_free(web->index);
    sw_fetcher_free(web->fetcher);
    sw_store_free(web->store);
    free(web);
}

int sw_web_index(struct sw_index **out, struct sw_web *web, struct sw_project *project,
                 struct sw_error *error)
{
    const struct sw_installers *installers = NULL;
    int code = web->index == NULL ? sw_installers_read(&installers, project, error) : 0;
    if (code == 0 && web->index == NULL && installers->index == NULL) {
        *error = installers->no_index;
        code = SW_EENV;
    }
    if (code == 0 && web->index == NULL) {
        const struct sw_index_options options = {
            .cache = {.fetcher = web->fetcher, .store = web->store, .offline = project->offline},
            .default_url = installers->index,
            .git = {.environment = project->environment,
                    .folder = web->folder == NULL ? "/var/tmp" : web->folder,
                    .cancel = project->cancel},
        };
        code = sw_index_new(&web->index, &options, error);
    }
    if (code == 0)
        *out = web->index;
    return code;
}

int sw_project_index(struct sw_index **out, struct sw_project *project, struct sw_error *error)
{
    int code = project->web == NULL ? sw_web_new(&project->web, project, error) : 0;
    return code == 0 ? sw_web_index(out, project->web, project, error) : code;
}
