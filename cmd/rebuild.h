/* The image of a record, built again from what the record holds: nothing of today's profile, catalog or templates is in it.
 *
 * The record may be anybody's, so that its build gets nothing of this host that the caller does not give it: secrets and SSH agents
 * are those of --secret and --ssh, and what the record's profile asks for is only told. */
#ifndef SLIPWAY_CMD_REBUILD_H
#define SLIPWAY_CMD_REBUILD_H

#include "session.h"

#include "history/facts.h"
#include "history/history.h"

/* `image` gets its id, in the session's arena. The image bears no name yet. It holds what the record's held, to the release: where
 * the indexes offer newer ones by now it is built once more with those of then as constraints. SW_ENO where that cannot be;
 * the findings, printed beside, say why. */
int rebuild(const char **image, struct session *session, struct sw_history *history,
            const struct sw_record *record, const struct sw_record_facts *facts, struct sw_error *error);

#endif
