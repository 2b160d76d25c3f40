/* What every engine must be able to do for slipway, done with the library on a real one.
 *
 * usage: conformance URL BASE.tar [PID]     TAP on standard output
 *   BASE.tar  a root file system with a shell (tests/engines/rig base)
 *   PID       the engine's process, which is killed in the middle of a build at the end */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "build/build.h"
#include "context/context.h"
#include "engine/container.h"
#include "engine/image.h"
#include "engine/open.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define BASE "localhost/slipway-conformance:base"
#define BUILT "localhost/slipway-conformance:built"
#define ALSO "localhost/slipway-conformance:also"
#define NEVER "localhost/slipway-conformance:never"

/* What a test sees of the events, and what it does at the word "ready" in a log. */
struct watcher {
    struct sw_buffer out, err, warnings;
    unsigned commands, cached; /* RUN steps done, and those of them from the cache */
    struct sw_str command;     /* the step of the RUN under way; points to `name` */
    char name[128];
    struct sw_cancel *cancel;
    pid_t kill;
    int64_t acted_at;
};

static int number, failures;

static void report(bool ok, const char *what, const struct sw_error *error)
{
    failures += !ok;
    (void)printf("%sok %d - %s\n", ok ? "" : "not ", ++number, what);
    if (!ok && error != NULL && error->text[0] != '\0')
        (void)printf("# %s\n", error->text);
    (void)fflush(stdout);
}

static void act_when_ready(struct watcher *watcher)
{
    if (watcher->acted_at != 0 || strstr(watcher->out.p, "ready\n") == NULL)
        return;
    watcher->acted_at = sw_clock_now();
    if (watcher->cancel != NULL)
        sw_cancel_request(watcher->cancel);
    if (watcher->kill > 0)
        (void)kill(watcher->kill, SIGKILL);
}

static void watch(void *self, const struct sw_event *event)
{
    struct watcher *watcher = self;
    if (event->kind == SW_EVENT_LOG) {
        sw_buffer_add_str(event->stream == SW_STDERR ? &watcher->err : &watcher->out, event->text);
        act_when_ready(watcher);
    } else if (event->kind == SW_EVENT_WARNING) {
        sw_buffer_add_str(&watcher->warnings, event->text);
    } else if (event->kind == SW_EVENT_STEP_STARTED &&
               sw_str_find(event->text, SW_STR("] RUN ")) < event->text.n) {
        (void)snprintf(watcher->name, sizeof watcher->name, "%.*s", SW_STR_FORMAT(event->step));
    } else if (event->kind == SW_EVENT_STEP_DONE && sw_str_is(event->step, watcher->name)) {
        watcher->commands++;
        watcher->cached += event->cached;
    }
}

static void watcher_init(struct watcher *watcher)
{
    *watcher = (struct watcher){0};
    sw_buffer_init(&watcher->out, SW_MIB);
    sw_buffer_init(&watcher->err, SW_MIB);
    sw_buffer_init(&watcher->warnings, SW_MIB);
}

static void watcher_release(struct watcher *watcher)
{
    sw_buffer_release(&watcher->out);
    sw_buffer_release(&watcher->err);
    sw_buffer_release(&watcher->warnings);
}

static int build_offering(struct sw_build_outcome *outcome, struct sw_engine *engine, const char *dockerfile,
                          const char *const *tags, const struct sw_session_options *offer,
                          struct watcher *watcher, struct sw_error *error)
{
    static const struct sw_pair labels[] = {{"slipway.test", "a \"b\" & c=d"}, {NULL, NULL}};
    static const struct sw_pair arguments[] = {{"WORD", "x y"}, {NULL, NULL}};
    const struct sw_context_file file = {.path = "Dockerfile", .content = sw_str_from(dockerfile)};
    const struct sw_context_options options = {.root = "/", .files = &file, .files_count = 1};
    const struct sw_sink sink = {watch, watcher};
    struct sw_context *context = NULL;
    int code = sw_context_scan(&context, &options, error);
    if (code != 0)
        return code;
    struct sw_build_request request = {
        .offer = *offer,
        .tags = tags,
        .labels = labels,
        .arguments = arguments,
        .network = "none",
    };
    request.offer.context = context;
    request.offer.context_key = "conformance";
    code = sw_engine_build(outcome, engine, &request, &sink, error);
    sw_context_free(context);
    return code;
}

static int build(struct sw_build_outcome *outcome, struct sw_engine *engine, const char *dockerfile,
                 const char *const *tags, struct watcher *watcher, struct sw_error *error)
{
    const struct sw_session_options nothing = {0};
    return build_offering(outcome, engine, dockerfile, tags, &nothing, watcher, error);
}

static int read_file(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    ssize_t count = read(*(int *)self, out, n);
    if (count < 0)
        return sw_fail_errno(error, SW_EENV, "cannot read the base");
    *got = (size_t)count;
    return 0;
}

static bool exists(struct sw_engine *engine, const char *name)
{
    bool there = false;
    return sw_image_exists(&there, engine, name, NULL) == 0 && there;
}

