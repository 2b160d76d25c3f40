#include "author/upgrade.h"

#include "base/limits.h"
#include "catalog/gpu.h"
#include "catalog/torch_builds.h"
#include "data/path.h"
#include "profile/plan.h"
#include "python/name.h"
#include "python/requirement.h"

/* The edits, and the memory and profile that they are made for. */
struct edits {
    struct sw_findings *list;
    struct sw_finding *finding;
    bool failed;
};

static void edit(struct edits *edits, enum sw_edit_op op, const char *path, const char *value)
{
    edits->failed = edits->failed || path == NULL || (op != SW_EDIT_REMOVE && value == NULL);
    if (!edits->failed)
        sw_finding_fix(edits->list, edits->finding, op, path, value);
}

static const char *exactly(struct edits *edits, const char *version)
{
    return sw_arena_format(&edits->list->arena, "==%s", version);
}

/* ---- the requested releases ---- */

/* Choose the first allowed build that fits, or of its release the build for the present CUDA; if none fits,
 * the first build. */
static const struct sw_build *choose_build(const struct sw_build *builds, size_t count, const char *cuda)
{
    size_t first = 0;
    while (first < count && !sw_build_fits(&builds[first]))
        first++;
    if (first == count)
        return count == 0 ? NULL : &builds[0];
    for (size_t i = first; i < count && strcmp(builds[i].version, builds[first].version) == 0; i++) {
        if (sw_build_fits(&builds[i]) && strcmp(builds[i].cuda, cuda) == 0)
            return &builds[i];
    }
    return &builds[first];
}

static int move_torch(struct edits *edits, const struct sw_profile *profile, const struct sw_plan *plan,
                      const struct sw_catalog *catalog, const struct sw_requirement *wanted,
                      struct sw_error *error)
{
    struct sw_arena *arena = &edits->list->arena;
    const struct sw_node *names = sw_node_get(profile->root, "accelerators");
    size_t most = sw_node_count(names), count = 0;
    const struct sw_node **gpus = sw_arena_array(arena, most + 1, sizeof *gpus);
    struct sw_build_query query = {
        .gpus = gpus, .python = sw_node_text(plan->parts.python, NULL), .releases = &wanted->specifiers};
    struct sw_build *builds = NULL;
    if (gpus == NULL)
        return sw_fail_memory(error);
    if (wanted->url.n > 0)
        return sw_fail(error, SW_EINPUT, "'%s' is no release: torch is chosen among those of the catalog",
                       wanted->text.p);
    for (size_t i = 0; i < most; i++) {
        gpus[query.gpus_count] = sw_gpu_row(catalog, sw_node_text(sw_node_item(names, i), ""));
        query.gpus_count += gpus[query.gpus_count] != NULL;
    }
    int code = sw_catalog_builds(&builds, &count, arena, catalog, &query, error);
    if (code != 0)
        return code;
    const struct sw_build *build =
        choose_build(builds, count, sw_node_text(sw_node_at(profile->root, "torch.cuda"), ""));
    if (build == NULL) {
        (void)sw_fail(error, SW_EINPUT, "the catalog knows no torch that is '%s'", wanted->text.p);
        return sw_error_hint(error, "ask for a release, and perhaps its CUDA: torch==2.8.0+cu128");
    }
    edit(edits, SW_EDIT_SET, "torch.version", build->version);
    edit(edits, SW_EDIT_SET, "torch.cuda", build->cuda);
    return 0;
}

static void move(struct edits *edits, const struct sw_profile *profile, const struct sw_requirement *wanted)
{
    static const char *const lists[] = {"requirements", "constraints", "overrides"};
    const char *project = sw_name_normalized(&edits->list->arena, wanted->name);
    for (size_t i = 0; project != NULL && i < SW_COUNT(lists); i++) {
        if (sw_requirement_find(sw_node_get(profile->root, lists[i]), project) == NULL)
            continue;
        const char *path = sw_arena_format(&edits->list->arena, "%s[%s]", lists[i], project);
        edit(edits, SW_EDIT_SET, path, wanted->text.p);
        return;
    }
    edit(edits, SW_EDIT_ADD, "requirements", wanted->text.p);
}

