#include "data/schema.h"

#include "base/limits.h"
#include "base/text.h"
#include "data/node_internal.h"
#include "data/path.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

/* The way from the root to a value, on the stack of the walk. */
struct place {
    const struct place *parent; /* NULL for the root */
    struct sw_str key;          /* of a map's member */
    /* The index of a list's item, if key.p is NULL. */
    size_t index;
    const struct sw_field *field; /* of a key, or NULL */
};

struct walk {
    struct sw_findings *findings;
    const struct sw_node *root;
    struct sw_buffer path; /* the last one made, see path_text() */
};

static void check_value(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                        const struct place *place);

/* -- words for messages -------------------------------------------------------------------------------------
 */

static void add_place(struct sw_buffer *out, const struct place *place)
{
    if (place->parent == NULL)
        return;
    add_place(out, place->parent);
    if (place->key.p == NULL)
        sw_path_add_index(out, place->index);
    else
        sw_path_add_key(out, place->key);
}

/* The path as sw_node_at() and sw_edit_apply() take it; valid until the next call. Empty for the root. */
static const char *path_text(struct walk *walk, const struct place *place)
{
    sw_buffer_clear(&walk->path);
    add_place(&walk->path, place);
    return walk->path.p;
}

/* A value from the document, safe to show and not too long for one line. */
static const char *shown(struct walk *walk, struct sw_str text)
{
    enum { LONGEST = 100 };
    const char *tail = "";
    if (text.n > LONGEST) {
        text.n = LONGEST;
        while (text.n > 0 && ((unsigned char)text.p[text.n] & 0xC0) == 0x80)
            text.n--;
        tail = "...";
    }
    const char *clean = sw_text_clean(&walk->findings->arena, text);
    const char *whole = clean == NULL ? NULL : sw_arena_format(&walk->findings->arena, "%s%s", clean, tail);
    return whole == NULL ? "?" : whole;
}

/* "'torch.cuda'", or "the document". */
static const char *subject(struct walk *walk, const struct place *place)
{
    if (place->parent == NULL)
        return "the document";
    const char *path = shown(walk, sw_str_from(path_text(walk, place)));
    const char *quoted = sw_arena_format(&walk->findings->arena, "'%s'", path);
    return quoted == NULL ? path : quoted;
}

static const char *kind_words(enum sw_schema_kind kind)
{
    static const char *const words[] = {
        [SW_SCHEMA_ANY] = "anything",       [SW_SCHEMA_TEXT] = "text",   [SW_SCHEMA_INTEGER] = "an integer",
        [SW_SCHEMA_BOOL] = "true or false", [SW_SCHEMA_LIST] = "a list", [SW_SCHEMA_MAP] = "a map",
        [SW_SCHEMA_OBJECT] = "a map",       [SW_SCHEMA_ANY_OF] = NULL};
    return words[kind];
}

/* -- findings
 * ------------------------------------------------------------------------------------------------ */

SW_PRINTF(3, 4)
static struct sw_finding *bad_value(struct walk *walk, const struct sw_node *node, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct sw_finding *finding = sw_findings_add(walk->findings, "SW102", SW_ERROR, "%s", message);
    sw_finding_place(walk->findings, finding, node->file, node->line, node->column);
    return finding;
}

/* Say how YAML reads a plain scalar, if that differs from its spelling: " 3.1" for 3.10. */
static void reading(char out[40], const struct sw_node *node)
{
    out[0] = ' ';
    if (node->type == SW_NODE_INT) {
        (void)snprintf(out + 1, 39, "%" PRId64, node->integer);
    } else if (node->type == SW_NODE_REAL) {
        (void)snprintf(out + 1, 39, "%.15g", node->real);
        if (strtod(out + 1, NULL) != node->real)
            (void)snprintf(out + 1, 39, "%.17g", node->real);
    } else {
        out[0] = out[1] = '\0';
    }
    if (sw_str_is(node->text, out + 1))
        out[0] = '\0';
}

