/* The bytes of an image as a page: layers, packages and GPU code, with bars. */
#ifndef SLIPWAY_CMD_OUTPUT_CONTENTS_PAGE_H
#define SLIPWAY_CMD_OUTPUT_CONTENTS_PAGE_H

#include "base/buffer.h"
#include "base/texts.h"
#include "contents/contents.h"

/* The image's contents under the name that the user gave, and the GPUs for which trimming was judged. */
struct contents_shown {
    const char *image;
    const struct sw_contents *contents;
    const struct sw_texts *gpus;
};

/* Render templates/contents.html; `project` as sw_template_render_shipped() takes it. */
int contents_page_render(struct sw_buffer *out, const struct contents_shown *shown, const char *project,
                         struct sw_error *error) SW_NODISCARD;

#endif
