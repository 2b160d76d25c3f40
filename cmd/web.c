#include "web.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"

enum { PIP_PATIENCE_S = 60 };

static const char *set_or_null(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

static const char *first_set(const char *const *names, size_t count)
{
    const char *value = NULL;
    for (size_t i = 0; value == NULL && i < count; i++)
        value = set_or_null(names[i]);
    return value;
}

int web_new(struct web **out, struct session *session, struct sw_error *error)
{
    static const char *const certificates[] = {"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE",
                                               "CURL_CA_BUNDLE"};
    static const char *const http[] = {"http_proxy"};
    static const char *const https[] = {"https_proxy", "HTTPS_PROXY"};
    static const char *const none[] = {"no_proxy", "NO_PROXY"};
    struct web *web = calloc(1, sizeof *web);
    if (web == NULL)
        return sw_fail_memory(error);
    const char *home = getenv("HOME"), *netrc = set_or_null("NETRC");
    const struct sw_fetch_options options = {
        .ca_file = first_set(certificates, SW_COUNT(certificates)),
        .netrc =
            netrc != NULL ? netrc : sw_path_join(&session->arena, home == NULL ? "/root" : home, ".netrc"),
        .http_proxy = first_set(http, SW_COUNT(http)),
        .https_proxy = first_set(https, SW_COUNT(https)),
        .no_proxy = first_set(none, SW_COUNT(none)),
        .cancel = &session->cancel,
    };
    const char *cache = session_cache(session);
    const char *folder = cache == NULL ? NULL : sw_path_join(&session->arena, cache, "web");
    web->folder = cache;
    int code = options.netrc == NULL || folder == NULL ? sw_fail_memory(error) : 0;
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

/* "... (default https://index.example/simple)" in the help of pip's --index-url; NULL where it is not there. */
static const char *default_in_help(struct sw_arena *arena, struct sw_str help)
{
    size_t at = sw_str_find(help, SW_STR("--index-url"));
    struct sw_str rest = sw_str_drop(help, at);
    at = sw_str_find(rest, SW_STR("(default"));
    if (at == rest.n)
        return NULL;
    rest = sw_str_trim(sw_str_drop(rest, at + strlen("(default")));
    size_t n = 0;
    while (n < rest.n && rest.p[n] != ')' && !sw_is_space((unsigned char)rest.p[n]))
        n++;
    return sw_arena_copy(arena, (struct sw_str){rest.p, n});
}

static int ask_pip(struct sw_buffer *out, const char *const *argv, const struct session *session,
                   struct sw_error *error)
{
    struct sw_process_result result;
    const struct sw_process_options options = {
        .argv = argv, .timeout_ns = PIP_PATIENCE_S * SW_SECOND_NS, .cancel = &session->cancel};
    int code = sw_process_run(&result, &options, out, NULL, error);
    return code != 0 ? code : result.status == 0 ? 0 : SW_ENO;
}

/* The index that pip would use, which the help of its option says, configuration included; only a login is not shown
 * there. */
static int pip_index(const char **url, struct session *session, struct sw_error *error)
{
    static const char *const help[] = {"python3", "-m", "pip", "help", "download", NULL};
    static const char *const configured[] = {"python3",          "-m", "pip", "config", "get",
                                             "global.index-url", NULL};
    SW_BUFFER_AUTO said, whole;
    sw_buffer_init(&said, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_init(&whole, SW_MAX_PROCESS_OUTPUT);
    int code = ask_pip(&said, help, session, error);
    *url = code == 0 ? default_in_help(&session->arena, sw_buffer_str(&said)) : NULL;
    if (*url != NULL && strstr(*url, "****") != NULL)
        *url = ask_pip(&whole, configured, session, error) == 0
                   ? sw_arena_copy(&session->arena, sw_str_trim(sw_buffer_str(&whole)))
                   : NULL;
    if (*url != NULL && (*url)[0] != '\0')
        return 0;
    if (code == SW_ECANCELED)
        return code;
    (void)sw_fail(error, SW_EENV, "there is no package index: neither a setting nor pip names one");
    return sw_error_hint(error, "set PIP_INDEX_URL, or install pip");
}

/* The answer is kept: pip takes longer to say it than everything else together. */
static int default_index(const char **url, struct web *web, struct session *session, struct sw_error *error)
{
    static const char *const names[] = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX"};
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SW_MAX_URL_SIZE);
    *url = first_set(names, SW_COUNT(names));
    if (*url != NULL)
        return 0;
    if (sw_store_get(&kept, web->store, SW_STR("pip's index"))) {
        *url = sw_arena_copy(&session->arena, sw_buffer_str(&kept));
        return *url == NULL ? sw_fail_memory(error) : 0;
    }
    int code = pip_index(url, session, error);
    if (code == 0)
        sw_store_put(web->store, SW_STR("pip's index"), sw_str_from(*url));
    return code;
}

int web_index(struct sw_index **out, struct web *web, struct session *session, struct sw_error *error)
{
    struct sw_index_options options = {
        .cache = {.fetcher = web->fetcher, .store = web->store, .offline = session->options.offline}};
    int code = web->index == NULL ? default_index(&options.default_url, web, session, error) : 0;
    if (code == 0 && web->index == NULL)
        code = sw_index_new(&web->index, &options, error);
    if (code == 0)
        *out = web->index;
    return code;
}
