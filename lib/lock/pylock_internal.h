/* The parts that the two files of the reader of locks share: pylock.c reads the whole, pylock_package.c its packages. */
#ifndef SLIPWAY_LOCK_PYLOCK_INTERNAL_H
#define SLIPWAY_LOCK_PYLOCK_INTERNAL_H

#include "data/node.h"
#include "lock/pylock.h"

struct sw_pylock_reading {
    struct sw_arena *arena;
    const char *file;
    struct sw_error *error;
};

/* SW_EINPUT at the place of `at`, or at the start of the file if it is NULL. */
int sw_pylock_refuse(const struct sw_pylock_reading *reading, const struct sw_node *at, const char *format,
                     ...) SW_PRINTF(3, 4);
/* The text of `key` in `map` if `fits` accepts it; empty if the key is missing and not `needed`. */
int sw_pylock_text(const char **out, const struct sw_pylock_reading *reading, const struct sw_node *map,
                   const char *key, bool needed, bool (*fits)(struct sw_str text)) SW_NODISCARD;
/* The texts of a list, each accepted by `fits`; none if the key is missing. */
int sw_pylock_texts(const char *const **out, size_t *count, const struct sw_pylock_reading *reading,
                    const struct sw_node *map, const char *key,
                    bool (*fits)(struct sw_str text)) SW_NODISCARD;

/* Forms of texts. */
bool sw_pylock_is_line(struct sw_str text); /* of printable characters */
bool sw_pylock_is_sha256(struct sw_str text);

/* Read the packages, sorted by name, and turn their dependencies and the roots into requirers. */
int sw_pylock_packages(struct sw_resolution *out, const struct sw_pylock_reading *reading,
                       const struct sw_node *root, const struct sw_node *roots) SW_NODISCARD;

#endif
