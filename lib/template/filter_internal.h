/* Filters write a value's text so that it stands as a word, string or value in its place.
 *
 *   html   text of HTML, or a value of an attribute in quotes: & < > " ' escaped; a line break stays a line break
 *   markdown  text in a cell of an HTML table in Markdown, or in a heading: on one line, without markup
 *   json   a value of JSON (RFC 8259): text as a string with its quotes, lists and maps compact
 *   env    the inside of a double-quoted value of a Dockerfile's ENV, ARG or LABEL: " \ $ escaped with \
 *   shell  a word of a POSIX shell (POSIX.1-2017, XCU 2.2.2) in single quotes, which may also stand in a Dockerfile's RUN
 *   yaml   a scalar of YAML on one line, in block or flow style, in double quotes if it needs them to be read as this
 *          text; a number, boolean or null keeps its type
 *
 * No text that passes a filter can end the place in which it stands: a text that cannot be written there is
 * an error. For env that is every control character, for shell every control character but the tab, and for
 * yaml U+0000 and bytes that are not UTF-8. HTML and Markdown are for people: there such characters become
 * visible escapes, and logins in URLs "***". */
#ifndef SLIPWAY_TEMPLATE_FILTER_INTERNAL_H
#define SLIPWAY_TEMPLATE_FILTER_INTERNAL_H

#include "base/buffer.h"
#include "data/node.h"

struct sw_filter {
    const char *name;
    bool takes_collections; /* lists and maps, and not only scalars */
    /* Append `value`. Return NULL, or a description of the part that cannot be written ("a line break"). */
    const char *(*write)(struct sw_buffer *out, const struct sw_node *value);
};

extern const struct sw_filter sw_filters[];
extern const size_t sw_filters_count;

/* NULL if there is no filter of that name. */
const struct sw_filter *sw_filter_find(struct sw_str name);

#endif
