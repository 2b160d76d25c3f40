/* The records of a profile, by their numbers.
 *
 * The commits under a ref may have been fetched from anybody, so that the number a commit claims is only
 * believed if it follows from the commits before it: the oldest record may have any number up to
 * SW_MAX_RECORD_NUMBER, each later record the next number. A commit that claims another number, or that is no
 * record at all, is passed over, and the commits after it are held to the record before it. So nothing that
 * is fetched keeps a later build from being recorded. */
#include "history/history_internal.h"

#include "base/limits.h"

#include <stdlib.h>

/* The number in "NAME@NUMBER: …", 0 if the message is no record's of this profile. */
static uint64_t number_of(const char *message, const char *profile)
{
    uint64_t number = 0;
    struct sw_str rest = {message, strcspn(message, ":\n")};
    bool whole = message[rest.n] == ':';
    struct sw_str name = sw_str_cut(&rest, '@');
    return whole && rest.p != NULL && sw_str_is(name, profile) && sw_str_to_u64(rest, &number) ? number : 0;
}

/* A commit on the way back. */
struct step {
    git_oid commit, parent;
    bool has_parent;
    uint64_t claim; /* 0: it is no record */
};

/* libgit2's status: GIT_ENOTFOUND if the repository does not have the commit. */
static int read_step(struct step *out, struct sw_history *history, const char *profile, const git_oid *id)
{
    const struct sw_git *git = history->git;
    struct step step = {.commit = *id};
    git_commit *commit = NULL;
    bool small = false;
    int status = sw_history_measure(&small, history, id, GIT_OBJECT_COMMIT, SW_MAX_RECORD_COMMIT);
    if (status == 0 && small)
        status = git->commit_lookup(&commit, history->repository, id);
    if (status != 0)
        return status;
    if (commit != NULL) {
        const char *message = git->commit_message(commit);
        unsigned parents = git->commit_parentcount(commit);
        step.has_parent = parents > 0;
        if (step.has_parent)
            step.parent = *git->commit_parent_id(commit, 0);
        step.claim = parents > 1 ? 0 : number_of(message == NULL ? "" : message, profile);
    }
    git->commit_free(commit);
    *out = step;
    return 0;
}

/* Keep the claims that follow from one another, which stand newest first in `steps`. */
static void judge(struct sw_history_chain *chain, const struct step *steps, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        uint64_t claim = steps[i].claim;
        bool follows = chain->count == 0 ? claim > 0 && claim <= SW_MAX_RECORD_NUMBER
                                         : claim == chain->first + chain->count;
        if (!follows) {
            chain->refused = steps[i].commit;
            chain->refused_count++;
            continue;
        }
        if (chain->count == 0)
            chain->first = claim;
        chain->commits[chain->count++] = steps[i].commit;
    }
}

/* All the steps from the tip on, as many as there are and at most SW_MAX_RECORDS. A commit that is missing ends them: a shallow
 * repository has none before it. */
static int read_steps(struct step *steps, size_t *count, bool *cut, struct sw_history *history,
                      const char *profile, const git_oid *tip, struct sw_error *error)
{
    git_oid next = *tip;
    bool more = true;
    for (*count = 0; more && *count < SW_MAX_RECORDS; ++*count) {
        if (read_step(&steps[*count], history, profile, &next) == 0) {
            more = steps[*count].has_parent;
            next = steps[*count].parent;
            continue;
        }
        if (*count > 0)
            break;
        char hex[SW_RECORD_ID_SIZE];
        (void)sw_git_fail(error, history->git, "cannot read the record %.12s of '%s'",
                          history->git->oid_tostr(hex, sizeof hex, tip), profile);
        return sw_error_hint(error, "'git fsck' shows what is damaged");
    }
    /* libgit2 1.7 and later hide the parents that a shallow repository lacks, so that the number tells. */
    *cut = more || steps[*count - 1].claim > 1;
    return 0;
}

static int load(struct sw_history_chain *out, struct sw_history *history, const char *profile,
                const git_oid *tip, struct sw_error *error)
{
    struct sw_history_chain chain = {.tip = *tip};
    size_t count = 0;
    struct step *steps = calloc(SW_MAX_RECORDS, sizeof *steps);
    chain.profile = strdup(profile);
    if (steps == NULL || chain.profile == NULL) {
        free(steps);
        sw_history_chain_release(&chain);
        return sw_fail_memory(error);
    }
    int code = read_steps(steps, &count, &chain.cut, history, profile, tip, error);
    chain.commits = code == 0 ? calloc(count, sizeof *chain.commits) : NULL;
    if (code == 0 && chain.commits == NULL)
        code = sw_fail_memory(error);
    if (code == 0)
        judge(&chain, steps, count);
    free(steps);
    if (code == 0)
        *out = chain;
    else
        sw_history_chain_release(&chain);
    return code;
}

int sw_history_load_chain(const struct sw_history_chain **out, struct sw_history *history,
                          const char *profile, struct sw_error *error)
{
    struct sw_history_chain *kept = &history->chain, chain;
    git_oid tip;
    int code = sw_history_tip(&tip, history, profile, error);
    if (code != 0)
        return code;
    if (kept->profile == NULL || strcmp(kept->profile, profile) != 0 ||
        history->git->oid_cmp(&kept->tip, &tip) != 0) {
        code = load(&chain, history, profile, &tip, error);
        if (code != 0)
            return code;
        sw_history_chain_release(kept);
        *kept = chain;
    }
    *out = kept;
    return 0;
}

void sw_history_chain_release(struct sw_history_chain *chain)
{
    free(chain->profile);
    free(chain->commits);
    *chain = (struct sw_history_chain){0};
}
