#include "bootstrap/bootstrap.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/sha256.h"
#include "base/temporary.h"
#include "base/text.h"
#include "bootstrap/apt_internal.h"
#include "bootstrap/archive_internal.h"
#include "bootstrap/rootfs_internal.h"

#include <sys/stat.h>
#include <unistd.h>

/* A run of debootstrap, and the sink that stands before the caller's to keep the last error it prints. */
struct run {
    const struct sw_bootstrap_options *options;
    struct sw_arena *arena;
    const char *suite, *mirror;
    struct sw_buffer line;  /* the line that is being printed */
    struct sw_buffer fault; /* the last line that begins with "E: " */
};

static void emit(const struct sw_bootstrap_options *options, struct sw_event event)
{
    event.step = SW_STR(SW_BOOTSTRAP_STEP);
    sw_emit(options->sink, event);
}

static void end_line(struct run *run)
{
    struct sw_str line = sw_buffer_str(&run->line);
    if (sw_str_starts(line, "E: ")) {
        sw_buffer_clear(&run->fault);
        sw_text_add_clean(&run->fault, (struct sw_str){line.p + 3, line.n - 3});
    }
    sw_buffer_clear(&run->line);
}

static void listen(void *self, const struct sw_event *event)
{
    struct run *run = self;
    for (size_t i = 0; i < event->text.n; i++) {
        if (event->text.p[i] == '\n')
            end_line(run);
        else
            sw_buffer_add_char(&run->line, event->text.p[i]);
    }
    sw_emit(run->options->sink, *event);
}

/* Return true if the word is a possible name of a suite, an architecture or a package: lower-case letters,
 * digits and a few more. */
static bool is_word(struct sw_str word)
{
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        bool good = (c >= 'a' && c <= 'z') || sw_is_digit(c) || (i > 0 && (c == '-' || c == '+' || c == '.'));
        if (!good)
            return false;
    }
    return word.n > 0;
}

static int parse_name(const char **suite, const struct sw_bootstrap_options *options, struct sw_error *error)
{
    struct sw_str rest = sw_str_from(options->name);
    struct sw_str distribution = sw_str_cut(&rest, ':');
    if ((!sw_str_is(distribution, "debian") && !sw_str_is(distribution, "ubuntu")) || !is_word(rest)) {
        (void)sw_fail(error, SW_EINPUT, "cannot bootstrap '%s'", options->name);
        return sw_error_hint(error,
                             "write 'debian:' or 'ubuntu:' and the name of a release, debian:bookworm say");
    }
    for (const char *const *package = options->packages; *package != NULL; package++)
        if (!is_word(sw_str_from(*package)))
            return sw_fail(error, SW_EINPUT, "'%s' is not the name of a package", *package);
    *suite = rest.p;
    return 0;
}

static int find_mirror(struct run *run, struct sw_error *error)
{
    run->mirror = run->options->mirror;
    if (run->mirror != NULL)
        return 0;
    struct sw_apt_archive archive = {.suite = run->suite};
    int code = sw_apt_find(&archive, run->arena, run->options->apt_directory, error);
    run->mirror = archive.uri;
    return code == SW_ENOTFOUND ? SW_EENV : code;
}

/* "a,b,c"; in the arena, NULL without memory. */
static const char *join_packages(const struct run *run)
{
    SW_BUFFER_AUTO list;
    sw_buffer_init(&list, SW_MAX_PROCESS_ARGUMENT);
    for (const char *const *package = run->options->packages; *package != NULL; package++) {
        if (list.n > 0)
            sw_buffer_add_char(&list, ',');
        sw_buffer_add_text(&list, *package);
    }
    return list.state == SW_BUFFER_OK ? sw_arena_copy(run->arena, sw_buffer_str(&list)) : NULL;
}

static int locate(struct sw_bootstrap *found, const struct run *run, const char *packages,
                  struct sw_error *error)
{
    const char *recipe = sw_arena_format(run->arena, "%s\n%s\n%s\n%s\n%s\n", run->options->name, run->suite,
                                         run->options->architecture, run->mirror, packages);
    char *key = sw_arena_alloc(run->arena, SW_SHA256_HEX_SIZE);
    if (recipe == NULL || key == NULL || !sw_sha256_hex(sw_str_from(recipe), key))
        return sw_fail_memory(error);
    const char *file = sw_arena_format(run->arena, "bootstrap-%s-%.16s.tar", run->suite, key);
    const char *path = file == NULL ? NULL : sw_path_join(run->arena, run->options->cache, file);
    if (path == NULL)
        return sw_fail_memory(error);
    *found = (struct sw_bootstrap){.tar = path, .key = key, .fd = -1};
    return 0;
}

