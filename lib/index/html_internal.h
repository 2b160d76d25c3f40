/* The tags of an HTML page (WHATWG "HTML", section 13.2.5, as far as links need it): comments, scripts and other raw text are
 * passed over, attributes may stand in any order and in any quotes, entities in them are undone. Reads once, front to back. */
#ifndef SLIPWAY_INDEX_HTML_INTERNAL_H
#define SLIPWAY_INDEX_HTML_INTERNAL_H

#include "base/buffer.h"

struct sw_html {
    struct sw_str rest;
};

/* A start tag; its texts point into the page. */
struct sw_html_tag {
    struct sw_str name;       /* in any case */
    struct sw_str attributes; /* all of them, as written */
};

/* The next start tag; false at the end of the page. */
bool sw_html_next(struct sw_html *html, struct sw_html_tag *tag);
bool sw_html_is(const struct sw_html_tag *tag, const char *name);

/* Append the value of the first attribute called `name`, its entities undone; false if there is none. */
bool sw_html_attribute(struct sw_buffer *out, const struct sw_html_tag *tag, const char *name);

#endif
