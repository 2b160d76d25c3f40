/* A distribution's metadata (core metadata specification 1.0 to 2.4; the fields are those of an e-mail's
 * header), as far as installing needs it. */
#ifndef SLIPWAY_INDEX_METADATA_H
#define SLIPWAY_INDEX_METADATA_H

#include "python/requirement.h"

struct sw_metadata_requirement {
    struct sw_str text; /* as written, in one line */
    /* Old releases have lines that are no PEP 508 requirement. */
    bool valid;
    struct sw_requirement requirement; /* set if valid */
};

/* Texts are NUL-terminated and trimmed. */
struct sw_metadata {
    struct sw_str name, version;
    struct sw_str requires_python;                      /* empty if there is none */
    const struct sw_metadata_requirement *requirements; /* Requires-Dist, in their order */
    size_t requirement_count;
    const struct sw_str *extras; /* Provides-Extra, as written */
    size_t extra_count;
};

/* Append the fields that are read, each in one line: the part of a METADATA file that is worth keeping. */
void sw_metadata_keep(struct sw_buffer *out, struct sw_str text);

/* Return true if the PKG-INFO file of a source distribution states the requirements that a build of it will have: Metadata-Version 2.2 or
 * newer, and none of the fields that are read is Dynamic. */
bool sw_metadata_is_static(struct sw_str text);

/* Read a METADATA file, or the kept part of it. It lies in `arena` with a copy of its text. SW_EINPUT if it
 * names neither project nor version. */
int sw_metadata_read(struct sw_metadata *out, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error) SW_NODISCARD;

#endif
