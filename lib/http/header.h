/* Header lines of an HTTP answer. */
#ifndef SLIPWAY_HTTP_HEADER_H
#define SLIPWAY_HTTP_HEADER_H

#include "base/str.h"

/* The value of the first header called `name` (in any case) among lines "Name: value", trimmed; {NULL, 0} if
 * there is none. */
struct sw_str sw_header_find(struct sw_str lines, const char *name);

/* Return true if a list such as Cache-Control's has the directive; `value` (may be NULL) gets the text behind
 * its '=', without quotes, or {NULL, 0}. */
bool sw_header_directive(struct sw_str list, const char *directive, struct sw_str *value);

/* The first byte and the size of the whole that a Content-Range such as "bytes 0-99/1234" names. False for anything else, also
 * if the size of the whole is not known ("*"). */
bool sw_header_content_range(struct sw_str value, uint64_t *first, uint64_t *total);

#endif
