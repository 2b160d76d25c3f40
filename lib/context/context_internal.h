/* The parts that the files of a context share. */
#ifndef SLIPWAY_CONTEXT_CONTEXT_INTERNAL_H
#define SLIPWAY_CONTEXT_CONTEXT_INTERNAL_H

#include "base/arena.h"
#include "base/sha256.h"
#include "context/context.h"

#include <sys/stat.h>

struct sw_context_tar;

struct sw_context {
    struct sw_context_options options;
    struct sw_arena arena; /* paths and links */
    struct sw_context_entry *entries;
    size_t count, capacity;
    struct sw_context_totals totals;
    int root;
    char identity[SW_SHA256_HEX_SIZE];
    struct sw_context_tar *tar; /* NULL until the first read */
    const bool *kept;           /* of the entries, for the tar; NULL: all */
};

void sw_context_tar_free(struct sw_context_tar *tar); /* takes NULL */

/* The paths of a folder that a list of COPY sources takes.
 *
 * A source that names a symbolic link, or goes through a link, takes the link and its target, as BuildKit does,
 * but only within the root: such a source makes a further item, and the walk is then done again. */

struct sw_selection_item {
    const struct sw_context_copy *copy; /* the user's source */
    /* The components, maybe with wildcards; none for the root. */
    struct sw_str *parts;
    size_t count;
    const char *path; /* the same as one text */
    /* The item that led to this item by a link, or its own index. */
    size_t origin;
    bool wild, found;
    /* The line of the ignore file that left out a path that would have matched; else 0. */
    unsigned excluded_line;
    const char *excluded_path;
};

struct sw_selection {
    struct sw_arena *arena;
    struct sw_selection_item *items;
    size_t count;
};

enum sw_selected {
    SW_SELECTED_NOT,
    /* A folder that something selected may lie in. */
    SW_SELECTED_ABOVE,
    SW_SELECTED,
};

/* The known facts of a path that is held against the selection. */
struct sw_path_facts {
    struct sw_str path;
    const char *link; /* the link's target, else NULL */
    bool unusable;    /* a kind that cannot be sent */
    struct sw_ignore_verdict verdict;
};

/* All memory is the arena's, the copies must live as long. SW_EINPUT, at its place, for a source that leads
 * out of the root or cannot be read as a pattern. */
int sw_selection_init(struct sw_selection *selection, struct sw_arena *arena,
                      const struct sw_context_copy *copies, size_t count,
                      struct sw_error *error) SW_NODISCARD;

/* Hold one path against all items. A link may add items: compare `count` before and after a walk. SW_EINPUT
 * if this link leads a source without wildcards out of the root. */
int sw_selection_match(struct sw_selection *selection, enum sw_selected *selected,
                       const struct sw_path_facts *candidate, struct sw_error *error) SW_NODISCARD;

/* Check, after a walk that added no item: 0 if each item found something, else SW_EINPUT with the reason.
 * `ignore_file` is the name of the ignore file. */
int sw_selection_check(const struct sw_selection *selection, int root, const char *ignore_file,
                       struct sw_error *error) SW_NODISCARD;

#endif
