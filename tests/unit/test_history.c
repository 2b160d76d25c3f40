#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "history/git.h"
#include "history/history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A new folder, removed at the end; repositories in it are made and judged by git itself. */
struct rig {
    struct sw_arena arena;
    char folder[64];
    const char *own; /* where slipway's own repository would be */
};

static int make_rig(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    sw_arena_init(&rig->arena, 1 << 20);
    (void)snprintf(rig->folder, sizeof rig->folder, "/tmp/slipway-test-XXXXXX");
    assert_non_null(mkdtemp(rig->folder));
    rig->own = sw_arena_format(&rig->arena, "%s/state/own.git", rig->folder);
    *state = rig;
    return 0;
}

static int remove_rig(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(sw_dir_remove(rig->folder, NULL), 0);
    sw_arena_release(&rig->arena);
    free(rig);
    return 0;
}

static const char *in(struct rig *rig, const char *name)
{
    return sw_arena_format(&rig->arena, "%s/%s", rig->folder, name);
}

/* What the shell command prints in the rig's folder, without the last newline; it must succeed. */
static const char *sh(struct rig *rig, const char *command)
{
    const char *const argv[] = {"sh", "-ec", command, NULL};
    const struct sw_process_options options = {.argv = argv, .directory = rig->folder};
    struct sw_process_result result = {0};
    struct sw_error error = {0};
    SW_BUFFER_AUTO out;
    SW_BUFFER_AUTO err;
    sw_buffer_init(&out, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_init(&err, SW_MAX_PROCESS_OUTPUT);
    int code = sw_process_run(&result, &options, &out, &err, &error);
    if (code != 0 || result.status != 0)
        fail_msg("%s: %s%s", command, error.text, err.p);
    return sw_arena_copy(&rig->arena, sw_str_trim(sw_buffer_str(&out)));
}

/* A repository with one commit. */
static void make_repository(struct rig *rig)
{
    (void)sh(
        rig,
        "git init -q -b main repo; cd repo; git config user.name Ada; git config user.email ada@example.org; "
        "echo 1 >file; git add file; git commit -qm first");
}

static struct sw_history *open_history(struct rig *rig, const char *name)
{
    struct sw_history *history = NULL;
    struct sw_error error = {0};
    if (sw_history_open(&history, in(rig, name), rig->own, NULL, &error) != 0)
        fail_msg("%s", error.text);
    return history;
}

static int append(struct sw_record *out, struct rig *rig, struct sw_history *history, const char *text,
                  struct sw_error *error)
{
    const struct sw_record_file files[] = {
        {.path = "record.json", .content = sw_str_from(text)},
        {.path = "profile/slipway/demo.yaml", .content = SW_STR("slipway: 1\n"), .executable = true}};
    const struct sw_record_draft draft = {.profile = "demo",
                                          .summary = "verified",
                                          .text = "plan 1\n",
                                          .files = files,
                                          .files_count = SW_COUNT(files)};
    return sw_history_append(out, &rig->arena, history, &draft, error);
}

static struct sw_record must_append(struct rig *rig, struct sw_history *history, const char *text)
{
    struct sw_record record = {0};
    struct sw_error error = {0};
    if (append(&record, rig, history, text, &error) != 0)
        fail_msg("%s", error.text);
    return record;
}

static void assert_content(struct sw_history *history, const struct sw_record *record, const char *path,
                           const char *content)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1000);
    assert_int_equal(sw_history_read(&text, history, record, path, NULL), 0);
    assert_string_equal(text.p, content);
}

static void test_append_and_find(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record record;
    struct sw_error error;
    assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, &error), SW_ENOTFOUND);
    assert_string_equal(error.text, "no build of 'demo' is recorded here");
    for (int i = 1; i <= 3; i++)
        assert_int_equal(must_append(rig, history, sw_arena_format(&rig->arena, "{\"i\": %d}", i)).number, i);

    assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 2, NULL), 0);
    assert_int_equal(record.number, 2);
    assert_content(history, &record, "record.json", "{\"i\": 2}");
    assert_content(history, &record, "profile/slipway/demo.yaml", "slipway: 1\n");
    const struct sw_record_entry *entries = NULL;
    size_t entries_count = 0;
    assert_int_equal(
        sw_history_list(&entries, &entries_count, &rig->arena, history, &record, "profile/slipway", NULL), 0);
    assert_int_equal(entries_count, 1);
    assert_string_equal(entries[0].name, "demo.yaml");
    assert_true(entries[0].executable);
    assert_int_equal(sw_history_before(&record, history, &record, NULL), 0);
    assert_int_equal(record.number, 1);
    assert_int_equal(sw_history_before(&record, history, &record, NULL), SW_ENOTFOUND);
    assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 4, &error), SW_ENOTFOUND);
    assert_string_equal(error.text, "there is no record demo@4");
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1000);
    assert_int_equal(sw_history_read(&text, history, &record, "no/such", NULL), SW_ENOTFOUND);

    const char *const *names = NULL;
    size_t count = 0;
    assert_int_equal(sw_history_profiles(&names, &count, &rig->arena, history, NULL), 0);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "demo");
    assert_string_equal(sw_history_root(history), in(rig, "repo"));
}