/* Return true if an assertion's `is` allows a single release, and is no pattern. */
static bool is_exact(const struct sw_node *is)
{
    struct sw_str text = is == NULL ? (struct sw_str){"", 0} : sw_node_str(is);
    if (text.n > 0 && strchr("<>=!~", text.p[0]) == NULL)
        return true;
    return sw_str_starts(text, "==") && text.p[2] != '=' && strpbrk(text.p, ",*") == NULL;
}

/* Remove BNB_CUDA_VERSION, which names the library for the CUDA of before; check decides if the new pins need
 * it. */
static void drop_override(struct edits *edits, const struct sw_profile *profile)
{
    static const char *const path = "environment.BNB_CUDA_VERSION";
    if (sw_node_at(profile->root, path) != NULL)
        edit(edits, SW_EDIT_REMOVE, path, NULL);
}

static const char *assertion_path(struct edits *edits, size_t index)
{
    return sw_arena_format(&edits->list->arena, "assertions[%zu].is", index);
}

static void open_assertions(struct edits *edits, const struct sw_node *list)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (is_exact(sw_node_get(sw_node_item(list, i), "is")))
            edit(edits, SW_EDIT_SET, assertion_path(edits, i), ">=0");
    }
}

/* Refuse two requested releases of one project, since only one release could be installed. */
static int check_once(const char *const *requirements, size_t last, struct sw_error *error)
{
    const char *text = requirements[last];
    for (size_t i = 0; i < last; i++) {
        if (sw_name_equal(sw_requirement_project(sw_str_from(requirements[i])),
                          sw_requirement_project(sw_str_from(text))))
            return sw_fail(error, SW_EINPUT, "'%s' and '%s' ask for the same project", requirements[i], text);
    }
    return 0;
}

int sw_upgrade_begin(struct sw_findings *list, struct sw_finding *finding, const struct sw_profile *profile,
                     const struct sw_plan *plan, const struct sw_catalog *catalog,
                     const char *const *requirements, size_t count, struct sw_error *error)
{
    struct edits edits = {.list = list, .finding = finding};
    bool moves_cuda = false;
    for (size_t i = 0; i < count; i++) {
        struct sw_requirement wanted;
        int code = sw_requirement_parse(&wanted, &list->arena, sw_str_from(requirements[i]), error);
        if (code == 0)
            code = check_once(requirements, i, error);
        moves_cuda = moves_cuda || (code == 0 && (sw_name_equal(wanted.name, SW_STR("torch")) ||
                                                  sw_name_equal(wanted.name, SW_STR("bitsandbytes"))));
        bool is_torch = code == 0 && sw_name_equal(wanted.name, SW_STR("torch")) &&
                        sw_node_get(profile->root, "torch") != NULL;
        if (is_torch)
            code = move_torch(&edits, profile, plan, catalog, &wanted, error);
        else if (code == 0)
            move(&edits, profile, &wanted);
        if (code != 0)
            return code;
    }
    if (moves_cuda)
        drop_override(&edits, profile);
    open_assertions(&edits, sw_node_get(profile->root, "assertions"));
    return edits.failed ? sw_fail_memory(error) : 0;
}

/* ---- pins ---- */

/* The lowest release that a requirement names, as >=X does; NULL if it names none. */
static const char *lowest(struct edits *edits, const struct sw_requirement *requirement)
{
    const struct sw_specifier_set *set = &requirement->specifiers;
    for (size_t i = 0; i < set->count; i++) {
        const struct sw_specifier *clause = &set->items[i];
        if (clause->comparison == SW_SPECIFIER_GREATER_EQUAL && clause->is_version &&
            sw_specifier_set_contains(set, &clause->version, SW_PRERELEASES_ALLOW))
            return sw_arena_copy(&edits->list->arena, clause->text);
    }
    return NULL;
}

