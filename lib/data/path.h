/* Paths into a value tree: the one grammar that sw_node_at(), findings and edits share.
 *
 *   path     = [ ( key | selector ) *( "." key | selector ) ]     the empty path is the root
 *   key      = bare | quoted
 *   selector = "[" index "]"            the item at that index of a list, from 0
 *            | "[" key "=" key "]"      the first item, a map, whose key has that scalar text
 *            | "[" key "]"              the first item, a text, that names that project
 *   quoted   = a text in " or in ', without escapes
 *   bare     = one or more bytes without . [ ] and not beginning with a quote; within [ ] dots are allowed,
 *              before a "=" it ends there
 *
 * "torch.cuda", "requirements[2]", "assertions[that=torch.version.cuda].is", "requirements[bitsandbytes]",
 * "labels.'org.opencontainers.image.title'". A project is named by the start of a PEP 508 requirement; names
 * compare normalised per PEP 503 (lower case, each run of - _ . as one "-"). A key that holds both kinds of
 * quotes and a dot or bracket cannot be written. */
#ifndef SLIPWAY_DATA_PATH_H
#define SLIPWAY_DATA_PATH_H

#include "base/buffer.h"
#include "data/node.h"

enum sw_path_kind { SW_PATH_KEY, SW_PATH_INDEX, SW_PATH_MATCH, SW_PATH_NAME };

struct sw_path_step {
    enum sw_path_kind kind;
    /* The key of KEY and MATCH; the project of NAME. Points into the path's text, without quotes. */
    struct sw_str key;
    struct sw_str value; /* of MATCH, likewise */
    size_t index;        /* of INDEX */
};

#define SW_PATH_STEPS 16

struct sw_path {
    struct sw_path_step steps[SW_PATH_STEPS];
    size_t count;
};

/* False, with `path` untouched, if the text is malformed or has more than SW_PATH_STEPS steps. The steps
 * point into `text`. */
bool sw_path_parse(struct sw_path *path, struct sw_str text) SW_NODISCARD;

/* Find the place among `node`'s members (KEY) or items (other steps) that a step leads to; false if there is
 * none. */
bool sw_path_find(size_t *index, const struct sw_node *node, const struct sw_path_step *step) SW_NODISCARD;
/* The node there, or NULL; takes NULL. */
const struct sw_node *sw_path_follow(const struct sw_node *node, const struct sw_path_step *step);

/* Append a step to a path that is being written: ".key", or "key" if `path` is empty, quoted if the key needs
 * it; "[index]". */
void sw_path_add_key(struct sw_buffer *path, struct sw_str key);
void sw_path_add_index(struct sw_buffer *path, size_t index);

/* Return true if `requirement` (PEP 508, or a bare name) is a requirement on `project`. */
bool sw_path_names_project(struct sw_str requirement, struct sw_str project);

/* Find a node by its path (see data/path.h): "torch.cuda", "assertions[0].is",
 * "assertions[that=torch.version.cuda]"; NULL if it is absent or the path is malformed. */
const struct sw_node *sw_node_at(const struct sw_node *root, const char *path);

#endif
