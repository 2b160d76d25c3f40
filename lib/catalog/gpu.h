/* A GPU by whatever people call it: "rtx-4090", "4090", "NVIDIA GeForce RTX 4090", "sm_89", "8.9", "10de:2684",
 * "H100 MIG 1g.10gb".
 *
 * The names, and the words that count less than others, are data (profiles/catalog/gpus.yaml). A text means a
 * card if its words are those of one of the card's names; fillers never count. Words such as "RTX" may be left
 * out if all cards that then fit have the same architecture; the first of them is taken. */
#ifndef SLIPWAY_CATALOG_GPU_H
#define SLIPWAY_CATALOG_GPU_H

#include "catalog/catalog.h"

/* Find the row of `gpus` that a text means. SW_EINPUT with a hint if there is none: the text is unknown, may be
 * cards of several architectures, or names a slice that its card does not have. No hint names a card of
 * another architecture than the user may have meant. */
int sw_gpu_find(const struct sw_node **row, const struct sw_catalog *catalog, const char *text,
                struct sw_error *error) SW_NODISCARD;
/* The row that a text means, or NULL. */
const struct sw_node *sw_gpu_row(const struct sw_catalog *catalog, const char *text);

#endif
