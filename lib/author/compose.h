/* The images of a compose file: those that it builds, and those that it takes. */
#ifndef SLIPWAY_AUTHOR_COMPOSE_H
#define SLIPWAY_AUTHOR_COMPOSE_H

#include "base/error.h"
#include "data/node.h"
#include "profile/permission.h"

/* The GPUs that a service asks for. */
enum sw_service_gpus { SW_GPUS_NONE, SW_GPUS_UNKNOWN, SW_GPUS_GIVEN };

/* A part that compose refuses. */
struct sw_compose_fault {
    const struct sw_node *at;
    const char *text, *hint;
};

struct sw_compose_value {
    const char *text; /* NULL: not set, or not known */
    const struct sw_node *at;
};

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
    enum sw_service_gpus gpus;
    /* The statement that leaves the service without GPUs, or NULL. */
    const struct sw_node *gpus_at;
    /* The driver's parts that its containers get, as NVIDIA_DRIVER_CAPABILITIES has them. */
    struct sw_compose_value capabilities;
    struct sw_compose_fault *faults;
    size_t fault_count;
};

struct sw_compose {
    struct sw_compose_service *services;
    size_t count;
};

/* Read the services of a tree, with those that they extend, in other files too if `permissions` have them. Variables have their defaults.
 * All lies in `arena` and in the tree. SW_EINPUT if it has none. */
int sw_compose_read(struct sw_compose *out, struct sw_arena *arena, const struct sw_permissions *permissions,
                    const struct sw_node *root, const char *path, struct sw_error *error) SW_NODISCARD;

/* Read the GPUs that a service's tree asks for; again for each service that it extends. */
void sw_compose_gpus(struct sw_compose_service *service, struct sw_arena *arena, const struct sw_node *node);

#endif