static void test_git_agrees(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    (void)sh(rig, "cd repo; printf '#!/bin/sh\\ntouch hook-ran\\n' >.git/hooks/reference-transaction; "
                  "cp .git/hooks/reference-transaction .git/hooks/post-commit; chmod +x .git/hooks/*; "
                  "cp -a .git/index index-before");
    (void)must_append(rig, history, "{}");
    struct sw_record record = must_append(rig, history, "{}");
    assert_string_equal(sh(rig,
                           "cd repo; cmp .git/index index-before; rm index-before; git status --porcelain; "
                           "git stash list; ls"),
                        "file");
    assert_string_equal(sh(rig, "cd repo; rm .git/hooks/*; git fsck --strict 2>&1"), "");
    assert_string_equal(sh(rig, "cd repo; git log --format='%an <%ae> %s' refs/slipway/demo"),
                        "Ada <ada@example.org> demo@2: verified\nAda <ada@example.org> demo@1: verified");
    assert_string_equal(sh(rig, "cd repo; git rev-parse refs/slipway/demo"), record.commit);
    assert_string_equal(sh(rig, "cd repo; git rev-list --count main"), "1");
    assert_string_equal(sh(rig, "cd repo; git ls-tree -r --name-only refs/slipway/demo"),
                        "profile/slipway/demo.yaml\nrecord.json");
    /* as any ref */
    (void)sh(
        rig,
        "git init -q --bare other.git; git -C repo push -q ../other.git 'refs/slipway/*:refs/slipway/*'; "
        "git init -q fetched; git -C fetched fetch -q ../other.git 'refs/slipway/*:refs/slipway/*'");
    SW_HISTORY_AUTO *fetched = open_history(rig, "fetched");
    assert_int_equal(sw_history_find(&record, &rig->arena, fetched, "demo", 0, NULL), 0);
    assert_int_equal(record.number, 2);
    /* and packed */
    (void)sh(rig, "cd repo; git gc -q --prune=now");
    assert_int_equal(must_append(rig, history, "{}").number, 3);
    assert_string_equal(sh(rig, "cd repo; git fsck --strict 2>&1"), "");
}

static void test_another_record_as_base(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record base = must_append(rig, history, "{}");
    (void)must_append(rig, history, "{}");
    const struct sw_record_file files[] = {{.path = "record.json", .content = SW_STR("{\"new\": 1}")}};
    const struct sw_record_draft draft = {.profile = "demo",
                                          .summary = "rollback",
                                          .text = "",
                                          .base = &base,
                                          .files = files,
                                          .files_count = 1};
    struct sw_record record;
    assert_int_equal(sw_history_append(&record, &rig->arena, history, &draft, NULL), 0);
    assert_int_equal(record.number, 3);
    assert_content(history, &record, "record.json", "{\"new\": 1}");
    assert_content(history, &record, "profile/slipway/demo.yaml", "slipway: 1\n");
}

static void test_outside_a_repository(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(sw_dir_make(in(rig, "plain"), 0777, NULL), 0);
    SW_HISTORY_AUTO *history = open_history(rig, "plain");
    struct sw_record record;
    const char *const *names = NULL;
    size_t count = 1;
    assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, NULL), SW_ENOTFOUND);
    assert_int_equal(sw_history_profiles(&names, &count, &rig->arena, history, NULL), 0);
    assert_int_equal(count, 0);
    assert_int_not_equal(access(rig->own, F_OK), 0); /* reading makes nothing */
    assert_int_equal(must_append(rig, history, "{}").number, 1);
    assert_string_equal(sh(rig, "git -C state/own.git fsck --strict 2>/dev/null; git -C state/own.git "
                                "rev-parse --is-bare-repository"),
                        "true");
    assert_string_equal(sw_history_root(history), in(rig, "plain"));
    SW_HISTORY_AUTO *again = open_history(rig, "plain");
    assert_int_equal(sw_history_find(&record, &rig->arena, again, "demo", 0, NULL), 0);
}

