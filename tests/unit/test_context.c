#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "context/context.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A temporary folder with the user's tree in "root", and what scans and reads it. */
struct place {
    char path[64];
    struct sw_arena arena;
    struct sw_buffer events; /* one line each */
    struct sw_ignore *ignore;
    struct sw_context *context;
    struct sw_error error;
    struct sw_cancel cancel;
    struct sw_sink sink;
    const char *output;
};

static void record(void *self, const struct sw_event *event)
{
    struct sw_buffer *events = self;
    static const char *const names[] = {"started", "done", "progress", "log", "warning", "note"};
    sw_buffer_addf(events, "%s %.*s", names[event->kind], SW_STR_FORMAT(event->text));
    if (event->kind == SW_EVENT_PROGRESS)
        sw_buffer_addf(events, " %lld/%lld", (long long)event->current, (long long)event->total);
    sw_buffer_add_char(events, '\n');
}

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    (void)snprintf(place->path, sizeof place->path, "/tmp/slipway-context-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    (void)chmod(place->path, 0755);
    sw_arena_init(&place->arena, SW_MAX_ARENA);
    sw_buffer_init(&place->events, SW_MIB);
    sw_cancel_init(&place->cancel);
    *state = place;
    assert_int_equal(sw_dir_make(sw_arena_format(&place->arena, "%s/root", place->path), 0755, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    sw_context_free(place->context);
    sw_ignore_free(place->ignore);
    sw_cancel_release(&place->cancel);
    sw_buffer_release(&place->events);
    assert_int_equal(sw_dir_remove(place->path, NULL), 0);
    sw_arena_release(&place->arena);
    free(place);
    return 0;
}

/* The real path of `name` in the user's tree. */
static const char *at(struct place *place, const char *name)
{
    return sw_arena_format(&place->arena, "%s/root/%s", place->path, name);
}

static void make_file(struct place *place, const char *name, const char *text)
{
    const char *path = at(place, name);
    assert_int_equal(sw_dir_make(sw_path_dir(&place->arena, path), 0755, NULL), 0);
    assert_int_equal(sw_file_write(path, sw_str_from(text), 0644, NULL), 0);
}

static void make_link(struct place *place, const char *name, const char *target)
{
    assert_int_equal(symlink(target, at(place, name)), 0);
}

/* "a b" copies "a" and "b"; each stands at line 7, column 5 of a profile. */
static int scan(struct place *place, const char *copies, const char *ignore)
{
    static const struct sw_context_file files[] = {
        {"probe.py", {"print(1)\n", 9}, 0755},
        {"Dockerfile", {"FROM scratch\n", 13}, 0},
        {".dockerignore", {"", 0}, 0},
    };
    struct sw_context_copy list[8];
    size_t count = 0;
    struct sw_str rest = sw_str_from(copies);
    while (copies[0] != '\0' && rest.p != NULL)
        list[count++] =
            (struct sw_context_copy){sw_arena_copy(&place->arena, sw_str_cut(&rest, ' ')), "p.yaml", 7, 5};
    sw_context_free(place->context);
    sw_ignore_free(place->ignore);
    place->context = NULL;
    place->ignore = NULL;
    if (ignore != NULL)
        assert_int_equal(sw_ignore_new(&place->ignore, sw_str_from(ignore), ".dockerignore", &place->error),
                         0);
    place->sink = (struct sw_sink){record, &place->events};
    return sw_context_scan(&place->context,
                           &(struct sw_context_options){
                               .root = at(place, ""),
                               .copies = list,
                               .copies_count = count,
                               .ignore = place->ignore,
                               .files = files,
                               .files_count = SW_COUNT(files),
                               .output = place->output,
                               .sink = &place->sink,
                               .cancel = &place->cancel,
                           },
                           &place->error);
}

/* The user's part of the context, "a b/ b/c l>t" and so on. */
static const char *list(struct place *place)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    size_t count;
    const struct sw_context_entry *entries = sw_context_entries(place->context, &count);
    for (size_t i = 0; i < count; i++) {
        const struct sw_context_entry *entry = &entries[i];
        if (entry->content != NULL || strcmp(entry->path, SW_CONTEXT_FOLDER) == 0)
            continue;
        sw_buffer_addf(&text, "%s%s%s%s%s", text.n > 0 ? " " : "",
                       entry->path + strlen(SW_CONTEXT_FOLDER "/"), S_ISDIR(entry->mode) ? "/" : "",
                       entry->link == NULL ? "" : ">", entry->link == NULL ? "" : entry->link);
    }
    return sw_arena_copy(&place->arena, sw_buffer_str(&text));
}

/* Read the tar in pieces of `piece` bytes into the file "NAME" beside the root. */
static int read_tar(struct place *place, const char *name, size_t piece)
{
    const char *path = sw_arena_format(&place->arena, "%s/%s", place->path, name);
    SW_FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    char *bytes = malloc(piece);
    assert_non_null(bytes);
    size_t got = 1;
    int code = 0;
    while (code == 0 && got > 0) {
        code = sw_context_read(place->context, bytes, piece, &got, &place->error);
        if (code == 0)
            assert_int_equal(write(fd, bytes, got), got);
    }
    free(bytes);
    return code;
}

/* What a command prints, run beside the root. */
static const char *output_of(struct place *place, const char *command)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MIB);
    struct sw_process_result result = {0};
    const struct sw_process_options options = {.argv = (const char *const[]){"sh", "-ec", command, NULL},
                                               .directory = place->path};
    SW_BUFFER_AUTO err;
    sw_buffer_init(&err, SW_MIB);
    assert_int_equal(sw_process_run(&result, &options, &out, &err, &place->error), 0);
    if (result.status != 0)
        fail_msg("%s: %s", command, err.p);
    return sw_arena_copy(&place->arena, sw_buffer_str(&out));
}

