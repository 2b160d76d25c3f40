/* The images of a compose file: those that it builds, and those that it takes. */
#ifndef SLIPWAY_AUTHOR_COMPOSE_H
#define SLIPWAY_AUTHOR_COMPOSE_H

#include "base/error.h"
#include "data/node.h"
#include "profile/permission.h"

/* A service. */
struct sw_compose_service {
    struct sw_str name;
    unsigned line;
    /* Paths from here; both NULL for a service that takes an image. */
    const char *context, *dockerfile;
    const char *target; /* NULL: the last stage */
    /* The reason why the build of the service cannot be read; NULL if it can. `dockerfile` is then NULL. */
    const char *unread;
    const char **arguments; /* NAME=VALUE */
    size_t argument_count;
    const struct sw_node *image; /* NULL if it names none */
};

struct sw_compose {
    struct sw_compose_service *services;
    size_t count;
};

/* Read the services of a tree, with those that they extend, in other files too if `permissions` have them. Variables have their defaults.
 * All lies in `arena` and in the tree. SW_EINPUT if it has none. */
int sw_compose_read(struct sw_compose *out, struct sw_arena *arena, const struct sw_permissions *permissions,
                    const struct sw_node *root, const char *path, struct sw_error *error) SW_NODISCARD;

#endif
