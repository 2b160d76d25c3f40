/* The list of the files that a render wrote to a folder, kept there, so that the next render knows which
 * files it may remove.
 *
 * A path a line after a first line that names the file's purpose; control characters and '%' in a path are
 * written as '%' and two hexadecimal digits. */
#ifndef SLIPWAY_CONTEXT_MANIFEST_INTERNAL_H
#define SLIPWAY_CONTEXT_MANIFEST_INTERNAL_H

#include "base/arena.h"
#include "base/buffer.h"

#define SW_MANIFEST_NAME ".slipway-files"

struct sw_manifest {
    /* Folders before their content; all paths are clean and inside. */
    const char **paths;
    size_t count;
};

/* Read the text of a list. A path that is not clean or leads out is passed over: whoever wrote that, it was not us. */
int sw_manifest_read(struct sw_manifest *manifest, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error) SW_NODISCARD;

/* Write a list: begin, then add each path. */
void sw_manifest_begin(struct sw_buffer *out);
void sw_manifest_add(struct sw_buffer *out, const char *path);

#endif
