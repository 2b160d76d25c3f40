/* Types and functions that the files of this layer share. */
#ifndef SLIPWAY_HISTORY_HISTORY_INTERNAL_H
#define SLIPWAY_HISTORY_HISTORY_INTERNAL_H

#include "history/git_internal.h"
#include "history/history.h"

#define SW_HISTORY_REFS "refs/slipway/"

/* The records of a profile: the commits that are records, oldest first, with the numbers `first`, `first` + 1 and so on. */
struct sw_history_chain {
    char *profile; /* NULL: none has been read */
    git_oid tip;
    git_oid *commits;
    size_t count;
    uint64_t first;
    /* The commits before the first are missing, damaged or too many. */
    bool cut;
    /* A commit of the ref that is no record, if there is any. */
    git_oid refused;
    size_t refused_count;
};

/* The plain files and folders in the tree of a record, by their paths in it, each folder before its content. */
struct sw_history_entry {
    const char *path;
    git_oid id;
    bool folder, executable;
};
struct sw_history_content {
    struct sw_arena arena;
    char tree[SW_RECORD_ID_SIZE]; /* empty: none has been looked through */
    struct sw_history_entry *entries;
    size_t count;
};

struct sw_history {
    struct sw_arena arena;
    struct sw_history_chain chain;     /* the last that was read */
    struct sw_history_content content; /* likewise */
    const struct sw_git *git;
    /* NULL: slipway's own repository, which does not exist yet. */
    git_repository *repository;
    const char *own;
    /* The folder of the repository's files, which may not exist yet; with a slash at the end. */
    const char *folder;
    const char *root;
    const struct sw_cancel *cancel;
};

enum { SW_HISTORY_REF_SIZE = 256 };
int sw_history_ref(char out[SW_HISTORY_REF_SIZE], const char *profile, struct sw_error *error) SW_NODISCARD;

/* The commit of a profile's newest record; SW_ENOTFOUND if there is none. */
int sw_history_tip(git_oid *out, struct sw_history *history, const char *profile,
                   struct sw_error *error) SW_NODISCARD;
/* The profile's records; they stay the history's own, and hold until the next call. SW_ENOTFOUND if there is no ref. */
int sw_history_load_chain(const struct sw_history_chain **out, struct sw_history *history,
                          const char *profile, struct sw_error *error) SW_NODISCARD;
void sw_history_chain_release(struct sw_history_chain *chain);

/* Look through the tree of a record; the result holds until the next call. SW_EINPUT if it is no tree that slipway writes. */
int sw_history_load_content(const struct sw_history_content **out, struct sw_history *history,
                            const struct sw_record *record, struct sw_error *error) SW_NODISCARD;
/* Takes a zeroed content, too. */
void sw_history_content_release(struct sw_history_content *content);

/* Compare the type and the size of an object, without reading it; libgit2's status. */
int sw_history_measure(bool *fits, struct sw_history *history, const git_oid *id, git_object_t type,
                       size_t most) SW_NODISCARD;

/* The object at a path of a tree, by its hexadecimal name; libgit2's status: GIT_ENOTFOUND if the tree has no
 * such path. */
int sw_history_find_object(git_oid *out, struct sw_history *history, const char *tree,
                           const char *path) SW_NODISCARD;
/* Append a blob's bytes; libgit2's status. */
int sw_history_add_blob(struct sw_buffer *out, struct sw_history *history, const git_oid *id) SW_NODISCARD;

/* Make slipway's own repository if there is no other, and if it does not exist yet. Of several processes that do so at once one
 * makes it. */
int sw_history_make(struct sw_history *history, struct sw_error *error) SW_NODISCARD;

/* The draft's tree, written. */
int sw_history_write_tree(git_oid *out, struct sw_history *history, const struct sw_record_draft *draft,
                          struct sw_error *error) SW_NODISCARD;

/* The right to write: one process has it, until it lets go or ends. */
struct sw_history_lock {
    int fd;
};
/* DIR/slipway/NAME in the repository's folder, for files that are not git's; the folder is made if it is
 * missing. */
enum { SW_HISTORY_PATH_SIZE = 4096 };
int sw_history_private_path(char out[SW_HISTORY_PATH_SIZE], const struct sw_history *history,
                            const char *name, struct sw_error *error) SW_NODISCARD;

int sw_history_lock(struct sw_history_lock *lock, struct sw_history *history,
                    struct sw_error *error) SW_NODISCARD;
void sw_history_unlock(struct sw_history_lock *lock); /* takes one whose fd is -1 */

/* Move `ref` to `next` if it is at `old`; `old` is NULL if the ref does not exist yet. SW_ENO if the ref is
 * elsewhere; the error then says nothing yet. */
int sw_history_move(const struct sw_history_lock *lock, struct sw_history *history, const char *ref,
                    const git_oid *next, const git_oid *old, struct sw_error *error) SW_NODISCARD;

#endif
