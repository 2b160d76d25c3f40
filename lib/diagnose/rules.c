#include "diagnose/rules.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/resource.h"
#include "data/yaml.h"
#include "diagnose/line_internal.h"
#include "diagnose/reader_internal.h"
#include "diagnose/rule_internal.h"

#include <dirent.h>
#include <unistd.h>

#define FOLDER "profiles/rules/"

/* The files of one set of rules, as they are gathered. */
struct gathering {
    struct sw_arena *arena;
    struct sw_rule_file *files;
    size_t count;
};

static int add_file(struct gathering *g, struct sw_rule_file file, struct sw_error *error)
{
    struct sw_rule_file *files = sw_arena_grow(g->arena, g->files, g->count, sizeof(struct sw_rule_file));
    if (files == NULL)
        return sw_fail_memory(error);
    g->files = files;
    g->files[g->count++] = file;
    return 0;
}

/* The first fault that the schema finds, as an error. */
static int check_schema(const struct sw_node *root, struct sw_error *error)
{
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    sw_schema_check(&sw_rule_file_schema, root, &findings);
    if (findings.count == 0)
        return 0;
    const struct sw_finding *first = findings.items[0];
    (void)sw_fail_at(error, SW_EINPUT, first->file, first->line, first->column, "%s", first->message);
    return sw_error_hint(error, "%s", first->hint == NULL ? "" : first->hint);
}

static int add_rule(struct sw_rules *rules, const struct sw_node *node, struct sw_error *error)
{
    if (rules->count == SW_MAX_RULES)
        return sw_fail_at(error, SW_EINPUT, sw_node_file(node), sw_node_line(node), sw_node_column(node),
                          "more than %d rules", SW_MAX_RULES);
    struct sw_rule *items = sw_arena_grow(&rules->arena, rules->items, rules->count, sizeof(struct sw_rule));
    if (items == NULL)
        return sw_fail_memory(error);
    rules->items = items;
    items[rules->count] = (struct sw_rule){0};
    return sw_rule_read(&items[rules->count++], &rules->arena, node, error);
}

static int read_file(struct sw_rules *rules, const struct sw_rule_file *file, struct sw_error *error)
{
    const struct sw_node *root = NULL;
    int code = sw_yaml_read(&root, &rules->arena, file->text, file->path, error);
    if (code == 0)
        code = check_schema(root, error);
    const struct sw_node *list = sw_node_get(root, "rules");
    for (size_t i = 0; code == 0 && i < sw_node_count(list); i++)
        code = add_rule(rules, sw_node_item(list, i), error);
    return code;
}

static const struct sw_rule *find(const struct sw_rules *rules, struct sw_str id)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (sw_str_is(id, rules->items[i].id))
            return &rules->items[i];
    }
    return NULL;
}

/* Turn the ids under `explains` into numbers, and refuse an id that comes twice. */
static int link_rule(struct sw_rules *rules, struct sw_rule *rule, struct sw_error *error)
{
    const struct sw_node *id = sw_node_get(rule->node, "id");
    if (find(rules, sw_node_str(id)) != rule)
        return sw_fail_at(error, SW_EINPUT, sw_node_file(id), sw_node_line(id), sw_node_column(id),
                          "a second rule with the id '%s'", rule->id);
    const struct sw_node *list = sw_node_get(rule->node, "explains");
    if (list == NULL)
        return 0;
    rule->explains = sw_arena_array(&rules->arena, sw_node_count(list), sizeof *rule->explains);
    if (rule->explains == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_rule *other = find(rules, sw_node_str(sw_node_item(list, i)));
        if (other == NULL)
            return sw_fail_at(error, SW_EINPUT, sw_node_file(sw_node_item(list, i)),
                              sw_node_line(sw_node_item(list, i)), sw_node_column(sw_node_item(list, i)),
                              "no rule has the id '%s'", sw_node_text(sw_node_item(list, i), ""));
        rule->explains[rule->explains_count++] = (unsigned)(other - rules->items);
    }
    return 0;
}

