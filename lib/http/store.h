/* Things kept on disk between runs, each under its key.
 *
 * An entry is a file, written beside its place and renamed, with a sum over all of it: a reader sees a whole
 * entry or none, however many processes write, and a damaged entry counts as missing and is replaced. A store
 * that cannot be written keeps nothing, which is no error. The folder is held to SW_MAX_STORE_SIZE: a process
 * that closes a store that it wrote to removes the entries not used for longest, at most once an hour unless
 * it wrote much. */
#ifndef SLIPWAY_HTTP_STORE_H
#define SLIPWAY_HTTP_STORE_H

#include "base/buffer.h"

struct sw_store;

/* `folder` is the store's alone and is made with its first entry; NULL keeps nothing. */
int sw_store_new(struct sw_store **out, const char *folder, struct sw_error *error) SW_NODISCARD;
void sw_store_free(struct sw_store *store); /* takes NULL */

/* Append the content under `key` (any text without a line end); false, with `out` untouched, if there is
 * none. */
bool sw_store_get(struct sw_buffer *out, struct sw_store *store, struct sw_str key);
void sw_store_put(struct sw_store *store, struct sw_str key, struct sw_str content);

/* An entry's text: the sum and length of the rest (CRC-32: against damage, not against those who may write here), the key,
 * the content. `content` points into `text`; false where it is damaged or
 * another key's. */
bool sw_store_parse(struct sw_str *content, struct sw_str text, struct sw_str key);

/* Remove the longest unused entries until the folder takes at most `size` bytes. */
void sw_store_prune(struct sw_store *store, uint64_t size);

#endif
