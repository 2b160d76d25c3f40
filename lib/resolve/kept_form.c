#include "resolve/kept_form_internal.h"

#include "base/limits.h"
#include "data/json.h"

/* -- writing ---------------------------------------------------------------------------------------------------- */

static struct sw_node *texts(struct sw_builder *b, const char *const *items, size_t count)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < count; i++)
        sw_build_append(b, list, sw_build_text(b, items[i]));
    return list;
}

static struct sw_node *write_file(struct sw_builder *b, const struct sw_resolved_file *file)
{
    const char *const items[] = {file->name,     file->url,   file->sha256,
                                 file->uploaded, file->index, file->yanked_reason};
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "kind", sw_build_int(b, file->kind));
    sw_build_set(b, node, "texts", texts(b, items, SW_COUNT(items)));
    sw_build_set(b, node, "size", sw_build_int(b, file->size > INT64_MAX ? 0 : (int64_t)file->size));
    sw_build_set(b, node, "yanked", sw_build_bool(b, file->yanked));
    return node;
}

static struct sw_node *write_dependencies(struct sw_builder *b, const struct sw_resolved_package *package)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < package->dependency_count; i++) {
        const struct sw_resolved_dependency *dependency = &package->dependencies[i];
        sw_build_append(b, list, sw_build_int(b, (int64_t)dependency->package));
        sw_build_append(b, list, sw_build_text(b, dependency->text));
        sw_build_append(b, list, sw_build_text(b, dependency->marker));
    }
    return list;
}

static struct sw_node *write_requirers(struct sw_builder *b, const struct sw_resolved_package *package)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < package->requirer_count; i++) {
        const struct sw_resolved_requirer *requirer = &package->requirers[i];
        bool root = requirer->package == SW_RESOLVED_ROOT;
        sw_build_append(b, list, sw_build_int(b, root ? -1 : (int64_t)requirer->package));
        sw_build_append(b, list, sw_build_int(b, (int64_t)requirer->requirement));
    }
    return list;
}

static struct sw_node *write_package(struct sw_builder *b, const struct sw_resolved_package *package)
{
    const char *const items[] = {package->name, package->version, package->requires_python};
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "texts", texts(b, items, SW_COUNT(items)));
    sw_build_set(b, node, "extras", texts(b, package->extras, package->extra_count));
    sw_build_set(b, node, "file", write_file(b, &package->file));
    sw_build_set(b, node, "requires", write_dependencies(b, package));
    sw_build_set(b, node, "requirers", write_requirers(b, package));
    sw_build_set(b, node, "known", sw_build_bool(b, package->known));
    return node;
}

static struct sw_node *write_fact(struct sw_builder *b, const struct sw_resolve_fact *fact)
{
    const char *const items[] = {fact->text, fact->source};
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "texts", texts(b, items, SW_COUNT(items)));
    sw_build_set(b, node, "origin", sw_build_int(b, fact->origin));
    sw_build_set(b, node, "place", sw_build_int(b, (int64_t)fact->place));
    return node;
}

bool sw_kept_write(struct sw_buffer *out, const struct sw_resolve_answer *answer, int64_t until)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_RESOLVE_ANSWER_MEMORY);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *root = sw_build_map(&b), *packages = sw_build_list(&b), *facts = sw_build_list(&b);
    struct sw_node *unknowns = sw_build_list(&b);
    for (size_t i = 0; i < answer->resolution.package_count; i++)
        sw_build_append(&b, packages, write_package(&b, &answer->resolution.packages[i]));
    for (size_t i = 0; i < answer->resolution.unknown_count; i++) {
        sw_build_append(&b, unknowns, sw_build_text(&b, answer->resolution.unknowns[i].project));
        sw_build_append(&b, unknowns, sw_build_text(&b, answer->resolution.unknowns[i].reason));
    }
    for (size_t i = 0; i < answer->fact_count; i++)
        sw_build_append(&b, facts, write_fact(&b, &answer->facts[i]));
    sw_build_set(&b, root, "until", sw_build_int(&b, until));
    sw_build_set(&b, root, "found", sw_build_bool(&b, answer->found));
    sw_build_set(&b, root, "gave-up", sw_build_bool(&b, answer->gave_up));
    sw_build_set(&b, root, "more", sw_build_int(&b, (int64_t)answer->more_facts));
    sw_build_set(&b, root, "packages", packages);
    sw_build_set(&b, root, "unknowns", unknowns);
    sw_build_set(&b, root, "facts", facts);
    if (b.failed || root == NULL)
        return false;
    sw_json_write(out, root, SW_JSON_COMPACT);
    return out->state == SW_BUFFER_OK;
}

