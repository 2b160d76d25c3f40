#include "data/schema_internal.h"

#include "base/limits.h"
#include "base/text.h"
#include "data/node_internal.h"
#include "data/path.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

/* -- words for messages -------------------------------------------------------------------------------------
 */

static void add_place(struct sw_buffer *out, const struct sw_schema_place *place)
{
    if (place->parent == NULL)
        return;
    add_place(out, place->parent);
    if (place->key.p == NULL)
        sw_path_add_index(out, place->index);
    else
        sw_path_add_key(out, place->key);
}

const char *sw_schema_path(struct sw_schema_walk *walk, const struct sw_schema_place *place)
{
    sw_buffer_clear(&walk->path);
    add_place(&walk->path, place);
    return walk->path.p;
}

const char *sw_schema_shown(struct sw_schema_walk *walk, struct sw_str text)
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

const char *sw_schema_subject(struct sw_schema_walk *walk, const struct sw_schema_place *place)
{
    if (place->parent == NULL)
        return "the document";
    const char *path = sw_schema_shown(walk, sw_str_from(sw_schema_path(walk, place)));
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

struct sw_finding *sw_schema_bad_value(struct sw_schema_walk *walk, const struct sw_node *node,
                                       const char *format, ...)
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

void sw_schema_report_unquoted(struct sw_schema_walk *walk, const struct sw_schema *schema,
                               const struct sw_node *node, const struct sw_schema_place *place)
{
    static const char *const types[] = {[SW_NODE_NULL] = "null",
                                        [SW_NODE_BOOL] = "a boolean",
                                        [SW_NODE_INT] = "the integer",
                                        [SW_NODE_REAL] = "the number"};
    char value[40];
    reading(value, node);
    const char *type = value[0] != '\0' ? types[node->type] : sw_node_type_words(node->type);
    const char *written = sw_schema_shown(walk, node->text);
    struct sw_finding *finding = sw_schema_bad_value(walk, node, "%s must be text, but YAML reads %s as %s%s",
                                                     sw_schema_subject(walk, place), written, type, value);
    bool fits = schema->check == NULL || schema->check(node->text) == NULL;
    const char *meant =
        fits ? node->text.p : sw_schema_meant_text(&walk->findings->arena, schema, node->text);
    const char *path = sw_schema_path(walk, place);
    if (meant == NULL)
        sw_schema_hint_example(walk, finding, place);
    else
        sw_finding_hint(walk->findings, finding, "put it in quotes: \"%s\"", fits ? written : meant);
    if (meant != NULL && sw_node_at(walk->root, path) == node)
        sw_finding_fix(walk->findings, finding, SW_EDIT_SET, path, meant);
}

const char *sw_schema_kinds(struct sw_schema_walk *walk, const struct sw_schema *schema,
                            const struct sw_schema *but)
{
    if (schema->kind != SW_SCHEMA_ANY_OF)
        return schema == but ? NULL : kind_words(schema->kind);
    struct sw_arena *arena = &walk->findings->arena;
    const char *text = NULL;
    for (size_t i = 0; schema->choices[i] != NULL; i++) {
        const char *words = kind_words(schema->choices[i]->kind);
        if (schema->choices[i] == but)
            continue;
        if (text == NULL)
            text = words;
        else if (strstr(text, words) == NULL)
            text = sw_arena_format(arena, "%s or %s", text, words);
        if (text == NULL)
            return "something else";
    }
    return text;
}

void sw_schema_report_type(struct sw_schema_walk *walk, const struct sw_schema *schema,
                           const struct sw_node *node, const struct sw_schema_place *place)
{
    const char *wanted = sw_schema_kinds(walk, schema, NULL);
    if (node->type == SW_NODE_NULL && node->text.n == 0) {
        struct sw_finding *empty = sw_schema_bad_value(walk, node, "%s must be %s, but is empty",
                                                       sw_schema_subject(walk, place), wanted);
        if (place->parent != NULL)
            sw_finding_hint(walk->findings, empty, "give it a value, or leave the key out");
        return;
    }
    struct sw_finding *finding =
        sw_schema_bad_value(walk, node, "%s must be %s, not %s", sw_schema_subject(walk, place), wanted,
                            sw_node_type_words(node->type));
    sw_schema_hint_meant(walk, finding, schema, node, place);
}

/* The digits at the beginning of a text that has more than digits, "24" of "24 GB"; empty if it has none. */
static struct sw_str number_of(struct sw_str text)
{
    struct sw_str digits = {text.p, sw_str_digits(text)};
    return digits.n == text.n ? (struct sw_str){text.p, 0} : digits;
}

void sw_schema_hint_meant(struct sw_schema_walk *walk, struct sw_finding *finding,
                          const struct sw_schema *schema, const struct sw_node *node,
                          const struct sw_schema_place *place)
{
    const char *meant = sw_schema_meant(&walk->findings->arena, schema, node);
    const char *fault = meant == NULL ? sw_schema_item_fault(schema, node) : NULL;
    struct sw_str number = schema->kind == SW_SCHEMA_INTEGER ? number_of(node->text) : SW_STR("");
    if (node->type == SW_NODE_TEXT && number.n > 0 && place->field != NULL)
        sw_finding_hint(walk->findings, finding, "write it as %s: %.*s", place->field->key,
                        SW_STR_FORMAT(number));
    else if (node->type == SW_NODE_TEXT &&
             (schema->kind == SW_SCHEMA_INTEGER || schema->kind == SW_SCHEMA_BOOL))
        sw_finding_hint(walk->findings, finding, "\"%s\" is text; write %s without quotes",
                        sw_schema_shown(walk, node->text), kind_words(schema->kind));
    else if (meant != NULL && place->field != NULL)
        sw_finding_hint(walk->findings, finding, "write it as %s: %s", place->field->key, meant);
    else if (meant != NULL)
        sw_finding_hint(walk->findings, finding, "write it as %s", meant);
    else if (fault != NULL)
        sw_finding_hint(walk->findings, finding, "'%s' %s", sw_schema_shown(walk, node->text), fault);
    else
        sw_schema_hint_example(walk, finding, place);
}

/* -- unknown and missing keys
 * ---------------------------------------------------------------------------------- */

const struct sw_field *sw_schema_find_field(const struct sw_field *fields, struct sw_str key)
{
    for (; fields->key != NULL; fields++) {
        if (sw_str_is(key, fields->key))
            return fields;
    }
    return NULL;
}

void sw_schema_guess_word(struct sw_schema_guess *guess, const char *word)
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

/* The key of a word in a table that may be NULL; NULL if it is not there. */
static const char *find_synonym(const struct sw_synonym *row, struct sw_str word)
{
    while (row != NULL && row->word != NULL && !sw_str_is(word, row->word))
        row++;
    return row == NULL ? NULL : row->key;
}

void sw_schema_report_unknown(struct sw_schema_walk *walk, const struct sw_schema *schema,
                              const struct sw_node *map, const struct sw_member *member,
                              const struct sw_schema_place *place)
{
    struct sw_finding *finding = sw_findings_add(
        walk->findings, "SW101", SW_ERROR, "unknown key '%s'%s%s", sw_schema_shown(walk, member->key),
        place->parent == NULL ? "" : " in ", place->parent == NULL ? "" : sw_schema_subject(walk, place));
    sw_finding_place(walk->findings, finding, map->file, member->line, member->column);
    struct sw_schema_guess guess = {.text = member->key};
    SW_BUFFER_AUTO known;
    sw_buffer_init(&known, SW_MAX_MESSAGE);
    for (const struct sw_field *field = schema->fields; field->key != NULL; field++) {
        /* If the key is there already, the unknown key was not meant to be this key. */
        if (sw_node_member(map, field->key) == NULL)
            sw_schema_guess_word(&guess, field->key);
        sw_buffer_addf(&known, "%s%s", known.n == 0 ? "" : ", ", field->key);
    }
    const char *meant = find_synonym(schema->synonyms, member->key),
               *elsewhere = find_synonym(schema->elsewhere, member->key);
    const struct sw_field *field =
        meant == NULL ? NULL : sw_schema_find_field(schema->fields, sw_str_from(meant));
    if (elsewhere != NULL)
        sw_finding_hint(walk->findings, finding, "%s", elsewhere);
    else if (field != NULL && field->example != NULL)
        sw_finding_hint(walk->findings, finding, "it is called '%s' here; %s: %s, for example", meant, meant,
                        field->example);
    else if (guess.word != NULL)
        sw_finding_hint(walk->findings, finding, "did you mean '%s'?", guess.word);
    else
        sw_finding_hint(walk->findings, finding, "known keys: %s", known.p);
}

void sw_schema_report_missing(struct sw_schema_walk *walk, const struct sw_field *field,
                              const struct sw_node *map, const struct sw_schema_place *place)
{
    struct sw_finding *finding =
        sw_schema_bad_value(walk, map, "%s lacks the key '%s'", sw_schema_subject(walk, place), field->key);
    if (field->example != NULL && strchr(field->example, '\n') == NULL)
        sw_finding_hint(walk->findings, finding, "%s: %s, for example", field->key, field->example);
    else
        sw_finding_hint(walk->findings, finding, "%s: %s", field->key, field->doc);
}
