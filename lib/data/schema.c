#include "data/schema_internal.h"

#include "base/limits.h"
#include "data/node_internal.h"
#include "data/path.h"

#include <inttypes.h>

static void check_value(struct sw_schema_walk *walk, const struct sw_schema *schema,
                        const struct sw_node *node, const struct sw_schema_place *place);

/* -- one check a kind
 * -------------------------------------------------------------------------------------------- */

static void check_object(struct sw_schema_walk *walk, const struct sw_schema *schema,
                         const struct sw_node *node, const struct sw_schema_place *place)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct sw_member *member = &node->members[i];
        const struct sw_field *field = sw_schema_find_field(schema->fields, member->key);
        struct sw_schema_place inner = {.parent = place, .key = member->key, .field = field};
        if (field == NULL)
            sw_schema_report_unknown(walk, schema, node, member, place);
        else
            check_value(walk, field->schema, member->value, &inner);
    }
    for (const struct sw_field *field = schema->fields; field->key != NULL; field++) {
        if (field->required && sw_node_member(node, field->key) == NULL)
            sw_schema_report_missing(walk, field, node, place);
    }
}

/* False, with a finding, if there are too many entries: then none of them is looked at. */
static bool check_count(struct sw_schema_walk *walk, const struct sw_schema *schema,
                        const struct sw_node *node, const struct sw_schema_place *place)
{
    if (schema->most_items == 0 || node->count <= schema->most_items)
        return true;
    (void)sw_schema_bad_value(walk, node, "%s has %zu entries, more than %zu", sw_schema_subject(walk, place),
                              node->count, schema->most_items);
    return false;
}

static void check_list(struct sw_schema_walk *walk, const struct sw_schema *schema,
                       const struct sw_node *node, const struct sw_schema_place *place)
{
    if (!check_count(walk, schema, node, place))
        return;
    for (size_t i = 0; schema->items != NULL && i < node->count; i++) {
        struct sw_schema_place inner = {.parent = place, .index = i};
        check_value(walk, schema->items, node->items[i], &inner);
    }
}

static void check_map(struct sw_schema_walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                      const struct sw_schema_place *place)
{
    if (!check_count(walk, schema, node, place))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct sw_member *member = &node->members[i];
        const char *fault = schema->check == NULL ? NULL : schema->check(member->key);
        if (fault != NULL) {
            struct sw_finding *finding =
                sw_findings_add(walk->findings, "SW102", SW_ERROR, "the key '%s' in %s %s",
                                sw_schema_shown(walk, member->key), sw_schema_subject(walk, place), fault);
            sw_finding_place(walk->findings, finding, node->file, member->line, member->column);
            sw_schema_hint_example(walk, finding, place);
        }
        struct sw_schema_place inner = {.parent = place, .key = member->key};
        if (schema->items != NULL)
            check_value(walk, schema->items, member->value, &inner);
    }
}

/* Check a text against the only words that `only` allows; `schema` is `only` itself, or has it as one of its choices. */
static void check_words(struct sw_schema_walk *walk, const struct sw_schema *schema,
                        const struct sw_schema *only, const struct sw_node *node,
                        const struct sw_schema_place *place)
{
    struct sw_schema_guess guess = {.text = node->text};
    SW_BUFFER_AUTO all;
    sw_buffer_init(&all, SW_MAX_MESSAGE);
    bool found = false;
    for (const char *const *word = only->words; *word != NULL && !found; word++) {
        found = sw_str_is(node->text, *word);
        sw_schema_guess_word(&guess, *word);
        sw_buffer_addf(&all, "%s%s", all.n == 0 ? "" : ", ", *word);
    }
    if (found)
        return;
    const char *others = sw_schema_kinds(walk, schema, only);
    struct sw_finding *finding =
        sw_schema_bad_value(walk, node, "%s must be %s%s%s, not '%s'", sw_schema_subject(walk, place),
                            others == NULL ? "" : others,
                            others == NULL           ? "one of "
                            : only->words[1] == NULL ? " or "
                                                     : " or one of ",
                            all.p, sw_schema_shown(walk, node->text));
    if (guess.word != NULL)
        sw_finding_hint(walk->findings, finding, "did you mean '%s'?", guess.word);
    else
        sw_schema_hint_meant(walk, finding, schema, node, place);
}

static void check_text(struct sw_schema_walk *walk, const struct sw_schema *schema,
                       const struct sw_node *node, const struct sw_schema_place *place)
{
    const char *fault = schema->check == NULL ? NULL : schema->check(node->text);
    if (fault == NULL)
        return;
    struct sw_finding *finding = sw_schema_bad_value(
        walk, node, "%s: '%s' %s", sw_schema_subject(walk, place), sw_schema_shown(walk, node->text), fault);
    const char *meant = sw_schema_meant_text(&walk->findings->arena, schema, node->text);
    const char *path = sw_schema_path(walk, place);
    const char *parts =
        place->key.p == NULL ? sw_schema_parts(&walk->findings->arena, schema, node->text) : NULL;
    if (meant == NULL && parts != NULL) {
        sw_finding_hint(walk->findings, finding, "write each by itself: %s", parts);
        return;
    }
    if (meant == NULL) {
        sw_schema_hint_example(walk, finding, place);
        return;
    }
    sw_finding_hint(walk->findings, finding, "write \"%s\"", meant);
    if (sw_node_at(walk->root, path) == node)
        sw_finding_fix(walk->findings, finding, SW_EDIT_SET, path, meant);
}