/* libgit2 1.1 knows no extension of a repository's format, and does not ask whose a repository is. */
static bool old_libgit2(void)
{
    int major = 0, minor = 0, revision = 0;
    assert_true(sw_git_release(&major, &minor, &revision));
    return major == 1 && minor < 2;
}

/* Places where git keeps its things elsewhere, or where there is no branch. */
static void test_kinds_of_repositories(void **state)
{
    static const char *const commands[] = {
        "git -C repo worktree add -q ../tree",
        "git -C repo checkout -q --detach; ln -s repo tree",
        "git clone -q --bare repo tree",
        "git init -q tree",
        "git clone -q --depth 1 file://$PWD/repo tree",
        "git -C repo config extensions.worktreeConfig true; git -C repo config core.repositoryFormatVersion "
        "1; "
        "ln -s repo tree",
        "mkdir -p repo/a/b; ln -s repo/a/b tree",
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(commands); i++) {
        (void)sh(rig, "rm -rf repo tree");
        make_repository(rig);
        if (strstr(commands[i], "extensions.") != NULL && old_libgit2())
            continue;
        (void)sh(rig, commands[i]);
        SW_HISTORY_AUTO *history = open_history(rig, "tree");
        assert_int_equal(must_append(rig, history, "{}").number, 1);
        assert_string_equal(
            sh(rig, "git -C tree log --format=%s refs/slipway/demo; git -C tree fsck --strict 2>/dev/null"),
            "demo@1: verified");
        assert_int_not_equal(access(rig->own, F_OK), 0);
    }
}

static void test_refused_in_one_line(void **state)
{
    struct rig *rig = *state;
    struct sw_history *history = NULL;
    struct sw_error error = {0};
    (void)sh(rig, "git init -q --object-format=sha256 repo");
    assert_int_equal(sw_history_open(&history, in(rig, "repo"), rig->own, NULL, &error), SW_EENV);
    /* libgit2 names the extension or the object format, as its release has it. */
    assert_true(strstr(error.text, "objectformat") != NULL || strstr(error.text, "object format") != NULL);
    assert_null(strchr(error.text, '\n'));
    assert_int_equal(sw_history_open(&history, in(rig, "missing"), rig->own, NULL, &error), SW_EINPUT);
    assert_null(history);
}

/* Only root can give a repository to somebody else. */
static void test_another_users_repository(void **state)
{
    struct rig *rig = *state;
    struct sw_history *history = NULL;
    struct sw_error error = {0};
    if (geteuid() != 0 || old_libgit2())
        skip();
    make_repository(rig);
    (void)sh(rig, "mkdir -p repo/a/b; chown -R 12345:12345 repo");
    assert_int_equal(sw_history_open(&history, in(rig, "repo/a/b"), rig->own, NULL, &error), SW_EENV);
    assert_non_null(
        strstr(error.text, sw_arena_format(&rig->arena, "'%s' belongs to another user", in(rig, "repo"))));
    assert_non_null(strstr(error.hint, sw_arena_format(&rig->arena, "safe.directory '%s'", in(rig, "repo"))));
    assert_null(history);
    assert_int_not_equal(access(rig->own, F_OK), 0); /* no records are begun elsewhere */
}

/* A folder that nobody can write, not even root: a file stands where git wants it. */
static void test_unwritable(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    (void)must_append(rig, history, "{}");
    (void)sh(rig, "cd repo/.git; mkdir refs/slipway/demo.lock");
    struct sw_record record;
    struct sw_error error = {0};
    assert_int_equal(append(&record, rig, history, "{}", &error), SW_EENV);
    assert_string_not_equal(error.text, "");
    assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, NULL), 0);
    assert_int_equal(record.number, 1);
}

