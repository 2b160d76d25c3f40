/* The bytes of an image as a page: layers, packages and GPU code, with bars. */
#ifndef SLIPWAY_CMD_OUTPUT_CONTENTS_PAGE_H
#define SLIPWAY_CMD_OUTPUT_CONTENTS_PAGE_H

#include "base/buffer.h"
#include "base/texts.h"
#include "contents/contents.h"
#include "data/node.h"

/* The image's contents under the name that the user gave, and the GPUs for which trimming was judged. */
struct contents_shown {
    const char *image;
    const struct sw_contents *contents;
    const struct sw_texts *gpus;
};

/* The libraries whose GPU code could not be read: [{path, why}]. */
struct sw_node *contents_unread(struct sw_builder *b, const struct sw_contents *contents);

/* Render templates/contents.html; `project` as sw_template_render_shipped() takes it. */
int contents_page_render(struct sw_buffer *out, const struct contents_shown *shown, const char *project,
                         struct sw_error *error) SW_NODISCARD;

#endif
