/* The parts that the views of pages have in common. */
#ifndef SLIPWAY_CMD_OUTPUT_PAGE_H
#define SLIPWAY_CMD_OUTPUT_PAGE_H

#include "data/node.h"

/* A count of bytes as people read it: "1.5 MB". */
struct sw_node *page_size(struct sw_builder *b, uint64_t bytes);
/* {"rows": the list}, or null for an empty list, so that a template leaves out the head of an empty list. */
struct sw_node *page_rows(struct sw_builder *b, struct sw_node *list);

#endif
