/* Templates: a strict subset of Mustache (mustache(5), version 1.4 of its specification), for files of any kind.
 *
 *   {{name}} {{a.b}} {{.}}        a value's text; null gives nothing; a list or a map has none and is an error
 *   {{name|filter}}               the same, quoted for where it stands; see template/filter_internal.h
 *   {{#name}}…{{/name}}           for each item of a list; else once, with the value as context, unless it is false
 *   {{^name}}…{{/name}}           where the value is false: null, false or an empty list
 *   {{! comment }}   {{> partial}}
 *   {{"text"}}                    that text, without escapes: {{"{{"}} for two braces
 *
 * Nothing is escaped unless a filter says so, so {{{name}}} and {{&name}} are errors; so are lambdas, other delimiters,
 * blocks and parents. Sections, comments and partials that stand alone on a line take the line with them, and a
 * partial's indentation is put before each of its lines that is not empty, as the specification has it.
 *
 * A name is looked up in the nearest context that is a map with its first part, the rest within that value. A name
 * that no context has is an error with template, line and column, also in a section; null counts as there. */
#ifndef SLIPWAY_TEMPLATE_TEMPLATE_H
#define SLIPWAY_TEMPLATE_TEMPLATE_H

#include "base/buffer.h"
#include "data/node.h"

struct sw_template_source {
    /* Load the text of template `name` and its name for errors; both are valid as long as the rendering
     * lasts. SW_ENOTFOUND if there is no such template. Called once for each name and indentation. */
    int (*load)(void *self, struct sw_str *text, const char **label, const char *name,
                struct sw_error *error);
    void *self;
};

/* Append the template `name`, rendered with `data`. Limits: SW_MAX_TEMPLATE_DEPTH sections and partials in
 * each other, SW_MAX_TEMPLATE_STEPS and SW_MAX_RENDERED_SIZE. */
int sw_template_render(struct sw_buffer *out, const struct sw_template_source *source, const char *name,
                       const struct sw_node *data, struct sw_error *error) SW_NODISCARD;

#endif
