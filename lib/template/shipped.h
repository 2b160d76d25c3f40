/* The templates that come with the program, each of which a project's own file overrides. */
#ifndef SLIPWAY_TEMPLATE_SHIPPED_H
#define SLIPWAY_TEMPLATE_SHIPPED_H

#include "template/template.h"

/* Render the template `name`, a resource such as "templates/Dockerfile", with `data`, as sw_template_render()
 * does. A partial {{> x}} is the resource "templates/x". `project` may be NULL; errors name files in `arena`. */
int sw_template_render_shipped(struct sw_buffer *out, struct sw_arena *arena, const char *project,
                               const char *name, const struct sw_node *data,
                               struct sw_error *error) SW_NODISCARD;

#endif
