#include "unit.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "bootstrap/apt_internal.h"
#include "bootstrap/archive_internal.h"
#include "bootstrap/bootstrap.h"
#include "bootstrap/rootfs_internal.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void apt_sources_are_read(void **state)
{
    (void)state;
    static const struct {
        enum sw_apt_style style;
        const char *text, *uri;
        bool exact;
    } rows[] = {
        {SW_APT_ONE_LINE, "deb http://example.org/debian bookworm main\n", "http://example.org/debian", true},
        {SW_APT_ONE_LINE, "deb http://example.org/debian/ bookworm main contrib", "http://example.org/debian",
         true},
        {SW_APT_ONE_LINE, "  deb\t[ arch=amd64 signed-by=/k.gpg ]  https://example.org/d  bookworm  main # x",
         "https://example.org/d", true},
        {SW_APT_ONE_LINE, "#deb http://example.org/a bookworm main\ndeb file:/srv/b bookworm main\n",
         "file:/srv/b", true},
        {SW_APT_ONE_LINE, "deb-src http://example.org/debian bookworm main\n", NULL, false},
        {SW_APT_ONE_LINE, "deb http://example.org/debian bookworm contrib\n", NULL, false},
        {SW_APT_ONE_LINE, "deb cdrom:[disc]/ bookworm main\n", NULL, false},
        {SW_APT_ONE_LINE, "deb http://example.org/security bookworm-security main\n", NULL, false},
        {SW_APT_ONE_LINE, "deb http://example.org/old bullseye/updates main\n", NULL, false},
        {SW_APT_ONE_LINE, "deb http://example.org/debian trixie main\n", "http://example.org/debian", false},
        {SW_APT_ONE_LINE, "deb http://example.org/a trixie main\ndeb http://example.org/b bookworm main\n",
         "http://example.org/b", true},
        {SW_APT_ONE_LINE, "deb http://example.org/a bookworm main\ndeb http://example.org/b bookworm main\n",
         "http://example.org/a", true},
        {SW_APT_ONE_LINE, "deb [arch=amd64 http://example.org/debian bookworm main\ndeb\n\n", NULL, false},
        {SW_APT_DEB822,
         "Types: deb\n# a note\nURIs: http://example.org/debian\nSuites: bookworm "
         "bookworm-updates\nComponents: main\n",
         "http://example.org/debian", true},
        {SW_APT_DEB822,
         "types: deb-src deb\nuris: http://example.org/a http://example.org/b\nsuites: bookworm\n"
         "components: main",
         "http://example.org/a", true},
        {SW_APT_DEB822,
         "Types: deb\nURIs: http://example.org/a\nSuites: bookworm\nComponents: main\nEnabled: no\n\n"
         "Types: deb\nURIs:\n http://example.org/b\nSuites:\n trixie\n# amid\n bookworm\nComponents: main\n"
         "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n x\n",
         "http://example.org/b", true},
        {SW_APT_DEB822,
         "Types: deb\nURIs: http://example.org/a\nSuites: bookworm-security\nComponents: main\n\n\n"
         "Types: deb\nURIs: http://example.org/b\nSuites: trixie\nComponents: main\n",
         "http://example.org/b", false},
        {SW_APT_DEB822, "Types: deb\n\nURIs: http://example.org/a\nSuites: bookworm\nComponents: main\n",
         NULL, false},
        {SW_APT_DEB822, "", NULL, false},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, SW_MIB);
        struct sw_apt_archive archive = {.suite = "bookworm"};
        assert_int_equal(sw_apt_read(&archive, &arena, sw_str_from(rows[i].text), rows[i].style, NULL), 0);
        if ((archive.uri == NULL) != (rows[i].uri == NULL) || archive.exact != rows[i].exact ||
            (archive.uri != NULL && strcmp(archive.uri, rows[i].uri) != 0))
            fail_msg("row %zu: got %s", i, archive.uri == NULL ? "none" : archive.uri);
    }
}

