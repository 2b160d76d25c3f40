#include "history/history_internal.h"

#include "base/limits.h"
#include "data/json.h"

#include <inttypes.h>

int sw_history_ref(char out[SW_HISTORY_REF_SIZE], const char *profile, struct sw_error *error)
{
    int n = snprintf(out, SW_HISTORY_REF_SIZE, SW_HISTORY_REFS "%s", profile);
    return n < SW_HISTORY_REF_SIZE ? 0 : sw_fail(error, SW_EINPUT, "the profile's name is too long");
}

static int no_records(struct sw_error *error, const char *profile)
{
    return sw_fail(error, SW_ENOTFOUND, "no build of '%s' is recorded here", profile);
}

int sw_history_tip(git_oid *out, struct sw_history *history, const char *profile, struct sw_error *error)
{
    char ref[SW_HISTORY_REF_SIZE];
    int code = sw_history_ref(ref, profile, error);
    if (code != 0)
        return code;
    if (history->repository == NULL)
        return no_records(error, profile);
    int status = history->git->reference_name_to_id(out, history->repository, ref);
    if (status == GIT_ENOTFOUND || status == GIT_EINVALIDSPEC)
        return no_records(error, profile);
    return status == 0 ? 0 : sw_git_fail(error, history->git, "cannot read '%s'", ref);
}

/* The number in "NAME@NUMBER: …", 0 where there is none. */
static uint64_t number_of(const char *message)
{
    uint64_t number = 0;
    struct sw_str rest = {message, strcspn(message, ":\n")};
    (void)sw_str_cut(&rest, '@');
    return rest.p != NULL && sw_str_to_u64(rest, &number) ? number : 0;
}

int sw_history_record(struct sw_record *out, struct sw_history *history, const char *profile,
                      const git_oid *commit, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    struct sw_record record = {.profile = profile};
    git_commit *read = NULL;
    (void)git->oid_tostr(record.commit, sizeof record.commit, commit);
    if (git->commit_lookup(&read, history->repository, commit) != 0) {
        (void)sw_git_fail(error, git, "cannot read the record %.12s of '%s'", record.commit, profile);
        return sw_error_hint(error, "'git fsck' shows what is damaged");
    }
    const char *message = git->commit_message(read);
    record.number = number_of(message == NULL ? "" : message);
    (void)git->oid_tostr(record.tree, sizeof record.tree, git->commit_tree_id(read));
    if (git->commit_parentcount(read) > 0)
        (void)git->oid_tostr(record.parent, sizeof record.parent, git->commit_parent_id(read, 0));
    git->commit_free(read);
    if (record.number == 0)
        return sw_fail(error, SW_EENV, "the commit %.12s in " SW_HISTORY_REFS "%s is no record of slipway's",
                       record.commit, profile);
    *out = record;
    return 0;
}

int sw_history_before(struct sw_record *out, struct sw_history *history, const struct sw_record *record,
                      struct sw_error *error)
{
    git_oid id;
    if (record->parent[0] == '\0')
        return sw_fail(error, SW_ENOTFOUND, "nothing is recorded before %s@%" PRIu64, record->profile,
                       record->number);
    if (history->git->oid_fromstr(&id, record->parent) != 0)
        return sw_git_fail(error, history->git, "cannot read a record of '%s'", record->profile);
    return sw_history_record(out, history, record->profile, &id, error);
}

int sw_history_find(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, uint64_t number, struct sw_error *error)
{
    git_oid tip;
    struct sw_record record = {0};
    const char *name = sw_arena_text(arena, profile);
    int code = name == NULL ? sw_fail_memory(error) : sw_history_tip(&tip, history, profile, error);
    if (code == 0)
        code = sw_history_record(&record, history, name, &tip, error);
    while (code == 0 && number != 0 && record.number > number)
        code = sw_history_before(&record, history, &record, error);
    if (code == 0 && number != 0 && record.number != number)
        code = sw_fail(error, SW_ENOTFOUND, "there is no record %s@%" PRIu64, profile, number);
    if (code == 0)
        *out = record;
    return code;
}

static int fail_read(struct sw_error *error, struct sw_history *history, const struct sw_record *record,
                     const char *path)
{
    (void)sw_git_fail(error, history->git, "cannot read '%s' of the record %s@%" PRIu64, path,
                      record->profile, record->number);
    return sw_error_hint(error, "'git fsck' shows what is damaged");
}

