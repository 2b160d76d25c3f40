/* The history of builds, in the user's own git repository.
 *
 * Each profile's records are the commits of one ref, refs/slipway/NAME, the newest at its tip, each with the one before as its
 * parent; they are numbered from 1, without a gap. `git log refs/slipway/NAME` shows them, and they are pushed and fetched like any ref.
 * A record's tree holds
 *
 *     record.json      what was built, when, by which plan, and what came of it (history/facts.h)
 *     plan.json        the plan
 *     installed.txt    what is really in the image, NAME==VERSION a line
 *     profile/         the profile and its parents, by their paths below the folder that the repository is of
 *     rendered/        the files that the plan was rendered to
 *     context.tar      the build context, where the profile copies files and they are few enough to keep
 *
 * Index and working tree are never touched and no hook runs. What is half written is not there: all objects are on disk
 * before the ref is moved to them, in one step that fails where it is not where it was read. One process writes at a time
 * (a lock that dies with it); what a killed one left behind is cleared by the next.
 *
 * Where there is no repository around the folder, a bare one of slipway's own is used; it is made by the first record. */
#ifndef SLIPWAY_HISTORY_HISTORY_H
#define SLIPWAY_HISTORY_HISTORY_H

#include "base/buffer.h"
#include "base/lock.h"
#include "base/texts.h"
#include "data/node.h"

struct sw_history;

/* Open the history. `folder` is the folder of the profiles, any folder of the repository. `own` is the folder
 * of slipway's own repository, which may not exist yet; it is used if `folder` is in no repository. SW_EENV
 * with one clear line if the repository cannot be used: another user's, of a format that libgit2 does not
 * know (SHA-256 objects, reftables), broken. `cancel`, which may be NULL, ends waiting for other writers and
 * must outlive the history. */
int sw_history_open(struct sw_history **out, const char *folder, const char *own,
                    const struct sw_cancel *cancel, struct sw_error *error) SW_NODISCARD;
void sw_history_close(struct sw_history *history); /* takes NULL */
void sw_history_release(struct sw_history **history);
#define SW_HISTORY_AUTO SW_CLEANUP(sw_history_release) struct sw_history

/* The folder that paths in records are relative to: the repository's working tree, else `folder`; absolute. */
const char *sw_history_root(const struct sw_history *history);

/* Names of the profiles with records, sorted; they lie in `arena`. */
int sw_history_profiles(const char *const **names, size_t *count, struct sw_arena *arena,
                        struct sw_history *history, struct sw_error *error) SW_NODISCARD;

enum { SW_RECORD_ID_SIZE = 41 }; /* 40 hexadecimal digits and the NUL */

struct sw_record {
    const char *profile;
    uint64_t number;                /* from 1 */
    char commit[SW_RECORD_ID_SIZE]; /* its own name in git */
    char tree[SW_RECORD_ID_SIZE];
};

/* SW_EINPUT: "the record NAME@N is refused: 'FIELD' WHAT". */
int sw_record_refuse(struct sw_error *error, const struct sw_record *record, const char *field,
                     const char *what);

/* Find the newest record, or record `number` if that is not 0; its profile's name is copied into `arena`.
 * SW_ENOTFOUND if there is no such record, SW_EINPUT if the ref holds something else than records; SW_EENV if
 * git cannot read it. */
int sw_history_find(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                    const char *profile, uint64_t number, struct sw_error *error) SW_NODISCARD;
/* The record before `record`; SW_ENOTFOUND if that is the first. The two may be the same variable. */
int sw_history_before(struct sw_record *out, struct sw_history *history, const struct sw_record *record,
                      struct sw_error *error) SW_NODISCARD;
/* Count the commits of the profile's ref that are no records and are passed over: somebody else put them there. */
size_t sw_history_refused(struct sw_history *history, const char *profile);

/* Append a file of the record's tree to `out`. SW_ENOTFOUND if it has no such file, SW_EINPUT if its tree is none that slipway
 * writes or the file is larger than `out` may be. */
int sw_history_read(struct sw_buffer *out, struct sw_history *history, const struct sw_record *record,
                    const char *path, struct sw_error *error) SW_NODISCARD;
