/* libgit2, loaded when a repository is first asked for: most commands need none (internal to this layer).
 *
 * Any release from 1.1 to 1.9 is loaded, whichever was compiled against: the functions in use, and the structures that they take
 * (git_oid, git_buf, git_index_entry, git_error, git_repository_init_options), have one binary form in all of them. */
#ifndef SLIPWAY_HISTORY_GIT_INTERNAL_H
#define SLIPWAY_HISTORY_GIT_INTERNAL_H

/* First: one of its structures has a member that is called like a banned function. */
#include <git2.h>
#include <git2/sys/commit.h>

#include "base/error.h"

/* The functions in use, by their names without "git_". */
#define SW_GIT_FUNCTIONS(X)         \
    X(blob_create_from_buffer)      \
    X(blob_free)                    \
    X(blob_lookup)                  \
    X(blob_rawcontent)              \
    X(blob_rawsize)                 \
    X(commit_create_from_ids)       \
    X(commit_free)                  \
    X(commit_lookup)                \
    X(commit_message)               \
    X(commit_parent_id)             \
    X(commit_parentcount)           \
    X(commit_tree_id)               \
    X(error_last)                   \
    X(ignore_path_is_ignored)       \
    X(index_add)                    \
    X(index_find_prefix)            \
    X(index_free)                   \
    X(index_get_bypath)             \
    X(index_new)                    \
    X(index_read_tree)              \
    X(index_write_tree_to)          \
    X(libgit2_init)                 \
    X(libgit2_opts)                 \
    X(libgit2_version)              \
    X(oid_cmp)                      \
    X(oid_fromstr)                  \
    X(odb_free)                     \
    X(odb_hash)                     \
    X(odb_read_header)              \
    X(object_free)                  \
    X(object_id)                    \
    X(object_peel)                  \
    X(oid_tostr)                    \
    X(reference_create)             \
    X(reference_create_matching)    \
    X(reference_free)               \
    X(reference_iterator_free)      \
    X(reference_iterator_glob_new)  \
    X(reference_name_to_id)         \
    X(reference_next_name)          \
    X(buf_dispose)                  \
    X(repository_commondir)         \
    X(repository_discover)          \
    X(repository_free)              \
    X(repository_index)             \
    X(repository_init_ext)          \
    X(repository_init_options_init) \
    X(repository_odb)               \
    X(repository_open)              \
    X(repository_open_ext)          \
    X(repository_workdir)           \
    X(revparse_single)              \
    X(signature_default)            \
    X(signature_free)               \
    X(signature_now)                \
    X(tree_entry_bypath)            \
    X(tree_entry_byindex)           \
    X(tree_entry_name)              \
    X(tree_entrycount)              \
    X(tree_entry_filemode)          \
    X(tree_entry_free)              \
    X(tree_entry_id)                \
    X(tree_free)                    \
    X(tree_lookup)

struct sw_git {
#define SW_GIT_MEMBER(name) __typeof__(git_##name) *(name);
    SW_GIT_FUNCTIONS(SW_GIT_MEMBER)
#undef SW_GIT_MEMBER
};

/* The library, loaded and set up at the first call and never unloaded; safe from several threads. SW_EENV if
 * it is missing. */
int sw_git_load(const struct sw_git **git, struct sw_error *error) SW_NODISCARD;

/* Open the repository around a folder; NULL if there is none. SW_EENV if it cannot be used: it is broken, of a format that libgit2
 * does not know, or another user's, for which the hint has the remedy. */
int sw_git_open(git_repository **out, const struct sw_git *git, const char *folder,
                struct sw_error *error) SW_NODISCARD;

/* Fill `error` with "FORMAT: what libgit2 said last" and return its code: SW_EENV. */
int sw_git_fail(struct sw_error *error, const struct sw_git *git, const char *format, ...) SW_PRINTF(3, 4);

#endif
