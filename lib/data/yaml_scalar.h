/* Writing one scalar of YAML so that it reads back as the same text, here and in readers of YAML 1.1. */
#ifndef SLIPWAY_DATA_YAML_SCALAR_H
#define SLIPWAY_DATA_YAML_SCALAR_H

#include "base/buffer.h"
#include "data/yaml_marks.h"

/* Append `text`, which is UTF-8 without NUL, on one line: in the wanted style where that can hold it; PLAIN
 * falls back to quotes whenever a reader could take it for something else than that text. */
void sw_yaml_add_scalar(struct sw_buffer *out, struct sw_str text, enum sw_mark_style wanted, bool in_flow);
/* The same for the key of a map. */
void sw_yaml_add_key(struct sw_buffer *out, struct sw_str text);

#endif