/* The files in a folder of the record's tree, sorted by name; they lie in `arena`. SW_ENOTFOUND if there is
 * no such folder. */
struct sw_record_entry {
    const char *name;
    bool executable;
};
int sw_history_list(const struct sw_record_entry **entries, size_t *count, struct sw_arena *arena,
                    struct sw_history *history, const struct sw_record *record, const char *path,
                    struct sw_error *error) SW_NODISCARD;

struct sw_record_file {
    const char *path; /* relative, without "." and ".." */
    struct sw_str content;
    bool executable;
};

/* The content of a new record: its own files, over those of another record (or NULL). */
struct sw_record_draft {
    const char *profile;
    const char *summary; /* of its commit message: "verified" */
    const char *text;    /* the rest of it */
    const struct sw_record *base;
    const struct sw_record_file *files;
    size_t files_count;
};

/* Try whether records can be written. Slipway's own repository is made if there is no other. */
int sw_history_ready(struct sw_history *history, struct sw_error *error) SW_NODISCARD;
/* Wait until no other process changes the meaning of the profile's names; until sw_fd_close(*fd), or the end
 * of this process, none does. */
int sw_history_hold(int *fd, struct sw_history *history, const char *profile, const struct sw_lock_wait *wait,
                    struct sw_error *error) SW_NODISCARD;

/* Append a record. It is on disk when this returns 0; on failure nothing has changed. */
int sw_history_append(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                      const struct sw_record_draft *draft, struct sw_error *error) SW_NODISCARD;

/* Set `out` if the content of the working tree's file `path` (relative to the root) can be had back once the
 * file is replaced: that content is committed, or one of the profile's newest SW_MAX_RECORDS_SEARCHED records
 * has it. */
int sw_history_holds(bool *out, struct sw_history *history, const char *profile, const char *path,
                     struct sw_str content, struct sw_error *error) SW_NODISCARD;

/* A record that is about to be appended, once the work that it describes is done. It is on disk as a whole,
 * so that whoever finds it after its process was killed can do the rest. Each profile has at most one intent. */
struct sw_intent {
    /* The record's files can be read; it has no number and no commit yet. */
    struct sw_record record;
    /* sw_history_root() of the process that intended it. */
    const char *root;
};
/* Keep an intent, in place of a former intent. The result lies in `arena`. */
int sw_history_intend(struct sw_intent *out, struct sw_arena *arena, struct sw_history *history,
                      const struct sw_record_draft *draft, struct sw_error *error) SW_NODISCARD;
/* Find the profile's intent. SW_ENOTFOUND if there is none. */
int sw_history_intended(struct sw_intent *out, struct sw_arena *arena, struct sw_history *history,
                        const char *profile, struct sw_error *error) SW_NODISCARD;
/* Append it with this summary and text, unless that was done already, and forget it. */
int sw_history_settle(struct sw_record *out, struct sw_arena *arena, struct sw_history *history,
                      const struct sw_intent *intent, const char *summary, const char *text,
                      struct sw_error *error) SW_NODISCARD;
/* Forget the intent; no error if there is none. */
int sw_history_forget(struct sw_history *history, const char *profile, struct sw_error *error) SW_NODISCARD;

/* ---- files of the user's repository as they were committed ---- */

struct sw_revision {
    struct sw_history *history;
    const char *expression;
    char tree[SW_RECORD_ID_SIZE];
};

/* Find a revision. `expression` is as git-rev-parse(1) takes it: "HEAD~2", "main", "v1.0"; it and the history
 * must outlive the revision. SW_EINPUT if it names no commit, or if the user has no repository. */
int sw_revision_find(struct sw_revision *out, struct sw_history *history, const char *expression,
                     struct sw_error *error) SW_NODISCARD;

/* Append a file. `path` is relative to sw_history_root() and has no "." or "..". SW_ENOTFOUND if the revision
 * has no such file. */
int sw_revision_read(struct sw_buffer *out, const struct sw_revision *revision, const char *path,
                     struct sw_error *error) SW_NODISCARD;

#endif