static void test_damaged(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record first = must_append(rig, history, "{}"),
                     second = must_append(rig, history, "{\"i\": 2}");
    (void)sh(rig, "cd repo/.git/objects; id=$(git rev-parse refs/slipway/demo:record.json); "
                  "f=$(echo $id | sed 's,^..,&/,'); chmod u+w $f; echo broken >$f");
    SW_HISTORY_AUTO *again = open_history(rig, "repo");
    struct sw_record record;
    struct sw_error error = {0};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1000);
    assert_int_equal(sw_history_read(&text, again, &second, "record.json", &error), SW_EENV);
    assert_non_null(strstr(error.text, "demo@2"));
    assert_non_null(strstr(error.hint, "git fsck"));
    assert_content(again, &first, "record.json", "{}");
    assert_int_equal(must_append(rig, again, "{}").number, 3);

    (void)sh(rig, "cd repo/.git/objects; id=$(git rev-parse refs/slipway/demo); "
                  "f=$(echo $id | sed 's,^..,&/,'); chmod u+w $f; echo broken >$f");
    SW_HISTORY_AUTO *third = open_history(rig, "repo");
    assert_int_equal(sw_history_find(&record, &rig->arena, third, "demo", 0, &error), SW_EENV);
    assert_int_equal(append(&record, rig, third, "{}", &error), SW_EENV);
    /* what is no record of ours */
    (void)sh(rig, "cd repo; git update-ref refs/slipway/other main");
    assert_int_equal(sw_history_find(&record, &rig->arena, third, "other", 0, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "no record"));
}

/* Commits that somebody else put on the ref: each is passed over, and the next build is recorded with the next number. */
static void test_foreign_commits(void **state)
{
    static const struct {
        const char *name, *commit; /* prints the new tip; "$t" is a record's tree, "$p" the ref's tip */
    } cases[] = {
        {"the largest number", "git commit-tree $t -p $p -m 'demo@18446744073709551615: verified'"},
        {"a larger number", "git commit-tree $t -p $p -m 'demo@18446744073709551616: verified'"},
        {"a gap", "git commit-tree $t -p $p -m 'demo@4: verified'"},
        {"two that follow from each other",
         "git commit-tree $t -p $(git commit-tree $t -p $p -m 'demo@1000000000: x') -m 'demo@1000000001: x'"},
        {"a number once more", "git commit-tree $t -p $p -m 'demo@2: verified'"},
        {"no number", "git commit-tree $t -p $p -m 'demo@0: verified'"},
        {"a sign", "git commit-tree $t -p $p -m 'demo@+3: verified'"},
        {"another profile's", "git commit-tree $t -p $p -m 'other@3: verified'"},
        {"no message", "git commit-tree $t -p $p </dev/null"},
        {"two parents", "git commit-tree $t -p $p -p main -m 'demo@3: verified'"},
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        (void)sh(rig, "rm -rf repo");
        make_repository(rig);
        SW_HISTORY_AUTO *history = open_history(rig, "repo");
        (void)must_append(rig, history, "{}");
        struct sw_record second = must_append(rig, history, "{}"), record;
        (void)sh(rig, sw_arena_format(
                          &rig->arena,
                          "cd repo; t=$(git rev-parse refs/slipway/demo^{tree}); "
                          "p=$(git rev-parse refs/slipway/demo); git update-ref refs/slipway/demo $( %s)",
                          cases[i].commit));
        assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, NULL), 0);
        if (strcmp(record.commit, second.commit) != 0)
            fail_msg("%s: %s@%d", cases[i].name, record.profile, (int)record.number);
        assert_true(sw_history_refused(history, "demo") >= 1);
        assert_int_equal(must_append(rig, history, "{}").number, 3);
        assert_int_equal(must_append(rig, history, "{}").number, 4);
        assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 3, NULL), 0);
        assert_int_equal(sw_history_before(&record, history, &record, NULL), 0);
        assert_string_equal(record.commit, second.commit);
        assert_string_equal(sh(rig, "cd repo; git fsck --strict 2>&1 | grep -v '^dangling' || true"), "");
    }
}

