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

/* The views for other targets; `losses` of such a view lists the values that the target has no words for. */
struct sw_node *sw_render_truss(struct sw_builder *b, const struct sw_plan *plan);
struct sw_node *sw_render_compose(struct sw_builder *b, const struct sw_plan *plan);

/* {list, keys: [{source, to}], arguments}: the package repositories; null without any. */
struct sw_node *sw_render_repositories(struct sw_builder *b, const struct sw_plan *plan);
/* The name of the cache of apt. */
struct sw_node *sw_render_apt_key(struct sw_builder *b, const struct sw_plan *plan);
/* The name in the build context of a key that the profile holds as text, by the number of its repository. */
#define SW_REPOSITORY_KEY "repository-%zu.asc"

/* The files of sw_render_add_parts() are at most so many. */
size_t sw_render_count_parts(const struct sw_plan *plan);
/* Add scripts and texts that the plan needs; the plan must outlive the rendering. */
int sw_render_add_parts(struct sw_rendering *rendering, const struct sw_plan *plan, const char *project,
                        struct sw_error *error) SW_NODISCARD;
/* [{name, value}], the labels of the image. */
struct sw_node *sw_render_labels(struct sw_builder *b, const struct sw_plan *plan);
/* Return true if the rendering of a plan with a user's Dockerfile has the file. */
bool sw_render_is_wrapped_file(const struct sw_plan *plan, const char *name);

/* ---- other targets ---- */

/* Another target's view of a plan as it grows, and the losses: [{at, text}], for values at paths of the profile that the
 * target has no words for. */
struct target {
    struct sw_builder *b;
    const struct sw_plan *plan;
    struct sw_node *view, *losses;
    /* The build commands of a Truss, and the models for its cache. */
    struct sw_node *commands, *models;
};

void sw_target_set(struct target *t, const char *key, const struct sw_node *value); /* NULL gives null */
void sw_target_lose(struct target *t, const char *at, const char *format, ...) SW_PRINTF(3, 4);
/* {list}; NULL if there are no items. */
struct sw_node *sw_target_section(struct target *t, struct sw_node *list);
/* Append the text as a word of a POSIX shell, in quotes only if it needs them. */
void sw_target_quote(struct sw_buffer *out, struct sw_str text);

/* Set `commands`, `models` and `data`; `server`. After the environment. */
void sw_truss_commands(struct target *t);
void sw_truss_server(struct target *t);

#endif
