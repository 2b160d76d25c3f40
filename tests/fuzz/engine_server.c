#include "engine_server.h"

#include "base/limits.h"
#include "support.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Of a request; what a target asks for has no more. */
enum { REQUEST_SIZE = 256 * 1024, BACKLOG = 8, READY_ANSWERS = 2 };

/* Held for as long as a request is answered: the script may not go meanwhile. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sw_str script;
static size_t ready; /* how many of the answers before the script are still to be given */

static struct sw_str next_answer(void)
{
    static const char *const first[READY_ANSWERS] = {FUZZ_INFO, FUZZ_PING};
    if (ready > 0)
        return sw_str_from(first[--ready]);
    return script.p == NULL ? SW_STR("") : sw_str_cut(&script, FUZZ_ANSWER_END);
}

/* The bytes of a body behind the header lines; a chunked one ends with its empty chunk. */
static bool is_whole(struct sw_str request)
{
    const size_t head = sw_str_find(request, SW_STR("\r\n\r\n"));
    const struct sw_str length = SW_STR("\r\nContent-Length: ");
    const size_t at = sw_str_find((struct sw_str){request.p, head}, length);
    if (head == request.n)
        return false;
    if (sw_str_find((struct sw_str){request.p, head}, SW_STR("chunked")) < head)
        return sw_str_ends(request, "0\r\n\r\n");
    if (at == head)
        return true;
    struct sw_str rest = sw_str_drop(request, at + length.n);
    uint64_t bytes = 0;
    return sw_str_to_u64(sw_str_cut(&rest, '\r'), &bytes) && request.n >= head + 4 + bytes;
}

static void answer(int connection)
{
    static char request[REQUEST_SIZE];
    size_t n = 0;
    while (n < sizeof request && !is_whole((struct sw_str){request, n})) {
        ssize_t got = read(connection, request + n, sizeof request - n);
        if (got <= 0)
            return;
        n += (size_t)got;
    }
    struct sw_str bytes = next_answer();
    while (bytes.n > 0) {
        ssize_t sent = send(connection, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes = sw_str_drop(bytes, (size_t)sent);
    }
}

static void *serve(void *listener)
{
    for (;;) {
        int connection = accept4(*(int *)listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0)
            continue;
        (void)pthread_mutex_lock(&lock);
        answer(connection);
        (void)pthread_mutex_unlock(&lock);
        (void)close(connection);
    }
    return NULL;
}

static void start(struct sockaddr_un *address)
{
    static int listener;
    pthread_t thread;
    address->sun_family = AF_UNIX;
    (void)snprintf(address->sun_path, sizeof address->sun_path, "%s/engine", fuzz_folder());
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fuzz_claim(listener >= 0 && bind(listener, (struct sockaddr *)address, sizeof *address) == 0 &&
               listen(listener, BACKLOG) == 0 && pthread_create(&thread, NULL, serve, &listener) == 0 &&
               pthread_detach(thread) == 0);
}

static void tell(struct sw_str answers, size_t before)
{
    (void)pthread_mutex_lock(&lock);
    script = answers;
    ready = before;
    (void)pthread_mutex_unlock(&lock);
}

int fuzz_engine_open(struct sw_engine **engine, struct sw_str answers, bool is_ready, struct sw_error *error)
{
    static struct sockaddr_un address;
    if (address.sun_path[0] == '\0')
        start(&address);
    tell(answers, is_ready ? READY_ANSWERS : 0);
    const struct sw_endpoint endpoint = {.kind = SW_ENDPOINT_UNIX,
                                         .url = "unix:///engine",
                                         .origin = "the fuzzer",
                                         .socket = address.sun_path,
                                         .base = "http://docker"};
    return sw_engine_open_endpoint(engine, &endpoint, NULL, NULL, error);
}

void fuzz_engine_close(struct sw_engine *engine)
{
    sw_engine_close(engine);
    tell((struct sw_str){NULL, 0}, 0);
}
