/* The parts of the table of a profile's keys, each with the values of some of them. */
#ifndef SLIPWAY_PROFILE_FIELDS_INTERNAL_H
#define SLIPWAY_PROFILE_FIELDS_INTERNAL_H

#include "data/schema.h"

/* clang-format off: it would spread a braced macro over lines */
#define FEW_OF(schema, most)                                             \
    {                                                                    \
        .kind = SW_SCHEMA_LIST, .items = &(schema), .most_items = (most) \
    }
/* Initialize the schema of a list with the function that reads a text in its place. */
#define LIST_MEANT(schema, function)                                                                        \
    {                                                                                                       \
        .kind = SW_SCHEMA_LIST, .items = &(schema), .most_items = SW_MAX_PROFILE_ITEMS, .meant = (function) \
    }
#define LIST_OF(schema) FEW_OF(schema, SW_MAX_PROFILE_ITEMS)
#define ANY_OF(list)                                \
    {                                               \
        .kind = SW_SCHEMA_ANY_OF, .choices = (list) \
    }
/* clang-format on */

/* The image's own words (fields_image.c). */
extern const struct sw_schema sw_fields_arguments, sw_fields_entrypoint, sw_fields_healthcheck,
    sw_fields_labels, sw_fields_ports, sw_fields_shell, sw_fields_stop_signal, sw_fields_user,
    sw_fields_volumes, sw_fields_workdir;
/* The origins of its parts (fields_parts.c). */
extern const struct sw_schema sw_fields_copies, sw_fields_repositories, sw_fields_steps;

#endif
