#include "project/network.h"

#include "base/file.h"
#include "base/limits.h"
#include "project/certificates.h"
#include "project/installers.h"

/* The path at which the build mounts the certificates, see templates/Dockerfile. */
static const char mounted[] = "/run/slipway/certificates.pem";

static void add(struct sw_network *network, size_t *count, const char *name, const char *value)
{
    if (value != NULL)
        network->arguments[(*count)++] = (struct sw_pair){name, value};
}

/* Return true for a URL like "//user:secret@host/": the text before the first slash of the host part must
 * hold no '@'. */
static bool has_credentials(const char *url)
{
    const char *host = strstr(url, "://");
    host = host == NULL ? url : host + 3;
    return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

/* Make the build install from the index that checks look at. If nobody named an index, the installers in the
 * image use their built-in index, as checks do. */
static int add_index(struct sw_network *network, size_t *count, const struct sw_installers *installers,
                     struct sw_error *error)
{
    static const char *const names[] = {"PIP_INDEX_URL", "UV_DEFAULT_INDEX"};
    if (installers->index == NULL || installers->built_in)
        return 0;
    if (has_credentials(installers->index)) {
        (void)sw_fail(error, SW_EINPUT,
                      "the index of %s has credentials in it, which would stay in the image's history",
                      installers->origin);
        return sw_error_hint(error,
                             "name by PIP_INDEX_URL an index that needs none, or use a proxy that adds them");
    }
    for (size_t i = 0; i < SW_COUNT(names); i++)
        add(network, count, names[i], installers->index);
    return 0;
}

static int add_certificates(struct sw_network *network, size_t *count, const char *path,
                            struct sw_error *error)
{
    if (path == NULL)
        return 0;
    int code = sw_file_read(&network->certificates, path, error);
    if (code != 0)
        return sw_error_context(code, error, "the host's certificates");
    add(network, count, "PIP_CERT", mounted);
    add(network, count, "SSL_CERT_FILE", mounted);
    return 0;
}

/* Engines know these without an ARG, and keep them out of the cache key and the history. A proxy that only pip is told of is the
 * host's way out all the same. */
static void add_proxies(struct sw_network *network, size_t *count, const struct sw_project *project,
                        const char *of_pip)
{
    static const char *const names[] = {"HTTP_PROXY",  "HTTPS_PROXY", "http_proxy",
                                        "https_proxy", "NO_PROXY",    "no_proxy"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        bool exception = strncasecmp(names[i], "no_", 3) == 0;
        add(network, count, names[i],
            of_pip != NULL && !exception ? of_pip : sw_project_variable(project, &names[i], 1));
    }
}

/* uv's own settings for its builds of Python. A folder of the host is not there in a build. */
static void add_python(struct sw_network *network, size_t *count, const struct sw_project *project)
{
    static const char *const names[] = {"UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS_JSON_URL"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        const char *value = sw_project_variable(project, &names[i], 1);
        bool reached =
            value != NULL && (strncmp(value, "http://", 7) == 0 || strncmp(value, "https://", 8) == 0);
        if (reached && !has_credentials(value))
            add(network, count, names[i], value);
        if (value == NULL || (reached && !has_credentials(value)))
            continue;
        const char *text = sw_arena_format(
            project->arena, "not used: %s, which %s", names[i],
            reached ? "has a login that would stay in the history of a stage"
                    : "no build reaches: a profile names a folder with builds by 'python_builds'");
        sw_emit(&project->sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
    }
}

int sw_network_read(struct sw_network *network, struct sw_project *project, struct sw_error *error)
{
    const struct sw_installers *installers = NULL;
    size_t count = 0;
    *network = (struct sw_network){0};
    sw_buffer_init(&network->certificates, SW_MAX_CERTIFICATES);
    int code = sw_installers_read(&installers, project, error);
    if (code != 0)
        return code;
    add_proxies(network, &count, project, installers->proxy);
    add_python(network, &count, project);
    code = add_index(network, &count, installers, error);
    const char *certificates =
        installers->certificates != NULL ? installers->certificates : sw_certificates_of_site();
    return code != 0 ? code : add_certificates(network, &count, certificates, error);
}

void sw_network_release(struct sw_network *network)
{
    sw_buffer_release(&network->certificates);
}
