/* The shape of URLs in requirements (RFC 3986, sections 3.1 and 3.2), as far as it decides between a URL and
 * something else. Nothing is decoded. */
#ifndef SLIPWAY_PYTHON_URL_INTERNAL_H
#define SLIPWAY_PYTHON_URL_INTERNAL_H

#include "base/str.h"

/* Return true for "scheme://host..."; only a URL of files (file, git+file) may have an empty host. A host in brackets is an IPv6
 * or later address. */
bool sw_url_valid(struct sw_str url);
/* The scheme before the first colon; empty if the text starts otherwise. */
struct sw_str sw_url_scheme(struct sw_str url);

#endif
