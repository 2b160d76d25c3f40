/* A first profile, made from what someone has already: a requirements file, a Dockerfile or a Truss config.
 *
 * What has a place in a profile is carried over, and what has none is listed with its line; nothing is dropped in
 * silence but what every image of slipway does anyway (apt-get update, pip's cache and the like). Every value passes
 * the profile's own checks on its way in, so that the profile that is written can be read. */
#ifndef SLIPWAY_PROFILE_DRAFT_H
#define SLIPWAY_PROFILE_DRAFT_H

#include "base/buffer.h"
#include "catalog/catalog.h"

struct sw_draft;

/* What was not carried over. */
struct sw_draft_left {
    const char *file;
    unsigned line;
    const char *text; /* as written, clean and short */
    const char *why;
};

/* `name` is a profile's name; the catalog must outlive the draft. NULL without memory. */
struct sw_draft *sw_draft_new(const char *name, const struct sw_catalog *catalog) SW_NODISCARD;
void sw_draft_free(struct sw_draft *draft); /* takes NULL */

/* The GPU that it must run on; SW_EINPUT where the catalog has none of that name. */
int sw_draft_gpu(struct sw_draft *draft, const char *name, struct sw_error *error) SW_NODISCARD;
/* Read a file, whose kind its name tells: .yaml and .yml are a Truss config, .txt and .in requirements, all else is a
 * Dockerfile. What it names (-r, -c, COPY) is looked for beside it. */
int sw_draft_read(struct sw_draft *draft, const char *path, struct sw_error *error) SW_NODISCARD;

/* Append the profile as YAML, by templates/profile.yaml; `context` is the way from the profile's folder to that of the
 * files it copies, such as "..". Once, as the last call. */
int sw_draft_write(struct sw_buffer *out, struct sw_draft *draft, const char *context, const char *project,
                   struct sw_error *error) SW_NODISCARD;

/* In the order of the lines; they live as long as the draft. */
const struct sw_draft_left *sw_draft_left(const struct sw_draft *draft, size_t *count);

#endif
