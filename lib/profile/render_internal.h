/* The parts that the files of rendering share. */
#ifndef SLIPWAY_PROFILE_RENDER_INTERNAL_H
#define SLIPWAY_PROFILE_RENDER_INTERNAL_H

#include "profile/render.h"

/* The plan's installs as the templates read them: each with all keys. */
struct sw_node *sw_render_installs(struct sw_builder *b, const struct sw_plan *plan);
/* The stage that compiles, as the templates read it; null if nothing is compiled. */
struct sw_node *sw_render_compile(struct sw_builder *b, const struct sw_plan *plan,
                                  const struct sw_node *installs);
/* The content of compile.json; NULL without memory. */
const struct sw_node *sw_render_compile_file(struct sw_builder *b, const struct sw_plan *plan);

#endif
