/* Reading TOML 1.0.0 (toml.io). */
#ifndef SLIPWAY_DATA_TOML_H
#define SLIPWAY_DATA_TOML_H

#include "base/arena.h"
#include "base/error.h"
#include "data/node.h"

/* Read a whole document as a map. Dates and times are texts, as they are written; an integer past 64 bits is
 * a number near it. An error is SW_EINPUT with line and column (in characters), and quotes nothing of the
 * text, which may hold logins: text that is no TOML, a key that is there twice, and all that exceeds
 * SW_MAX_TOML_SIZE, SW_MAX_TOML_DEPTH, SW_MAX_TOML_NODES or SW_MAX_TOML_KEYS (of one table). `file` names the
 * source in errors and nodes, is copied into the arena, and may be NULL. */
int sw_toml_read(const struct sw_node **out, struct sw_arena *arena, struct sw_str text, const char *file,
                 struct sw_error *error) SW_NODISCARD;

#endif
