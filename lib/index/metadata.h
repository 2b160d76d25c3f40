/* A distribution's metadata (core metadata specification 1.0 to 2.4; the fields are those of an e-mail's header), as far as it
 * says what is needed to install it. */
#ifndef SLIPWAY_INDEX_METADATA_H
#define SLIPWAY_INDEX_METADATA_H

#include "python/requirement.h"

struct sw_metadata_requirement {
    struct sw_str text;                /* as written, in one line */
    bool valid;                        /* old releases have lines that are no PEP 508 requirement */
    struct sw_requirement requirement; /* where valid */
};

/* Texts are NUL-terminated and trimmed. */
struct sw_metadata {
    struct sw_str name, version;
    struct sw_str requires_python;                      /* empty where there is none */
    const struct sw_metadata_requirement *requirements; /* Requires-Dist, in their order */
    size_t requirement_count;
    const struct sw_str *extras; /* Provides-Extra, as written */
    size_t extra_count;
};

/* Append the fields that are read, each in one line: what is worth keeping of a METADATA file. */
void sw_metadata_keep(struct sw_buffer *out, struct sw_str text);

/* Read a METADATA file, or what was kept of one. It lies in `arena` with a copy of its text. SW_EINPUT where it names neither
 * project nor version. */
int sw_metadata_read(struct sw_metadata *out, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error) SW_NODISCARD;

#endif