/* Turn the tool's last error into an error here, in clearer words if there is a remedy. */
static int explain(const struct run *run, const char *tool, int status, struct sw_error *error)
{
    struct sw_str fault = sw_buffer_str(&run->fault);
    const char *name = run->options->name;
    if (fault.n > 0 &&
        (strstr(run->fault.p, "newuidmap") != NULL || strstr(run->fault.p, "/etc/sub") != NULL ||
         strstr(run->fault.p, "unshare") != NULL)) {
        (void)sw_fail(error, SW_EENV, "cannot bootstrap '%s' without root: %s", name, run->fault.p);
        return sw_error_hint(error,
                             "apt-get install uidmap, and name yourself in /etc/subuid and /etc/subgid: "
                             "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 YOU");
    }
    if (sw_str_starts(fault, "No such script")) {
        (void)sw_fail(error, SW_EINPUT, "cannot bootstrap '%s': debootstrap knows no release '%s'", name,
                      run->suite);
        return sw_error_hint(error, "ls /usr/share/debootstrap/scripts names those it knows");
    }
    if (sw_str_starts(fault, "Couldn't find these debs")) {
        (void)sw_fail(error, SW_EINPUT, "cannot bootstrap '%s': %s", name, run->fault.p);
        return sw_error_hint(error, "the archive has no packages of these names for '%s'", run->suite);
    }
    if (sw_str_starts(fault, "Keyring-based check")) {
        (void)sw_fail(error, SW_EENV, "cannot bootstrap '%s': nothing here can check the archive's signature",
                      name);
        return sw_error_hint(error, "apt-get install %s",
                             sw_str_starts(sw_str_from(name), "ubuntu:") ? "ubuntu-keyring"
                                                                         : "debian-archive-keyring");
    }
    if (fault.n == 0)
        (void)sw_fail(error, SW_EENV, "cannot bootstrap '%s': %s ended with status %d", name, tool, status);
    else
        (void)sw_fail(error, SW_EENV, "cannot bootstrap '%s': %s", name, run->fault.p);
    if (sw_str_starts(fault, "Failed getting release") || sw_str_starts(fault, "Couldn't download"))
        return sw_error_hint(error, "is '%s' within reach, and has it '%s'?", run->mirror, run->suite);
    return sw_error_hint(error, "%s's own output says more", tool);
}

static int run_tool(struct run *run, const char *tool, const char *const *argv, struct sw_error *error)
{
    const struct sw_sink sink = {listen, run};
    struct sw_process_result result = {0};
    int code = sw_process_run(&result,
                              &(struct sw_process_options){.argv = argv,
                                                           .environment = run->options->environment,
                                                           .cancel = run->options->cancel,
                                                           .sink = &sink,
                                                           .step = SW_STR(SW_BOOTSTRAP_STEP)},
                              NULL, NULL, error);
    end_line(run);
    return code != 0 || result.status == 0 ? code : explain(run, tool, result.status, error);
}

static int debootstrap(struct run *run, const char *root, const char *packages, struct sw_error *error)
{
    const char *include =
        packages[0] == '\0' ? "--variant=minbase" : sw_arena_format(run->arena, "--include=%s", packages);
    const char *arch = sw_arena_format(run->arena, "--arch=%s", run->options->architecture);
    if (include == NULL || arch == NULL)
        return sw_fail_memory(error);
    /* The mounts and processes of debootstrap end with the namespaces, and those with the process that we can kill. When we
     * are killed, SIGTERM would not do: unshare(1) blocks it. */
    const char *const argv[] = {
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "env",
        "LC_ALL=C",
        "debootstrap",
        "--variant=minbase",
        "--force-check-gpg",
        arch,
        include,
        run->suite,
        root,
        run->mirror,
        NULL,
    };
    return run_tool(run, "debootstrap", argv, error);
}

/* The files that sw_rootfs_pack() leaves out as well. */
static const char clean[] = "--customize-hook=cd \"$1\" && find var/log var/cache/ldconfig ! -type d -delete "
                            "&& rm -f etc/hostname etc/resolv.conf";

/* Make the system without root, in a user namespace with the IDs that /etc/subuid gives. The files belong to these IDs, so mmdebstrap
 * packs them, too. SIGTERM lets mmdebstrap remove its folder. */
static int mmdebstrap(struct run *run, const char *packed, const char *packages, struct sw_error *error)
{
    const char *include =
        packages[0] == '\0' ? "--variant=minbase" : sw_arena_format(run->arena, "--include=%s", packages);
    const char *arch = sw_arena_format(run->arena, "--architectures=%s", run->options->architecture);
    if (include == NULL || arch == NULL)
        return sw_fail_memory(error);
    const char *const argv[] = {
        "setpriv",
        "--pdeathsig",
        "TERM",
        "env",
        "LC_ALL=C",
        "mmdebstrap",
        "--mode=unshare",
        "--variant=minbase",
        "--skip=output/mknod",
        clean,
        arch,
        include,
        run->suite,
        packed,
        run->mirror,
        NULL,
    };
    return run_tool(run, "mmdebstrap", argv, error);
}

