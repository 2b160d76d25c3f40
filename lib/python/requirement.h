/* Requirements (PEP 508): a name, extras, versions or a URL, and a marker.
 *
 * All that a requirement points to lies in the arena, a copy of its text included. */
#ifndef SLIPWAY_PYTHON_REQUIREMENT_H
#define SLIPWAY_PYTHON_REQUIREMENT_H

#include "python/marker.h"
#include "python/specifier.h"

struct sw_requirement {
    struct sw_str text;          /* the whole as written, NUL-terminated */
    struct sw_str name;          /* as written */
    const struct sw_str *extras; /* as written, in that order */
    size_t extra_count;
    struct sw_specifier_set specifiers; /* empty if there is a URL */
    struct sw_str url;                  /* empty if there is none */
    const struct sw_marker *marker;     /* NULL if there is none */
};

/* The whole of `text`, at most SW_MAX_REQUIREMENT_SIZE bytes; a newline may end it. As pip does, a comma
 * after the last specifier is accepted. SW_EINPUT has the column of the fault and a hint; SW_EENV without
 * memory. */
int sw_requirement_parse(struct sw_requirement *out, struct sw_arena *arena, struct sw_str text,
                         struct sw_error *error) SW_NODISCARD;

/* Append it as one line: `name[extra]==1.0,<2; marker`, `name@ url ; marker`. Name and extras as written. */
void sw_requirement_write(struct sw_buffer *out, const struct sw_requirement *requirement);
/* The version X of a requirement that says ==X and no more, as text in `arena`; NULL for all else and without memory. */
const char *sw_requirement_pin(struct sw_arena *arena, struct sw_str requirement);

#endif