static void test_images(struct sw_engine *engine, const char *base)
{
    SW_ARENA_AUTO arena;
    struct sw_error error = {0};
    char id[SW_IMAGE_ID_SIZE] = "";
    const struct sw_node *image = NULL;
    SW_FD_AUTO fd = open(base, O_RDONLY | O_CLOEXEC);
    const struct sw_source source = {read_file, &fd};
    sw_arena_init(&arena, SW_MAX_ARENA);
    report(sw_image_import(id, engine, BASE, NULL, &source, NULL, &error) == 0, "a base is imported", &error);
    int code = sw_image_inspect(&image, &arena, engine, BASE, &error);
    report(code == 0 && strcmp(sw_node_text(sw_node_get(image, "Id"), ""), id) == 0, "it has its name",
           &error);
    code = sw_image_inspect(&image, &arena, engine, NEVER, &error);
    report(code == SW_ENOTFOUND, "an image that is not there is not found", &error);
}

static void test_build(struct sw_engine *engine)
{
    static const char dockerfile[] =
        "FROM " BASE "\nARG WORD\nRUN echo \"word=$WORD\" | tee /word && echo e >&2\n";
    static const char *const tags[] = {BUILT, ALSO, NULL};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    char first[SW_IMAGE_ID_SIZE] = "";
    for (int round = 0; round < 2; round++) {
        SW_BUILD_OUTCOME_AUTO outcome = {0};
        struct sw_error error = {0};
        struct watcher watcher;
        watcher_init(&watcher);
        int code = build(&outcome, engine, dockerfile, tags, &watcher, &error);
        if (round == 0)
            report(!exists(engine, BUILT), "a build names nothing", NULL);
        for (size_t i = 0; code == 0 && tags[i] != NULL; i++)
            code = sw_image_tag(engine, outcome.image_id, tags[i], &error);
        bool built = code == 0 && !outcome.failed;
        report(built, round == 0 ? "an image is built" : "it is built again", &error);
        if (round == 0) {
            report(strstr(watcher.out.p, "word=x y\n") != NULL, "the build argument arrives", NULL);
            (void)snprintf(first, sizeof first, "%s", built ? outcome.image_id : "");
        } else {
            report(watcher.commands > 0 && watcher.cached == watcher.commands, "the second time all is cache",
                   NULL);
            report(built && strcmp(first, outcome.image_id) == 0, "and the image is the same", NULL);
        }
        watcher_release(&watcher);
    }
    const struct sw_node *image = NULL, *list = NULL;
    struct sw_error error = {0};
    int code = sw_image_inspect(&image, &arena, engine, ALSO, &error);
    const struct sw_node *labels = sw_node_get(sw_node_get(image, "Config"), "Labels");
    report(code == 0 && strcmp(sw_node_text(sw_node_get(labels, "slipway.test"), ""), "a \"b\" & c=d") == 0,
           "label and second tag are there", &error);
    code = sw_image_list(&list, &arena, engine, "slipway.test=a \"b\" & c=d", &error);
    report(code == 0 && sw_node_count(list) > 0, "the image is found by its label", &error);
    report(sw_image_remove(engine, ALSO, &error) == 0 && !exists(engine, ALSO) && exists(engine, BUILT),
           "one of two names is taken away", &error);
}

static void test_failure(struct sw_engine *engine)
{
    static const char *const tags[] = {NEVER, NULL};
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    struct sw_error error = {0};
    struct watcher watcher;
    watcher_init(&watcher);
    int code = build(&outcome, engine, "FROM " BASE "\nRUN echo why; exit 9\n", tags, &watcher, &error);
    report(code == 0 && outcome.failed && outcome.failure == SW_BUILD_COMMAND && outcome.exit_code == 9,
           "a command that fails is a failed build", &error);
    report(strstr(watcher.out.p, "why\n") != NULL, "its output arrived", NULL);
    report(!exists(engine, NEVER), "and nothing was named", NULL);
    watcher_release(&watcher);
}

/* What needs a session: done where the engine has them, else refused in words, before anything is built. */
static void test_offers(struct sw_engine *engine)
{
    const struct sw_secret secret = {"token", SW_STR("s3cret")};
    const struct sw_agent agent = {"default", "/nonexistent"};
    const struct sw_session_options offers[] = {{.secrets = &secret, .secrets_count = 1},
                                                {.agents = &agent, .agents_count = 1}};
    static const char *const dockerfiles[] = {
        "FROM " BASE "\nRUN --mount=type=secret,id=token test s3cret = \"$(cat /run/secrets/token)\" && echo "
        "it is there\n",
        "FROM " BASE "\nRUN --mount=type=ssh test -S \"$SSH_AUTH_SOCK\" && echo it is there\n"};
    static const char *const names[] = {"a secret", "an SSH agent"};
    const struct sw_engine_info *info = sw_engine_info(engine);
    for (size_t i = 0; i < SW_COUNT(offers); i++) {
        SW_BUILD_OUTCOME_AUTO outcome = {0};
        struct sw_error error = {0};
        char what[64];
        struct watcher watcher;
        watcher_init(&watcher);
        int code = build_offering(&outcome, engine, dockerfiles[i], NULL, &offers[i], &watcher, &error);
        (void)snprintf(what, sizeof what, "%s is %s", names[i], info->buildkit ? "offered" : "refused");
        if (info->buildkit)
            report(code == 0 && !outcome.failed && strstr(watcher.out.p, "it is there\n") != NULL, what,
                   &error);
        else
            report(code == SW_EENV && strstr(error.text, "cannot be given secrets or an SSH agent") != NULL &&
                       error.hint[0] != '\0' && watcher.out.n == 0,
                   what, &error);
        (void)printf("# %s\n", code == 0 ? "yes" : error.text);
        watcher_release(&watcher);
    }
}

