/* The question to the user whether profiles may have more of this host than their project. */
#ifndef SLIPWAY_CMD_CONSENT_H
#define SLIPWAY_CMD_CONSENT_H

#include "session.h"

/* Ask once for all permissions that these profiles lack, on a terminal without the variable CI; "y" adds
 * them. */
int consent_ask(struct session *session, const struct sw_texts *paths, struct sw_error *error);

#endif
