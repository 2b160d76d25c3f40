/* URLs (RFC 3986): taken apart, resolved against a base, made safe to show. Nothing is looked up. */
#ifndef SLIPWAY_HTTP_URI_H
#define SLIPWAY_HTTP_URI_H

#include "base/buffer.h"

/* The parts as written, pointing into the text; a part that is absent has p == NULL. */
struct sw_uri {
    struct sw_str scheme; /* without ':' */
    struct sw_str user;   /* "name:password", without '@' */
    struct sw_str host;   /* an IPv6 address in its brackets */
    struct sw_str port;
    struct sw_str path;            /* may be empty, never absent */
    struct sw_str query, fragment; /* without '?' and '#' */
};

/* Split a URI reference or a relative reference (section 4.1, appendix B); any text is such a reference. */
struct sw_uri sw_uri_split(struct sw_str text);

/* Append the target of `reference` in a document at `base` (section 5.2), without user and fragment. Blanks
 * around the reference are dropped, control characters and bytes over 0x7F become %XX, as browsers and pip
 * do. */
void sw_uri_resolve(struct sw_buffer *out, struct sw_str base, struct sw_str reference);

/* Return true for "http" or "https" with a valid host and perhaps a valid port. */
bool sw_uri_is_web(const struct sw_uri *uri);
/* Return true for equal scheme, host and port; an absent port is the scheme's own (80, 443). */
bool sw_uri_same_origin(const struct sw_uri *a, const struct sw_uri *b);

/* Append with %XX undone; a '%' that stands alone stays. May bring any byte. */
void sw_uri_decode(struct sw_buffer *out, struct sw_str part);
/* Append the last part of the path, decoded: the name of the file. */
void sw_uri_file_name(struct sw_buffer *out, const struct sw_uri *uri);

/* Append for people: no user and password, no query (which may be a signature), no fragment, safe for a terminal. */
void sw_uri_add_shown(struct sw_buffer *out, struct sw_str text);

#endif
