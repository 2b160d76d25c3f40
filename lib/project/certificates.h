/* The certificates that this system trusts, for connections of the host and for builds that take the same way. */
#ifndef SLIPWAY_PROJECT_CERTIFICATES_H
#define SLIPWAY_PROJECT_CERTIFICATES_H

#include <stdbool.h>

/* The file with all of them; NULL if there is none at the usual places. A libcurl of a distribution knows this file, but a libcurl that is
 * linked statically runs on every distribution and knows none. */
const char *sw_certificates_of_system(void);
/* This file if the administrator has added an authority of the site's own, which no image trusts by itself; else NULL. */
const char *sw_certificates_of_site(void);
/* Return true if one of these folders has a file; NULL ends the list. */
bool sw_certificates_are_added(const char *const *folders);

#endif
