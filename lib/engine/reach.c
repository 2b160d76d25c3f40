#include "engine/reach_internal.h"

#include "base/clock.h"
#include "engine/patience.h"

#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A peer that is gone is noticed within DEAD_PEER_S, also while neither side has anything to say. */
enum { KEEPALIVE_S = 5, DEAD_PEER_S = 15 };

void sw_reach_init(struct sw_reach *reach, const struct sw_curl *curl, const struct sw_endpoint *endpoint)
{
    *reach = (struct sw_reach){.curl = curl, .endpoint = endpoint, .opened = -1, .ssh.listener = -1};
    if (endpoint->kind == SW_ENDPOINT_CHILD)
        sw_ssh_init(&reach->ssh);
}

void sw_reach_release(struct sw_reach *reach)
{
    if (reach->endpoint != NULL)
        sw_ssh_release(&reach->ssh);
    reach->endpoint = NULL;
}

/* ---- sockets ---- */

static curl_socket_t on_open(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct sw_reach *reach = data;
    (void)purpose;
    reach->opened = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return reach->opened;
}

static int on_opened(void *data, curl_socket_t socket, curlsocktype purpose)
{
    const struct sw_reach *reach = data;
    const unsigned most = DEAD_PEER_S * 1000;
    (void)purpose;
    if (reach->endpoint->kind == SW_ENDPOINT_TCP)
        (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &most, sizeof most);
    return CURL_SOCKOPT_OK;
}

/* Called before each request: on a new connection, or on a connection that is used again. */
// NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's
static int on_connected(void *data, char *address, char *own_address, int port, int own_port)
{
    struct sw_reach *reach = data;
    (void)address, (void)own_address, (void)port, (void)own_port;
    int fresh = reach->opened;
    reach->opened = -1;
    return fresh < 0 || sw_ssh_take(&reach->ssh, fresh, reach->endpoint) ? CURL_PREREQFUNC_OK
                                                                         : CURL_PREREQFUNC_ABORT;
}

void sw_reach_close(struct sw_reach *reach, curl_socket_t socket)
{
    if (reach->endpoint->kind == SW_ENDPOINT_CHILD)
        sw_ssh_close(&reach->ssh, socket);
    else
        (void)close(socket);
}

static int on_close(void *data, curl_socket_t socket)
{
    sw_reach_close(data, socket);
    return 0;
}

/* ---- settings ---- */

static void set_tls(const struct sw_reach *reach, CURL *easy)
{
    const struct sw_curl *curl = reach->curl;
    const struct sw_endpoint *endpoint = reach->endpoint;
    (void)curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, endpoint->verify ? 1L : 0L);
    (void)curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, endpoint->verify ? 2L : 0L);
    if (endpoint->ca != NULL)
        (void)curl->easy_setopt(easy, CURLOPT_CAINFO, endpoint->ca);
    if (endpoint->certificate != NULL)
        (void)curl->easy_setopt(easy, CURLOPT_SSLCERT, endpoint->certificate);
    if (endpoint->key != NULL)
        (void)curl->easy_setopt(easy, CURLOPT_SSLKEY, endpoint->key);
}

void sw_reach_set(struct sw_reach *reach, CURL *easy)
{
    const struct sw_curl *curl = reach->curl;
    const struct sw_endpoint *endpoint = reach->endpoint;
    reach->detail[0] = '\0';
    (void)curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, reach->detail);
    (void)curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl->easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    (void)curl->easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl->easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
    (void)curl->easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
    (void)curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                            (long)(sw_patience_ns(endpoint, SW_PATIENCE_CONNECT) / SW_MILLISECOND_NS));
    (void)curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    (void)curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, reach);
    (void)curl->easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_opened);
    (void)curl->easy_setopt(easy, CURLOPT_SOCKOPTDATA, reach);
    (void)curl->easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl->easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, reach);
    if (endpoint->kind == SW_ENDPOINT_UNIX) {
        (void)curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, endpoint->socket);
    } else if (endpoint->kind == SW_ENDPOINT_CHILD) {
        (void)curl->easy_setopt(easy, CURLOPT_ABSTRACT_UNIX_SOCKET, reach->ssh.name);
        (void)curl->easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
        (void)curl->easy_setopt(easy, CURLOPT_PREREQDATA, reach);
    }
    if (endpoint->kind != SW_ENDPOINT_TCP)
        (void)curl->easy_setopt(easy, CURLOPT_PROXY, "");
    set_tls(reach, easy);
}

/* ---- failures ---- */

/* Give the command that lets this user into the group of the socket; root's group is nobody's. */
static int hint_group(const char *socket, struct sw_error *error)
{
    struct stat status;
    const struct group *owner = socket != NULL && stat(socket, &status) == 0 ? getgrgid(status.st_gid) : NULL;
    if (owner == NULL || owner->gr_gid == 0)
        return sw_error_hint(error,
                             "the socket is root's alone: use a rootless engine, or name another with -H");
    return sw_error_hint(error, "sudo usermod -aG %s $USER, then log in again; or use a rootless engine",
                         owner->gr_name);
}

