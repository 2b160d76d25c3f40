/* Does one thing with an engine and prints what came of it, for faults.py.
 *
 * usage: probe URL ACTION [MILLISECONDS]     cancels after so many; ACTION: open, inspect, import, build, run
 * prints: CODE, text, hint and milliseconds, separated by tabs. CODE is of enum sw_code; of a build that failed, "failed" */
#include "base/clock.h"
#include "base/limits.h"
#include "build/build.h"
#include "engine/container.h"
#include "engine/image.h"
#include "engine/open.h"

#include <signal.h>
#include <sys/time.h>

enum { UPLOAD = 8 * 1024 * 1024 };

static struct sw_cancel cancel;
static int64_t canceled_at;

static void on_alarm(int number)
{
    (void)number;
    canceled_at = sw_clock_now();
    sw_cancel_request(&cancel);
}

static int read_zeros(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    size_t *left = self;
    (void)error;
    *got = n < *left ? n : *left;
    memset(out, 0, *got);
    (void)nanosleep(&(struct timespec){.tv_nsec = 3 * SW_MILLISECOND_NS}, NULL); /* a disk's */
    *left -= *got;
    return 0;
}

static int build(struct sw_engine *engine, struct sw_error *error)
{
    static const char *const tags[] = {"localhost/x:1", NULL};
    static const char zeros[UPLOAD];
    const struct sw_context_file file = {.path = "Dockerfile", .content = {zeros, UPLOAD}};
    const struct sw_context_options options = {.root = "/", .files = &file, .files_count = 1};
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    struct sw_context *context = NULL;
    int code = sw_context_scan(&context, &options, error);
    if (code != 0)
        return code;
    const struct sw_build_request request = {.offer = {.context = context, .context_key = "x"}, .tags = tags};
    code = sw_engine_build(&outcome, engine, &request, NULL, error);
    sw_context_free(context);
    if (code == 0 && outcome.failed)
        (void)snprintf(error->text, sizeof error->text, "failed: %s", outcome.failure_text);
    return code;
}

static int act(struct sw_engine *engine, const char *action, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    size_t left = UPLOAD;
    const struct sw_source source = {read_zeros, &left};
    const struct sw_node *node = NULL;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (strcmp(action, "inspect") == 0)
        return sw_image_inspect(&node, &arena, engine, "x", error);
    if (strcmp(action, "import") == 0) {
        char id[SW_IMAGE_ID_SIZE];
        return sw_image_import(id, engine, "localhost/x:1", NULL, &source, NULL, error);
    }
    if (strcmp(action, "pull") == 0)
        return sw_image_pull(engine, "localhost/x:1", NULL, NULL, NULL, error);
    if (strcmp(action, "run") == 0) {
        static const char *const command[] = {"true", NULL};
        const struct sw_container_request request = {.image = "x", .command = command};
        struct sw_container_result result;
        return sw_container_run(&result, engine, &request, NULL, error);
    }
    return strcmp(action, "build") == 0 ? build(engine, error) : 0;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct sw_engine *engine = NULL;
    struct sw_error error = {0};
    const struct sw_engine_options options = {.wishes = {.host = argv[1]}, .cancel = &cancel};
    sw_cancel_init(&cancel);
    (void)signal(SIGALRM, on_alarm);
    if (argc > 3) {
        long milliseconds = strtol(argv[3], NULL, 10);
        const struct itimerval timer = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000}};
        (void)setitimer(ITIMER_REAL, &timer, NULL);
    }
    int64_t start = sw_clock_now();
    int code = sw_engine_open(&engine, &options, NULL, &error);
    if (code == 0)
        code = act(engine, argv[2], &error);
    int64_t since = canceled_at != 0 ? canceled_at : start;
    (void)printf("%d\t%s\t%s\t%lld\n", code, error.text, error.hint,
                 (long long)((sw_clock_now() - since) / SW_MILLISECOND_NS));
    sw_engine_close(engine);
    sw_cancel_release(&cancel);
    return 0;
}