struct place {
    char path[64];
    struct sw_arena arena;
    struct sw_error error;
    struct sw_cancel cancel;
    struct sw_bootstrap bootstrap;
    struct sw_buffer log;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    (void)snprintf(place->path, sizeof place->path, "/tmp/slipway-bootstrap-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    (void)chmod(place->path, 0755);
    sw_arena_init(&place->arena, SW_MAX_ARENA);
    sw_buffer_init(&place->log, SW_MIB);
    sw_cancel_init(&place->cancel);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(sw_dir_remove(place->path, NULL), 0);
    sw_cancel_release(&place->cancel);
    sw_buffer_release(&place->log);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

/* What a command prints, run in the temporary folder. */
static const char *output_of(struct place *place, const char *command)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MIB);
    SW_BUFFER_AUTO err;
    sw_buffer_init(&err, SW_MIB);
    struct sw_process_result result = {0};
    const struct sw_process_options options = {.argv = (const char *const[]){"sh", "-ec", command, NULL},
                                               .directory = place->path};
    assert_int_equal(sw_process_run(&result, &options, &out, &err, &place->error), 0);
    if (result.status != 0)
        fail_msg("%s: %s", command, err.p);
    return sw_arena_copy(&place->arena, sw_buffer_str(&out));
}

static void apt_files_are_found(void **state)
{
    struct place *place = *state;
    struct sw_apt_archive archive = {.suite = "bookworm"};
    const char *apt = sw_arena_format(&place->arena, "%s/apt", place->path);
    assert_int_equal(sw_apt_find(&archive, &place->arena, apt, &place->error), SW_ENOTFOUND);
    assert_non_null(strstr(place->error.hint, "'bookworm'"));
    (void)output_of(
        place,
        "mkdir -p apt/sources.list.d; cd apt; echo deb http://example.org/t trixie main > sources.list\n"
        "echo deb http://example.org/x bookworm main > sources.list.d/a.list.disabled\n"
        "printf 'Types: deb\\nURIs: http://example.org/b\\nSuites: bookworm\\nComponents: main\\n' "
        "> sources.list.d/b.sources");
    assert_int_equal(sw_apt_find(&archive, &place->arena, apt, &place->error), 0);
    assert_string_equal(archive.uri, "http://example.org/b");
}

static void a_root_folder_is_packed(void **state)
{
    struct place *place = *state;
    (void)output_of(
        place, "mkdir -p root/dev root/proc root/etc root/usr/bin root/var/log/apt root/var/lib/apt/lists "
               "root/tmp; cd root\n"
               "echo x > dev/x; echo x > proc/x; echo x > tmp/x; echo host > etc/hostname\n"
               "echo x > var/log/apt/term.log; echo x > var/lib/apt/lists/Packages; mkfifo usr/pipe\n"
               "echo perl > usr/bin/perl; ln usr/bin/perl usr/bin/perl5; ln -s perl usr/bin/p\n"
               "touch -d @1000000000 usr/bin/perl; echo new > etc/new; chmod 4755 usr/bin/perl\n"
               "test $(id -u) != 0 || chown 0:42 etc/new");
    const char *root = sw_arena_format(&place->arena, "%s/root", place->path);
    const char *tar = sw_arena_format(&place->arena, "%s/root.tar", place->path);
    int64_t since = sw_clock_epoch() / SW_SECOND_NS - 3600;
    assert_int_equal(sw_rootfs_pack(tar, root, since, NULL, &place->error), 0);
    if (geteuid() == 0)
        assert_string_equal(
            output_of(place, "tar --utc --numeric-owner -tvf root.tar | tr -s ' '"),
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 dev/\ndrwxr-xr-x 0/0 0 1970-01-01 00:00 etc/\n"
            "-rw-r--r-- 0/42 4 1970-01-01 00:00 etc/new\ndrwxr-xr-x 0/0 0 1970-01-01 00:00 proc/\n"
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 tmp/\ndrwxr-xr-x 0/0 0 1970-01-01 00:00 usr/\n"
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/\nlrwxrwxrwx 0/0 0 1970-01-01 00:00 usr/bin/p -> "
            "perl\n"
            "-rwsr-xr-x 0/0 5 2001-09-09 01:46 usr/bin/perl\n"
            "hrwsr-xr-x 0/0 0 2001-09-09 01:46 usr/bin/perl5 link to usr/bin/perl\n"
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 var/\ndrwxr-xr-x 0/0 0 1970-01-01 00:00 var/lib/\n"
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 var/lib/apt/\ndrwxr-xr-x 0/0 0 1970-01-01 00:00 "
            "var/lib/apt/lists/\n"
            "drwxr-xr-x 0/0 0 1970-01-01 00:00 var/log/\ndrwxr-xr-x 0/0 0 1970-01-01 00:00 var/log/apt/\n");
    assert_string_equal(output_of(place, "tar -xOf root.tar usr/bin/perl"), "perl\n");
    sw_cancel_request(&place->cancel);
    assert_int_equal(sw_rootfs_pack(tar, root, since, &place->cancel, &place->error), SW_ECANCELED);
    assert_string_equal(output_of(place, "ls"), "root\n");
}