int sw_upgrade_pin(struct sw_findings *list, struct sw_finding *finding, const struct sw_node *before,
                   const struct sw_node *now, struct sw_error *error)
{
    struct edits edits = {.list = list, .finding = finding};
    const struct sw_node *items = sw_node_get(now, "requirements");
    for (size_t i = 0; i < sw_node_count(items); i++) {
        struct sw_requirement requirement;
        if (sw_requirement_parse(&requirement, &list->arena, sw_node_str(sw_node_item(items, i)), NULL) != 0)
            continue;
        const char *project = sw_name_normalized(&list->arena, requirement.name);
        const char *version = lowest(&edits, &requirement);
        const struct sw_node *old =
            project == NULL ? NULL : sw_requirement_find(sw_node_get(before, "requirements"), project);
        if (old == NULL || version == NULL || sw_requirement_pin(&list->arena, sw_node_str(old)) == NULL)
            continue;
        const char *exact = exactly(&edits, version);
        SW_BUFFER_AUTO pinned;
        sw_buffer_init(&pinned, 2 * SW_MAX_REQUIREMENT_SIZE);
        if (exact == NULL ||
            sw_specifier_set_parse(&requirement.specifiers, &list->arena, sw_str_from(exact), NULL) != 0)
            return sw_fail_memory(error);
        sw_requirement_write(&pinned, &requirement);
        edit(&edits, SW_EDIT_SET, sw_arena_format(&list->arena, "requirements[%s]", project),
             sw_arena_copy(&list->arena, sw_buffer_str(&pinned)));
    }
    return edits.failed ? sw_fail_memory(error) : 0;
}

static int fail_moved_back(const char *wanted, const struct sw_node *found, struct sw_error *error)
{
    (void)sw_fail(error, SW_ENO, "'%s' was asked for, and what goes with the rest is '%.*s'", wanted,
                  SW_STR_FORMAT(sw_node_str(found)));
    return sw_error_hint(error, "ask for what it belongs to as well, such as --to torch==VERSION");
}

int sw_upgrade_holds(const struct sw_node *now, const char *const *requirements, size_t count,
                     struct sw_error *error)
{
    static const char *const lists[] = {"requirements", "constraints", "overrides"};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (size_t i = 0; i < count; i++) {
        struct sw_requirement wanted;
        int code = sw_requirement_parse(&wanted, &arena, sw_str_from(requirements[i]), error);
        if (code != 0)
            return code;
        const char *project = sw_name_normalized(&arena, wanted.name);
        for (size_t list = 0; project != NULL && list < SW_COUNT(lists); list++) {
            const struct sw_node *found = sw_requirement_find(sw_node_get(now, lists[list]), project);
            const char *pin = found == NULL ? NULL : sw_requirement_pin(&arena, sw_node_str(found));
            struct sw_version version;
            if (pin != NULL && sw_version_parse(&version, sw_str_from(pin), NULL) == 0 &&
                !sw_specifier_set_contains(&wanted.specifiers, &version, SW_PRERELEASES_ALLOW))
                return fail_moved_back(requirements[i], found, error);
        }
    }
    return 0;
}

/* ---- the checklist ---- */

/* The value that `that` will have; NULL if it is open. */
static const char *value_of(struct edits *edits, const struct sw_profile *profile, const struct sw_plan *plan,
                            const struct sw_catalog *catalog, const char *that, bool local)
{
    const struct sw_node *torch = plan->parts.torch.node;
    const char *version = sw_node_text(sw_node_get(torch, "version"), NULL);
    if (strcmp(that, "torch.version.cuda") == 0)
        return sw_node_text(sw_node_get(torch, "cuda"), NULL);
    if (strcmp(that, "torch.version.__version__") == 0 || strcmp(that, "torch.__version__") == 0)
        return local ? sw_node_text(sw_node_get(torch, "local"), NULL) : version;
    const struct sw_node *requirement = sw_requirement_find(sw_node_get(profile->root, "requirements"), that);
    const char *pin =
        requirement == NULL ? NULL : sw_requirement_pin(&edits->list->arena, sw_node_str(requirement));
    const struct sw_node *row = version == NULL ? NULL : sw_catalog_version(catalog->torch, version);
    return pin != NULL ? pin : sw_node_text(sw_node_get(row, that), NULL);
}

