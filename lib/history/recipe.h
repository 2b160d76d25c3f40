/* The recipe of a record's image: the plan, the rendered files, the user's files, and the releases that
 * were installed.
 *
 * A record may be anybody's, and an image is built from it. So each part is read here and held to its form.
 * The secrets and the SSH agent that a build asks for are only named; the caller may give them or not. */
#ifndef SLIPWAY_HISTORY_RECIPE_H
#define SLIPWAY_HISTORY_RECIPE_H

#include "data/node.h"
#include "history/facts.h"

struct sw_recipe_file {
    const char *name; /* without a slash */
    struct sw_str text;
    bool executable;
};

struct sw_recipe {
    /* A map, to be compared or shown; no list in it has more than SW_MAX_RECORD_ITEMS items. */
    const struct sw_node *plan;
    const char *base; /* the reference of the base image */
    /* "debian:bookworm": the base image is to be made, under a name of slipway's own; or NULL. */
    const char *bootstrap;
    bool copies; /* the image copies the user's files */
    /* The image is that of the user's own Dockerfile: its node of the plan, held to its form; or NULL. */
    const struct sw_node *dockerfile;
    struct sw_texts secrets; /* ids that the build asks for */
    bool ssh;                /* it asks for an SSH agent */
    struct sw_recipe_file *files;
    size_t files_count;
    /* "NAME==VERSION" a line; `p` is NULL if the record does not tell. */
    struct sw_str installed;
    /* A tar; `p` is NULL if the record does not keep it. */
    struct sw_str context;
};

/* Read the recipe, which then lies in `arena`. SW_EINPUT if the record is refused. */
int sw_recipe_read(struct sw_recipe *out, struct sw_arena *arena, struct sw_history *history,
                   const struct sw_record *record, struct sw_error *error) SW_NODISCARD;

/* Hold a line to "NAME==VERSION": a single release, and nothing that an installer takes for an option. */
bool sw_recipe_is_release(struct sw_str line);

#endif
