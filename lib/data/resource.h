/* The files that are part of the program: templates, profiles, catalog and rules, embedded in the binary.
 *
 * A project may override one by a file of the same name in a folder of its own
 * ("slipway/templates/Dockerfile"). */
#ifndef SLIPWAY_DATA_RESOURCE_H
#define SLIPWAY_DATA_RESOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "data/node.h"

struct sw_resource {
    /* "templates/Dockerfile", "profiles/catalog/gpus.yaml". */
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/* All files under templates/, profiles/ and cmd/help/, and the programs for images as "guard/amd64" and "trim/amd64"
 * (or another architecture), sorted by name (lib/data/embed.py). */
extern const struct sw_resource sw_resources[];
extern const size_t sw_resources_count;

/* Load the content of `name`: the override in `project` (a folder, or NULL) if that file exists, else the
 * embedded file. `path` gets its name for messages: the override's path, or "NAME (built in)". Both lie in
 * `arena` or are static. SW_ENOTFOUND if neither exists; SW_EINPUT if a symbolic link below `project` is in
 * the way. */
int sw_resource_load(struct sw_str *text, const char **path, struct sw_arena *arena, const char *project,
                     const char *name, struct sw_error *error) SW_NODISCARD;

/* The content of the embedded file `name`; empty if there is no such file. */
const char *sw_resource_text(const char *name);

/* List the files by which `project` (a folder, or NULL) replaces those of the program that decide the content
 * of an image and the statements about it: templates, catalog and guard. A list of {file, sha256}, sorted by
 * file, in `arena`. */
int sw_resource_overrides(const struct sw_node **out, struct sw_arena *arena, const char *project,
                          struct sw_error *error) SW_NODISCARD;

#endif