/* Refs that hold no record at all. */
static void test_foreign_refs(void **state)
{
    static const char *const commands[] = {
        "git update-ref refs/slipway/demo main",
        "git update-ref refs/slipway/demo $(git hash-object -w file)",
        "git update-ref refs/slipway/demo main^{tree}",
        "git tag -am x t; git update-ref refs/slipway/demo t",
        "git update-ref refs/slipway/demo $(git commit-tree main^{tree} -m 'demo@1000000001: x')",
        ("message() { echo 'demo@1: x'; head -c 17M /dev/zero | tr '\\0' x; }; "
         "git update-ref refs/slipway/demo $(message | git commit-tree main^{tree})"),
    };
    struct rig *rig = *state;
    for (size_t i = 0; i < SW_COUNT(commands); i++) {
        struct sw_record record;
        struct sw_error error = {0};
        (void)sh(rig, "rm -rf repo");
        make_repository(rig);
        (void)sh(rig, sw_arena_format(&rig->arena, "cd repo; %s", commands[i]));
        SW_HISTORY_AUTO *history = open_history(rig, "repo");
        if (sw_history_find(&record, &rig->arena, history, "demo", 0, &error) != SW_EINPUT)
            fail_msg("%s: %s", commands[i], error.text);
        assert_non_null(strstr(error.text, "no record"));
        assert_int_equal(must_append(rig, history, "{}").number, 1);
        assert_int_equal(must_append(rig, history, "{}").number, 2);
    }
}

/* A tree object with these entries, "MODE NAME" each, all of them of the object `id`; git itself would refuse to make some. */
static const char *make_tree(struct rig *rig, const char *const *entries, const char *id)
{
    SW_BUFFER_AUTO bytes;
    sw_buffer_init(&bytes, 1 << 20);
    for (; *entries != NULL; entries++) {
        sw_buffer_add(&bytes, *entries, strlen(*entries) + 1);
        for (size_t i = 0; i < 40; i += 2) {
            char digits[] = {id[i], id[i + 1], '\0'};
            sw_buffer_add_char(&bytes, (char)strtoul(digits, NULL, 16));
        }
    }
    assert_int_equal(sw_file_write(in(rig, "tree"), sw_buffer_str(&bytes), 0666, NULL), 0);
    return sh(rig, "git -C repo hash-object -t tree --literally -w ../tree");
}

/* What reading record.json of a record with this tree gives. */
static int read_tree(struct sw_error *error, struct sw_history *history, struct sw_record *record,
                     const char *tree)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 1000);
    (void)snprintf(record->tree, sizeof record->tree, "%s", tree);
    return sw_history_read(&text, history, record, "record.json", error);
}

/* Trees that slipway does not write: each is refused with the name of the entry. */
static void test_foreign_trees(void **state)
{
    static const struct {
        const char *entries[3], *refused;
    } cases[] = {
        {{"120000 record.json"}, "'record.json' is a symbolic link"},
        {{"160000 profile"}, "'profile' is a submodule"},
        {{"100644 record.json", "100644 record.json"}, "'record.json' is there twice"},
        {{"100644 profile", "100755 profile"}, "'profile' is there twice"},
        {{"100644 a\x1b[31mb"}, "'ab' is no name of a file"},
        {{"100644 a\xff"}, "is no name of a file"},
        {{"100644 a\xc2\x9b"}, "is no name of a file"},
        {{"100644 .."}, "'..' is no name of a file"},
        {{"100644 ."}, "'.' is no name of a file"},
        {{"100644 .GiT"}, "'.GiT' is no name of a file"},
        {{"100644 a\\b"}, "'a\\b' is no name of a file"},
        {{"40000 profile"}, "'profile' is no folder"},
    };
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record record = must_append(rig, history, "{}");
    const char *blob = sh(rig, "git -C repo rev-parse main:file");
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_error error = {0};
        const char *tree = make_tree(rig, cases[i].entries, blob);
        if (read_tree(&error, history, &record, tree) != SW_EINPUT ||
            strstr(error.text, cases[i].refused) == NULL || strstr(error.text, "record demo@1") == NULL)
            fail_msg("%s: %s", cases[i].refused, error.text);
    }
}