/* The text with each `old` replaced. */
static const char *replaced(struct edits *edits, const char *text, const char *old, const char *new)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_YAML_SIZE);
    for (const char *at = old == NULL || new == NULL ? NULL : strstr(text, old); at != NULL;
         at = strstr(text, old)) {
        sw_buffer_add(&out, text, (size_t)(at - text));
        sw_buffer_add_text(&out, new);
        text = at + strlen(old);
    }
    sw_buffer_add_text(&out, text);
    return sw_arena_copy(&edits->list->arena, sw_buffer_str(&out));
}

/* A description that names the torch and the CUDA of before names those of now. */
static void describe(struct edits *edits, const struct sw_node *before, const struct sw_node *now)
{
    static const char *const paths[] = {"torch.version", "torch.cuda"};
    const char *old = sw_node_text(sw_node_get(before, "description"), NULL), *new = old;
    for (size_t i = 0; new != NULL &&i < SW_COUNT(paths); i++)
        new = replaced(edits, new, sw_node_text(sw_node_at(before, paths[i]), NULL),
                       sw_node_text(sw_node_at(now, paths[i]), NULL));
    if (old != NULL && (new == NULL || strcmp(old, new) != 0))
        edit(edits, SW_EDIT_SET, "description", new);
}

/* The range that a changed requirement allows, if it is no pin; NULL for any other. */
static const char *range_of(struct edits *edits, const struct sw_node *before, const struct sw_node *now,
                            const char *project)
{
    const struct sw_node *old = sw_requirement_find(sw_node_get(before, "requirements"), project),
                         *new = sw_requirement_find(sw_node_get(now, "requirements"), project);
    struct sw_requirement requirement;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    if (old == NULL || new == NULL || sw_node_equal(old, new) ||
        sw_requirement_parse(&requirement, &edits->list->arena, sw_node_str(new), NULL) != 0 ||
        requirement.specifiers.count == 0)
        return NULL;
    sw_specifier_set_write(&text, &requirement.specifiers);
    return sw_arena_copy(&edits->list->arena, sw_buffer_str(&text));
}

/* State an assertion in its old form: with the new release, "==2.8.0" or without the operator; with the range
 * that may come; else unchanged. */
static void state_again(struct edits *edits, size_t index, const struct sw_node *old, const char *value,
                        const char *range)
{
    const char *operator= sw_str_starts(sw_node_str(old), "==") ? "==" : "";
    edit(edits, SW_EDIT_SET, assertion_path(edits, index),
         value != NULL   ? sw_arena_format(&edits->list->arena, "%s%s", operator, value)
         : range != NULL ? range
                         : sw_node_text(old, ""));
}

/* The text in a list, of lines or in brackets, until an assertion takes its place; no such text is the
 * beginning of another. */
#define PLACE_FORMAT "slipway-assertion-%06zu"

static void add_assertion(struct edits *edits, struct sw_checklist *checklist, const char *that,
                          const char *is)
{
    struct sw_arena *arena = &edits->list->arena;
    struct sw_new_assertion *items = sw_arena_grow(arena, checklist->items, checklist->count, sizeof *items);
    edits->failed = edits->failed || items == NULL || that == NULL;
    if (edits->failed)
        return;
    checklist->items = items;
    edit(edits, SW_EDIT_ADD, "assertions", sw_arena_format(arena, PLACE_FORMAT, checklist->count));
    items[checklist->count++] = (struct sw_new_assertion){that, is};
}

static bool is_asserted(const struct sw_node *assertions, const char *key, const char *that)
{
    for (size_t i = 0; i < sw_node_count(assertions); i++) {
        if (strcmp(sw_node_text(sw_node_get(sw_node_item(assertions, i), key), ""), that) == 0)
            return true;
    }
    return false;
}

