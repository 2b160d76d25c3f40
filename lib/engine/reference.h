/* Image references, split as the engine's API wants them: "host:5000/a/b:tag" is repository and tag.
 *
 * A user's reference is only split, and the engine says whether it is valid. A reference from elsewhere is held to the grammar
 * (distribution/reference) before anything is done with it. */
#ifndef SLIPWAY_ENGINE_REFERENCE_H
#define SLIPWAY_ENGINE_REFERENCE_H

#include "base/error.h"
#include "base/str.h"

struct sw_reference {
    char registry[256]; /* "docker.io" if the name has none */
    char repository[256];
    /* "latest" if the name has no tag; for NAME@sha256:… the digest with its "sha256:". */
    char tag[160];
};

/* "sha256:" and 64 digits, of which the letters are small. */
bool sw_is_sha256_digest(struct sw_str text);

/* SW_EINPUT if a part is empty or too long. */
int sw_reference_split(struct sw_reference *out, const char *name, struct sw_error *error) SW_NODISCARD;

/* Hold a text to the grammar: NAME[:TAG][@DIGEST], at most 255 bytes. */
bool sw_reference_valid(struct sw_str text);
/* Compare the repositories of two references; Docker Hub's "docker.io/" and "library/" may be left out. */
bool sw_reference_same_repository(const char *a, const char *b);

#endif
