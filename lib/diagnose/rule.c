#include "diagnose/rule_internal.h"

#include "base/limits.h"

static int read_near(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *list, int side,
                     struct sw_error *error)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *node = sw_node_item(list, i);
        struct sw_rule_near *rows =
            sw_arena_grow(arena, rule->near, rule->near_count, sizeof(struct sw_rule_near));
        if (rows == NULL)
            return sw_fail_memory(error);
        rule->near = rows;
        struct sw_rule_near *row = &rows[rule->near_count];
        *row = (struct sw_rule_near){
            .side = (unsigned)side,
            .absent = sw_node_boolean(sw_node_get(node, "absent"), false),
            .within = (unsigned)sw_node_integer(sw_node_get(node, "within"), SW_MAX_LOG_TAIL),
            .required =
                sw_node_boolean(sw_node_get(node, "required"), side == SW_NEAR_LINE || side == SW_NEAR_STEP),
            .all = sw_node_boolean(sw_node_get(node, "all"), false),
        };
        int code = sw_pattern_new(&row->pattern, arena, sw_node_get(node, "match"), &rule->names, error);
        if (code != 0)
            return code;
        rule->near_count++;
        if (side == SW_NEAR_AFTER && row->within > rule->lines_after)
            rule->lines_after = row->within;
    }
    return 0;
}

static int read_derived_one(struct sw_rule_derived *row, struct sw_rule *rule, struct sw_arena *arena,
                            const struct sw_member *member, struct sw_error *error)
{
    const struct sw_node *spec = member->value;
    const struct sw_node *from = sw_node_get(spec, "from");
    const struct sw_node *map = sw_node_get(spec, "map"), *replace = sw_node_get(spec, "replace");
    if ((map == NULL) == (replace == NULL))
        return sw_fail_at(error, SW_EINPUT, sw_node_file(spec), sw_node_line(spec), sw_node_column(spec),
                          "a derived value needs either 'map' or 'replace'");
    *row = (struct sw_rule_derived){.from = sw_names_find(&rule->names, sw_node_str(from)),
                                    .replace = replace != NULL};
    if (row->from < 0)
        return sw_fail_at(error, SW_EINPUT, sw_node_file(from), sw_node_line(from), sw_node_column(from),
                          "no group or derived value before this one is named '%s'", sw_node_text(from, ""));
    row->pairs = map != NULL ? map : replace;
    row->count = sw_node_member_count(row->pairs);
    int code = sw_phrase_read(&row->otherwise, arena, sw_node_get(spec, "otherwise"), &rule->names, error);
    if (code == 0)
        code = sw_phrase_read(&row->missing, arena, sw_node_get(spec, "missing"), &rule->names, error);
    if (code != 0)
        return code;
    row->to = sw_names_add(&rule->names, arena, member->key);
    if (row->to < 0)
        return sw_fail_at(error, SW_EINPUT, sw_node_file(spec), member->line, member->column,
                          "more than %d groups or names in one rule", SW_RULE_NAMES);
    return 0;
}

static int read_derived(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *map,
                        struct sw_error *error)
{
    if (map == NULL)
        return 0;
    rule->derived = sw_arena_array(arena, sw_node_member_count(map), sizeof *rule->derived);
    if (rule->derived == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        int code = read_derived_one(&rule->derived[i], rule, arena, sw_node_member_at(map, i), error);
        if (code != 0)
            return code;
        rule->derived_count++;
    }
    return 0;
}

static int read_condition(struct sw_rule_condition *out, const struct sw_names *names, struct sw_arena *arena,
                          const struct sw_node *node, struct sw_error *error)
{
    const struct sw_node *is = sw_node_get(node, "is"), *is_not = sw_node_get(node, "is_not"),
                         *exists = sw_node_get(node, "exists");
    if ((is != NULL) + (is_not != NULL) + (exists != NULL) != 1)
        return sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node), sw_node_column(node),
                          "a condition needs one of 'is', 'is_not' and 'exists'");
    if (exists != NULL)
        out->test = sw_node_boolean(exists, true) ? SW_WHEN_EXISTS : SW_WHEN_ABSENT;
    else
        out->test = is != NULL ? SW_WHEN_IS : SW_WHEN_IS_NOT;
    int code = sw_phrase_read(&out->path, arena, sw_node_get(node, "path"), names, error);
    if (code == 0)
        code = sw_phrase_read(&out->value, arena, is != NULL ? is : is_not, names, error);
    return code;
}

static int read_conditions(struct sw_rule_conditions *out, const struct sw_names *names,
                           struct sw_arena *arena, const struct sw_node *list, struct sw_error *error)
{
    if (list == NULL)
        return 0;
    out->items = sw_arena_array(arena, sw_node_count(list), sizeof *out->items);
    if (out->items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        int code = read_condition(&out->items[i], names, arena, sw_node_item(list, i), error);
        if (code != 0)
            return code;
        out->count++;
    }
    return 0;
}

static enum sw_edit_op read_op(const char *word)
{
    return strcmp(word, "set") == 0 ? SW_EDIT_SET : strcmp(word, "add") == 0 ? SW_EDIT_ADD : SW_EDIT_REMOVE;
}