static void make_project(struct place *place)
{
    make_file(place, "handler.py", "handler");
    make_file(place, "src/a.py", "a");
    make_file(place, "src/deep/b.py", "bb");
    make_file(place, "src/deep/b.pyc", "x");
    make_file(place, "model/weights.bin", "0123456789");
    make_file(place, ".env", "SECRET=1");
}

static void copies_select_what_is_sent(void **state)
{
    struct place *place = *state;
    make_project(place);
    static const struct {
        const char *copies, *ignore, *expected;
    } rows[] = {
        {"handler.py", NULL, "handler.py"},
        {"./handler.py", NULL, "handler.py"},
        {"src", NULL, "src/ src/a.py src/deep/ src/deep/b.py src/deep/b.pyc"},
        {"src/", "**/*.pyc", "src/ src/a.py src/deep/ src/deep/b.py"},
        {"src/deep/b.py", NULL, "src/ src/deep/ src/deep/b.py"},
        {"src/../handler.py", NULL, "handler.py"},
        {"*.py", NULL, "handler.py"},
        {"*/*.py", NULL, "src/ src/a.py"},
        {"src/*", NULL, "src/ src/a.py src/deep/ src/deep/b.py src/deep/b.pyc"},
        {"s?c/[a-b].py", NULL, "src/ src/a.py"},
        {"handler.py src/a.py", NULL, "handler.py src/ src/a.py"},
        {". src/a.py", ".env\nmodel", "handler.py src/ src/a.py src/deep/ src/deep/b.py src/deep/b.pyc"},
        {".", "*\n!src/deep/*.py", "src/ src/deep/ src/deep/b.py"},
        {".", "*\n!**/*.py", "handler.py src/ src/a.py src/deep/ src/deep/b.py"},
        {".", "**", ""},
        {"", NULL, ""},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (scan(place, rows[i].copies, rows[i].ignore) != 0)
            fail_msg("%s: %s", rows[i].copies, place->error.text);
        if (strcmp(list(place), rows[i].expected) != 0)
            fail_msg("copy '%s' ignoring '%s': got '%s'", rows[i].copies, rows[i].ignore, list(place));
    }
}

