/* Logins for the registries that a build's engine talks to. A credential helper may ask its user something, which takes its
 * time, while the engine gives a session up that does not answer for some seconds. So each look-up has its thread: it writes
 * its own result, tells by an eventfd, and is joined before the result is read. */
#include "base/file.h"
#include "base/limits.h"
#include "session/session_internal.h"
#include "wire/protobuf.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { FIELD_HOST = 1, FIELD_USERNAME = 1, FIELD_SECRET = 2 };

struct sw_lookup {
    struct sw_watch watch;
    struct sw_session *session;
    struct sw_lookup *next;
    struct sw_grpc_call *call; /* NULL if the engine has ended the call */
    pthread_t thread;
    int done; /* an eventfd */
    char host[256];
    struct sw_login login;
    int code;
    struct sw_error error;
};

static void *look_up(void *self)
{
    struct sw_lookup *lookup = self;
    const uint64_t one = 1;
    lookup->code = sw_credentials_find(&lookup->login, lookup->session->options->credentials, lookup->host,
                                       &lookup->session->ended, &lookup->error);
    ssize_t written = write(lookup->done, &one, sizeof one);
    (void)written;
    return NULL;
}

static void answer(struct sw_grpc_call *call, const struct sw_login *login)
{
    SW_BUFFER_AUTO reply;
    sw_buffer_init(&reply, SW_MAX_HTTP_HEADERS);
    bool token = login->identity_token[0] != '\0';
    sw_proto_add_bytes(&reply, FIELD_USERNAME, sw_str_from(token ? "" : login->username));
    sw_proto_add_bytes(&reply, FIELD_SECRET, sw_str_from(token ? login->identity_token : login->password));
    sw_grpc_put(call, sw_buffer_str(&reply));
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

/* Nobody logs in: an image that everybody may have is had all the same. */
static void answer_nobody(struct sw_grpc_call *call)
{
    sw_grpc_put(call, (struct sw_str){"", 0});
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

static void warn(const struct sw_lookup *lookup)
{
    char text[sizeof lookup->error.text + 64];
    int n = snprintf(text, sizeof text, "no login for '%s': %s", lookup->host, lookup->error.text);
    sw_emit(lookup->session->sink,
            (struct sw_event){.kind = SW_EVENT_WARNING, .text = {text, n < 0 ? 0 : strlen(text)}});
}

/* Forget one whose thread was joined and that is off the session's list. */
static void forget(struct sw_lookup *lookup)
{
    sw_fd_close(&lookup->done); /* which also ends the watch */
    if (lookup->code == 0)
        sw_login_release(&lookup->login);
    free(lookup);
}

static void take_off(const struct sw_lookup *lookup)
{
    struct sw_lookup **at = &lookup->session->lookups;
    while (*at != lookup)
        at = &(*at)->next;
    *at = lookup->next;
}

static void on_done(struct sw_watch *watch, uint32_t events)
{
    struct sw_lookup *lookup = (struct sw_lookup *)(void *)watch;
    (void)events;
    (void)pthread_join(lookup->thread, NULL); /* only now is the result read */
    if (lookup->code != 0)
        warn(lookup);
    if (lookup->call != NULL) {
        sw_grpc_set_state(lookup->call, NULL);
        if (lookup->code == 0)
            answer(lookup->call, &lookup->login);
        else
            answer_nobody(lookup->call);
    }
    take_off(lookup);
    forget(lookup);
}

static int start(struct sw_session *session, struct sw_grpc_call *call, struct sw_str host)
{
    struct sw_lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL)
        return SW_EENV;
    *lookup = (struct sw_lookup){.watch = {on_done}, .session = session, .call = call};
    (void)snprintf(lookup->host, sizeof lookup->host, "%.*s", SW_STR_FORMAT(host));
    lookup->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (lookup->done < 0 || sw_session_watch(session, lookup->done, EPOLLIN, &lookup->watch, NULL) != 0 ||
        pthread_create(&lookup->thread, NULL, look_up, lookup) != 0) {
        sw_fd_close(&lookup->done);
        free(lookup);
        return SW_EENV;
    }
    lookup->next = session->lookups;
    session->lookups = lookup;
    sw_grpc_set_state(call, lookup);
    return 0;
}

void sw_session_credentials(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct sw_session *session = self;
    struct sw_str host = sw_session_field(message, FIELD_HOST);
    if (sw_grpc_state(call) != NULL || host.n >= sizeof((struct sw_lookup *)NULL)->host)
        sw_grpc_finish(call, SW_GRPC_INVALID, "one registry at a time");
    else if (session->options->credentials == NULL)
        answer_nobody(call);
    else if (start(session, call, host) != 0)
        sw_grpc_finish(call, SW_GRPC_UNAVAILABLE, "no thread for a credential helper");
}

void sw_session_credentials_release(struct sw_grpc_call *call, void *self)
{
    struct sw_lookup *lookup = sw_grpc_state(call);
    (void)self;
    if (lookup != NULL)
        lookup->call = NULL;
}

void sw_session_end_lookups(struct sw_session *session)
{
    sw_cancel_request(&session->ended);
    while (session->lookups != NULL) {
        struct sw_lookup *lookup = session->lookups;
        session->lookups = lookup->next;
        if (lookup->call != NULL)
            sw_grpc_set_state(lookup->call, NULL);
        (void)pthread_join(lookup->thread, NULL);
        forget(lookup);
    }
}