static bool is_bounded(const struct sw_schema *schema)
{
    return schema->least != 0 || schema->most != 0;
}

static void check_integer(struct sw_schema_walk *walk, const struct sw_schema *schema,
                          const struct sw_node *node, const struct sw_schema_place *place)
{
    if (!is_bounded(schema) || (node->integer >= schema->least && node->integer <= schema->most))
        return;
    if (schema->least == schema->most)
        sw_schema_bad_form(walk, node, place, "%s must be %" PRId64 ", not %" PRId64,
                           sw_schema_subject(walk, place), schema->least, node->integer);
    else
        sw_schema_bad_form(walk, node, place, "%s must be between %" PRId64 " and %" PRId64 ", not %" PRId64,
                           sw_schema_subject(walk, place), schema->least, schema->most, node->integer);
}

/* -- choosing
 * ---------------------------------------------------------------------------------------------------- */

static bool fits(enum sw_schema_kind kind, const struct sw_node *node)
{
    switch (kind) {
    case SW_SCHEMA_TEXT:
        return node->type == SW_NODE_TEXT;
    case SW_SCHEMA_INTEGER:
        return node->type == SW_NODE_INT;
    case SW_SCHEMA_BOOL:
        return node->type == SW_NODE_BOOL;
    case SW_SCHEMA_LIST:
        return node->type == SW_NODE_LIST;
    case SW_SCHEMA_MAP:
    case SW_SCHEMA_OBJECT:
        return node->type == SW_NODE_MAP;
    case SW_SCHEMA_ANY:
    case SW_SCHEMA_ANY_OF:
    default:
        return true;
    }
}

/* Return true if quotes would make text of the value. An empty value is no attempt at text. */
static bool is_unquoted(const struct sw_node *node)
{
    return node->text.n > 0 && (node->type == SW_NODE_NULL || node->type == SW_NODE_BOOL ||
                                node->type == SW_NODE_INT || node->type == SW_NODE_REAL);
}

static size_t misfits(const struct sw_schema *object, const struct sw_node *map)
{
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++)
        count += sw_schema_find_field(object->fields, map->members[i].key) == NULL;
    for (const struct sw_field *field = object->fields; field->key != NULL; field++)
        count += field->required && sw_node_member(map, field->key) == NULL;
    return count;
}

/* The choice that `node` is to be checked against; NULL if none is near. */
static const struct sw_schema *choose(const struct sw_schema *schema, const struct sw_node *node)
{
    const struct sw_schema *best = NULL;
    size_t best_misfits = SIZE_MAX;
    for (size_t i = 0; schema->choices[i] != NULL; i++) {
        const struct sw_schema *choice = schema->choices[i];
        if (!fits(choice->kind, node))
            continue;
        size_t count = choice->kind == SW_SCHEMA_OBJECT ? misfits(choice, node) : 0;
        if (count < best_misfits) {
            best_misfits = count;
            best = choice;
        }
    }
    for (size_t i = 0; best == NULL && is_unquoted(node) && schema->choices[i] != NULL; i++) {
        if (schema->choices[i]->kind == SW_SCHEMA_TEXT)
            best = schema->choices[i];
    }
    return best;
}

static void check_value(struct sw_schema_walk *walk, const struct sw_schema *schema,
                        const struct sw_node *node, const struct sw_schema_place *place)
{
    typedef void check_function(struct sw_schema_walk *, const struct sw_schema *, const struct sw_node *,
                                const struct sw_schema_place *);
    static check_function *const checks[] = {[SW_SCHEMA_ANY] = NULL,
                                             [SW_SCHEMA_TEXT] = check_text,
                                             [SW_SCHEMA_INTEGER] = check_integer,
                                             [SW_SCHEMA_BOOL] = NULL,
                                             [SW_SCHEMA_LIST] = check_list,
                                             [SW_SCHEMA_MAP] = check_map,
                                             [SW_SCHEMA_OBJECT] = check_object,
                                             [SW_SCHEMA_ANY_OF] = NULL};
    const struct sw_schema *chosen = schema->kind == SW_SCHEMA_ANY_OF ? choose(schema, node) : schema;
    if (chosen == NULL)
        sw_schema_report_type(walk, schema, node, place);
    else if (chosen->words != NULL && node->type == SW_NODE_TEXT)
        check_words(walk, schema, chosen, node, place);
    else if (chosen->kind == SW_SCHEMA_TEXT && is_unquoted(node))
        sw_schema_report_unquoted(walk, chosen, node, place);
    else if (!fits(chosen->kind, node))
        sw_schema_report_type(walk, chosen, node, place);
    else if (checks[chosen->kind] != NULL)
        checks[chosen->kind](walk, chosen, node, place);
}

void sw_schema_check(const struct sw_schema *schema, const struct sw_node *root, struct sw_findings *findings)
{
    static const struct sw_node empty = {.type = SW_NODE_NULL, .text = {"", 0}};
    struct sw_schema_walk walk = {.findings = findings, .root = root == NULL ? &empty : root};
    sw_buffer_init(&walk.path, SW_MAX_PATH_SIZE);
    check_value(&walk, schema, walk.root, &(struct sw_schema_place){.parent = NULL});
    sw_buffer_release(&walk.path);
}
