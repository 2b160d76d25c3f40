/* The requirements of a project, by the standard tables of pyproject.toml (packaging.python.org, "pyproject.toml specification" and
 * "Dependency Groups"), with the extras and groups that are asked for. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "data/path.h"
#include "python/name.h"
#include "python/requirement.h"

/* The extras or the groups of a project: a map of lists. Each list that is asked for is taken once, in the order of the requests. */
struct sections {
    const struct sw_node *map;
    struct draft_names names; /* normalized */
    bool *taken;
    size_t *queue; /* of members */
    size_t queued, read;
};

/* A project on its way. */
struct project {
    struct sw_draft *draft;
    const char *path;
    const char *name;                 /* normalized; "" if it has none */
    const struct sw_node *uv_sources; /* tool.uv.sources */
    const struct sw_node *uv_indexes; /* tool.uv.index */
    struct sections extras, groups;
};

/* ---- extras and groups ---- */

bool draft_is_asked(const char *const *names, size_t count, struct sw_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_name_equal(sw_str_from(names[i]), name) || strcmp(names[i], "*") == 0)
            return true;
    }
    return false;
}

static void begin_sections(struct sections *out, struct sw_draft *draft, const struct sw_node *map)
{
    const size_t count = sw_node_member_count(map);
    struct sections sections = {.map = map, .names = draft_names_new(draft, count)};
    sections.taken = sw_arena_array(&draft->arena, count + 1, sizeof *sections.taken);
    sections.queue = sw_arena_array(&draft->arena, count + 1, sizeof *sections.queue);
    draft->failed = draft->failed || sections.taken == NULL || sections.queue == NULL;
    for (size_t i = 0; i < count && !draft->failed; i++) {
        const char *name = sw_name_normalized(&draft->arena, sw_node_member_at(map, i)->key);
        draft->failed = name == NULL;
        sections.taken[i] = false;
        sections.names.rows[i] = (struct draft_named){.name = sw_str_from(name), .number = i};
    }
    draft_names_sort(&sections.names);
    *out = sections;
}

static void take_member(struct sections *sections, size_t number)
{
    if (sections->taken[number])
        return;
    sections->taken[number] = true;
    sections->queue[sections->queued++] = number;
}

/* Take the lists of a name. If there is none, say so at the place of the request, unless that is NULL. */
static void take_section(struct project *p, struct sections *sections, struct sw_str name,
                         const struct draft_place *place)
{
    const char *normalized = sw_name_normalized(&p->draft->arena, name);
    p->draft->failed = p->draft->failed || normalized == NULL;
    if (p->draft->failed)
        return;
    struct draft_names found = draft_names_find(&sections->names, sw_str_from(normalized), NULL);
    for (size_t i = 0; i < found.count; i++)
        take_member(sections, found.rows[i].number);
    if (found.count == 0 && place != NULL)
        draft_leave_unjudged(p->draft, *place, name, "the project has no extra or group of this name");
}

/* ---- requirements ---- */

/* The URL of the index that `tool.uv.sources` gives a project; NULL for the default index. */
static const char *index_of(const struct project *p, const char *project)
{
    const struct sw_node *source = sw_node_get(p->uv_sources, project);
    for (size_t i = 0; i < sw_node_count(source); i++) { /* several, by markers */
        const struct sw_node *row = sw_node_item(source, i);
        if (draft_marker_holds(p->draft, sw_node_str(sw_node_get(row, "marker")))) {
            source = row;
            break;
        }
    }
    const char *name = sw_node_text(sw_node_get(source, "index"), NULL);
    for (size_t i = 0; name != NULL && i < sw_node_count(p->uv_indexes); i++) {
        const struct sw_node *index = sw_node_item(p->uv_indexes, i);
        if (sw_str_is(sw_node_str(sw_node_get(index, "name")), name))
            return sw_node_text(sw_node_get(index, "url"), NULL);
    }
    return NULL;
}

/* "app[gpu]" among the requirements of app itself: its extras. */
static void require_itself(struct project *p, struct sw_str text, const struct sw_node *at)
{
    struct sw_requirement requirement;
    struct draft_place place = draft_place_of(at);
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_requirement_parse(&requirement, &arena, text, NULL) != 0) {
        draft_leave_unjudged(p->draft, place, text, "it is no requirement");
        return;
    }
    struct sw_str marker = text;
    (void)sw_str_cut(&marker, ';');
    for (size_t i = 0; draft_marker_holds(p->draft, marker) && i < requirement.extra_count; i++)
        take_section(p, &p->extras, requirement.extras[i], &place);
}

static void require(struct project *p, struct sw_str text, const struct sw_node *at)
{
    struct sw_str name = {text.p, sw_name_length(text)};
    const char *project = sw_name_normalized(&p->draft->arena, name);
    if (project == NULL || (project[0] != '\0' && strcmp(project, p->name) == 0)) {
        p->draft->failed = p->draft->failed || project == NULL;
        if (project != NULL)
            require_itself(p, text, at);
        return;
    }
    const struct sw_node *source = sw_node_get(p->uv_sources, project);
    if (sw_node_get(source, "git") != NULL || sw_node_get(source, "path") != NULL ||
        sw_node_get(source, "url") != NULL || sw_node_get(source, "workspace") != NULL) {
        draft_leave_unjudged(p->draft, draft_place_of(at), text, "tool.uv.sources takes it from elsewhere");
        return;
    }
    draft_require(p->draft, text, index_of(p, project), draft_place_of(at));
}