static int make_scan(struct sw_rules *rules, struct sw_error *error)
{
    size_t count = SW_LOG_FAILURES;
    for (size_t i = 0; i < rules->count; i++)
        count += rules->items[i].literals.count;
    for (size_t i = 0; i < SW_READERS; i++) {
        for (size_t k = 0; sw_readers[i]->words[k] != NULL; k++)
            count++;
    }
    struct sw_scan_text *texts = sw_arena_array(&rules->arena, count, sizeof *texts);
    if (texts == NULL)
        return sw_fail_memory(error);
    count = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const struct sw_literals *literals = &rules->items[i].literals;
        for (size_t k = 0; k < literals->count; k++)
            texts[count++] = (struct sw_scan_text){literals->items[k], (unsigned)i};
    }
    for (size_t i = 0; i < SW_LOG_FAILURES; i++)
        texts[count++] = (struct sw_scan_text){sw_str_from(sw_log_failure_words[i]), (unsigned)rules->count};
    for (size_t i = 0; i < SW_READERS; i++) {
        for (size_t k = 0; sw_readers[i]->words[k] != NULL; k++)
            texts[count++] =
                (struct sw_scan_text){sw_str_from(sw_readers[i]->words[k]), (unsigned)(rules->count + 1 + i)};
    }
    return sw_scan_new(&rules->scan, texts, count, rules->count + 1 + SW_READERS, error);
}

int sw_rules_read(struct sw_rules **out, const struct sw_rule_file *files, size_t count,
                  struct sw_error *error)
{
    struct sw_rules *rules = calloc(1, sizeof *rules);
    if (rules == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&rules->arena, SW_MAX_ARENA);
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        code = read_file(rules, &files[i], error);
    for (size_t i = 0; i < rules->count && code == 0; i++)
        code = link_rule(rules, &rules->items[i], error);
    if (code == 0)
        code = make_scan(rules, error);
    if (code != 0) {
        sw_rules_free(rules);
        return code;
    }
    *out = rules;
    return 0;
}

static int gather_built_in(struct gathering *g, const char *project, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < sw_resources_count && code == 0; i++) {
        struct sw_rule_file file;
        const char *name = sw_resources[i].name;
        if (!sw_str_starts(sw_str_from(name), FOLDER) || !sw_str_ends(sw_str_from(name), ".yaml"))
            continue;
        code = sw_resource_load(&file.text, &file.path, g->arena, project, name, error);
        if (code == 0)
            code = add_file(g, file, error);
    }
    return code;
}

static bool is_built_in(const char *name)
{
    for (size_t i = 0; i < sw_resources_count; i++) {
        if (strcmp(sw_resources[i].name, name) == 0)
            return true;
    }
    return false;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The project's files that override none. */
static int gather_own(struct gathering *g, const char *project, struct sw_error *error)
{
    struct dirent **entries = NULL;
    const char *folder = sw_path_join(g->arena, project, FOLDER);
    if (folder == NULL)
        return sw_fail_memory(error);
    int count = scandir(folder, &entries, NULL, by_name); /* -1 if there is no such folder */
    int code = 0;
    for (int i = 0; i < count; i++) {
        struct sw_rule_file file;
        const char *name = sw_arena_format(g->arena, FOLDER "%s", entries[i]->d_name);
        if (code == 0 && name == NULL)
            code = sw_fail_memory(error);
        if (code == 0 && sw_str_ends(sw_str_from(name), ".yaml") && !is_built_in(name)) {
            code = sw_resource_load(&file.text, &file.path, g->arena, project, name, error);
            if (code == 0)
                code = add_file(g, file, error);
        }
        free(entries[i]);
    }
    free(entries);
    return code;
}

int sw_rules_load(struct sw_rules **out, const char *project, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct gathering g = {.arena = &arena};
    int code = gather_built_in(&g, project, error);
    if (code == 0 && project != NULL)
        code = gather_own(&g, project, error);
    if (code == 0)
        code = sw_rules_read(out, g.files, g.count, error);
    return code;
}

bool sw_rules_are_own(const char *project)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_PATH_SIZE);
    const char *folder = project == NULL ? NULL : sw_path_join(&arena, project, FOLDER);
    return project != NULL && (folder == NULL || access(folder, F_OK) == 0);
}

void sw_rules_free(struct sw_rules *rules)
{
    if (rules == NULL)
        return;
    for (size_t i = 0; i < rules->count; i++)
        sw_rule_release(&rules->items[i]);
    sw_scan_free(rules->scan);
    sw_arena_release(&rules->arena);
    free(rules);
}

size_t sw_rules_count(const struct sw_rules *rules)
{
    return rules->count;
}

const struct sw_node *sw_rules_node(const struct sw_rules *rules, size_t index)
{
    return rules->items[index].node;
}
