#include "network.h"

#include "default_index.h"
#include "environment.h"
#include "web.h"

#include "base/file.h"
#include "base/limits.h"

/* Where the certificates are mounted in the build, see templates/Dockerfile. */
static const char mounted[] = "/run/slipway/certificates.pem";

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

/* The index that checks look at is the one that the build installs from. Where nobody named one, the installers in the image
 * have one built in, as pip here has. */
static int add_index(struct network *network, size_t *count, struct session *session, struct sw_error *error)
{
    static const char *const names[] = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX"};
    struct default_index index = {.built_in = true};
    struct web *web = NULL;
    int code = web_new(&web, session, error);
    if (code == 0)
        code = default_index_find(&index, session, web->store, error);
    web_free(web);
    if (code == SW_EENV) /* no pip here: the image's own will do */
        return 0;
    if (code == 0 && !index.built_in && has_credentials(index.url)) {
        (void)sw_fail(error, SW_EINPUT,
                      "the index of %s has credentials in it, which would stay in the image's history",
                      index.origin);
        return sw_error_hint(error,
                             "name by PIP_INDEX_URL an index that needs none, or use a proxy that adds them");
    }
    for (size_t i = 0; code == 0 && !index.built_in && i < SW_COUNT(names); i++)
        add(network, count, names[i], index.url);
    return code;
}

static int add_certificates(struct network *network, size_t *count, struct sw_error *error)
{
    const char *path = environment_certificates();
    if (path == NULL)
        return 0;
    int code = sw_file_read(&network->certificates, path, error);
    if (code != 0)
        return sw_error_context(error, "the host's certificates");
    add(network, count, "PIP_CERT", mounted);
    add(network, count, "SSL_CERT_FILE", mounted);
    return 0;
}

int network_read(struct network *network, struct session *session, struct sw_error *error)
{
    /* Engines know these without an ARG, and keep them out of the cache key and the history. */
    static const char *const proxies[] = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
                                          "http_proxy", "https_proxy", "no_proxy"};
    size_t count = 0;
    *network = (struct network){0};
    sw_buffer_init(&network->certificates, SW_MAX_YAML_SIZE);
    for (size_t i = 0; i < SW_COUNT(proxies); i++)
        add(network, &count, proxies[i], environment_first(&proxies[i], 1));
    int code = add_index(network, &count, session, error);
    return code != 0 ? code : add_certificates(network, &count, error);
}

void network_release(struct network *network)
{
    sw_buffer_release(&network->certificates);
}
