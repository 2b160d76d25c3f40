#include "history/history_internal.h"

#include "base/file.h"
#include "base/limits.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* Open slipway's own repository, if it is there. */
static int open_own(struct sw_history *history, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    int status = git->repository_open(&history->repository, history->own);
    return status == 0 || status == GIT_ENOTFOUND
               ? 0
               : sw_git_fail(error, git, "cannot keep records in '%s'", history->own);
}

static int open_repository(struct sw_history *history, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    int code = sw_git_open(&history->repository, git, history->root, error);
    if (code != 0)
        return code;
    if (history->repository != NULL) {
        const char *top = git->repository_workdir(history->repository);
        struct sw_str root = sw_str_from(top == NULL ? history->root : top);
        root.n -= root.n > 1 && sw_str_ends(root, "/");
        history->root = sw_arena_copy(&history->arena, root);
        history->folder = git->repository_commondir(history->repository);
        return history->root == NULL ? sw_fail_memory(error) : 0;
    }
    history->folder = sw_arena_format(&history->arena, "%s/", history->own);
    return history->folder == NULL ? sw_fail_memory(error) : open_own(history, error);
}

int sw_history_open(struct sw_history **out, const char *folder, const char *own,
                    const struct sw_cancel *cancel, struct sw_error *error)
{
    char absolute[PATH_MAX];
    const struct sw_git *git = NULL;
    int code = sw_git_load(&git, error);
    if (code != 0)
        return code;
    if (realpath(folder, absolute) == NULL)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", folder);
    struct sw_history *history = calloc(1, sizeof *history);
    if (history == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&history->arena, SW_MAX_ARENA);
    history->git = git;
    history->cancel = cancel;
    history->root = sw_arena_text(&history->arena, absolute);
    history->own = sw_arena_text(&history->arena, own);
    code = history->root == NULL || history->own == NULL ? sw_fail_memory(error)
                                                         : open_repository(history, error);
    if (code != 0) {
        sw_history_close(history);
        return code;
    }
    *out = history;
    return 0;
}

void sw_history_close(struct sw_history *history)
{
    if (history == NULL)
        return;
    sw_history_chain_release(&history->chain);
    sw_history_content_release(&history->content);
    history->git->repository_free(history->repository);
    sw_arena_release(&history->arena);
    free(history);
}

void sw_history_release(struct sw_history **history)
{
    sw_history_close(*history);
    *history = NULL;
}

