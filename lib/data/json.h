/* JSON in and out (RFC 8259), by jansson. */
#ifndef SLIPWAY_DATA_JSON_H
#define SLIPWAY_DATA_JSON_H

#include "base/buffer.h"
#include "data/node.h"

/* Read one whole text of any JSON value. An error has the line and column at which reading stopped, columns
 * in characters, and quotes nothing of the text, which may hold logins: duplicate keys, trailing text,
 * invalid UTF-8, U+0000 in a key, a number that fits neither 64 bits nor a double, and all that exceeds
 * SW_MAX_JSON_SIZE, SW_MAX_JSON_DEPTH or SW_MAX_JSON_NODES. `file` names the source in errors and nodes, is
 * copied into the arena, and may be NULL. Strings may hold U+0000 (`text.n` counts). */
int sw_json_read(const struct sw_node **out, struct sw_arena *arena, struct sw_str text, const char *file,
                 struct sw_error *error) SW_NODISCARD;

/* PRETTY: two blanks, a newline at the end. SHOWN: for others to read, with "***" for logins in URLs. */
enum sw_json_style { SW_JSON_COMPACT, SW_JSON_PRETTY, SW_JSON_SHOWN, SW_JSON_SHOWN_PRETTY };
/* Write keys in the tree's own order, so that the same tree gives the same bytes. A number keeps its spelling
 * if JSON has it (3.10), infinities and NaN become null, and each byte that is not UTF-8 becomes U+FFFD. A
 * failure shows in `out`. */
void sw_json_write(struct sw_buffer *out, const struct sw_node *node, enum sw_json_style style);
/* `text` as a JSON string with its quotes. Characters that readers do not see (sw_text_unsafe()) and the bracket of "##[",
 * which is a command to GitHub's runner, become \\uXXXX. A byte becomes six at most. */
void sw_json_quote(struct sw_buffer *out, struct sw_str text);
/* Like sw_json_quote(), but with "***" for logins in URLs. */
void sw_json_quote_shown(struct sw_buffer *out, struct sw_str text);

#endif