static int explain_no_connection(const struct sw_reach *reach, CURL *easy, struct sw_error *error)
{
    long number = 0;
    (void)reach->curl->easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
    const struct sw_endpoint *endpoint = reach->endpoint;
    errno = (int)number;
    if (number == 0)
        (void)sw_fail(error, SW_EENV, "cannot reach the engine at %s (%s): %s", endpoint->url,
                      endpoint->origin, reach->detail);
    else
        (void)sw_fail_errno(error, SW_EENV, "cannot reach the engine at %s (%s)", endpoint->url,
                            endpoint->origin);
    if (number == EACCES)
        return hint_group(endpoint->socket, error);
    return sw_error_hint(error, "is the daemon running? %sname another engine with -H or DOCKER_HOST",
                         endpoint->socket == NULL ? "" : "'sudo systemctl start docker' starts it; ");
}

static int explain_ssh(const struct sw_reach *reach, bool answered, struct sw_error *error)
{
    const struct sw_endpoint *e = reach->endpoint;
    bool port = e->port != NULL, user = e->user != NULL;
    (void)sw_fail(error, SW_EENV, "%s the engine at %s (%s): %s", answered ? "lost" : "cannot reach", e->url,
                  e->origin, reach->ssh.words);
    if (e->command != NULL)
        return sw_error_hint(
            error, "'docker buildx inspect --bootstrap %s' starts it, and needs '%s', as slipway does",
            e->url + strlen("buildx://"), e->command[0]);
    return sw_error_hint(error, "this must work, and ask nothing: ssh%s%s %s%s%s docker version",
                         port ? " -p " : "", port ? e->port : "", user ? e->user : "", user ? "@" : "",
                         e->host);
}

static bool uses_tls(const struct sw_reach *reach)
{
    return sw_str_starts(sw_str_from(reach->endpoint->base), "https:");
}

static int hint_at_certificates(const struct sw_reach *reach, struct sw_error *error)
{
    const struct sw_endpoint *e = reach->endpoint;
    return sw_error_hint(
        error,
        "each side must know who signed the other's certificate; in DOCKER_CERT_PATH or the context "
        "there is %s, %s and %s",
        e->ca != NULL ? "ca.pem" : "no ca.pem", e->certificate != NULL ? "cert.pem" : "no cert.pem",
        e->key != NULL ? "key.pem" : "no key.pem");
}

static int explain_tls(const struct sw_reach *reach, struct sw_error *error)
{
    (void)sw_fail(error, SW_EENV, "no TLS with the engine at %s (%s): %s", reach->endpoint->url,
                  reach->endpoint->origin, reach->detail);
    if (strstr(reach->detail, "wrong version number") != NULL)
        return sw_error_hint(
            error, "it may not use TLS: unset DOCKER_TLS_VERIFY and DOCKER_TLS, or look at its port");
    return hint_at_certificates(reach, error);
}

static int explain_loss(const struct sw_reach *reach, bool answered, struct sw_error *error)
{
    if (reach->ssh.words[0] != '\0')
        return explain_ssh(reach, answered, error);
    /* In TLS 1.3 an engine refuses our certificate after the handshake: in words, if they come before it hangs up. */
    if (!answered && uses_tls(reach) && strstr(reach->detail, " alert ") != NULL)
        return explain_tls(reach, error);
    (void)sw_fail(error, SW_EENV, "the engine at %s went away%s", reach->endpoint->url,
                  answered ? " in the middle of its answer" : " without an answer");
    if (!answered && uses_tls(reach))
        return hint_at_certificates(reach, error);
    return sw_error_hint(error, "see the engine's own log; what was built so far stays in its cache");
}

int sw_reach_explain(struct sw_reach *reach, CURL *easy, CURLcode result, bool answered,
                     struct sw_error *error)
{
    const char *url = reach->endpoint->url;
    sw_ssh_hear(&reach->ssh);
    switch ((int)result) {
    case CURLE_OUT_OF_MEMORY:
        return sw_fail_memory(error);
    case CURLE_OPERATION_TIMEDOUT:
        (void)sw_fail(error, SW_EENV, "the engine at %s did not answer in time", url);
        return sw_error_hint(error, "what listens there may not be an engine, or it hangs");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        (void)sw_fail(error, SW_EENV, "what listens at %s is not an engine: it does not speak HTTP", url);
        return sw_error_hint(error, "name the engine's socket with -H");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION:
        return explain_tls(reach, error);
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
        return reach->ssh.words[0] != '\0' ? explain_ssh(reach, answered, error)
                                           : explain_no_connection(reach, easy, error);
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        return explain_loss(reach, answered, error);
    default:
        return sw_fail(error, SW_EENV, "cannot talk to the engine at %s: %s", url,
                       reach->detail[0] == '\0' ? reach->curl->easy_strerror(result) : reach->detail);
    }
}
