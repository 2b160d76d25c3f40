/* The findings and hints about values that a schema does not allow: schema_report.c and schema_hint.c (internal to this layer). */
#ifndef SLIPWAY_DATA_SCHEMA_INTERNAL_H
#define SLIPWAY_DATA_SCHEMA_INTERNAL_H

#include "base/buffer.h"
#include "data/schema.h"

/* The way from the root to a value, on the stack of the walk. */
struct sw_schema_place {
    const struct sw_schema_place *parent; /* NULL for the root */
    struct sw_str key;                    /* of a map's member */
    /* The index of a list's item, if key.p is NULL. */
    size_t index;
    const struct sw_field *field; /* of a key, or NULL */
};

struct sw_schema_walk {
    struct sw_findings *findings;
    const struct sw_node *root;
    struct sw_buffer path; /* the last one made, see sw_schema_path() */
};

/* The word that was probably meant by a text. */
struct sw_schema_guess {
    struct sw_str text;
    const char *word; /* NULL if none is near */
    unsigned distance;
};

/* A word is near when a few letters are off, or when the text is the beginning of it. */
void sw_schema_guess_word(struct sw_schema_guess *guess, const char *word);

const struct sw_field *sw_schema_find_field(const struct sw_field *fields, struct sw_str key);

/* The path as sw_node_at() and sw_edit_apply() take it; valid until the next call. Empty for the root. */
const char *sw_schema_path(struct sw_schema_walk *walk, const struct sw_schema_place *place);
/* A value from the document, safe to show and not too long for one line. */
const char *sw_schema_shown(struct sw_schema_walk *walk, struct sw_str text);
/* "'torch.cuda'", or "the document". */
const char *sw_schema_subject(struct sw_schema_walk *walk, const struct sw_schema_place *place);

/* Add SW102 at a value. */
struct sw_finding *sw_schema_bad_value(struct sw_schema_walk *walk, const struct sw_node *node,
                                       const char *format, ...) SW_PRINTF(3, 4);
/* Add SW102 at a value with the example of its key, or of the key whose list or map it is in, as the hint. */
#define sw_schema_bad_form(walk, node, place, ...) \
    sw_schema_hint_example((walk), sw_schema_bad_value((walk), (node), __VA_ARGS__), (place))

void sw_schema_report_unquoted(struct sw_schema_walk *walk, const struct sw_schema *schema,
                               const struct sw_node *node, const struct sw_schema_place *place);
void sw_schema_report_type(struct sw_schema_walk *walk, const struct sw_schema *schema,
                           const struct sw_node *node, const struct sw_schema_place *place);
void sw_schema_report_unknown(struct sw_schema_walk *walk, const struct sw_schema *schema,
                              const struct sw_node *map, const struct sw_member *member,
                              const struct sw_schema_place *place);
void sw_schema_report_missing(struct sw_schema_walk *walk, const struct sw_field *field,
                              const struct sw_node *map, const struct sw_schema_place *place);

/* The kinds of value that the schema takes, "a list, a map or text", but for the choice `but`; NULL if there are no others. */
const char *sw_schema_kinds(struct sw_schema_walk *walk, const struct sw_schema *schema,
                            const struct sw_schema *but);
/* Set the hint to the value that was meant by `node`, or else to an example. */
void sw_schema_hint_meant(struct sw_schema_walk *walk, struct sw_finding *finding,
                          const struct sw_schema *schema, const struct sw_node *node,
                          const struct sw_schema_place *place);
/* Set the hint to the example of the nearest key, if it has one of one line. */
void sw_schema_hint_example(struct sw_schema_walk *walk, struct sw_finding *finding,
                            const struct sw_schema_place *place);
/* The text that was meant by a text which the schema does not allow; NULL if none is known, or if the text has a login, which another
 * form would no longer hide. */
const char *sw_schema_meant_text(struct sw_arena *arena, const struct sw_schema *schema, struct sw_str text);
/* The texts that a text with blanks holds, if the schema allows each of them, as YAML on one line; else NULL. */
const char *sw_schema_parts(struct sw_arena *arena, const struct sw_schema *schema, struct sw_str text);
/* The fault of a text that stands in place of a list, as the fault of an item; NULL if there is none. */
const char *sw_schema_item_fault(const struct sw_schema *schema, const struct sw_node *node);
/* The value that the schema would allow and that was meant by `node`, as YAML on one line; NULL if none is known. */
const char *sw_schema_meant(struct sw_arena *arena, const struct sw_schema *schema,
                            const struct sw_node *node);

#endif