static void report_unquoted(struct walk *walk, const struct sw_node *node, const struct place *place)
{
    static const char *const types[] = {[SW_NODE_NULL] = "null",
                                        [SW_NODE_BOOL] = "a boolean",
                                        [SW_NODE_INT] = "the integer",
                                        [SW_NODE_REAL] = "the number"};
    char value[40];
    reading(value, node);
    const char *type = value[0] != '\0' ? types[node->type] : sw_node_type_words(node->type);
    const char *written = shown(walk, node->text);
    struct sw_finding *finding = bad_value(walk, node, "%s must be text, but YAML reads %s as %s%s",
                                           subject(walk, place), written, type, value);
    sw_finding_hint(walk->findings, finding, "put it in quotes: \"%s\"", written);
    const char *path = path_text(walk, place);
    if (sw_node_at(walk->root, path) == node)
        sw_finding_fix(walk->findings, finding, SW_EDIT_SET, path, node->text.p);
}

/* "a list, a map or text" */
static const char *choices_words(struct walk *walk, const struct sw_schema *schema)
{
    if (schema->kind != SW_SCHEMA_ANY_OF)
        return kind_words(schema->kind);
    struct sw_arena *arena = &walk->findings->arena;
    const char *text = NULL;
    for (size_t i = 0; schema->choices[i] != NULL; i++) {
        const char *words = kind_words(schema->choices[i]->kind);
        if (text == NULL)
            text = words;
        else if (strstr(text, words) == NULL)
            text = sw_arena_format(arena, "%s or %s", text, words);
        if (text == NULL)
            return "something else";
    }
    return text;
}

static void report_type(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                        const struct place *place)
{
    const char *wanted = choices_words(walk, schema);
    if (node->type == SW_NODE_NULL && node->text.n == 0) {
        struct sw_finding *empty =
            bad_value(walk, node, "%s must be %s, but is empty", subject(walk, place), wanted);
        if (place->parent != NULL)
            sw_finding_hint(walk->findings, empty, "give it a value, or leave the key out");
        return;
    }
    struct sw_finding *finding = bad_value(walk, node, "%s must be %s, not %s", subject(walk, place), wanted,
                                           sw_node_type_words(node->type));
    if (node->type == SW_NODE_TEXT && (schema->kind == SW_SCHEMA_INTEGER || schema->kind == SW_SCHEMA_BOOL))
        sw_finding_hint(walk->findings, finding, "\"%s\" is text; write %s without quotes",
                        shown(walk, node->text), wanted);
    else if (place->field != NULL && place->field->example != NULL &&
             strchr(place->field->example, '\n') == NULL)
        sw_finding_hint(walk->findings, finding, "%s: %s, for example", place->field->key,
                        place->field->example);
}

/* -- unknown and missing keys
 * ---------------------------------------------------------------------------------- */

static const struct sw_field *find_field(const struct sw_field *fields, struct sw_str key)
{
    for (; fields->key != NULL; fields++) {
        if (sw_str_is(key, fields->key))
            return fields;
    }
    return NULL;
}

/* The word that was probably meant by a text. */
struct guess {
    struct sw_str text;
    const char *word; /* NULL if none is near */
    unsigned distance;
};

/* A word is near when a few letters are off, or when the text is the beginning of it. */
static void guess_word(struct guess *guess, const char *word)
{
    enum { BEGINNING_DISTANCE = 3 };
    struct sw_str text = guess->text;
    unsigned distance = sw_str_distance(text, sw_str_from(word));
    bool near = distance <= 1 + text.n / 4 && distance < text.n;
    if (!near && text.n >= 3 && strncmp(text.p, word, text.n) == 0) {
        near = true;
        distance = BEGINNING_DISTANCE;
    }
    if (near && (guess->word == NULL || distance < guess->distance)) {
        guess->word = word;
        guess->distance = distance;
    }
}

