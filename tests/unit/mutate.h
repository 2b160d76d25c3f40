/* Documents of the wrong shape, for tests of whoever reads a document of others. */
#ifndef SLIPWAY_TESTS_MUTATE_H
#define SLIPWAY_TESTS_MUTATE_H

#include "data/node.h"

/* `json` is the document as text, and `root` the same as a tree. A reader must give an error or a sane result, and stay within
 * its memory. */
typedef void mutate_reader(void *self, struct sw_str json, const struct sw_node *root);

/* Read the JSON text `document` as it is, and then once for each of its values and each value of another type that stands in its
 * place: null, booleans, numbers, texts, lists and maps, also nested deeply and long; and once without each member or item.
 * Returns how often it was read. */
size_t mutate(const char *document, mutate_reader *reader, void *self);

#endif
