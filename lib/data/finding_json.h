/* Findings as programs read them. */
#ifndef SLIPWAY_DATA_FINDING_JSON_H
#define SLIPWAY_DATA_FINDING_JSON_H

#include "base/finding.h"
#include "data/node.h"

/* The object that the contract with users describes. */
struct sw_node *sw_finding_json(struct sw_builder *b, const struct sw_finding *finding);
/* A list of these objects. */
struct sw_node *sw_findings_json(struct sw_builder *b, const struct sw_findings *findings);

#endif