static void what_finds_nothing_says_why(void **state)
{
    struct place *place = *state;
    make_project(place);
    make_link(place, "out", "../../etc/passwd");
    make_link(place, "absolute", "/etc/passwd");
    make_link(place, "dangling", "src/gone.py");
    make_link(place, "loop", "loop/x");
    static const struct {
        const char *copies, *ignore, *text, *hint;
    } rows[] = {
        {"handler.pi", NULL, "'handler.pi' does not exist", "did you mean 'handler.py'?"},
        {"src/dep/b.py", NULL, "'src/dep/b.py' does not exist", "did you mean 'src/deep'?"},
        {"zzzzzz", NULL, "'zzzzzz' does not exist", "paths to copy are relative to the context's folder"},
        {"handler.py/x", NULL, "'handler.py/x' does not exist",
         "paths to copy are relative to the context's folder"},
        {"*.rs", NULL, "nothing matches '*.rs'", ""},
        {"handler.py", "# x\n*.py", "'handler.py' is left out by .dockerignore:2",
         "add '!handler.py' below that line, or do not copy it"},
        {"src/deep/b.py", "src", "'src' is left out by .dockerignore:1",
         "add '!src/deep/b.py' below that line, or do not copy it"},
        {"src/*.py", "src", "'src' is left out by .dockerignore:1",
         "add '!src/*.py' below that line, or do not copy it"},
        {"../x", NULL, "'../x' leads out of the context", NULL},
        {"/etc/passwd", NULL, "'/etc/passwd' leads out of the context", NULL},
        {"src/../../x", NULL, "'src/../../x' leads out of the context", NULL},
        {"[", NULL, "'[' is not a pattern that can be read", NULL},
        {"a[b/c]", NULL, "'a[b/c]' is not a pattern that can be read", NULL},
        {"out", NULL, "'out' is a symbolic link to '../../etc/passwd', which is not in the context", NULL},
        {"absolute", NULL, "'absolute' is a symbolic link to '/etc/passwd', which is not in the context",
         NULL},
        {"dangling", NULL, "'src/gone.py' does not exist (copied as 'dangling')", NULL},
        {"loop", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        memset(&place->error, 0, sizeof place->error);
        assert_int_equal(scan(place, rows[i].copies, rows[i].ignore), SW_EINPUT);
        assert_null(place->context);
        if (rows[i].text == NULL)
            continue;
        assert_string_equal(place->error.text, rows[i].text);
        assert_string_equal(place->error.file, "p.yaml");
        assert_int_equal(place->error.line, 7);
        assert_int_equal(place->error.column, 5);
        if (rows[i].hint != NULL)
            assert_string_equal(place->error.hint, rows[i].hint);
    }
}

static void links_are_sent_as_links(void **state)
{
    struct place *place = *state;
    make_project(place);
    make_link(place, "src/out", "/etc");
    make_link(place, "src/up", "../../../etc/passwd");
    make_link(place, "current.py", "src/a.py");
    make_link(place, "latest", "src");
    make_file(place, "s*t", "what a pattern would take as well:");
    make_file(place, "spot", "");
    make_link(place, "s?ar", "s*t");
    make_link(place, "star", "s?ar");
    static const char *const rows[][2] = {
        {"src",
         "src/ src/a.py src/deep/ src/deep/b.py src/deep/b.pyc src/out>/etc src/up>../../../etc/passwd"},
        {"current.py", "current.py>src/a.py src/ src/a.py"},
        {"latest/a.py", "latest>src src/ src/a.py"},
        {"latest/deep/*.py", "latest>src src/ src/deep/ src/deep/b.py"},
        {"cur*", "current.py>src/a.py src/ src/a.py"},
        {"star", "s*t s?ar>s*t star>s?ar"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (scan(place, rows[i][0], NULL) != 0)
            fail_msg("%s: %s", rows[i][0], place->error.text);
        assert_string_equal(list(place), rows[i][1]);
    }
}

static void special_files_are_left_out(void **state)
{
    struct place *place = *state;
    make_file(place, "a", "a");
    assert_int_equal(mkfifo(at(place, "pipe"), 0600), 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", at(place, "socket"));
    SW_FD_AUTO fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(scan(place, ".", NULL), 0);
    assert_string_equal(list(place), "a");
    assert_string_equal(place->events.p, "warning 'pipe' is a pipe: left out\n");
    assert_int_equal(scan(place, "pipe", NULL), SW_EINPUT);
}

static void totals_are_counted(void **state)
{
    struct place *place = *state;
    make_project(place);
    assert_int_equal(scan(place, ".", NULL), 0);
    const struct sw_context_totals *totals = sw_context_totals(place->context);
    assert_int_equal(totals->files, 6 + 3);
    assert_int_equal(totals->entries, 9 + 4);
    assert_int_equal(totals->bytes, 7 + 1 + 2 + 1 + 10 + 8 + 9 + 13);
    assert_string_equal(totals->largest[0]->path, "context/model/weights.bin");
    assert_string_equal(totals->largest[1]->path, "context/.env");
    assert_string_equal(totals->largest[2]->path, "context/handler.py");
    assert_int_equal(totals->largest[4]->size, 1);
}

/* Names, kinds and contents, by another reader than the library that writes: GNU tar. */
static void the_tar_is_what_tar_reads(void **state)
{
    struct place *place = *state;
    make_project(place);
    make_link(place, "src/link", "a.py");
    const char *long_name =
        "0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/"
        "0123456789/0123456789/a file with a long name.txt";
    make_file(place, long_name, "long");
    make_file(place, "new\nline", "n");
    make_file(place, "caf\xC3\xA9 \xFF", "u");
    assert_int_equal(chmod(at(place, "handler.py"), 0750), 0);
    const struct timespec times[2] = {{1700000000, 5}, {1700000000, 123456789}};
    assert_int_equal(utimensat(AT_FDCWD, at(place, "handler.py"), times, 0), 0);
    assert_int_equal(scan(place, ".", NULL), 0);
    assert_int_equal(read_tar(place, "all.tar", 4096), 0);
    assert_string_equal(output_of(place, "tar -tf all.tar | head -4"),
                        "Dockerfile\n.dockerignore\nprobe.py\ncontext/\n");
    assert_string_equal(
        output_of(place, "tar --utc --full-time --numeric-owner -tvf all.tar context/handler.py"),
        "-rwxr-x--- 0/0               7 2023-11-14 22:13:20 context/handler.py\n");
    assert_string_equal(output_of(place, "tar --utc --full-time -tvf all.tar Dockerfile probe.py"),
                        "-rw-r--r-- 0/0              13 2000-09-01 07:52:16 Dockerfile\n"
                        "-rwxr-xr-x 0/0               9 2000-10-26 10:25:54 probe.py\n");
    (void)output_of(place,
                    "mkdir out && tar -xf all.tar -C out && diff -r root out/context && rm out/context -r");
    assert_string_equal(output_of(place, "cat out/Dockerfile out/probe.py; ls -A out"),
                        "FROM scratch\nprint(1)\n.dockerignore\nDockerfile\nprobe.py\n");
    /* What an engine looks at: the first 1024 bytes start with a header of a plain file. */
    assert_string_equal(
        output_of(place, "head -c 10 all.tar; dd if=all.tar bs=1 skip=156 count=1 2>/dev/null"),
        "Dockerfile0");
}

static void the_tar_is_what_python_reads(void **state)
{
    struct place *place = *state;
    make_project(place);
    make_link(place, "src/link", "a.py");
    assert_int_equal(scan(place, "src", NULL), 0);
    assert_int_equal(read_tar(place, "all.tar", 65536), 0);
    assert_string_equal(
        output_of(
            place,
            "python3 -c \"import tarfile\n"
            "for m in tarfile.open('all.tar'): print(m.name, m.type.decode(), m.size, m.linkname, m.uid, "
            "m.uname, oct(m.mode))\""),
        "Dockerfile 0 13  0  0o644\n.dockerignore 0 0  0  0o644\nprobe.py 0 9  0  0o755\ncontext 5 0  0  "
        "0o755\n"
        "context/src 5 0  0  0o755\ncontext/src/a.py 0 1  0  0o644\ncontext/src/deep 5 0  0  0o755\n"
        "context/src/deep/b.py 0 2  0  0o644\ncontext/src/deep/b.pyc 0 1  0  0o644\n"
        "context/src/link 2 0 a.py 0  0o777\n");
}

static void the_tar_is_the_same_in_any_pieces(void **state)
{
    struct place *place = *state;
    make_project(place);
    SW_BUFFER_AUTO big;
    sw_buffer_init(&big, SW_MIB);
    for (unsigned i = 0; i < 100000; i++)
        sw_buffer_addf(&big, "%u\n", i);
    make_file(place, "big", big.p);
    static const size_t pieces[] = {1, 7, 511, 512, 513, 70000, 1 << 20};
    for (size_t i = 0; i < SW_COUNT(pieces); i++) {
        assert_int_equal(scan(place, ".", NULL), 0);
        assert_int_equal(read_tar(place, sw_arena_format(&place->arena, "%zu.tar", i), pieces[i]), 0);
    }
    assert_string_equal(output_of(place, "sha256sum *.tar | cut -d' ' -f1 | sort -u | wc -l"), "1\n");
    assert_string_equal(output_of(place, "tar -xOf 0.tar context/big | cmp - root/big && echo same"),
                        "same\n");
}

static void progress_is_told(void **state)
{
    struct place *place = *state;
    make_file(place, "a", "12345");
    assert_int_equal(scan(place, "a", NULL), 0);
    assert_int_equal(read_tar(place, "a.tar", 100), 0);
    assert_true(sw_str_starts(sw_buffer_str(&place->events), "started sending the context\n"));
    assert_true(sw_str_ends(sw_buffer_str(&place->events), "progress context 27/27\ndone \n"));
}

/* Each change is made between the scan and the read, by a shell. */
static void changes_are_errors(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *change, *text;
    } rows[] = {
        {"printf 12 > f/data", "'f/data' shrank while the context was read"},
        {"printf 123456 > f/data", "'f/data' grew while the context was read"},
        {"rm f/data", "'f/data' went away while the context was read"},
        {"rm f/data; ln -s /etc/passwd f/data", "'f/data' was replaced while the context was read"},
        {"mv f g; ln -s g f", "'f/data' was replaced while the context was read"},
        {"cp f/data other; mv other f/data", "'f/data' was replaced while the context was read"},
        {"rm f/data; mkfifo f/data", "'f/data' was replaced while the context was read"},
        {"rm f/data; mkdir f/data", "'f/data' was replaced while the context was read"},
        {"touch -d 2001-01-01 f/data", "'f/data' was changed while the context was read"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        (void)output_of(place, "rm -rf root/*");
        make_file(place, "f/data", "12345");
        assert_int_equal(scan(place, "f", NULL), 0);
        (void)output_of(place, sw_arena_format(&place->arena, "cd root; %s", rows[i].change));
        assert_int_equal(read_tar(place, "x.tar", 4096), SW_EINPUT);
        if (strcmp(place->error.text, rows[i].text) != 0)
            fail_msg("%s: got '%s'", rows[i].change, place->error.text);
        assert_true(sw_str_ends(sw_buffer_str(&place->events),
                                sw_arena_format(&place->arena, "done %s\n", rows[i].text)));
    }
}

/* Half of the file is read, then it changes. */
static void changes_in_mid_read_are_errors(void **state)
{
    struct place *place = *state;
    static const char *const rows[][2] = {
        {"truncate -s 60000 root/big", "'big' shrank while the context was read"},
        {"truncate -s 200000 root/big", "'big' grew while the context was read"},
        {"printf x | dd of=root/big conv=notrunc 2>/dev/null",
         "'big' was changed while the context was read"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        (void)output_of(place, "rm -f root/big; head -c 100000 /dev/zero > root/big");
        assert_int_equal(scan(place, "big", NULL), 0);
        char *piece = malloc(50000);
        assert_non_null(piece);
        size_t got;
        assert_int_equal(sw_context_read(place->context, piece, 50000, &got, &place->error), 0);
        assert_int_equal(got, 50000);
        free(piece);
        (void)output_of(place, rows[i][0]);
        assert_int_equal(read_tar(place, "x.tar", 70000), SW_EINPUT);
        assert_string_equal(place->error.text, rows[i][1]);
    }
}

static void a_missing_root_is_an_error(void **state)
{
    struct place *place = *state;
    (void)output_of(place, "rmdir root");
    assert_int_equal(scan(place, ".", NULL), SW_EINPUT);
    assert_non_null(strstr(place->error.text, "cannot read the context"));
}

/* As another user, since root may read everything. */
static void unreadable_files_are_listed_at_once(void **state)
{
    struct place *place = *state;
    enum { NOBODY = 65534 };
    make_file(place, "a", "");
    make_file(place, "b/c", "");
    make_file(place, "d/e", "");
    make_file(place, "secret/f", "");
    (void)output_of(place, "chmod 0 root/a root/b/c root/secret");
    pid_t child = fork();
    if (child == 0) {
        bool ready = getuid() != 0 || setuid(NOBODY) == 0;
        int code = ready ? scan(place, ".", "secret\n") : 0;
        const char *expected = "no permission to read 'a', 'b/c' (2 in all)";
        bool same = code == SW_EINPUT && strcmp(place->error.text, expected) == 0;
        code = scan(place, "d secret", NULL);
        same = same && code == SW_EINPUT &&
               strcmp(place->error.text, "no permission to read 'secret' (1 in all)") == 0;
        _exit(same ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    (void)output_of(place, "chmod 755 root/secret");
}

static void cancel_stops_it(void **state)
{
    struct place *place = *state;
    make_project(place);
    assert_int_equal(scan(place, ".", NULL), 0);
    sw_cancel_request(&place->cancel);
    assert_int_equal(read_tar(place, "x.tar", 4096), SW_ECANCELED);
    assert_int_equal(scan(place, ".", NULL), SW_ECANCELED);
}

/* Deep enough that no path reaches it in one call, and that a descriptor a level would run out. */
static void deep_trees_are_walked(void **state)
{
    struct place *place = *state;
    (void)output_of(
        place,
        "python3 -c \"import os\nos.chdir('root')\nfor i in range(1900): os.mkdir('d'); os.chdir('d')\n"
        "open('leaf', 'w').write('deep')\"");
    assert_int_equal(scan(place, ".", NULL), 0);
    assert_int_equal(sw_context_totals(place->context)->entries, 3 + 1 + 1900 + 1);
    assert_int_equal(read_tar(place, "x.tar", 65536), 0);
    assert_string_equal(output_of(place, "tar -tf x.tar | wc -l"), "1905\n");
    (void)output_of(place, "python3 -c \"import os\nos.chdir('root')\nfor i in range(1900): os.chdir('d')\n"
                           "for i in range(3100): os.mkdir('d'); os.chdir('d')\"");
    assert_int_equal(scan(place, ".", NULL), SW_EINPUT);
    assert_non_null(strstr(place->error.text, "is longer than 4096 bytes"));
    assert_int_equal(scan(place, ".", "d/d\n"), 0);
    (void)output_of(place, "rm -rf root/d");
}

static void many_files_are_all_sent(void **state)
{
    struct place *place = *state;
    (void)output_of(place,
                    "python3 -c \"import os\nfor i in range(2000):\n d = 'root/package%03d' % (i // 10)\n"
                    " os.makedirs(d, exist_ok=True)\n open(d + '/module_%05d.py' % i, 'w').write('x')\"");
    assert_int_equal(scan(place, ".", NULL), 0);
    const struct sw_context_totals *totals = sw_context_totals(place->context);
    assert_int_equal(totals->files, 2000 + 3);
    assert_int_equal(totals->entries, 2000 + 3 + 1 + 200);
    assert_int_equal(read_tar(place, "x.tar", 65536), 0);
    assert_string_equal(output_of(place, "tar -tf x.tar | wc -l"), "2204\n");
}

/* Write the context to the folder "out" beside the root. */
static int write_out(struct place *place)
{
    return sw_context_write(place->context, sw_arena_format(&place->arena, "%s/out", place->path),
                            &place->error);
}

static void a_folder_is_the_same_tree_as_the_tar(void **state)
{
    struct place *place = *state;
    make_project(place);
    make_link(place, "src/link", "a.py");
    make_file(place, "new\nline", "n");
    assert_int_equal(chmod(at(place, "handler.py"), 0750), 0);
    assert_int_equal(chmod(at(place, "src/deep"), 0555), 0);
    assert_int_equal(scan(place, ".", "*.pyc"), 0);
    assert_int_equal(read_tar(place, "all.tar", 65536), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write_out(place), 0);
        (void)output_of(place, "rm -rf unpacked && mkdir unpacked && tar -xpf all.tar -C unpacked");
        assert_string_equal(output_of(place, "diff -r --no-dereference unpacked out || true"),
                            "Only in out: .slipway-files\n");
        (void)output_of(place, "for d in unpacked out; do (cd $d; find context ! -type l -printf '%p %m\\n'; "
                               "find context -type f -exec stat -c '%n %Y' {} +) | sort > $d.list; done; "
                               "test $(wc -l < out.list) -gt 15; diff unpacked.list out.list");
    }
    assert_string_equal(output_of(place, "grep -c 'context/new%0Aline' out/.slipway-files"), "1\n");
}

static int unpack(struct place *place, const char *name)
{
    SW_BUFFER_AUTO tar;
    sw_buffer_init(&tar, SW_MIB);
    assert_int_equal(sw_file_read(&tar, sw_arena_format(&place->arena, "%s/%s", place->path, name), NULL), 0);
    return sw_context_unpack(sw_buffer_str(&tar), sw_arena_format(&place->arena, "%s/again", place->path),
                             &place->error);
}

static void a_tar_becomes_the_same_files_again(void **state)
{
    struct place *place = *state;
    make_project(place);
    make_link(place, "src/link", "a.py");
    assert_int_equal(chmod(at(place, "handler.py"), 0750), 0);
    assert_int_equal(scan(place, ".", NULL), 0);
    assert_int_equal(read_tar(place, "all.tar", 65536), 0);
    sw_context_rewind(place->context, NULL);
    assert_int_equal(read_tar(place, "twice.tar", 1000), 0);
    assert_int_equal(unpack(place, "all.tar"), 0);
    (void)output_of(place, "cmp all.tar twice.tar; mkdir tree; tar -xpf all.tar -C tree; diff -r "
                           "--no-dereference tree/context again; "
                           "test -x again/handler.py; test -L again/src/link; test ! -e again/Dockerfile");
}

/* What is not below context/ is passed over; what would go through a link is refused. */
static void a_tar_leads_nowhere_else(void **state)
{
    struct place *place = *state;
    (void)output_of(place, "mkdir victim; ln -s ../../victim link; touch x; tar -cPf dots.tar --transform "
                           "'s,x,context/../../victim/x,' x; "
                           "tar -cf link.tar --transform 's,^link,context/link,S' link; "
                           "tar -rf link.tar --transform 's,^x,context/link/x,' x; echo junk >junk.tar; "
                           "mkdir -p context; mkfifo context/pipe; tar -cf pipe.tar context");
    assert_int_equal(unpack(place, "pipe.tar"), 0);
    assert_int_equal(unpack(place, "dots.tar"), 0);
    assert_int_equal(unpack(place, "link.tar"), SW_EINPUT);
    assert_int_equal(unpack(place, "junk.tar"), SW_EINPUT);
    assert_string_equal(output_of(place, "ls victim; find again -type p"), "");
}

/* As BuildKit writes it: PAX, whose names are UTF-8. The locale here is "C". */
static void a_tar_keeps_names_beyond_ascii(void **state)
{
    struct place *place = *state;
    (void)output_of(place, "mkdir -p context/d\xC3\xA9; echo 1 >context/d\xC3\xA9/f\xC5\x91; "
                           "ln context/d\xC3\xA9/f\xC5\x91 context/hard\xC3\xA9; "
                           "ln -s f\xC5\x91 context/d\xC3\xA9/link; "
                           "python3 -c 'import tarfile; t = tarfile.open(\"pax.tar\", \"w\", "
                           "format=tarfile.PAX_FORMAT); t.add(\"context\"); t.close()'");
    assert_int_equal(unpack(place, "pax.tar"), 0);
    assert_string_equal(output_of(place, "diff -r --no-dereference context again"), "");
}

static void a_second_render_removes_only_its_own(void **state)
{
    struct place *place = *state;
    make_project(place);
    assert_int_equal(scan(place, ".", NULL), 0);
    assert_int_equal(write_out(place), 0);
    (void)output_of(place,
                    "echo mine > out/notes; echo mine > out/context/src/notes; mkdir victim; touch victim/x\n"
                    "printf '../victim/x\\n/etc/hostname\\ncontext/../../victim/x\\n' >> out/.slipway-files");
    (void)output_of(
        place, "rm -r root/src/deep root/model; mkdir root/handler; mv root/handler.py root/handler/\n"
               "mv root/handler root/handler.py; mv root/src/a.py root/moved; ln -s ../moved root/src/a.py");
    assert_int_equal(scan(place, ".", NULL), 0);
    if (write_out(place) != 0)
        fail_msg("%s", place->error.text);
    assert_string_equal(output_of(place, "cd out; find . ! -type d | LC_ALL=C sort"),
                        "./.dockerignore\n./.slipway-files\n./Dockerfile\n./context/.env\n"
                        "./context/handler.py/handler.py\n./context/moved\n./context/src/a.py\n"
                        "./context/src/notes\n./notes\n./probe.py\n");
    assert_string_equal(output_of(place, "ls victim; readlink out/context/src/a.py; ls -d out/context/*"),
                        "x\n../moved\nout/context/handler.py\nout/context/moved\nout/context/src\n");
}

static void what_is_in_the_way_stays(void **state)
{
    struct place *place = *state;
    make_project(place);
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"mkdir victim; ln -s ../victim out/context", "test -z \"$(ls victim)\" && test -L out/context"},
        {"echo mine > out/context", "grep mine out/context"},
        {"mkdir -p out/Dockerfile/mine", "test -d out/Dockerfile/mine && ! test -e out/.slipway-new"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        (void)output_of(place, "rm -rf out; mkdir out");
        (void)output_of(place, rows[i].before);
        assert_int_equal(scan(place, "src", NULL), 0);
        assert_int_equal(write_out(place), SW_EENV);
        assert_non_null(strstr(place->error.hint, "in the way"));
        (void)output_of(place, rows[i].after);
    }
}

static void the_output_folder_is_never_part_of_it(void **state)
{
    struct place *place = *state;
    make_file(place, "a", "a");
    make_file(place, "built/b", "b");
    place->output = at(place, "built");
    assert_int_equal(scan(place, ".", NULL), 0);
    assert_string_equal(list(place), "a");
}

int suite_context(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(copies_select_what_is_sent),
        TEST(what_finds_nothing_says_why),
        TEST(links_are_sent_as_links),
        TEST(special_files_are_left_out),
        TEST(totals_are_counted),
        TEST(the_tar_is_what_tar_reads),
        TEST(the_tar_is_what_python_reads),
        TEST(the_tar_is_the_same_in_any_pieces),
        TEST(progress_is_told),
        TEST(changes_are_errors),
        TEST(changes_in_mid_read_are_errors),
        TEST(a_missing_root_is_an_error),
        TEST(unreadable_files_are_listed_at_once),
        TEST(cancel_stops_it),
        TEST(deep_trees_are_walked),
        TEST(many_files_are_all_sent),
        TEST(a_folder_is_the_same_tree_as_the_tar),
        TEST(a_tar_becomes_the_same_files_again),
        TEST(a_tar_leads_nowhere_else),
        TEST(a_tar_keeps_names_beyond_ascii),
        TEST(a_second_render_removes_only_its_own),
        TEST(what_is_in_the_way_stays),
        TEST(the_output_folder_is_never_part_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
