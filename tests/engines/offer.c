/* Builds a folder's Dockerfile with the library and a session that offers what the options say, and nothing beforehand.
 *
 * usage: offer URL FOLDER [secret=ID=FILE] [agent=SOCKET] [config=FOLDER] [key=TEXT]
 *   an interrupt cancels it; the folder holds Dockerfile, and context/ which COPY finds below that name; it prints the steps' output as it comes,
 *   "transferred BYTES" for the context, and as its last line "built ID", "failed TEXT" or "error CODE TEXT" */
#include "base/file.h"
#include "base/limits.h"
#include "build/build.h"
#include "context/context.h"
#include "engine/open.h"

#include <signal.h>

static struct sw_cancel cancel;

static void on_interrupt(int number)
{
    (void)number;
    sw_cancel_request(&cancel);
}

struct options {
    struct sw_arena arena;
    struct sw_session_options offer;
    struct sw_secret secret;
    struct sw_agent agent;
    struct sw_credentials *credentials;
    int64_t transferred;
};

static void watch(void *self, const struct sw_event *event)
{
    struct options *options = self;
    if (event->kind == SW_EVENT_LOG)
        (void)printf("%.*s", SW_STR_FORMAT(event->text));
    else if (event->kind == SW_EVENT_WARNING)
        (void)printf("warning %.*s\n", SW_STR_FORMAT(event->text));
    else if (event->kind == SW_EVENT_PROGRESS && sw_str_starts(event->text, "transferring context"))
        options->transferred = event->current;
    (void)fflush(stdout);
}

static int read_option(struct options *options, const char *text, struct sw_error *error)
{
    struct sw_str value = sw_str_from(text);
    struct sw_str key = sw_str_cut(&value, '=');
    if (sw_str_is(key, "secret")) {
        struct sw_str id = sw_str_cut(&value, '=');
        SW_BUFFER_AUTO content;
        sw_buffer_init(&content, SW_MAX_SECRET);
        int code = sw_file_read(&content, value.p, error);
        options->secret.id = sw_arena_copy(&options->arena, id);
        options->secret.value =
            (struct sw_str){sw_arena_copy(&options->arena, sw_buffer_str(&content)), content.n};
        options->offer.secrets = &options->secret;
        options->offer.secrets_count = 1;
        return code;
    }
    if (sw_str_is(key, "agent")) {
        options->agent = (struct sw_agent){"default", value.p};
        options->offer.agents = &options->agent;
        options->offer.agents_count = 1;
    } else if (sw_str_is(key, "config")) {
        int code = sw_credentials_read(&options->credentials, value.p, (const char *const *)environ, error);
        options->offer.credentials = options->credentials;
        return code;
    } else if (sw_str_is(key, "key")) {
        options->offer.context_key = value.p;
    }
    return 0;
}

static int build(struct options *options, const char *url, const char *folder, struct sw_error *error)
{
    static const struct sw_context_copy all = {.from = "."};
    SW_BUFFER_AUTO dockerfile;
    sw_buffer_init(&dockerfile, SW_MIB);
    struct sw_engine *engine = NULL;
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    const struct sw_sink sink = {watch, options};
    int code = sw_file_read(&dockerfile, sw_path_join(&options->arena, folder, "Dockerfile"), error);
    const struct sw_context_file file = {.path = "Dockerfile", .content = sw_buffer_str(&dockerfile)};
    const struct sw_context_options context = {.root = sw_path_join(&options->arena, folder, "context"),
                                               .copies = &all,
                                               .copies_count = 1,
                                               .files = &file,
                                               .files_count = 1};
    if (code == 0)
        code = sw_context_scan(&options->offer.context, &context, error);
    const struct sw_engine_options wanted = {.wishes = {.host = url,
                                                        .docker_cert_path = getenv("DOCKER_CERT_PATH"),
                                                        .docker_tls_verify = getenv("DOCKER_TLS_VERIFY"),
                                                        .environment = (const char *const *)environ},
                                             .cancel = &cancel};
    if (code == 0)
        code = sw_engine_open(&engine, &wanted, NULL, error);
    const struct sw_build_request request = {.offer = options->offer, .network = "none"};
    if (code == 0)
        code = sw_engine_build(&outcome, engine, &request, &sink, error);
    if (code == 0) {
        (void)printf("\ntransferred %lld\n", (long long)options->transferred);
        (void)printf("%s %s\n", outcome.failed ? "failed" : "built",
                     outcome.failed ? outcome.failure_text : outcome.image_id);
    }
    sw_engine_close(engine);
    sw_context_free(options->offer.context);
    return code;
}

int main(int argc, char **argv)
{
    struct options options = {.offer = {.context_key = "offer"}};
    struct sw_error error = {0};
    int code = argc < 3 ? SW_EINPUT : 0;
    sw_arena_init(&options.arena, SW_MAX_ARENA);
    sw_cancel_init(&cancel);
    (void)signal(SIGINT, on_interrupt);
    for (int i = 3; code == 0 && i < argc; i++)
        code = read_option(&options, argv[i], &error);
    if (code == 0)
        code = build(&options, argv[1], argv[2], &error);
    if (code != 0)
        (void)printf("\nerror %d %s\n", code, error.text);
    sw_credentials_free(options.credentials);
    sw_cancel_release(&cancel);
    sw_arena_release(&options.arena);
    return code != 0;
}