/* Trees and files of any size: what is too much is refused before it is read. */
static void test_foreign_sizes(void **state)
{
    static const struct {
        const char *commands, *refused; /* print a tree */
        int code;
    } cases[] = {
        {"t=$(git rev-parse main^{tree}); for i in $(seq 100); do t=$(printf '040000 tree %s\td\n' $t | git "
         "mktree); done; echo $t",
         "lies too deep", SW_EINPUT},
        {"t=$(git rev-parse main^{tree}); for i in $(seq 41); do t=$(printf '040000 tree %s\td\n' $t | git "
         "mktree); done; echo $t",
         "lies too deep", SW_EINPUT},
        {"t=$(git rev-parse main^{tree}); for i in $(seq 40); do t=$(printf '040000 tree %s\td\n' $t | git "
         "mktree); done; echo $t",
         "has no 'record.json'", SW_ENOTFOUND},
        {"b=$(git rev-parse main:file); for i in $(seq 1001); do printf '100644 blob %s\tf%s\n' $b $i; done "
         "| git mktree",
         "is one file too many", SW_EINPUT},
        {"b=$(git rev-parse main:file); n=$(head -c 200 /dev/zero | tr '\\0' x); "
         "for i in $(seq 6000); do printf '100644 blob %s\t%s%s\n' $b $n $i; done | git mktree",
         "too large", SW_EINPUT},
        {"n=$(head -c 5000 /dev/zero | tr '\\0' x); printf '100644 blob %s\t%s\n' $(git rev-parse main:file) "
         "$n | git mktree",
         "is too long", SW_EINPUT},
        {"printf '100644 blob %s\trecord.json\n' $(head -c 200M /dev/zero | git hash-object -w --stdin) | "
         "git "
         "mktree",
         "'record.json' is too large", SW_EINPUT},
        {"printf '100644 blob %s\trecord.json\n' 0123456789012345678901234567890123456789 | git mktree "
         "--missing",
         "cannot read 'record.json'", SW_EENV},
        {"printf '040000 tree %s\tprofile\n' 0123456789012345678901234567890123456789 | git mktree --missing",
         "cannot read 'profile'", SW_EENV},
    };
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record record = must_append(rig, history, "{}");
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_error error = {0};
        const char *tree = sh(rig, sw_arena_format(&rig->arena, "cd repo; %s", cases[i].commands));
        int code = read_tree(&error, history, &record, tree);
        if (code != cases[i].code || strstr(error.text, cases[i].refused) == NULL)
            fail_msg("%s: %d %s", cases[i].refused, code, error.text);
    }
}

/* A shallow repository begins at any number; what is before that cannot be had. */
static void test_shallow(void **state)
{
    struct rig *rig = *state;
    struct sw_error error = {0};
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    for (int i = 0; i < 5; i++)
        (void)must_append(rig, history, "{}");
    (void)sh(rig, "git init -q fetched; git -C fetched fetch -q --depth 2 file://$PWD/repo "
                  "'refs/slipway/*:refs/slipway/*'");
    SW_HISTORY_AUTO *fetched = open_history(rig, "fetched");
    struct sw_record record;
    assert_int_equal(sw_history_find(&record, &rig->arena, fetched, "demo", 4, NULL), 0);
    assert_int_equal(sw_history_before(&record, fetched, &record, &error), SW_EENV);
    assert_non_null(strstr(error.text, "before demo@4"));
    assert_int_equal(sw_history_find(&record, &rig->arena, fetched, "demo", 3, &error), SW_ENOTFOUND);
    assert_int_equal(must_append(rig, fetched, "{}").number, 6);
}

/* Several processes at once: all of their records are there, each with a number of its own. */
static void test_at_once(void **state)
{
    enum { WRITERS = 4, EACH = 10 };
    struct rig *rig = *state;
    make_repository(rig);
    pid_t writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        if (writers[i] == 0) {
            struct sw_history *history = NULL;
            int code = sw_history_open(&history, in(rig, "repo"), rig->own, NULL, NULL);
            for (int k = 0; code == 0 && k < EACH; k++) {
                struct sw_record record;
                code = append(&record, rig, history,
                              sw_arena_format(&rig->arena, "{\"by\": \"%d-%d\"}", i, k), NULL);
            }
            _exit(code == 0 ? 0 : 1);
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = 1;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
    }
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record record;
    assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, NULL), 0);
    for (uint64_t n = WRITERS * EACH; n > 1; n--) {
        assert_int_equal(record.number, n);
        assert_int_equal(sw_history_before(&record, history, &record, NULL), 0);
    }
    assert_string_equal(
        sh(rig, "cd repo; git fsck --strict 2>&1; git log --format=%T refs/slipway/demo | sort -u | wc -l"),
        "40");
}

/* `ready` gets a byte once no repository was found; `start` ends when all may go on. */
static int make_first_record(struct rig *rig, int ready, int start)
{
    struct sw_history *history = NULL;
    struct sw_record record;
    char go;
    int code = sw_history_open(&history, in(rig, "plain"), rig->own, NULL, NULL);
    if (code != 0 || write(ready, "", 1) != 1 || read(start, &go, 1) != 0)
        return 1;
    code = append(&record, rig, history, "{}", NULL);
    sw_history_close(history);
    return code == 0 ? 0 : 1;
}

