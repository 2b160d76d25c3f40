/* The requirements that a source distribution states of itself.
 *
 * They count if a build cannot change them: PKG-INFO of metadata 2.2 or newer without Dynamic among them, or a pyproject.toml whose table
 * `project` has none of them dynamic. All else is known only when it is built, and is never guessed. */
#ifndef SLIPWAY_INDEX_SOURCE_INTERNAL_H
#define SLIPWAY_INDEX_SOURCE_INTERNAL_H

#include "base/buffer.h"
#include "base/reader.h"

struct sw_source {
    /* The version of the release. */
    struct sw_str version;
    /* The metadata as sw_metadata_keep() writes it; empty if the source does not state it. */
    struct sw_buffer metadata;
    /* The bytes from the start on that were asked for so far. */
    uint64_t reach;
};

/* A `look` of index/inside_internal.h, for a struct sw_source. It reads from the start on, as far as it must. 0 also if the source does not
 * state its requirements. */
int sw_source_look(void *self, const struct sw_reader *reader, struct sw_error *error);

/* Write the metadata that a pyproject.toml states; `version` is the version of the release if the file leaves it open. False, with nothing
 * written, if the file does not state the requirements. */
bool sw_source_pyproject(struct sw_buffer *out, struct sw_str text, struct sw_str version);

/* The start of another reader. */
struct sw_source_start {
    const struct sw_reader *all;
    /* The bytes from the start on that were asked for so far. */
    uint64_t *reach;
};

/* A reader that announces bytes past the reach in pieces, each three times as large as all before. `start` must outlive it. */
struct sw_reader sw_source_start(struct sw_source_start *start);

#endif
