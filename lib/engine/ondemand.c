#include "engine/ondemand.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/keeper.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"
#include "engine/open.h"

#include <linux/magic.h>
#include <pwd.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { START_SECONDS = 20, PROBE_SECONDS = 10, PATIENCE_SECONDS = 10, POLL_MS = 100, MOST_WORDS = 16 };

struct sw_ondemand {
    struct sw_arena arena;
    struct sw_keeper keeper;
    struct sw_endpoint endpoint;
    const char *program; /* "dockerd" or "podman" */
    /* The program's own folder, absolute, below the state folder. */
    const char *folder;
    const char *log;
    const char *words[MOST_WORDS]; /* the command */
    size_t count;
    bool failed; /* for want of memory, or of room for words */
};

/* The variables that an engine sees beside the usual variables: its own configuration, and registries'
 * logins. */
static const struct sw_variable needs[] = {
    {"DOCKER_CONFIG", SW_VARIABLE_FILE},
    {"DOCKER_CERT_PATH", SW_VARIABLE_FILE},
    {"DOCKER_TMPDIR", SW_VARIABLE_HOME},
    {"DOCKER_*", SW_VARIABLE_TEXT},
    {"CONTAINERS_*", SW_VARIABLE_FILE},
    {"REGISTRY_AUTH_FILE", SW_VARIABLE_FILE},
    {"STORAGE_*", SW_VARIABLE_TEXT},
    {"DBUS_SESSION_BUS_ADDRESS", SW_VARIABLE_TEXT},
    {NULL, SW_VARIABLE_TEXT},
};

/* Return true if a program is installed and starts. */
static bool can_run(const char *program, const struct sw_ondemand_options *asked)
{
    const char *const words[] = {program, "--version", NULL};
    const struct sw_process_options options = {.argv = words,
                                               .environment = asked->environment,
                                               .needs = needs,
                                               .timeout_ns = PROBE_SECONDS * SW_SECOND_NS,
                                               .cancel = asked->cancel};
    struct sw_process_result result;
    return sw_process_run(&result, &options, NULL, NULL, NULL) == 0 && result.status == 0;
}

static const char *in_folder(struct sw_ondemand *ondemand, const char *prefix, const char *name)
{
    const char *text = sw_arena_format(&ondemand->arena, "%s%s/%s", prefix, ondemand->folder, name);
    ondemand->failed |= text == NULL;
    return text;
}

static void add_word(struct sw_ondemand *ondemand, const char *word)
{
    if (ondemand->count + 1 < MOST_WORDS)
        ondemand->words[ondemand->count++] = word;
    else
        ondemand->failed = true;
}

static void make_docker_command(struct sw_ondemand *ondemand)
{
    add_word(ondemand, "dockerd");
    add_word(ondemand, "-H");
    add_word(ondemand, ondemand->endpoint.url);
    add_word(ondemand, "--data-root");
    add_word(ondemand, in_folder(ondemand, "", "data"));
    add_word(ondemand, "--exec-root");
    add_word(ondemand, in_folder(ondemand, "", "exec"));
    add_word(ondemand, "-p");
    add_word(ondemand, in_folder(ondemand, "", "pid"));
}

/* crun, Podman's usual runtime, refuses the hybrid layout of control groups (v1 beside v2) that some hosts without
 * a pure v2 have; runc does not. And only systemd can be asked to make control groups. */
static void make_podman_command(struct sw_ondemand *ondemand, const struct sw_ondemand_options *options)
{
    struct statfs cgroups;
    bool pure = statfs("/sys/fs/cgroup", &cgroups) == 0 && cgroups.f_type == CGROUP2_SUPER_MAGIC;
    add_word(ondemand, "podman");
    if (!pure && can_run("runc", options)) {
        add_word(ondemand, "--runtime");
        add_word(ondemand, "runc");
    }
    if (access("/run/systemd/system", F_OK) != 0) {
        add_word(ondemand, "--cgroup-manager");
        add_word(ondemand, "cgroupfs");
    }
    add_word(ondemand, "system");
    add_word(ondemand, "service");
    add_word(ondemand, "--time=0");
    add_word(ondemand, ondemand->endpoint.url);
}