/* Several processes find no repository, then make slipway's own at once: each has its record there. */
static void test_made_at_once(void **state)
{
    enum { ROUNDS = 20, MAKERS = 6 };
    struct rig *rig = *state;
    struct sw_record record;
    assert_int_equal(sw_dir_make(in(rig, "plain"), 0777, NULL), 0);
    for (int round = 0; round < ROUNDS; round++) {
        rig->own = sw_arena_format(&rig->arena, "%s/state/%d.git", rig->folder, round);
        int ready[2], start[2];
        assert_int_equal(pipe(ready), 0);
        assert_int_equal(pipe(start), 0);
        pid_t makers[MAKERS];
        for (int i = 0; i < MAKERS; i++) {
            makers[i] = fork();
            if (makers[i] == 0) {
                (void)close(start[1]);
                _exit(make_first_record(rig, ready[1], start[0]));
            }
        }
        (void)close(ready[1]);
        (void)close(start[0]);
        char byte;
        for (int i = 0; i < MAKERS; i++)
            assert_int_equal(read(ready[0], &byte, 1), 1);
        (void)close(start[1]);
        for (int i = 0; i < MAKERS; i++) {
            int status = 1;
            assert_int_equal(waitpid(makers[i], &status, 0), makers[i]);
            assert_int_equal(status, 0);
        }
        (void)close(ready[0]);
        SW_HISTORY_AUTO *history = open_history(rig, "plain");
        assert_int_equal(sw_history_find(&record, &rig->arena, history, "demo", 0, NULL), 0);
        assert_int_equal(record.number, MAKERS);
    }
}

/* A process that was killed while it made the repository leaves a part of it, with git's lock on a file. */
static void test_half_made(void **state)
{
    static const char *const left[] = {"config.lock", "HEAD.lock"};
    struct rig *rig = *state;
    assert_int_equal(sw_dir_make(in(rig, "plain"), 0777, NULL), 0);
    for (size_t i = 0; i < SW_COUNT(left); i++) {
        rig->own = sw_arena_format(&rig->arena, "%s/state/%s.git", rig->folder, left[i]);
        (void)sh(rig, sw_arena_format(&rig->arena, "mkdir -p %s/objects %s/refs; echo '[core]' >%s/%s",
                                      rig->own, rig->own, rig->own, left[i]));
        SW_HISTORY_AUTO *history = open_history(rig, "plain");
        assert_int_equal(must_append(rig, history, "{}").number, 1);
    }
}

/* A signal that came before the wait for another writer ends the wait. */
static void test_interrupted(void **state)
{
    struct rig *rig = *state;
    const struct sw_lock_wait wait = {0};
    struct sw_history *history = NULL;
    struct sw_record record;
    struct sw_error error = {0};
    struct sw_cancel cancel;
    SW_FD_AUTO held = -1;
    make_repository(rig);
    sw_cancel_init(&cancel);
    sw_cancel_request(&cancel);
    assert_int_equal(sw_history_open(&history, in(rig, "repo"), rig->own, &cancel, NULL), 0);
    assert_int_equal(append(&record, rig, history, "{}", NULL), 0); /* nobody to wait for */
    assert_int_equal(sw_lock_file(&held, in(rig, "repo/.git/slipway/lock"), &wait, NULL), 0);
    assert_int_equal(append(&record, rig, history, "{}", &error), SW_ECANCELED);
    assert_string_equal(error.text, "interrupted");
    sw_history_close(history);
    sw_cancel_release(&cancel);
}

/* What a killed writer leaves behind: its note and git's lock, empty or with the new value. */
static void test_after_a_killed_writer(void **state)
{
    static const char *const left[] = {"", "0123", "0123456789012345678901234567890123456789\n"};
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    (void)must_append(rig, history, "{}");
    for (size_t i = 0; i < SW_COUNT(left); i++) {
        assert_int_equal(sw_file_write(in(rig, "repo/.git/slipway/lock"),
                                       SW_STR("refs/slipway/demo 0123456789012345678901234567890123456789\n"),
                                       0666, NULL),
                         0);
        assert_int_equal(
            sw_file_write(in(rig, "repo/.git/refs/slipway/demo.lock"), sw_str_from(left[i]), 0666, NULL), 0);
        assert_int_equal(must_append(rig, history, "{}").number, i + 2);
    }
    /* a lock that is not ours stays */
    (void)sh(rig, "echo 9876543210987654321098765432109876543210 >repo/.git/refs/slipway/demo.lock");
    struct sw_record record;
    struct sw_error error = {0};
    assert_int_equal(append(&record, rig, history, "{}", &error), SW_EENV);
    assert_non_null(strstr(error.text, "another program"));
    assert_int_equal(access(in(rig, "repo/.git/refs/slipway/demo.lock"), F_OK), 0);
}

