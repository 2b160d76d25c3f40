/* The command `inspect` for an image: the bytes of its layers, its packages and its GPU code. */
#ifndef SLIPWAY_CMD_INSPECT_IMAGE_H
#define SLIPWAY_CMD_INSPECT_IMAGE_H

#include "session.h"

/* Return the image that an argument of `inspect` means: "image:REFERENCE", a reference with a tag or a digest, or "FILE.tar"; NULL if it
 * means a wheel. */
const char *inspect_image_name(const char *argument);

/* Read the image and print the bytes of its parts. */
enum status inspect_image(struct session *session, const char *name);

#endif
