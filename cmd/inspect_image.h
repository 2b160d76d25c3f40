/* The command `inspect` for an image: the bytes of its layers, its packages and its GPU code. */
#ifndef SLIPWAY_CMD_INSPECT_IMAGE_H
#define SLIPWAY_CMD_INSPECT_IMAGE_H

#include "session.h"

#include "contents/contents.h"

/* Return the image that an argument of `inspect` means: "image:REFERENCE", a reference with a tag or a digest, or "FILE.tar"; NULL if it
 * means a wheel. */
const char *inspect_image_name(const char *argument);

/* Read the image's archive: the file "NAME.tar", or as the engine sends it. */
int inspect_image_read(struct sw_contents *contents, struct sw_arena *arena, struct session *session,
                       const char *name, const struct sw_device_targets *targets,
                       struct sw_error *error) SW_NODISCARD;
/* Read the image and print the bytes of its parts. */
enum status inspect_image(struct session *session, const char *name);

#endif