/* The key that is meant by a word of another tool, or NULL. */
static const char *synonym(const struct sw_schema *schema, struct sw_str word)
{
    const struct sw_synonym *row = schema->synonyms;
    while (row != NULL && row->word != NULL && !sw_str_is(word, row->word))
        row++;
    return row == NULL ? NULL : row->key;
}

static void report_unknown(struct walk *walk, const struct sw_schema *schema, const struct sw_node *map,
                           const struct sw_member *member, const struct place *place)
{
    struct sw_finding *finding = sw_findings_add(
        walk->findings, "SW101", SW_ERROR, "unknown key '%s'%s%s", shown(walk, member->key),
        place->parent == NULL ? "" : " in ", place->parent == NULL ? "" : subject(walk, place));
    sw_finding_place(walk->findings, finding, map->file, member->line, member->column);
    struct guess guess = {.text = member->key};
    SW_BUFFER_AUTO known;
    sw_buffer_init(&known, SW_MAX_MESSAGE);
    for (const struct sw_field *field = schema->fields; field->key != NULL; field++) {
        /* If the key is there already, the unknown key was not meant to be this key. */
        if (sw_node_member(map, field->key) == NULL)
            guess_word(&guess, field->key);
        sw_buffer_addf(&known, "%s%s", known.n == 0 ? "" : ", ", field->key);
    }
    const char *meant = synonym(schema, member->key);
    const struct sw_field *field = meant == NULL ? NULL : find_field(schema->fields, sw_str_from(meant));
    if (field != NULL && field->example != NULL)
        sw_finding_hint(walk->findings, finding, "it is called '%s' here; %s: %s, for example", meant, meant,
                        field->example);
    else if (guess.word != NULL)
        sw_finding_hint(walk->findings, finding, "did you mean '%s'?", guess.word);
    else
        sw_finding_hint(walk->findings, finding, "known keys: %s", known.p);
}

static void report_missing(struct walk *walk, const struct sw_field *field, const struct sw_node *map,
                           const struct place *place)
{
    struct sw_finding *finding =
        bad_value(walk, map, "%s lacks the key '%s'", subject(walk, place), field->key);
    if (field->example != NULL && strchr(field->example, '\n') == NULL)
        sw_finding_hint(walk->findings, finding, "%s: %s, for example", field->key, field->example);
    else
        sw_finding_hint(walk->findings, finding, "%s: %s", field->key, field->doc);
}

/* -- one check a kind
 * -------------------------------------------------------------------------------------------- */

static void check_object(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                         const struct place *place)
{
    for (size_t i = 0; i < node->count; i++) {
        const struct sw_member *member = &node->members[i];
        const struct sw_field *field = find_field(schema->fields, member->key);
        struct place inner = {.parent = place, .key = member->key, .field = field};
        if (field == NULL)
            report_unknown(walk, schema, node, member, place);
        else
            check_value(walk, field->schema, member->value, &inner);
    }
    for (const struct sw_field *field = schema->fields; field->key != NULL; field++) {
        if (field->required && sw_node_member(node, field->key) == NULL)
            report_missing(walk, field, node, place);
    }
}

/* False, with a finding, if there are too many entries: then none of them is looked at. */
static bool check_count(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                        const struct place *place)
{
    if (schema->most_items == 0 || node->count <= schema->most_items)
        return true;
    (void)bad_value(walk, node, "%s has %zu entries, more than %zu", subject(walk, place), node->count,
                    schema->most_items);
    return false;
}

static void check_list(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                       const struct place *place)
{
    if (!check_count(walk, schema, node, place))
        return;
    for (size_t i = 0; schema->items != NULL && i < node->count; i++) {
        struct place inner = {.parent = place, .index = i};
        check_value(walk, schema->items, node->items[i], &inner);
    }
}

