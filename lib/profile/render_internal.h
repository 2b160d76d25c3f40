/* The parts that the files of rendering share. A section of a template is left out if the view has null, false or an empty
 * list under its name, so that the view has every name. */
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
/* [{name, value, parts: [{text, reference}]}] */
const struct sw_node *sw_render_environment(struct sw_builder *b, const struct sw_plan *plan);
/* Add the image's own words, its files and its steps to the view. */
void sw_render_words(struct sw_builder *b, struct sw_node *view, const struct sw_plan *plan);

/* The files of sw_render_add_parts() are at most so many. */
size_t sw_render_count_parts(const struct sw_plan *plan);
/* Add scripts and texts that the plan needs; the plan must outlive the rendering. */
int sw_render_add_parts(struct sw_rendering *rendering, const struct sw_plan *plan, const char *project,
                        struct sw_error *error) SW_NODISCARD;
/* [{name, value}], the labels of the image. */
struct sw_node *sw_render_labels(struct sw_builder *b, const struct sw_plan *plan);
/* Return true if the rendering of a plan with a user's Dockerfile has the file. */
bool sw_render_is_wrapped_file(const struct sw_plan *plan, const char *name);

#endif
