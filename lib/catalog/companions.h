/* The projects that are released with torch, and the releases that torch's rows name for them. */
#ifndef SLIPWAY_CATALOG_COMPANIONS_H
#define SLIPWAY_CATALOG_COMPANIONS_H

#include "base/str.h"
#include "data/node.h"

/* Released and versioned with torch, and on its index: a member each of a row of torch.yaml. Ends with NULL. */
extern const char *const sw_companions[];

/* Return true for torch and its companions, in any spelling of the name. */
bool sw_companions_has(struct sw_str project);
/* The release of a companion, or of triton, which torch pins, that the row of a torch names. NULL for any other project, or if the row
 * names none. */
const char *sw_companion_release(const struct sw_node *row, struct sw_str project);

#endif