static void check_map(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                      const struct place *place)
{
    if (!check_count(walk, schema, node, place))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct sw_member *member = &node->members[i];
        const char *fault = schema->check == NULL ? NULL : schema->check(member->key);
        if (fault != NULL) {
            struct sw_finding *finding =
                sw_findings_add(walk->findings, "SW102", SW_ERROR, "the key '%s' in %s %s",
                                shown(walk, member->key), subject(walk, place), fault);
            sw_finding_place(walk->findings, finding, node->file, member->line, member->column);
        }
        struct place inner = {.parent = place, .key = member->key};
        if (schema->items != NULL)
            check_value(walk, schema->items, member->value, &inner);
    }
}

static void check_words(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                        const struct place *place)
{
    struct guess guess = {.text = node->text};
    SW_BUFFER_AUTO all;
    sw_buffer_init(&all, SW_MAX_MESSAGE);
    bool found = false;
    for (const char *const *word = schema->words; *word != NULL && !found; word++) {
        found = sw_str_is(node->text, *word);
        guess_word(&guess, *word);
        sw_buffer_addf(&all, "%s%s", all.n == 0 ? "" : ", ", *word);
    }
    if (!found) {
        struct sw_finding *finding = bad_value(walk, node, "%s must be one of %s, not '%s'",
                                               subject(walk, place), all.p, shown(walk, node->text));
        if (guess.word != NULL)
            sw_finding_hint(walk->findings, finding, "did you mean '%s'?", guess.word);
    }
}

static void check_text(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                       const struct place *place)
{
    if (schema->words != NULL)
        check_words(walk, schema, node, place);
    const char *fault = schema->check == NULL ? NULL : schema->check(node->text);
    if (fault == NULL)
        return;
    struct sw_finding *finding =
        bad_value(walk, node, "%s: '%s' %s", subject(walk, place), shown(walk, node->text), fault);
    const char *meant = schema->meant == NULL ? NULL : schema->meant(&walk->findings->arena, node->text);
    const char *path = path_text(walk, place);
    if (meant == NULL)
        return;
    sw_finding_hint(walk->findings, finding, "write \"%s\"", meant);
    if (sw_node_at(walk->root, path) == node)
        sw_finding_fix(walk->findings, finding, SW_EDIT_SET, path, meant);
}

static bool is_bounded(const struct sw_schema *schema)
{
    return schema->least != 0 || schema->most != 0;
}

static void check_integer(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                          const struct place *place)
{
    if (!is_bounded(schema) || (node->integer >= schema->least && node->integer <= schema->most))
        return;
    if (schema->least == schema->most)
        (void)bad_value(walk, node, "%s must be %" PRId64 ", not %" PRId64, subject(walk, place),
                        schema->least, node->integer);
    else
        (void)bad_value(walk, node, "%s must be between %" PRId64 " and %" PRId64 ", not %" PRId64,
                        subject(walk, place), schema->least, schema->most, node->integer);
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
        count += find_field(object->fields, map->members[i].key) == NULL;
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

static void check_value(struct walk *walk, const struct sw_schema *schema, const struct sw_node *node,
                        const struct place *place)
{
    typedef void check_function(struct walk *, const struct sw_schema *, const struct sw_node *,
                                const struct place *);
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
        report_type(walk, schema, node, place);
    else if (chosen->kind == SW_SCHEMA_TEXT && is_unquoted(node))
        report_unquoted(walk, node, place);
    else if (!fits(chosen->kind, node))
        report_type(walk, chosen, node, place);
    else if (checks[chosen->kind] != NULL)
        checks[chosen->kind](walk, chosen, node, place);
}

void sw_schema_check(const struct sw_schema *schema, const struct sw_node *root, struct sw_findings *findings)
{
    static const struct sw_node empty = {.type = SW_NODE_NULL, .text = {"", 0}};
    struct walk walk = {.findings = findings, .root = root == NULL ? &empty : root};
    sw_buffer_init(&walk.path, SW_MAX_PATH_SIZE);
    check_value(&walk, schema, walk.root, &(struct place){.parent = NULL});
    sw_buffer_release(&walk.path);
}