/* The module that cannot be imported if its CUDA libraries are wrong. */
static const char *module_of(const char *project)
{
    static const struct {
        const char *project, *module;
    } modules[] = {{"bitsandbytes", "bitsandbytes"},
                   {"flash-attn", "flash_attn"},
                   {"torchaudio", "torchaudio"},
                   {"torchvision", "torchvision"},
                   {"xformers", "xformers"}};
    for (size_t i = 0; i < SW_COUNT(modules); i++) {
        if (strcmp(modules[i].project, project) == 0)
            return modules[i].module;
    }
    return NULL;
}

/* A pin that is another now. */
static void add_pin(struct edits *edits, struct sw_checklist *checklist, const struct sw_node *before,
                    const struct sw_node *now, const struct sw_node *item)
{
    const struct sw_node *assertions = sw_node_get(now, "assertions");
    const char *project = sw_name_normalized(&edits->list->arena, sw_requirement_project(sw_node_str(item)));
    const char *pin = sw_requirement_pin(&edits->list->arena, sw_node_str(item));
    const struct sw_node *old =
        project == NULL ? NULL : sw_requirement_find(sw_node_get(before, "requirements"), project);
    if (project == NULL || pin == NULL || strchr(pin, '+') != NULL ||
        (old != NULL && sw_node_equal(old, item)))
        return;
    const char *module = module_of(project);
    if (!is_asserted(assertions, "that", project))
        add_assertion(edits, checklist, project, exactly(edits, pin));
    if (module != NULL && !is_asserted(assertions, "import", module))
        add_assertion(edits, checklist, module, NULL);
}

int sw_upgrade_assert(struct sw_checklist *checklist, struct sw_findings *list, struct sw_finding *finding,
                      const struct sw_node *before, const struct sw_profile *profile,
                      const struct sw_plan *plan, const struct sw_catalog *catalog, struct sw_error *error)
{
    struct edits edits = {.list = list, .finding = finding};
    const struct sw_node *old = sw_node_get(before, "assertions"),
                         *items = sw_node_get(profile->root, "requirements");
    *checklist = (struct sw_checklist){0};
    describe(&edits, before, profile->root);
    for (size_t i = 0; i < sw_node_count(old); i++) {
        const struct sw_node *is = sw_node_get(sw_node_item(old, i), "is");
        const char *that = sw_node_text(sw_node_get(sw_node_item(old, i), "that"), "");
        if (is_exact(is))
            state_again(
                &edits, i, is,
                value_of(&edits, profile, plan, catalog, that, strchr(sw_node_text(is, ""), '+') != NULL),
                range_of(&edits, before, profile->root, that));
    }
    const char *cuda = sw_node_text(plan->parts.torch.cuda, NULL);
    if (cuda != NULL && !is_asserted(old, "that", "torch.version.cuda"))
        add_assertion(&edits, checklist, "torch.version.cuda", exactly(&edits, cuda));
    for (size_t i = 0; i < sw_node_count(items); i++)
        add_pin(&edits, checklist, before, profile->root, sw_node_item(items, i));
    return edits.failed ? sw_fail_memory(error) : 0;
}

void sw_upgrade_write_assertions(struct sw_buffer *out, struct sw_str yaml,
                                 const struct sw_checklist *checklist)
{
    for (size_t i = 0; i < checklist->count; i++) {
        char place[64];
        int n = snprintf(place, sizeof place, PLACE_FORMAT, i);
        size_t at = sw_str_find(yaml, (struct sw_str){place, (size_t)n});
        if (at == yaml.n) /* in another file of the chain */
            continue;
        const struct sw_new_assertion *item = &checklist->items[i];
        sw_buffer_add(out, yaml.p, at);
        if (item->is == NULL)
            sw_buffer_addf(out, "{import: %s}", item->that);
        else
            sw_buffer_addf(out, "{that: %s, is: \"%s\"}", item->that, item->is);
        yaml = sw_str_drop(yaml, at + (size_t)n);
    }
    sw_buffer_add_str(out, yaml);
}
