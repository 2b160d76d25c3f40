/* The package index that pip and uv have built in. It stands nowhere in the source: pip on the building machine knew it. */
#ifndef SLIPWAY_INDEX_OWN_INDEX_H
#define SLIPWAY_INDEX_OWN_INDEX_H

#include <stdbool.h>

/* The URL of that index, or "" if this program was built without. */
const char *sw_own_index(void);
/* Return true if a URL names that index, in any form: with another scheme, a path or a last slash. */
bool sw_own_index_is(const char *url);

#endif
