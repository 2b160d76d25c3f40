#include "web.h"

#include "environment.h"
#include "installers.h"

#include "base/file.h"

int web_new(struct web **out, struct session *session, struct sw_error *error)
{
    static const char *const http[] = {"http_proxy"};
    static const char *const https[] = {"https_proxy", "HTTPS_PROXY"};
    static const char *const none[] = {"no_proxy", "NO_PROXY"};
    const struct installers *installers = NULL;
    int code = installers_read(&installers, session, error);
    if (code != 0)
        return code;
    struct web *web = calloc(1, sizeof *web);
    if (web == NULL)
        return sw_fail_memory(error);
    const char *proxy = installers->proxy;
    const char *home = environment_home(&session->arena), *netrc = getenv("NETRC");
    const struct sw_fetch_options options = {
        .ca_file = installers->certificates,
        .netrc = netrc != NULL && netrc[0] != '\0' ? netrc
                 : home == NULL                    ? NULL
                                                   : sw_path_join(&session->arena, home, ".netrc"),
        .http_proxy = proxy != NULL ? proxy : environment_first(http, SW_COUNT(http)),
        .https_proxy = proxy != NULL ? proxy : environment_first(https, SW_COUNT(https)),
        .no_proxy = environment_first(none, SW_COUNT(none)),
        .cancel = &session->cancel,
    };
    const char *cache = session_cache(session);
    const char *folder = cache == NULL ? NULL : sw_path_join(&session->arena, cache, "web");
    web->folder = session_writable_cache(session);
    code = options.netrc == NULL || folder == NULL ? sw_fail_memory(error) : 0;
    if (code == 0)
        code = sw_store_new(&web->store, folder, error);
    if (code == 0)
        code = sw_fetcher_new(&web->fetcher, &options, error);
    if (code != 0) {
        web_free(web);
        return code;
    }
    *out = web;
    return 0;
}

void web_free(struct web *web)
{
    if (web == NULL)
        return;
    sw_index_free(web->index);
    sw_fetcher_free(web->fetcher);
    sw_store_free(web->store);
    free(web);
}

int web_index(struct sw_index **out, struct web *web, struct session *session, struct sw_error *error)
{
    const struct installers *installers = NULL;
    int code = web->index == NULL ? installers_read(&installers, session, error) : 0;
    if (code == 0 && web->index == NULL && installers->index == NULL) {
        *error = installers->no_index;
        code = SW_EENV;
    }
    if (code == 0 && web->index == NULL) {
        const struct sw_index_options options = {
            .cache = {.fetcher = web->fetcher, .store = web->store, .offline = session->options.offline},
            .default_url = installers->index,
        };
        code = sw_index_new(&web->index, &options, error);
    }
    if (code == 0)
        *out = web->index;
    return code;
}
