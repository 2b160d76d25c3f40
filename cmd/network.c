#include "network.h"

#include "base/file.h"
#include "base/limits.h"

/* Where the certificates are mounted in the build, see templates/Dockerfile. */
static const char mounted[] = "/run/slipway/certificates.pem";

static const char *set_or_null(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

static void add(struct network *network, size_t *count, const char *name, const char *value)
{
    if (value != NULL && *count + 1 < NETWORK_MOST)
        network->arguments[(*count)++] = (struct sw_pair){name, value};
}

/* "//user:secret@host/": what stands before the first slash of the host part must hold no '@'. */
static bool has_credentials(const char *url)
{
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

static int add_indexes(struct network *network, size_t *count, struct sw_error *error)
{
    static const char *const names[] = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        const char *url = set_or_null(names[i]);
        if (url != NULL && has_credentials(url)) {
            (void)sw_fail(error, SW_EINPUT,
                          "%s has credentials in it, which would stay in the image's history", names[i]);
            return sw_error_hint(error, "use an index that needs none, or a proxy that adds them");
        }
        add(network, count, names[i], url);
    }
    return 0;
}

static int add_certificates(struct network *network, size_t *count, struct sw_error *error)
{
    static const char *const names[] = {"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    const char *path = NULL;
    for (size_t i = 0; path == NULL && i < SW_COUNT(names); i++)
        path = set_or_null(names[i]);
    if (path == NULL)
        return 0;
    int code = sw_file_read(&network->certificates, path, error);
    if (code != 0)
        return sw_error_context(error, "the host's certificates");
    add(network, count, "PIP_CERT", mounted);
    add(network, count, "SSL_CERT_FILE", mounted);
    return 0;
}

int network_read(struct network *network, struct sw_error *error)
{
    /* Engines know these without an ARG, and keep them out of the cache key and the history. */
    static const char *const proxies[] = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
                                          "http_proxy", "https_proxy", "no_proxy"};
    size_t count = 0;
    *network = (struct network){0};
    sw_buffer_init(&network->certificates, SW_MAX_YAML_SIZE);
    for (size_t i = 0; i < SW_COUNT(proxies); i++)
        add(network, &count, proxies[i], set_or_null(proxies[i]));
    int code = add_indexes(network, &count, error);
    return code != 0 ? code : add_certificates(network, &count, error);
}

void network_release(struct network *network)
{
    sw_buffer_release(&network->certificates);
}