static void record(void *self, const struct sw_event *event)
{
    struct place *place = self;
    sw_buffer_add_str(&place->log, event->text);
    if (event->kind == SW_EVENT_STEP_DONE)
        sw_buffer_addf(&place->log, "[done cached=%d failed=%d]", event->cached, event->failed);
}

static int bootstrap(struct place *place, const char *name, const char *package, const char *mirror)
{
    const char *const packages[] = {package, NULL};
    const struct sw_sink sink = {record, place};
    return sw_bootstrap_make(&place->bootstrap, &place->arena,
                             &(struct sw_bootstrap_options){
                                 .name = name,
                                 .packages = packages,
                                 .architecture = "amd64",
                                 .mirror = mirror,
                                 .apt_directory = place->path,
                                 .cache = sw_arena_format(&place->arena, "%s/cache", place->path),
                                 .sink = &sink,
                                 .cancel = &place->cancel,
                             },
                             &place->error);
}

static void bad_names_are_refused(void **state)
{
    struct place *place = *state;
    static const char *const names[] = {"bookworm",    "debian",    "debian:",    "fedora:40",
                                        "debian:../x", "debian:-x", "debian:a b", ""};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        assert_int_equal(bootstrap(place, names[i], NULL, "file:/nowhere"), SW_EINPUT);
        assert_non_null(strstr(place->error.hint, "debian:bookworm"));
    }
    assert_int_equal(bootstrap(place, "debian:bookworm", "a,b", "file:/nowhere"), SW_EINPUT);
    assert_int_equal(bootstrap(place, "debian:bookworm", "--x", "file:/nowhere"), SW_EINPUT);
    assert_int_equal(bootstrap(place, "debian:bookworm", NULL, NULL), SW_EENV);
    assert_non_null(strstr(place->error.text, "no package archive is listed"));
}

