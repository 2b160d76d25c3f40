/* Schemas: one table that validates a tree and prints itself as a JSON Schema (draft 2020-12) for editors.
 *
 * A schema is constant data and never refers back to itself; it is walked by recursion, as deep as the table
 * or the document, whichever ends first. */
#ifndef SLIPWAY_DATA_SCHEMA_H
#define SLIPWAY_DATA_SCHEMA_H

#include "base/finding.h"
#include "data/node.h"

enum sw_schema_kind {
    SW_SCHEMA_ANY, /* whatever it is */
    /* A number, boolean or null in place of a text is a finding that says how YAML reads it, with a fix that
     * puts it in quotes. */
    SW_SCHEMA_TEXT,
    /* A value between `least` and `most`; any value if both are 0. */
    SW_SCHEMA_INTEGER,
    SW_SCHEMA_BOOL,
    SW_SCHEMA_LIST, /* of `items` */
    /* Any keys that `check` accepts, values as `items`. */
    SW_SCHEMA_MAP,
    SW_SCHEMA_OBJECT, /* the keys in `fields` and no others */
    /* The choice whose kind fits the node's type: one choice a kind, and none of them ANY or ANY_OF. Only
     * OBJECT may come several times, told apart by the keys that are there: the choice with the fewest
     * unknown and missing keys counts. */
    SW_SCHEMA_ANY_OF,
};

struct sw_field;

struct sw_schema {
    enum sw_schema_kind kind;
    /* TEXT: the only values allowed, ends with NULL; or NULL. */
    const char *const *words;
    /* TEXT, and the keys of MAP: the syntax in the JSON Schema, an ECMA 262 regular expression that accepts
     * at least the texts that `check` accepts. Or NULL. */
    const char *pattern;
    /* The syntax for the validator: return NULL, or the fault of the text ("is not a version"), valid until
     * the next call. Or NULL. */
    const char *(*check)(struct sw_str text);
    /* TEXT: return the value that was meant by a text that `check` refuses, which the finding offers as a fix; NULL if
     * there is none. LIST and OBJECT: return the value that was meant by a text in their place, as YAML on one line. Or NULL. */
    const char *(*meant)(struct sw_arena *arena, struct sw_str text);
    int64_t least, most;
    const struct sw_schema *items; /* NULL: anything */
    const struct sw_field *fields; /* ends with a NULL key */
    /* OBJECT: keys of other tools and the keys that are meant by them; ends with a NULL word. Or NULL. */
    const struct sw_synonym *synonyms;
    /* OBJECT: words that no key here means; `key` of each row is the hint about it. Ends with a NULL word. Or NULL. */
    const struct sw_synonym *elsewhere;
    const struct sw_schema *const *choices; /* ends with NULL */
    /* LIST and MAP: the most items; 0: as many as a file can hold. */
    size_t most_items;
};

struct sw_synonym {
    const char *word, *key;
};

struct sw_field {
    const char *key;
    /* A sentence, shown by editors and by `help`. */
    const char *doc;
    const struct sw_schema *schema;
    bool required;
    /* YAML of a value that the schema accepts, or NULL. */
    const char *example;
};

/* Add a finding for everything in `root` that the schema does not allow: SW101 for an unknown key (the hint
 * names the nearest known key, or all of them), SW102 for all else, at the very key or value. `root` may be
 * NULL: an empty document. */
void sw_schema_check(const struct sw_schema *schema, const struct sw_node *root,
                     struct sw_findings *findings);

/* The JSON Schema as a tree in the builder's arena; NULL without memory or if an `example` is no YAML. */
struct sw_node *sw_schema_json(struct sw_builder *b, const struct sw_schema *schema, const char *title);

#endif