static int read_fix(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *list,
                    struct sw_error *error)
{
    if (list == NULL)
        return 0;
    rule->fix = sw_arena_array(arena, sw_node_count(list), sizeof *rule->fix);
    if (rule->fix == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *node = sw_node_item(list, i), *value = sw_node_get(node, "value");
        struct sw_rule_edit *edit = &rule->fix[i];
        edit->op = read_op(sw_node_text(sw_node_get(node, "op"), "set"));
        if ((edit->op == SW_EDIT_REMOVE) != (value == NULL))
            return sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node), sw_node_column(node),
                              "'set' and 'add' need a value, 'remove' takes none");
        int code = sw_phrase_read(&edit->path, arena, sw_node_get(node, "path"), &rule->names, error);
        if (code == 0)
            code = sw_phrase_read(&edit->value, arena, value, &rule->names, error);
        if (code == 0)
            code = read_conditions(&edit->when, &rule->names, arena, sw_node_get(node, "when"), error);
        if (code != 0)
            return code;
        rule->fix_count++;
    }
    return 0;
}

static int read_places(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *list,
                       struct sw_error *error)
{
    if (list == NULL)
        return 0;
    rule->at = sw_arena_array(arena, sw_node_count(list), sizeof *rule->at);
    if (rule->at == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        int code = sw_phrase_read(&rule->at[i], arena, sw_node_item(list, i), &rule->names, error);
        if (code != 0)
            return code;
        rule->at_count++;
    }
    return 0;
}

/* Everything that may name a group, once all are known. */
static int read_phrases(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *node,
                        struct sw_error *error)
{
    const struct {
        struct sw_phrase *phrase;
        const char *key;
    } rows[] = {
        {&rule->message, "message"}, {&rule->cause, "cause"}, {&rule->hint, "hint"}, {&rule->proof, "proof"}};
    int code = 0;
    for (size_t i = 0; i < SW_COUNT(rows) && code == 0; i++)
        code = sw_phrase_read(rows[i].phrase, arena, sw_node_get(node, rows[i].key), &rule->names, error);
    if (code == 0)
        code = read_conditions(&rule->when, &rule->names, arena, sw_node_get(node, "when"), error);
    if (code == 0)
        code = read_places(rule, arena, sw_node_get(node, "at"), error);
    if (code == 0)
        code = read_fix(rule, arena, sw_node_get(node, "fix"), error);
    return code;
}

static int read_match(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *match,
                      struct sw_error *error)
{
    int code = sw_pattern_new(&rule->pattern, arena, match, &rule->names, error);
    if (code != 0)
        return code;
    struct sw_error reason;
    code = sw_literals_find(&rule->literals, arena, sw_node_str(match), &reason);
    if (code == 0)
        return 0;
    (void)sw_fail_at(error, code, sw_node_file(match), sw_node_line(match), sw_node_column(match), "%s",
                     reason.text);
    return sw_error_hint(error, "%s", reason.hint);
}

static int read_sides(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *node,
                      struct sw_error *error)
{
    static const struct {
        const char *key;
        int side;
    } rows[] = {
        {"line", SW_NEAR_LINE}, {"step", SW_NEAR_STEP}, {"before", SW_NEAR_BEFORE}, {"after", SW_NEAR_AFTER}};
    int code = 0;
    for (size_t i = 0; i < SW_COUNT(rows) && code == 0; i++)
        code = read_near(rule, arena, sw_node_get(node, rows[i].key), rows[i].side, error);
    return code;
}

/* Read the flags by which a rule tells of the course of a build. */
static void read_course(struct sw_rule *rule, const struct sw_node *node)
{
    const struct {
        const char *key;
        bool *flag;
    } rows[] = {{"symptom", &rule->symptom},       {"consequence", &rule->consequence},
                {"transient", &rule->transient},   {"again", &rule->again},
                {"success", &rule->success},       {"each", &rule->each},
                {"background", &rule->background}, {"survives", &rule->survives}};
    for (size_t i = 0; i < SW_COUNT(rows); i++)
        *rows[i].flag = sw_node_boolean(sw_node_get(node, rows[i].key), false);
    const char *place = sw_node_text(sw_node_get(node, "in"), "");
    rule->place = strcmp(place, "build") == 0 ? SW_RULE_IN_BUILD
                  : strcmp(place, "run") == 0 ? SW_RULE_IN_RUN
                                              : SW_RULE_ANYWHERE;
}

int sw_rule_read(struct sw_rule *rule, struct sw_arena *arena, const struct sw_node *node,
                 struct sw_error *error)
{
    const struct sw_node *code_node = sw_node_get(node, "code");
    const char *severity = sw_node_text(sw_node_get(node, "severity"), "error");
    rule->node = node;
    rule->id = sw_node_text(sw_node_get(node, "id"), "");
    rule->code = sw_node_text(code_node, "");
    if (sw_finding_code_find(rule->code) == NULL)
        return sw_fail_at(error, SW_EINPUT, sw_node_file(code_node), sw_node_line(code_node),
                          sw_node_column(code_node), "'%s' is no finding code", rule->code);
    rule->severity = strcmp(severity, "error") == 0     ? SW_ERROR
                     : strcmp(severity, "warning") == 0 ? SW_WARNING
                                                        : SW_NOTE;
    rule->rank = sw_node_integer(sw_node_get(node, "rank"), 50);
    read_course(rule, node);
    rule->url = sw_node_text(sw_node_get(node, "url"), NULL);
    rule->importer = sw_names_add(&rule->names, arena, SW_STR("importer"));
    int code = read_match(rule, arena, sw_node_get(node, "match"), error);
    if (code == 0)
        code = read_sides(rule, arena, node, error);
    if (code == 0)
        code = read_derived(rule, arena, sw_node_get(node, "derive"), error);
    if (code == 0)
        code = read_phrases(rule, arena, node, error);
    return code;
}

void sw_rule_release(struct sw_rule *rule)
{
    sw_pattern_free(rule->pattern);
    for (size_t i = 0; i < rule->near_count; i++)
        sw_pattern_free(rule->near[i].pattern);
}