/* -- reading ---------------------------------------------------------------------------------------------------- */

struct reading {
    struct sw_arena *arena;
    const struct sw_resolve_input *input;
    const struct sw_node *packages;
    /* Something is out of form, or memory ran out. */
    bool failed;
};

static const char *read_text(struct reading *reading, const struct sw_node *list, size_t i)
{
    const struct sw_node *node = sw_node_item(list, i);
    const char *copy =
        sw_node_type(node) == SW_NODE_TEXT ? sw_arena_copy(reading->arena, sw_node_str(node)) : NULL;
    reading->failed = reading->failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* An integer from `least` on and below `end`. */
static int64_t read_number(struct reading *reading, const struct sw_node *node, int64_t least, size_t end)
{
    int64_t most = end > INT64_MAX ? INT64_MAX : (int64_t)end - 1;
    int64_t number = most < least ? INT64_MIN : sw_node_integer_within(node, least, most, INT64_MIN);
    reading->failed = reading->failed || number == INT64_MIN;
    return number == INT64_MIN ? 0 : number;
}

/* A place below `end`. */
static size_t read_place(struct reading *reading, const struct sw_node *node, size_t end)
{
    int64_t number = read_number(reading, node, 0, end);
    return (size_t)number;
}

static void *read_array(struct reading *reading, size_t count, size_t size)
{
    void *items = sw_arena_array(reading->arena, count, size);
    reading->failed = reading->failed || items == NULL;
    return items;
}

static struct sw_resolved_file read_file(struct reading *reading, const struct sw_node *node)
{
    const struct sw_node *list = sw_node_get(node, "texts");
    int64_t kind = read_number(reading, sw_node_get(node, "kind"), 0, SW_RESOLVED_VCS + 1);
    int64_t size = read_number(reading, sw_node_get(node, "size"), 0, SIZE_MAX);
    return (struct sw_resolved_file){.kind = (enum sw_resolved_kind)kind,
                                     .name = read_text(reading, list, 0),
                                     .revision = "",
                                     .url = read_text(reading, list, 1),
                                     .sha256 = read_text(reading, list, 2),
                                     .uploaded = read_text(reading, list, 3),
                                     .index = read_text(reading, list, 4),
                                     .yanked_reason = read_text(reading, list, 5),
                                     .size = (uint64_t)size,
                                     .yanked = sw_node_boolean(sw_node_get(node, "yanked"), false)};
}

static void read_dependencies(struct reading *reading, struct sw_resolved_package *package,
                              const struct sw_node *list)
{
    size_t count = sw_node_count(list) / 3;
    struct sw_resolved_dependency *dependencies = read_array(reading, count, sizeof *dependencies);
    for (size_t i = 0; !reading->failed && i < count; i++)
        dependencies[i] = (struct sw_resolved_dependency){
            .package = read_place(reading, sw_node_item(list, 3 * i), sw_node_count(reading->packages)),
            .text = read_text(reading, list, 3 * i + 1),
            .marker = read_text(reading, list, 3 * i + 2)};
    package->dependencies = dependencies;
    package->dependency_count = count;
}

static void read_requirers(struct reading *reading, struct sw_resolved_package *package,
                           const struct sw_node *list)
{
    size_t count = sw_node_count(list) / 2;
    struct sw_resolved_requirer *requirers = read_array(reading, count, sizeof *requirers);
    for (size_t i = 0; !reading->failed && i < count; i++) {
        int64_t from = read_number(reading, sw_node_item(list, 2 * i), -1, sw_node_count(reading->packages));
        const struct sw_node *other = from < 0 ? NULL : sw_node_item(reading->packages, (size_t)from);
        size_t end =
            from < 0 ? reading->input->root_count : sw_node_count(sw_node_get(other, "requires")) / 3;
        requirers[i] = (struct sw_resolved_requirer){from < 0 ? SW_RESOLVED_ROOT : (size_t)from,
                                                     read_place(reading, sw_node_item(list, 2 * i + 1), end)};
    }
    package->requirers = requirers;
    package->requirer_count = count;
}

static struct sw_resolved_package read_package(struct reading *reading, const struct sw_node *node)
{
    const struct sw_node *list = sw_node_get(node, "texts"), *extras = sw_node_get(node, "extras");
    struct sw_resolved_package package = {.name = read_text(reading, list, 0),
                                          .version = read_text(reading, list, 1),
                                          .requires_python = read_text(reading, list, 2),
                                          .file = read_file(reading, sw_node_get(node, "file")),
                                          .known = sw_node_boolean(sw_node_get(node, "known"), false)};
    package.extra_count = sw_node_count(extras);
    const char **names = read_array(reading, package.extra_count, sizeof *names);
    for (size_t i = 0; !reading->failed && i < package.extra_count; i++)
        names[i] = read_text(reading, extras, i);
    package.extras = names;
    read_dependencies(reading, &package, sw_node_get(node, "requires"));
    read_requirers(reading, &package, sw_node_get(node, "requirers"));
    return package;
}

static void read_set(struct sw_resolution *out, struct reading *reading, const struct sw_node *root)
{
    const struct sw_node *list = sw_node_get(root, "unknowns");
    size_t count = sw_node_count(reading->packages), unknown_count = sw_node_count(list) / 2;
    struct sw_resolved_package *packages = read_array(reading, count, sizeof *packages);
    struct sw_resolved_unknown *unknowns = read_array(reading, unknown_count, sizeof *unknowns);
    for (size_t i = 0; !reading->failed && i < count; i++) {
        packages[i] = read_package(reading, sw_node_item(reading->packages, i));
        /* The set is looked up by name, and each member is there for somebody. */
        reading->failed = reading->failed || packages[i].requirer_count == 0 ||
                          (i > 0 && strcmp(packages[i - 1].name, packages[i].name) >= 0);
    }
    for (size_t i = 0; !reading->failed && i < unknown_count; i++)
        unknowns[i] = (struct sw_resolved_unknown){read_text(reading, list, 2 * i),
                                                   read_text(reading, list, 2 * i + 1)};
    *out = (struct sw_resolution){packages, count, unknowns, unknown_count};
}

static struct sw_resolve_fact read_fact(struct reading *reading, const struct sw_node *node)
{
    const struct sw_resolve_input *input = reading->input;
    const size_t ends[] = {SIZE_MAX, input->root_count, input->constraint_count, input->override_count,
                           input->bar_count};
    size_t origin = read_place(reading, sw_node_get(node, "origin"), SW_COUNT(ends));
    const struct sw_node *list = sw_node_get(node, "texts");
    return (struct sw_resolve_fact){read_text(reading, list, 0), read_text(reading, list, 1),
                                    (enum sw_resolve_origin)origin,
                                    read_place(reading, sw_node_get(node, "place"), ends[origin])};
}

bool sw_kept_read(struct sw_resolve_answer *out, int64_t *until, struct sw_arena *arena, struct sw_str text,
                  const struct sw_resolve_input *input)
{
    SW_ARENA_AUTO own;
    sw_arena_init(&own, SW_MAX_RESOLVE_ANSWER_MEMORY);
    const struct sw_node *root = NULL;
    if (sw_json_read(&root, &own, text, NULL, NULL) != 0)
        return false;
    struct reading reading = {.arena = arena, .input = input, .packages = sw_node_get(root, "packages")};
    const struct sw_node *list = sw_node_get(root, "facts");
    struct sw_resolve_answer answer = {.found = sw_node_boolean(sw_node_get(root, "found"), false),
                                       .gave_up = sw_node_boolean(sw_node_get(root, "gave-up"), false),
                                       .fact_count = sw_node_count(list),
                                       .more_facts =
                                           read_place(&reading, sw_node_get(root, "more"), SIZE_MAX)};
    struct sw_resolve_fact *facts = read_array(&reading, answer.fact_count, sizeof *facts);
    for (size_t i = 0; !reading.failed && i < answer.fact_count; i++)
        facts[i] = read_fact(&reading, sw_node_item(list, i));
    answer.facts = facts;
    read_set(&answer.resolution, &reading, root);
    *until = sw_node_integer(sw_node_get(root, "until"), 0);
    if (reading.failed)
        return false;
    *out = answer;
    return true;
}
