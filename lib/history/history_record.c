#include "history/history_internal.h"

#include "base/limits.h"

#include <inttypes.h>

int sw_history_ref(char out[SW_HISTORY_REF_SIZE], const char *profile, struct sw_error *error)
{
    int n = snprintf(out, SW_HISTORY_REF_SIZE, SW_HISTORY_REFS "%s", profile);
    return n < SW_HISTORY_REF_SIZE ? 0 : sw_fail(error, SW_EINPUT, "the profile's name is too long");
}

static int no_records(struct sw_error *error, const char *profile)
{
    int code = sw_fail(error, SW_ENOTFOUND, "no build of '%s' is recorded here", profile);
    (void)sw_error_hint(error, "'slipway history' lists the builds; 'slipway build %s' records one", profile);
    return code;
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

int sw_history_measure(bool *fits, struct sw_history *history, const git_oid *id, git_object_t type,
                       size_t most)
{
    const struct sw_git *git = history->git;
    git_odb *objects = NULL;
    git_object_t found = GIT_OBJECT_INVALID;
    size_t size = 0;
    int status = git->repository_odb(&objects, history->repository);
    if (status == 0)
        status = git->odb_read_header(&size, &found, objects, id);
    git->odb_free(objects);
    *fits = status == 0 && found == type && size <= most;
    return status;
}

/* The record that a commit of the chain is. */
static int read_record(struct sw_record *out, struct sw_history *history, const char *profile,
                       const git_oid *commit, uint64_t number, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    struct sw_record record = {.profile = profile, .number = number};
    git_commit *read = NULL;
    (void)git->oid_tostr(record.commit, sizeof record.commit, commit);
    if (git->commit_lookup(&read, history->repository, commit) != 0) {
        (void)sw_git_fail(error, git, "cannot read the record %.12s of '%s'", record.commit, profile);
        return sw_error_hint(error, "'git fsck' shows what is damaged");
    }
    (void)git->oid_tostr(record.tree, sizeof record.tree, git->commit_tree_id(read));
    git->commit_free(read);
    *out = record;
    return 0;
}

/* A ref without a single record. */
static int refuse_all(struct sw_error *error, const struct sw_history *history,
                      const struct sw_history_chain *chain)
{
    char hex[SW_RECORD_ID_SIZE];
    (void)sw_fail(error, SW_EINPUT, "the commit %.12s in " SW_HISTORY_REFS "%s is no record of slipway's",
                  history->git->oid_tostr(hex, sizeof hex, &chain->refused), chain->profile);
    return sw_error_hint(error, "if it was fetched by mistake: git update-ref -d " SW_HISTORY_REFS "%s",
                         chain->profile);
}

int sw_history_find(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, uint64_t number, struct sw_error *error)
{
    const struct sw_history_chain *chain = NULL;
    const char *name = sw_arena_text(arena, profile);
    int code = name == NULL ? sw_fail_memory(error) : sw_history_load_chain(&chain, history, profile, error);
    if (code != 0)
        return code;
    if (chain->count == 0)
        return refuse_all(error, history, chain);
    uint64_t index = number == 0 ? chain->count - 1 : number - chain->first;
    if (index >= chain->count)
        return sw_fail(error, SW_ENOTFOUND, "there is no record %s@%" PRIu64, profile, number);
    return read_record(out, history, name, &chain->commits[index], chain->first + index, error);
}

int sw_history_before(struct sw_record *out, struct sw_history *history, const struct sw_record *record,
                      struct sw_error *error)
{
    const struct sw_history_chain *chain = NULL;
    int code = sw_history_load_chain(&chain, history, record->profile, error);
    if (code != 0)
        return code;
    uint64_t index = record->number - 1 - chain->first;
    if (index < chain->count)
        return read_record(out, history, record->profile, &chain->commits[index], record->number - 1, error);
    if (!chain->cut)
        return sw_fail(error, SW_ENOTFOUND, "nothing is recorded before %s@%" PRIu64, record->profile,
                       record->number);
    (void)sw_fail(error, SW_EENV, "the records before %s@%" PRIu64 " cannot be read", record->profile,
                  record->number);
    return sw_error_hint(error, "they are missing or damaged: 'git fsck' shows which");
}

size_t sw_history_refused(struct sw_history *history, const char *profile)
{
    const struct sw_history_chain *chain = NULL;
    return sw_history_load_chain(&chain, history, profile, NULL) == 0 ? chain->refused_count : 0;
}

/* The tree that is checked out; false if there is none yet, or no working tree. */
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
    return sw_history_find_object(&found, history, record->tree, path) == 0 &&
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