/* Committed, recorded, or neither. */
static void test_what_is_held(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    bool held = false;
    (void)must_append(rig, history, "{}");
    assert_int_equal(sw_history_holds(&held, history, "demo", "file", SW_STR("1\n"), NULL), 0);
    assert_true(held);
    (void)sh(rig, "cd repo; echo 2 >file");
    assert_int_equal(sw_history_holds(&held, history, "demo", "file", SW_STR("2\n"), NULL), 0);
    assert_false(held);
    (void)sh(rig, "cd repo; git add file");
    assert_int_equal(sw_history_holds(&held, history, "demo", "file", SW_STR("2\n"), NULL), 0);
    assert_false(held);
    assert_int_equal(
        sw_history_holds(&held, history, "demo", "slipway/demo.yaml", SW_STR("slipway: 1\n"), NULL), 0);
    assert_true(held);
    assert_int_equal(
        sw_history_holds(&held, history, "demo", "slipway/demo.yaml", SW_STR("slipway: 2\n"), NULL), 0);
    assert_false(held);
    assert_int_equal(
        sw_history_holds(&held, history, "other", "slipway/demo.yaml", SW_STR("slipway: 1\n"), NULL), 0);
    assert_false(held);
}

static void test_intent(void **state)
{
    struct rig *rig = *state;
    make_repository(rig);
    SW_HISTORY_AUTO *history = open_history(rig, "repo");
    struct sw_record base = must_append(rig, history, "{}"), record;
    const struct sw_record_file files[] = {{.path = "record.json", .content = SW_STR("{\"new\": 1}")}};
    const struct sw_record_draft draft = {.profile = "demo", .base = &base, .files = files, .files_count = 1};
    struct sw_intent intent;
    assert_int_equal(sw_history_intended(&intent, &rig->arena, history, "demo", NULL), SW_ENOTFOUND);
    assert_int_equal(sw_history_forget(history, "demo", NULL), 0);
    assert_int_equal(sw_history_intend(&intent, &rig->arena, history, &draft, NULL), 0);

    /* another process finds it, and can do it once and again */
    for (int i = 0; i < 2; i++) {
        SW_HISTORY_AUTO *again = open_history(rig, "repo");
        if (i == 0) {
            assert_int_equal(sw_history_intended(&intent, &rig->arena, again, "demo", NULL), 0);
            assert_content(again, &intent.record, "record.json", "{\"new\": 1}");
            assert_content(again, &intent.record, "profile/slipway/demo.yaml", "slipway: 1\n");
            assert_string_equal(intent.root, in(rig, "repo"));
        }
        assert_int_equal(
            sw_history_settle(&record, &rig->arena, again, &intent, "rollback to demo@1", "", NULL), 0);
        assert_int_equal(record.number, 2);
        assert_string_equal(sh(rig, "cd repo; git rev-parse refs/slipway/demo~1"), base.commit);
        struct sw_intent none;
        assert_int_equal(sw_history_intended(&none, &rig->arena, again, "demo", NULL), SW_ENOTFOUND);
    }
    /* a broken note is said, and can be forgotten */
    assert_int_equal(sw_file_write(in(rig, "repo/.git/slipway/intent-demo"), SW_STR("x"), 0666, NULL), 0);
    assert_int_equal(sw_history_intended(&intent, &rig->arena, history, "demo", NULL), SW_EENV);
    assert_int_equal(sw_history_forget(history, "demo", NULL), 0);
    assert_int_equal(sw_history_intended(&intent, &rig->arena, history, "demo", NULL), SW_ENOTFOUND);
}

int suite_history(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_append_and_find, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_git_agrees, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_another_record_as_base, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_outside_a_repository, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_kinds_of_repositories, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_refused_in_one_line, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_another_users_repository, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_unwritable, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_damaged, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_foreign_commits, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_foreign_refs, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_foreign_trees, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_foreign_sizes, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_shallow, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_at_once, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_made_at_once, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_half_made, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_interrupted, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_what_is_held, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_intent, make_rig, remove_rig),
        cmocka_unit_test_setup_teardown(test_after_a_killed_writer, make_rig, remove_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