static bool is_installed(const char *program, const struct sw_ondemand_options *options)
{
    const char *path;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    return sw_program_find(&path, &arena, program, options->environment, NULL) == 0;
}

/* Return true if a line of /etc/subuid, or another source than files, may give the user a range of IDs. */
static bool may_have_ids(uid_t uid)
{
    SW_BUFFER_AUTO given;
    SW_BUFFER_AUTO sources;
    sw_buffer_init(&given, SW_MAX_JSON_SIZE);
    sw_buffer_init(&sources, SW_MAX_JSON_SIZE);
    if (sw_file_read(&sources, "/etc/nsswitch.conf", NULL) == 0 && strstr(sources.p, "subid:") != NULL)
        return true;
    if (sw_file_read(&given, "/etc/subuid", NULL) != 0)
        return false;
    const struct passwd *user = getpwuid(uid);
    char number[24];
    (void)snprintf(number, sizeof number, "%u", uid);
    for (struct sw_str rest = sw_buffer_str(&given); rest.n > 0;) {
        struct sw_str line = sw_str_cut(&rest, '\n'), who = sw_str_cut(&line, ':');
        if (sw_str_is(who, number) || (user != NULL && sw_str_is(who, user->pw_name)))
            return true;
    }
    return false;
}

/* Without root podman needs a range of user IDs, and programs that hand it out. */
static int check_rootless(const struct sw_ondemand_options *options, struct sw_error *error)
{
    if (options->uid == 0)
        return 0;
    if (!is_installed("newuidmap", options)) {
        (void)sw_fail(error, SW_EENV, "podman cannot run without root here: newuidmap is not installed");
        return sw_error_hint(error, "apt-get install uidmap slirp4netns");
    }
    if (may_have_ids(options->uid))
        return 0;
    (void)sw_fail(error, SW_EENV, "podman cannot run without root here: /etc/subuid gives this user no IDs");
    return sw_error_hint(error,
                         "as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
}

int sw_ondemand_program(const char **program, const struct sw_ondemand_options *options,
                        struct sw_error *error)
{
    if (options->uid == 0 && can_run("dockerd", options))
        *program = "dockerd";
    else if (can_run("podman", options)) {
        *program = "podman";
        return check_rootless(options, error);
    } else if (sw_cancel_requested(options->cancel))
        return sw_fail_canceled(error);
    else if (options->uid == 0) {
        (void)sw_fail(error, SW_EENV,
                      "no container engine runs, and neither dockerd nor podman is installed to start one");
        return sw_error_hint(error, "install one of the packages docker.io, docker-ce or podman");
    } else {
        (void)sw_fail(error, SW_EENV, "no container engine runs, and podman is not installed to start one");
        return sw_error_hint(error, "apt-get install podman uidmap slirp4netns, or start Docker as root");
    }
    return 0;
}

/* The program's own folder and the files in it. */
static int make_folder(struct sw_ondemand *ondemand, const char *state, struct sw_error *error)
{
    struct sockaddr_un address;
    char *path = sw_arena_format(&ondemand->arena, "%s/%s", state, ondemand->program);
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_dir_make(path, 0700, error);
    if (code != 0)
        return code;
    char *absolute = realpath(path, NULL);
    if (absolute == NULL)
        return sw_fail_errno(error, SW_EENV, "cannot use '%s'", path);
    ondemand->folder = sw_arena_text(&ondemand->arena, absolute);
    free(absolute);
    if (ondemand->folder == NULL)
        return sw_fail_memory(error);
    ondemand->log = in_folder(ondemand, "", "log");
    const char *socket = in_folder(ondemand, "", "socket");
    if (ondemand->failed)
        return sw_fail_memory(error);
    if (strlen(socket) >= sizeof address.sun_path)
        return sw_fail(error, SW_EENV, "the path '%s' is too long for a socket", socket);
    return sw_endpoint_parse(&ondemand->endpoint, &ondemand->arena, in_folder(ondemand, "unix://", "socket"),
                             "started on demand", error);
}

static int join(struct sw_ondemand *ondemand, const struct sw_ondemand_options *options,
                struct sw_error *error)
{
    if (strcmp(ondemand->program, "dockerd") == 0)
        make_docker_command(ondemand);
    else
        make_podman_command(ondemand, options);
    const char *const leftovers[] = {ondemand->endpoint.socket, in_folder(ondemand, "", "pid"), ondemand->log,
                                     NULL};
    if (ondemand->failed)
        return sw_fail_memory(error);
    const struct sw_keeper_options keeper = {
        .folder = ondemand->folder,
        .argv = ondemand->words,
        .environment = options->environment,
        .needs = needs,
        .log = ondemand->log,
        .leftovers = leftovers,
        .patience_ns = PATIENCE_SECONDS * SW_SECOND_NS,
        .cancel = options->cancel,
    };
    return sw_keeper_join(&ondemand->keeper, &keeper, error);
}

/* The log's last line, for an error. */
static int say_why(const struct sw_ondemand *ondemand, const char *what, struct sw_error *error)
{
    SW_BUFFER_AUTO log;
    SW_BUFFER_AUTO line;
    sw_buffer_init(&log, SW_MAX_JSON_SIZE);
    sw_buffer_init(&line, SW_MAX_LOG_LINE);
    if (sw_file_read(&log, ondemand->log, NULL) != 0)
        sw_buffer_clear(&log);
    struct sw_str text = sw_str_trim(sw_buffer_str(&log));
    const char *start = text.n == 0 ? NULL : memrchr(text.p, '\n', text.n);
    sw_text_add_clean(
        &line, start == NULL ? text : (struct sw_str){start + 1, (size_t)(text.p + text.n - start - 1)});
    (void)sw_fail(error, SW_EENV, "%s, started on demand, %s: %s", ondemand->program, what, line.p);
    return sw_error_hint(error, "see '%s'", ondemand->log);
}

static int wait_until_it_answers(const struct sw_ondemand *ondemand, const struct sw_cancel *cancel,
                                 struct sw_error *error)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * SW_MILLISECOND_NS};
    int64_t deadline = sw_clock_now() + START_SECONDS * SW_SECOND_NS;
    for (;;) {
        struct sw_engine *engine = NULL;
        int code = sw_engine_open_endpoint(&engine, &ondemand->endpoint, NULL, cancel, NULL);
        sw_engine_close(engine);
        if (code == 0)
            return 0;
        if (sw_cancel_requested(cancel))
            return sw_fail_canceled(error);
        if (!sw_keeper_alive(&ondemand->keeper))
            return say_why(ondemand, "ended", error);
        if (sw_clock_now() >= deadline)
            return say_why(ondemand, "did not answer within 20 s", error);
        (void)nanosleep(&pause, NULL);
    }
}

int sw_ondemand_start(struct sw_ondemand **out, const struct sw_ondemand_options *options,
                      const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_ondemand *ondemand = calloc(1, sizeof *ondemand);
    if (ondemand == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&ondemand->arena, SW_MAX_ARENA);
    ondemand->keeper.users = -1;
    int code = sw_ondemand_program(&ondemand->program, options, error);
    if (code == 0)
        code = make_folder(ondemand, options->state, error);
    if (code == 0) {
        char text[64];
        (void)snprintf(text, sizeof text, "no engine runs: starting %s", ondemand->program);
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
        code = join(ondemand, options, error);
    }
    if (code == 0)
        code = wait_until_it_answers(ondemand, options->cancel, error);
    if (code == 0)
        *out = ondemand;
    else
        sw_ondemand_stop(ondemand);
    return code;
}

void sw_ondemand_stop(struct sw_ondemand *ondemand)
{
    if (ondemand == NULL)
        return;
    sw_keeper_leave(&ondemand->keeper);
    sw_arena_release(&ondemand->arena);
    free(ondemand);
}

const struct sw_endpoint *sw_ondemand_endpoint(const struct sw_ondemand *ondemand)
{
    return &ondemand->endpoint;
}
