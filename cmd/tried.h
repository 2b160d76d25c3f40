/* The fixes that were tried, with their outcomes, as people and programs read them. */
#ifndef SLIPWAY_CMD_TRIED_H
#define SLIPWAY_CMD_TRIED_H

#include "session.h"

#include "project/fixing.h"

/* Print findings with the outcomes of their fixes, from `first` on, as text beside the result. */
void tried_tell(const struct session *session, const struct sw_fixing *fixing, size_t first);
/* [{"finding", "applied", "files", "why"}] */
struct sw_node *tried_json(struct sw_builder *b, const struct sw_fixing *fixing, size_t first);

#endif
