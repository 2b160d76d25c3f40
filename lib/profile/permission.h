/* The caller's permissions: the parts of this host that a profile may use.
 *
 * A profile may come from a pull request. The files of its project are its own; all other files, the variables of the
 * environment and the SSH agent are the caller's, and a profile gets only those that the caller has named. */
#ifndef SLIPWAY_PROFILE_PERMISSION_H
#define SLIPWAY_PROFILE_PERMISSION_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/finding.h"
#include "data/node.h"
#include "python/requirements_file.h"

enum sw_access { SW_ACCESS_READ = 1, SW_ACCESS_WRITE = 2 };

struct sw_allowed_path {
    /* A real path: a file, or a folder with all below it. */
    const char *path;
    unsigned access; /* a set of enum sw_access */
};

/* A zeroed one with an arena allows nothing. */
struct sw_permissions {
    struct sw_arena *arena;
    struct sw_allowed_path *paths; /* the project's folder first */
    size_t paths_count;
    /* Files that the caller named outside of the project, as they were written. */
    const char **named;
    size_t named_count;
    const char **variables; /* which may become secrets */
    size_t variables_count;
    /* The IDs of secrets whose values the caller gives. */
    const char **secrets;
    size_t secrets_count;
    bool agent;
};

int sw_permissions_add_path(struct sw_permissions *permissions, const char *path, unsigned access,
                            struct sw_error *error) SW_NODISCARD;
int sw_permissions_add_named(struct sw_permissions *permissions, const char *path,
                             struct sw_error *error) SW_NODISCARD;
int sw_permissions_add_secret(struct sw_permissions *permissions, const char *id,
                              struct sw_error *error) SW_NODISCARD;
/* Add a word of the caller: "fs=PATH" (read and write), "fs.read=PATH", "fs.write=PATH", "secret=VARIABLE" or
 * "ssh". A relative PATH is one below `folder`. SW_EINPUT for any other word. */
int sw_permissions_add_word(struct sw_permissions *permissions, const char *word, const char *folder,
                            struct sw_error *error) SW_NODISCARD;

bool sw_permissions_has_variable(const struct sw_permissions *permissions, const char *name);
bool sw_permissions_has_secret(const struct sw_permissions *permissions, const char *id);

/* `*real` becomes the real path of `path`, in `arena`. SW_EREFUSED, with the word that would allow it as hint, if the caller has
 * not allowed this access to it. `permissions` may be NULL: then nothing is allowed. */
int sw_permissions_find(const char **real, struct sw_arena *arena, const struct sw_permissions *permissions,
                        const char *path, enum sw_access access, struct sw_error *error) SW_NODISCARD;
/* Append a file that may be read; SW_EREFUSED as above. */
int sw_permissions_read(struct sw_buffer *out, const struct sw_permissions *permissions, const char *path,
                        struct sw_error *error) SW_NODISCARD;
/* Requirements files that may be read, with all that they include; the permissions must outlive it. */
struct sw_requirements_source sw_permissions_requirements(const struct sw_permissions *permissions);
/* Replace a file, which must be there, that may be written: sw_file_rewrite(). */
int sw_permissions_rewrite(const struct sw_permissions *permissions, const char *path, struct sw_str content,
                           struct sw_error *error) SW_NODISCARD;

/* "fs.read=REAL-PATH", for sw_permission_missing(); NULL without memory. */
const char *sw_permission_word(struct sw_arena *arena, const char *path, enum sw_access access);
/* Add SW104 at the node: its subject is the word that would allow it, and its hint says which option takes
 * the word. */
struct sw_finding *sw_permission_missing(struct sw_findings *findings, enum sw_severity severity,
                                         const struct sw_node *at, const char *word, const char *format, ...)
    SW_PRINTF(5, 6);

#endif