static void require_list(struct project *p, const struct sw_node *list)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i);
        if (sw_node_text(item, NULL) != NULL)
            require(p, sw_str_trim(sw_node_str(item)), item);
    }
}

/* Take the lists of the queues, and the extras and groups that these lists ask for in turn. */
static void require_sections(struct project *p)
{
    struct sections *all[] = {&p->extras, &p->groups};
    for (size_t k = 0; k < SW_COUNT(all);) {
        struct sections *sections = all[k];
        if (sections->read == sections->queued || draft_is_over(p->draft)) {
            k++;
            continue;
        }
        const struct sw_node *list =
            sw_node_member_at(sections->map, sections->queue[sections->read++])->value;
        require_list(p, list);
        for (size_t i = 0; i < sw_node_count(list); i++) {
            const struct sw_node *include = sw_node_get(sw_node_item(list, i), "include-group");
            struct draft_place place = draft_place_of(include);
            if (include != NULL)
                take_section(p, &p->groups, sw_node_str(include), &place);
        }
        /* A list of groups may have asked for an extra. */
        k = 0;
    }
}

static bool is_of_developers(struct sw_str name)
{
    static const char *const names[] = {"dev", "test", "tests", "docs", "lint"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (sw_str_is(name, names[i]))
            return true;
    }
    return false;
}

void draft_leave_unasked(struct sw_draft *draft, const struct sw_node *map, const char *path,
                         const struct draft_asked *asked)
{
    const char *all = "";
    const struct sw_member *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        const struct sw_member *member = sw_node_member_at(map, i);
        if (draft_is_asked(asked->names, asked->count, member->key) || is_of_developers(member->key) ||
            (asked->taken != NULL && asked->taken[i]))
            continue;
        all = draft_format(draft, "%s%s%.*s", all, count == 0 ? "" : ", ", SW_STR_FORMAT(member->key));
        first = count++ == 0 ? member : first;
    }
    if (count == 0)
        return;
    struct draft_place place = {path, first->line, 1};
    const char *why =
        count == 1 ? draft_format(draft, "not installed unless it is asked for: %s %.*s", asked->option,
                                  SW_STR_FORMAT(first->key))
                   : draft_format(draft, "%zu that are not installed unless they are asked for: %s NAME",
                                  count, asked->option);
    if (draft->judged)
        draft_leave_unjudged(draft, place, sw_str_from(all), "%s", why);
    else
        draft_mention(draft, place, sw_str_from(all), "%s", why);
}

static void take_asked(struct project *p, struct sections *sections, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sw_node_member_count(sections->map) && strcmp(names[i], "*") == 0; k++)
            take_member(sections, k);
        take_section(p, sections, sw_str_from(names[i]), NULL);
    }
}

static void read_requirements(struct project *p, const struct sw_node *project)
{
    struct sw_draft *draft = p->draft;
    require_list(p, sw_node_get(project, "dependencies"));
    take_asked(p, &p->extras, draft->extras, draft->extra_count);
    take_asked(p, &p->groups, draft->groups, draft->group_count);
    require_sections(p);
    const struct draft_asked by_extra = {draft->extras, draft->extra_count, "--extra", p->extras.taken},
                             by_group = {draft->groups, draft->group_count, "--group", p->groups.taken};
    draft_leave_unasked(draft, p->extras.map, p->path, &by_extra);
    draft_leave_unasked(draft, p->groups.map, p->path, &by_group);
}

void draft_read_standard(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *project = sw_node_get(root, "project"), *uv = sw_node_at(root, "tool.uv");
    const struct sw_node *python = sw_node_get(project, "requires-python"),
                         *dynamic = sw_node_get(project, "dynamic");
    struct project p = {.draft = draft,
                        .path = path,
                        .name = sw_name_normalized(&draft->arena, sw_node_str(sw_node_get(project, "name"))),
                        .uv_sources = sw_node_get(uv, "sources"),
                        .uv_indexes = sw_node_get(uv, "index")};
    begin_sections(&p.extras, draft, sw_node_get(project, "optional-dependencies"));
    begin_sections(&p.groups, draft, sw_node_get(root, "dependency-groups"));
    draft->failed = draft->failed || p.name == NULL;
    if (draft->failed)
        return;
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    read_requirements(&p, project);
    for (size_t i = 0; i < sw_node_count(dynamic); i++) {
        if (sw_str_is(sw_node_str(sw_node_item(dynamic, i)), "dependencies"))
            draft_leave_unjudged(draft, draft_place_of(sw_node_item(dynamic, i)), SW_STR("dependencies"),
                                 "they are known only when the project is built");
    }
}