const char *sw_history_root(const struct sw_history *history)
{
    return history->root;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int sw_history_profiles(const char *const **names, size_t *count, struct sw_arena *arena,
                        struct sw_history *history, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    git_reference_iterator *refs = NULL;
    const char *ref = NULL, **found = NULL;
    size_t n = 0;
    int code = 0;
    if (history->repository != NULL &&
        git->reference_iterator_glob_new(&refs, history->repository, SW_HISTORY_REFS "*") != 0)
        return sw_git_fail(error, git, "cannot list the records");
    while (code == 0 && refs != NULL && git->reference_next_name(&ref, refs) == 0) {
        const char *name = sw_arena_text(arena, ref + strlen(SW_HISTORY_REFS));
        const char **more = sw_arena_grow(arena, (void *)found, n, sizeof(const char *));
        if (name == NULL || more == NULL) {
            code = sw_fail_memory(error);
        } else {
            found = more;
            found[n++] = name;
        }
    }
    git->reference_iterator_free(refs);
    if (code != 0)
        return code;
    if (n > 0)
        qsort((void *)found, n, sizeof(const char *), by_name);
    *names = found;
    *count = n;
    return 0;
}

/* Make slipway's own repository, with the right to write. A process that was killed half-way leaves a repository that is
 * completed here: HEAD is its last file, and nobody opens a repository without HEAD. */
static int init_own(struct sw_history *history, struct sw_error *error)
{
    static const char *const locks[] = {"config.lock", "HEAD.lock"};
    const struct sw_git *git = history->git;
    git_repository_init_options options;
    for (size_t i = 0; i < SW_COUNT(locks); i++) {
        const char *path = sw_arena_format(&history->arena, "%s%s", history->folder, locks[i]);
        if (path == NULL)
            return sw_fail_memory(error);
        (void)unlink(path);
    }
    (void)git->repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    options.description = "records of slipway's builds";
    options.initial_head = "main";
    if (git->repository_init_ext(&history->repository, history->own, &options) != 0)
        return sw_git_fail(error, git, "cannot make '%s'", history->own);
    return 0;
}

int sw_history_make(struct sw_history *history, struct sw_error *error)
{
    struct sw_history_lock lock = {.fd = -1};
    if (history->repository != NULL)
        return 0;
    int code = sw_history_lock(&lock, history, error);
    if (code == 0)
        /* Another process may have made the repository meanwhile. */
        code = open_own(history, error);
    if (code == 0 && history->repository == NULL)
        code = init_own(history, error);
    sw_history_unlock(&lock);
    return code;
}

static int add_files(git_index *index, struct sw_history *history, const struct sw_record_draft *draft,
                     struct sw_error *error)
{
    const struct sw_git *git = history->git;
    for (size_t i = 0; i < draft->files_count; i++) {
        const struct sw_record_file *file = &draft->files[i];
        git_index_entry entry = {.mode = file->executable ? GIT_FILEMODE_BLOB_EXECUTABLE : GIT_FILEMODE_BLOB,
                                 .path = file->path};
        if (git->blob_create_from_buffer(&entry.id, history->repository, file->content.p, file->content.n) !=
                0 ||
            git->index_add(index, &entry) != 0)
            return sw_git_fail(error, git, "cannot record '%s'", file->path);
    }
    return 0;
}

static int read_base(git_index *index, struct sw_history *history, const struct sw_record *base,
                     struct sw_error *error)
{
    const struct sw_git *git = history->git;
    git_oid id;
    git_tree *tree = NULL;
    bool read = git->oid_fromstr(&id, base->tree) == 0 &&
                git->tree_lookup(&tree, history->repository, &id) == 0 &&
                git->index_read_tree(index, tree) == 0;
    git->tree_free(tree);
    return read ? 0 : sw_git_fail(error, git, "cannot read record %" PRIu64, base->number);
}

int sw_history_write_tree(git_oid *out, struct sw_history *history, const struct sw_record_draft *draft,
                          struct sw_error *error)
{
    const struct sw_git *git = history->git;
    git_index *index = NULL;
    if (git->index_new(&index) != 0)
        return sw_git_fail(error, git, "cannot record a build");
    int code = draft->base == NULL ? 0 : read_base(index, history, draft->base, error);
    if (code == 0)
        code = add_files(index, history, draft, error);
    if (code == 0 && git->index_write_tree_to(out, index, history->repository) != 0)
        code = sw_git_fail(error, git, "cannot record a build");
    git->index_free(index);
    return code;
}

/* Sign with the user's name in git, else with a neutral name. */
static int sign(git_signature **out, struct sw_history *history, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    if (git->signature_default(out, history->repository) == 0 ||
        git->signature_now(out, "slipway", "slipway@localhost") == 0)
        return 0;
    return sw_git_fail(error, git, "cannot record a build");
}

/* A commit on top of `tip`, which is NULL for the first. */
static int write_commit(git_oid *out, struct sw_history *history, const struct sw_record_draft *draft,
                        const git_oid *tree, const git_oid *tip, uint64_t number, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    SW_BUFFER_AUTO message;
    sw_buffer_init(&message, SW_MAX_MESSAGE);
    sw_buffer_addf(&message, "%s@%" PRIu64 ": %s\n\n%s", draft->profile, number, draft->summary, draft->text);
    int code = sw_buffer_check(&message, "the record's message", error);
    git_signature *author = NULL;
    if (code == 0)
        code = sign(&author, history, error);
    if (code != 0)
        return code;
    if (git->commit_create_from_ids(out, history->repository, NULL, author, author, NULL, message.p, tree,
                                    tip != NULL, &tip) != 0)
        code = sw_git_fail(error, git, "cannot record a build");
    git->signature_free(author);
    return code;
}

/* Find the commit for the next record to stand on: the ref's tip, also if that is no record, so that nothing is lost which
 * somebody else put there. `*number` is the next record's. */
static int find_top(git_oid *tip, bool *first, bool *is_commit, uint64_t *number, struct sw_history *history,
                    const char *profile, struct sw_error *error)
{
    const struct sw_history_chain *chain = NULL;
    int code = sw_history_load_chain(&chain, history, profile, error);
    *first = code == SW_ENOTFOUND;
    *number = 1;
    if (*first)
        return 0;
    if (code != 0)
        return code;
    *tip = chain->tip;
    *number = chain->count == 0 ? 1 : chain->first + chain->count;
    return sw_history_measure(is_commit, history, tip, GIT_OBJECT_COMMIT, SIZE_MAX) == 0
               ? 0
               : sw_git_fail(error, history->git, "cannot read the records of '%s'", profile);
}

/* Try once to put the tree on top of the newest record; SW_ENO if another record came in between. */
static int put_on_top(struct sw_record *out, const struct sw_history_lock *lock, struct sw_history *history,
                      const struct sw_record_draft *draft, const git_oid *tree, struct sw_error *error)
{
    char ref[SW_HISTORY_REF_SIZE];
    git_oid tip, next;
    bool first = false, is_commit = false;
    uint64_t number = 0;
    int code = sw_history_ref(ref, draft->profile, error);
    if (code == 0)
        code = find_top(&tip, &first, &is_commit, &number, history, draft->profile, error);
    if (code == 0)
        code = write_commit(&next, history, draft, tree, is_commit ? &tip : NULL, number, error);
    if (code == 0)
        code = sw_history_move(lock, history, ref, &next, first ? NULL : &tip, error);
    if (code != 0)
        return code;
    *out = (struct sw_record){.number = number};
    (void)history->git->oid_tostr(out->commit, sizeof out->commit, &next);
    (void)history->git->oid_tostr(out->tree, sizeof out->tree, tree);
    return 0;
}

int sw_history_append(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                      const struct sw_record_draft *draft, struct sw_error *error)
{
    /* Only git itself can come in between, because slipway's own processes wait for the lock. */
    enum { ATTEMPTS = 10 };
    struct sw_history_lock lock = {.fd = -1};
    struct sw_record record;
    git_oid tree;
    int code = sw_history_make(history, error);
    if (code == 0)
        code = sw_history_write_tree(&tree, history, draft, error);
    if (code == 0)
        code = sw_history_lock(&lock, history, error);
    if (code != 0)
        return code;
    code = SW_ENO;
    for (unsigned i = 0; code == SW_ENO && i < ATTEMPTS; i++)
        code = put_on_top(&record, &lock, history, draft, &tree, error);
    sw_history_unlock(&lock);
    if (code == SW_ENO)
        return sw_fail(error, SW_EENV, "another program keeps writing the records of '%s'", draft->profile);
    record.profile = code == 0 ? sw_arena_text(arena, draft->profile) : NULL;
    if (code == 0 && record.profile == NULL)
        return sw_fail_memory(error);
    if (code == 0)
        *out = record;
    return code;
}