/* Make the system in `work`, a new folder, and keep its tar. */
static int make_in(struct sw_archive *archive, struct run *run, const char *work, const char *packages,
                   const char *tar, struct sw_error *error)
{
    const char *root = sw_path_join(run->arena, work, "root"),
               *packed = sw_path_join(run->arena, work, "root.tar");
    if (root == NULL || packed == NULL)
        return sw_fail_memory(error);
    int64_t since = sw_clock_epoch() / SW_SECOND_NS;
    bool rooted = geteuid() == 0;
    int code = rooted ? debootstrap(run, root, packages, error) : mmdebstrap(run, packed, packages, error);
    if (code == 0 && rooted)
        code = sw_rootfs_pack(packed, root, since, run->options->cancel, error);
    return code != 0 ? code : sw_archive_keep(archive, tar, packed, run->options->cancel, error);
}

const char *sw_bootstrap_tool(void)
{
    return geteuid() == 0 ? "debootstrap" : "mmdebstrap";
}

static int check_means(const struct run *run, struct sw_error *error)
{
    const char *name = run->options->name, *tool = sw_bootstrap_tool();
    struct sw_process_result result;
    const char *const argv[] = {tool, "--version", NULL};
    const struct sw_process_options options = {.argv = argv, .environment = run->options->environment};
    int code = sw_process_run(&result, &options, NULL, NULL, error);
    if (code != SW_ENOTFOUND)
        return code;
    (void)sw_fail(error, SW_EENV, "cannot bootstrap '%s': the program %s is not installed", name, tool);
    if (geteuid() == 0)
        return sw_error_hint(error, "apt-get install debootstrap");
    return sw_error_hint(
        error, "apt-get install mmdebstrap uidmap, or set base_image to an image the engine can pull");
}

static int make(struct sw_archive *archive, struct run *run, const char *packages, const char *tar,
                struct sw_error *error)
{
    int code = check_means(run, error);
    if (code == 0)
        code = sw_dir_make(run->options->cache, 0755, error);
    if (code != 0)
        return code;
    struct sw_temporary temporary;
    if (sw_temporary_folder(&temporary, run->options->cache, 0755) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write to '%s'", run->options->cache);
    /* The mode must not depend on the umask: programs in the system run as users of their own. */
    (void)fchmod(temporary.fd, 0755);
    const char *work = sw_path_join(run->arena, run->options->cache, temporary.name);
    code = work == NULL ? sw_fail_memory(error) : make_in(archive, run, work, packages, tar, error);
    sw_temporary_drop(&temporary);
    return code;
}

/* Take the tar in the cache if sw_archive_keep() put it there, else make a new tar. */
static int find_or_make(struct sw_bootstrap *found, struct run *run, const char *packages,
                        struct sw_error *error)
{
    struct sw_archive archive = {.fd = -1};
    struct sw_error reason;
    int code = sw_archive_open(&archive, found->tar, run->options->cancel, &reason);
    found->cached = code == 0;
    if (code == SW_ENO)
        sw_emit(run->options->sink,
                (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(reason.text)});
    if (code == SW_ENO || code == SW_ENOTFOUND)
        code = make(&archive, run, packages, found->tar, error);
    else if (code != 0 && error != NULL)
        *error = reason;
    found->fd = archive.fd;
    memcpy(found->digest, archive.digest, sizeof found->digest);
    return code;
}

int sw_bootstrap_make(struct sw_bootstrap *bootstrap, struct sw_arena *arena,
                      const struct sw_bootstrap_options *options, struct sw_error *error)
{
    struct run run = {.options = options, .arena = arena};
    int code = parse_name(&run.suite, options, error);
    if (code == 0)
        code = find_mirror(&run, error);
    if (code != 0)
        return code;
    struct sw_bootstrap found = {0};
    const char *packages = join_packages(&run);
    code = packages == NULL ? sw_fail_memory(error) : locate(&found, &run, packages, error);
    if (code != 0)
        return code;
    sw_buffer_init(&run.line, SW_MAX_LOG_LINE);
    sw_buffer_init(&run.fault, SW_MAX_LOG_LINE);
    emit(options, (struct sw_event){.kind = SW_EVENT_STEP_STARTED, .text = sw_str_from(options->name)});
    code = find_or_make(&found, &run, packages, error);
    emit(options, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                    .cached = found.cached,
                                    .failed = code != 0,
                                    .text = sw_str_from(code != 0 && error != NULL ? error->text : "")});
    sw_buffer_release(&run.line);
    sw_buffer_release(&run.fault);
    if (code == 0)
        *bootstrap = found;
    return code;
}