/* Without root and without mmdebstrap the error names what to install; with it, the error is about the archive. */
static void others_than_root_are_told(void **state)
{
    struct place *place = *state;
    enum { NOBODY = 65534 };
    assert_true(geteuid() != 0 || chown(place->path, NOBODY, (gid_t)-1) == 0);
    pid_t child = fork();
    if (child == 0) {
        bool ready = geteuid() != 0 || setuid(NOBODY) == 0;
        bool told =
            ready && bootstrap(place, "debian:bookworm", NULL, "file:/nowhere") == SW_EENV &&
            (strcmp(place->error.text,
                    "cannot bootstrap 'debian:bookworm': the program mmdebstrap is not installed") == 0
                 ? strstr(place->error.hint, "apt-get install mmdebstrap uidmap") != NULL
                 : strstr(place->error.text, "cannot bootstrap 'debian:bookworm'") != NULL);
        _exit(told ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Whether the real debootstrap can run here; a test that needs it does nothing if not. (cmocka's skip() counts as a failure
 * under TAP.) */
static bool has_debootstrap(struct place *place)
{
    return geteuid() == 0 &&
           strcmp(output_of(place, "command -v debootstrap >&2 && unshare -mp true && echo y || echo n"),
                  "y\n") == 0;
}

static void debootstrap_failures_are_explained(void **state)
{
    struct place *place = *state;
    if (!has_debootstrap(place))
        return;
    assert_int_equal(bootstrap(place, "debian:nosuchrelease", NULL, "file:/nowhere"), SW_EINPUT);
    assert_string_equal(
        place->error.text,
        "cannot bootstrap 'debian:nosuchrelease': debootstrap knows no release 'nosuchrelease'");
    assert_int_equal(bootstrap(place, "debian:bookworm", NULL, "http://localhost:1/debian"), SW_EENV);
    assert_string_equal(place->error.text, "cannot bootstrap 'debian:bookworm': Failed getting release file "
                                           "http://localhost:1/debian/dists/bookworm/Release");
    assert_string_equal(place->error.hint,
                        "is 'http://localhost:1/debian' within reach, and has it 'bookworm'?");
    assert_non_null(strstr(place->log.p, "I: Retrieving InRelease"));
    sw_cancel_request(&place->cancel);
    assert_int_equal(bootstrap(place, "debian:bookworm", NULL, "http://localhost:1/debian"), SW_ECANCELED);
    assert_string_equal(output_of(place, "ls -A cache"), "");
}

static int open_archive(struct place *place, const char *tar)
{
    struct sw_archive archive = {.fd = -1};
    int code = sw_archive_open(&archive, tar, NULL, &place->error);
    sw_fd_close(&archive.fd);
    return code;
}

static void only_the_tar_that_was_kept_is_used_again(void **state)
{
    struct place *place = *state;
    struct sw_archive archive = {.fd = -1};
    const char *tar = sw_arena_format(&place->arena, "%s/base.tar", place->path);
    const char *made = sw_arena_format(&place->arena, "%s/made", place->path);
    assert_int_equal(open_archive(place, tar), SW_ENOTFOUND);
    (void)output_of(place, "seq 400000 > made");
    assert_int_equal(sw_archive_keep(&archive, tar, made, NULL, &place->error), 0);
    sw_fd_close(&archive.fd);
    assert_string_equal(output_of(place, "sha256sum -c base.tar.sha256"), "base.tar: OK\n");
    assert_int_equal(sw_archive_open(&archive, tar, NULL, &place->error), 0);
    assert_string_equal(output_of(place, "sha256sum < base.tar | cut -d' ' -f1 | tr -d '\\n'"),
                        archive.digest);
    char first[2];
    assert_int_equal(read(archive.fd, first, sizeof first), 2);
    assert_memory_equal(first, "1\n", 2);
    sw_fd_close(&archive.fd);
    static const char *const changes[] = {
        "printf x | dd of=base.tar bs=1 seek=1000000 conv=notrunc status=none",
        "truncate -s 100 base.tar",
        "echo foreign > other; mv other base.tar",
        "rm base.tar.sha256",
        "chmod g+w base.tar",
        "mv base.tar real; ln -s real base.tar",
    };
    (void)output_of(place, "mkdir kept; cp base.tar base.tar.sha256 kept");
    for (size_t i = 0; i < SW_COUNT(changes); i++) {
        (void)output_of(place, changes[i]);
        if (open_archive(place, tar) != SW_ENO)
            fail_msg("used again after %s", changes[i]);
        (void)output_of(place, "rm -f base.tar; cp kept/base.tar kept/base.tar.sha256 .");
        assert_int_equal(open_archive(place, tar), 0);
    }
    sw_cancel_request(&place->cancel);
    assert_int_equal(sw_archive_open(&archive, tar, &place->cancel, &place->error), SW_ECANCELED);
}

/* Ubuntu's keyring is another package than Debian's; does nothing where it is installed. */
static void an_archive_that_nothing_can_check_is_refused(void **state)
{
    struct place *place = *state;
    if (!has_debootstrap(place) || access("/usr/share/keyrings/ubuntu-archive-keyring.gpg", F_OK) == 0)
        return;
    assert_int_equal(bootstrap(place, "ubuntu:jammy", NULL, "http://localhost:1/ubuntu"), SW_EENV);
    assert_string_equal(place->error.text,
                        "cannot bootstrap 'ubuntu:jammy': nothing here can check the archive's signature");
    assert_string_equal(place->error.hint, "apt-get install ubuntu-keyring");
}

/* An archive that takes connections and never answers; its URL. */
static const char *start_silent_archive(struct place *place, int *listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*listener, (const struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(*listener, 8), 0);
    assert_int_equal(getsockname(*listener, (struct sockaddr *)&address, &size), 0);
    return sw_arena_format(&place->arena, "http://127.0.0.1:%d/debian", ntohs(address.sin_port));
}

static void what_a_killed_one_left_is_removed_by_the_next(void **state)
{
    struct place *place = *state;
    SW_FD_AUTO listener = -1;
    if (!has_debootstrap(place))
        return;
    const char *mirror = start_silent_archive(place, &listener);
    pid_t child = fork();
    if (child == 0)
        _exit(bootstrap(place, "debian:bookworm", NULL, mirror) == 0 ? 0 : 1);
    (void)output_of(place,
                    "for i in $(seq 600); do for root in cache/.*/root; do test -d $root && exit; done; "
                    "sleep 0.05; done; exit 1");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_string_equal(output_of(place, "ls -A cache | wc -l"), "1\n");
    (void)output_of(
        place,
        "for i in $(seq 600); do pgrep -f \"[d]ebootstrap.*$PWD/\" >&2 || exit 0; sleep 0.05; done; exit 1");
    assert_int_equal(bootstrap(place, "debian:bookworm", NULL, "http://localhost:1/debian"), SW_EENV);
    assert_string_equal(output_of(place, "ls -A cache"), "");
}

/* The real thing: minutes, and hundreds of megabytes from the archive that SLIPWAY_TEST_MIRROR names; nothing without
 * it. */
static void a_system_is_made_once(void **state)
{
    struct place *place = *state;
    const char *mirror = getenv("SLIPWAY_TEST_MIRROR");
    if (mirror == NULL || geteuid() != 0)
        return;
    if (bootstrap(place, "debian:bookworm", "ca-certificates", mirror) != 0)
        fail_msg("%s (%s)", place->error.text, place->error.hint);
    assert_false(place->bootstrap.cached);
    assert_string_equal(output_of(place, "tar -tf cache/*.tar | grep -c -x -e usr/bin/apt -e usr/bin/perl -e "
                                         "etc/ssl/certs/ca-certificates.crt -e etc/debian_version"),
                        "4\n");
    assert_string_equal(output_of(place, "tar -tf cache/*.tar | grep -c -e ^proc/. -e ^dev/. -e ^sys/. -e "
                                         "'lists/.*Packages' -e '[.]deb$' || true"),
                        "0\n");
    assert_string_equal(
        output_of(place, "ls -A cache | wc -l; grep -c slipway-bootstrap /proc/mounts || true"), "2\n0\n");
    const char *first = place->bootstrap.tar;
    sw_fd_close(&place->bootstrap.fd);
    int64_t before = sw_clock_now();
    assert_int_equal(bootstrap(place, "debian:bookworm", "ca-certificates", mirror), 0);
    assert_true(place->bootstrap.cached && sw_clock_now() - before < SW_SECOND_NS);
    assert_string_equal(place->bootstrap.tar, first);
    sw_fd_close(&place->bootstrap.fd);
    (void)output_of(place, "printf x | dd of=$(ls cache/*.tar) bs=1 seek=10000000 conv=notrunc status=none");
    assert_int_equal(bootstrap(place, "debian:bookworm", "ca-certificates", mirror), 0);
    assert_false(place->bootstrap.cached);
    assert_non_null(strstr(place->log.p, "does not have the digest that was noted when it was made"));
    sw_fd_close(&place->bootstrap.fd);
}

int suite_bootstrap(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apt_sources_are_read),
        TEST(apt_files_are_found),
        TEST(a_root_folder_is_packed),
        TEST(bad_names_are_refused),
        TEST(others_than_root_are_told),
        TEST(debootstrap_failures_are_explained),
        TEST(only_the_tar_that_was_kept_is_used_again),
        TEST(an_archive_that_nothing_can_check_is_refused),
        TEST(what_a_killed_one_left_is_removed_by_the_next),
        TEST(a_system_is_made_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
