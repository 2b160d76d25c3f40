/* Writing one scalar of YAML so that it reads back as the same text, here and in readers of YAML 1.1. */
#ifndef SLIPWAY_DATA_YAML_SCALAR_H
#define SLIPWAY_DATA_YAML_SCALAR_H

#include "base/buffer.h"
#include "data/yaml_marks.h"

/* Append `text`, which is UTF-8 without NUL, on one line: in the wanted style if that can hold it; PLAIN
 * falls back to quotes whenever a reader could take the text for another value. */
void sw_yaml_add_scalar(struct sw_buffer *out, struct sw_str text, enum sw_mark_style wanted, bool in_flow);
/* Append the key of a map as sw_yaml_add_scalar() appends a value. */
void sw_yaml_add_key(struct sw_buffer *out, struct sw_str text);

#endif
