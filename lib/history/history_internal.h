/* What the files of this layer share. */
#ifndef SLIPWAY_HISTORY_HISTORY_INTERNAL_H
#define SLIPWAY_HISTORY_HISTORY_INTERNAL_H

#include "history/git_internal.h"
#include "history/history.h"

#define SW_HISTORY_REFS "refs/slipway/"

struct sw_history {
    struct sw_arena arena;
    const struct sw_git *git;
    git_repository *repository; /* NULL: slipway's own, which is not there yet */
    const char *own;
    const char *root;
};

enum { SW_HISTORY_REF_SIZE = 256 };
int sw_history_ref(char out[SW_HISTORY_REF_SIZE], const char *profile, struct sw_error *error) SW_NODISCARD;

/* The commit of a profile's newest record; SW_ENOTFOUND where there is none. */
int sw_history_tip(git_oid *out, struct sw_history *history, const char *profile,
                   struct sw_error *error) SW_NODISCARD;
/* The record that a commit is. `profile` is kept as it is. */
int sw_history_record(struct sw_record *out, struct sw_history *history, const char *profile,
                      const git_oid *commit, struct sw_error *error) SW_NODISCARD;

/* The object at a path of a tree, by its hexadecimal name; libgit2's status: GIT_ENOTFOUND where the tree has no such path. */
int sw_history_find_object(git_oid *out, struct sw_history *history, const char *tree,
                           const char *path) SW_NODISCARD;
/* Append a blob's bytes; libgit2's status. */
int sw_history_add_blob(struct sw_buffer *out, struct sw_history *history, const git_oid *id) SW_NODISCARD;

/* The draft's tree, written. */
int sw_history_write_tree(git_oid *out, struct sw_history *history, const struct sw_record_draft *draft,
                          struct sw_error *error) SW_NODISCARD;

/* The right to write: one process has it, until it lets go or ends. */
struct sw_history_lock {
    int fd;
    const char *folder; /* of the repository, with the slash */
};
/* DIR/slipway/NAME in the repository's folder, for what is not git's; the folder is made where it is missing. */
enum { SW_HISTORY_PATH_SIZE = 4096 };
int sw_history_private_path(char out[SW_HISTORY_PATH_SIZE], const struct sw_history *history,
                            const char *name, struct sw_error *error) SW_NODISCARD;

int sw_history_lock(struct sw_history_lock *lock, struct sw_history *history,
                    struct sw_error *error) SW_NODISCARD;
void sw_history_unlock(struct sw_history_lock *lock); /* takes one whose fd is -1 */

/* Move `ref` to `next` if it is at `old`, NULL being not there at all. SW_ENO where it is not; the error then says nothing yet.
 */
int sw_history_move(const struct sw_history_lock *lock, struct sw_history *history, const char *ref,
                    const git_oid *next, const git_oid *old, struct sw_error *error) SW_NODISCARD;

#endif