/* The object at a path of the record's tree. */
static int find_object(git_oid *out, struct sw_history *history, const struct sw_record *record,
                       const char *path, struct sw_error *error)
{
    int status = sw_history_find_object(out, history, record->tree, path);
    if (status == GIT_ENOTFOUND)
        return sw_fail(error, SW_ENOTFOUND, "the record %s@%" PRIu64 " has no '%s'", record->profile,
                       record->number, path);
    return status == 0 ? 0 : fail_read(error, history, record, path);
}

int sw_history_read(struct sw_buffer *out, struct sw_history *history, const struct sw_record *record,
                    const char *path, struct sw_error *error)
{
    git_oid id;
    int code = find_object(&id, history, record, path, error);
    if (code != 0)
        return code;
    if (sw_history_add_blob(out, history, &id) != 0)
        return fail_read(error, history, record, path);
    return sw_buffer_check(out, path, error);
}

int sw_history_list(const struct sw_record_entry **entries, size_t *count, struct sw_arena *arena,
                    struct sw_history *history, const struct sw_record *record, const char *path,
                    struct sw_error *error)
{
    const struct sw_git *git = history->git;
    git_oid id;
    git_tree *tree = NULL;
    int code = find_object(&id, history, record, path, error);
    if (code != 0)
        return code;
    if (git->tree_lookup(&tree, history->repository, &id) != 0)
        return fail_read(error, history, record, path);
    size_t n = git->tree_entrycount(tree);
    struct sw_record_entry *found = sw_arena_array(arena, n + 1, sizeof *found);
    bool whole = found != NULL;
    for (size_t i = 0; whole && i < n; i++) {
        const git_tree_entry *entry = git->tree_entry_byindex(tree, i);
        found[i].name = sw_arena_text(arena, git->tree_entry_name(entry));
        found[i].executable = git->tree_entry_filemode(entry) == GIT_FILEMODE_BLOB_EXECUTABLE;
        whole = found[i].name != NULL;
    }
    git->tree_free(tree);
    if (!whole)
        return sw_fail_memory(error);
    *entries = found;
    *count = n;
    return 0;
}

int sw_history_read_json(const struct sw_node **out, struct sw_arena *arena, struct sw_history *history,
                         const struct sw_record *record, const char *path, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    int code = sw_history_read(&text, history, record, path, error);
    return code != 0 ? code : sw_json_read(out, arena, sw_buffer_str(&text), path, error);
}

/* The tree that is checked out; false where there is none yet, or no working tree. */
static bool find_head(struct sw_record *out, struct sw_history *history)
{
    const struct sw_git *git = history->git;
    git_oid id;
    git_commit *commit = NULL;
    if (history->repository == NULL || git->repository_workdir(history->repository) == NULL ||
        git->reference_name_to_id(&id, history->repository, "HEAD") != 0 ||
        git->commit_lookup(&commit, history->repository, &id) != 0)
        return false;
    (void)git->oid_tostr(out->tree, sizeof out->tree, git->commit_tree_id(commit));
    git->commit_free(commit);
    return true;
}

static bool has(struct sw_history *history, const struct sw_record *record, const char *path,
                const git_oid *content)
{
    git_oid found;
    return find_object(&found, history, record, path, NULL) == 0 &&
           history->git->oid_cmp(&found, content) == 0;
}

int sw_history_holds(bool *out, struct sw_history *history, const char *profile, const char *path,
                     struct sw_str content, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    struct sw_record record = {.profile = profile};
    git_oid wanted;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *recorded = sw_arena_format(&arena, "profile/%s", path);
    if (recorded == NULL)
        return sw_fail_memory(error);
    if (git->odb_hash(&wanted, content.p, content.n, GIT_OBJECT_BLOB) != 0)
        return sw_git_fail(error, git, "cannot compare '%s'", path);
    bool held = find_head(&record, history) && has(history, &record, path, &wanted);
    int code = held ? 0 : sw_history_find(&record, &arena, history, profile, 0, error);
    for (unsigned i = 0; code == 0 && !held && i < SW_MAX_RECORDS_SEARCHED; i++) {
        held = has(history, &record, recorded, &wanted);
        if (!held)
            code = sw_history_before(&record, history, &record, error);
    }
    if (code != 0 && code != SW_ENOTFOUND)
        return code;
    *out = held;
    return 0;
}