static void test_run(struct sw_engine *engine)
{
    static const char *const command[] = {"/bin/sh", "-c", "echo $A; echo err >&2; exit 7", NULL};
    static const char *const missing[] = {"/no/such/program", NULL};
    static const char *const environment[] = {"A=b c", NULL};
    struct sw_container_request request = {
        .image = BASE, .command = command, .environment = environment, .network = "none"};
    struct sw_container_result result = {0};
    struct sw_error error = {0};
    struct watcher watcher;
    watcher_init(&watcher);
    const struct sw_sink sink = {watch, &watcher};
    int code = sw_container_run(&result, engine, &request, &sink, &error);
    report(code == 0 && result.exit_code == 7 && !result.oom, "a container runs and gives its exit status",
           &error);
    report(strcmp(watcher.out.p, "b c\n") == 0 && strcmp(watcher.err.p, "err\n") == 0,
           "its outputs are told apart", NULL);
    request.command = missing;
    report(sw_container_run(&result, engine, &request, NULL, &error) == SW_ENO,
           "a missing program is an error", NULL);
    request.image = NEVER;
    report(sw_container_run(&result, engine, &request, NULL, &error) == SW_ENOTFOUND, "and a missing image",
           NULL);
    watcher_release(&watcher);
}

/* A build that is stopped while it sleeps: canceled, or with the engine killed. */
static void test_stop(const struct sw_endpoint *endpoint, pid_t engine_process, int expected,
                      const char *what)
{
    static const char *const tags[] = {NEVER, NULL};
    char dockerfile[256];
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    struct sw_engine *engine = NULL;
    struct sw_error error = {0};
    struct sw_cancel cancel;
    bool podman = false;
    struct watcher watcher;
    sw_cancel_init(&cancel);
    watcher_init(&watcher);
    watcher.cancel = engine_process > 0 ? NULL : &cancel;
    watcher.kill = engine_process;
    /* Never from the cache. */
    (void)snprintf(dockerfile, sizeof dockerfile, "FROM " BASE "\nRUN echo %lld\nRUN echo ready; sleep 600\n",
                   (long long)sw_clock_now());
    int code = sw_engine_open_endpoint(&engine, endpoint, NULL, &cancel, &error);
    if (code == 0) {
        podman = sw_engine_info(engine)->podman;
        code = build(&outcome, engine, dockerfile, tags, &watcher, &error);
    }
    int64_t took = sw_clock_now() - watcher.acted_at;
    report(code == expected, what, &error);
    report(watcher.acted_at != 0 && took < 3 * SW_SECOND_NS, "within 3 s", NULL);
    if (expected == SW_ECANCELED)
        report((strstr(watcher.warnings.p, "cannot stop a step") != NULL) == podman,
               podman ? "that the step goes on is told" : "nothing goes on", NULL);
    (void)printf("# after %lld ms\n", (long long)(took / SW_MILLISECOND_NS));
    sw_engine_close(engine);
    watcher_release(&watcher);
    sw_cancel_release(&cancel);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    SW_ARENA_AUTO arena;
    struct sw_endpoint endpoint;
    struct sw_engine *engine = NULL;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    int code = sw_endpoint_parse(&endpoint, &arena, argv[1], "-H", &error);
    if (code == 0)
        code = sw_engine_open_endpoint(&engine, &endpoint, NULL, NULL, &error);
    report(code == 0, "the engine opens", &error);
    if (code == 0) {
        const struct sw_engine_info *info = sw_engine_info(engine);
        (void)printf("# %s %s, API %s, %s/%s%s\n", info->product, info->version, info->api_version, info->os,
                     info->architecture, info->buildkit ? ", BuildKit" : "");
        test_images(engine, argv[2]);
        test_build(engine);
        test_failure(engine);
        test_offers(engine);
        test_run(engine);
        test_stop(&endpoint, -1, SW_ECANCELED, "a build is canceled");
        report(!exists(engine, NEVER), "and nothing was named", NULL);
        if (argc > 3)
            test_stop(&endpoint, (pid_t)strtol(argv[3], NULL, 10), SW_EENV,
                      "an engine that is killed in mid-build is missed");
        sw_engine_close(engine);
    }
    (void)printf("1..%d\n", number);
    return failures > 0;
}
