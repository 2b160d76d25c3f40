/* The installs, their indexes and their order: torch once, by its exact build and from its own index; then
 * the projects with other indexes of their own; then the rest, held to the same constraints. */
#include "profile/plan_internal.h"

#include "base/limits.h"
#include "catalog/companions.h"
#include "data/path.h"
#include "python/name.h"
#include "python/requirement.h"
#include "python/specifier.h"

struct torch {
    const char *version, *cuda, *variant;
    const char *index; /* NULL: the installer's default */
    /* "+cu128" if the index has local versions, else "". */
    const char *suffix;
    /* The row of the catalog; NULL if unknown. */
    const struct sw_node *row;
    const struct sw_node *source; /* the profile's `indexes` entry, or NULL */
};

static bool names(const struct sw_node *list, const char *project)
{
    return sw_requirement_find(list, project) != NULL;
}

const struct sw_node *sw_resolver_index(const struct resolver *r, const char *project)
{
    const struct sw_node *indexes = sw_resolver_get(r, "indexes");
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        if (names(sw_node_get(sw_node_item(indexes, i), "for"), project))
            return sw_node_item(indexes, i);
    }
    return NULL;
}

/* The index's URL, NULL for the installer's default. */
static const char *index_url(const struct sw_node *row)
{
    const char *url = sw_node_text(sw_node_get(row, "url"), "default");
    return strcmp(url, "default") == 0 ? NULL : url;
}

static void read_torch(struct resolver *r, struct torch *torch, bool usual)
{
    torch->version = sw_node_text(sw_resolver_get(r, "torch.version"), "");
    torch->cuda = r->cuda;
    torch->variant = sw_catalog_variant(r->b.arena, torch->cuda);
    torch->row = sw_catalog_version(r->catalog->torch, torch->version);
    torch->version = sw_node_text(sw_node_get(torch->row, "version"), torch->version);
    torch->source = sw_resolver_index(r, "torch");
    if (torch->variant == NULL) {
        r->b.failed = true;
        torch->variant = "";
    }
    const char *pattern = sw_node_text(sw_node_at(r->catalog->images, "torch_index.url"), "");
    torch->index = torch->source != NULL ? index_url(torch->source)
                   : usual               ? NULL
                                         : sw_resolver_fill(r, pattern, "{{variant}}", torch->variant);
    torch->suffix = torch->index == NULL ? "" : sw_arena_format(r->b.arena, "+%s", torch->variant);
    if (torch->suffix == NULL) {
        r->b.failed = true;
        torch->suffix = "";
    }
}

/* The requirement as it will be installed with torch: a companion without a version gets the one built for this torch,
 * an exact pin gets torch's own local version. A constraint has no extras: pip refuses them there. */
static struct sw_node *with_torch(struct resolver *r, const struct torch *torch,
                                  const struct sw_node *requirement, bool is_constraint)
{
    struct sw_requirement parsed;
    if (sw_requirement_parse(&parsed, r->b.arena, sw_node_str(requirement), NULL) != 0)
        return sw_build_str(&r->b, sw_node_str(requirement));
    const char *pin = sw_requirement_pin(r->b.arena, sw_node_str(requirement));
    if (pin == NULL && parsed.specifiers.count == 0 && parsed.url.n == 0)
        pin = sw_companions_has(parsed.name) ? sw_companion_release(torch->row, parsed.name) : NULL;
    if (pin != NULL && strchr(pin, '+') == NULL) {
        const char *exact = sw_arena_format(r->b.arena, "==%s%s", pin, torch->suffix);
        if (exact == NULL ||
            sw_specifier_set_parse(&parsed.specifiers, r->b.arena, sw_str_from(exact), NULL) != 0)
            r->b.failed = true;
    }
    if (is_constraint)
        parsed.extra_count = 0;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_REQUIREMENT_SIZE);
    sw_requirement_write(&text, &parsed);
    return sw_build_str(&r->b, sw_buffer_str(&text));
}

static bool goes_with_torch(const struct torch *torch, struct sw_str project)
{
    if (torch->source != NULL) {
        const struct sw_node *list = sw_node_get(torch->source, "for");
        for (size_t i = 0; i < sw_node_count(list); i++) {
            if (sw_name_equal(sw_node_str(sw_node_item(list, i)), project))
                return true;
        }
        return false;
    }
    return sw_companions_has(project);
}

static struct sw_node *new_install(struct resolver *r, const char *index, bool dependencies,
                                   const struct sw_node *packages, const char *file)
{
    struct sw_node *install = sw_build_map(&r->b);
    sw_build_set(&r->b, install, "index", sw_build_text(&r->b, index));
    sw_build_set(&r->b, install, "dependencies", sw_build_bool(&r->b, dependencies));
    sw_build_set(&r->b, install, "packages", packages);
    sw_build_set(&r->b, install, "file", sw_build_text(&r->b, file));
    return install;
}

/* The requirements of each pass. Those of torch's pass leave the requirements file; those of another index
 * stay in it, so that their dependencies come from the default index. `published` has the requirements of that file
 * that an index may serve: all but those that are compiled before. */
struct passes {
    struct sw_node *torch, *constraints, *requirements, *published, *installs;
};

/* The requirement of a project whose wheel is compiled before: without the URL of its source. */
static struct sw_node *compiled_requirement(struct resolver *r, struct sw_str requirement)
{
    struct sw_requirement parsed;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_REQUIREMENT_SIZE);
    if (sw_requirement_parse(&parsed, r->b.arena, requirement, NULL) != 0 || parsed.url.n == 0)
        return sw_build_str(&r->b, requirement);
    parsed.url = (struct sw_str){"", 0};
    sw_requirement_write(&text, &parsed);
    return sw_build_str(&r->b, sw_buffer_str(&text));
}

static void sort_requirements(struct resolver *r, const struct torch *torch, const struct passes *passes)
{
    const struct sw_node *list = sw_resolver_get(r, "requirements");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *requirement = sw_node_item(list, i);
        struct sw_str project = sw_requirement_project(sw_node_str(requirement));
        if (torch != NULL && sw_name_equal(project, SW_STR("torch")))
            continue; /* the key `torch` installs it */
        if (sw_resolver_compiler(r, sw_node_str(requirement)) != NULL) {
            sw_build_append(&r->b, passes->requirements, compiled_requirement(r, sw_node_str(requirement)));
            continue;
        }
        if (torch != NULL && goes_with_torch(torch, project)) {
            sw_build_append(&r->b, passes->torch, with_torch(r, torch, requirement, false));
            sw_build_append(&r->b, passes->constraints, with_torch(r, torch, requirement, true));
        } else {
            struct sw_node *plain = sw_build_str(&r->b, sw_node_str(requirement));
            sw_build_append(&r->b, passes->requirements, plain);
            sw_build_append(&r->b, passes->published, plain);
        }
    }
}

/* Add a pass for each other index, without dependencies: those come with the rest. */
static void add_index_passes(struct resolver *r, const struct torch *torch, const struct passes *passes)
{
    const struct sw_node *indexes = sw_resolver_get(r, "indexes");
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        const struct sw_node *row = sw_node_item(indexes, i), *projects = sw_node_get(row, "for");
        if (torch != NULL && row == torch->source)
            continue;
        struct sw_node *packages = sw_build_list(&r->b);
        for (size_t j = 0; j < sw_node_count(passes->published); j++) {
            const struct sw_node *requirement = sw_node_item(passes->published, j);
            const char *project = sw_arena_copy(r->b.arena, sw_requirement_project(sw_node_str(requirement)));
            if (project != NULL && names(projects, project))
                sw_build_append(&r->b, packages, requirement);
        }
        if (sw_node_count(packages) > 0 && index_url(row) != NULL)
            sw_build_append(&r->b, passes->installs, new_install(r, index_url(row), false, packages, NULL));
    }
}

static void add_constraints(struct resolver *r, const struct passes *passes)
{
    const struct sw_node *list = sw_resolver_get(r, "constraints");
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_build_append(&r->b, passes->constraints, sw_build_str(&r->b, sw_node_str(sw_node_item(list, i))));
}

static struct sw_node *torch_node(struct resolver *r, const struct torch *torch)
{
    struct sw_node *node = sw_build_map(&r->b);
    sw_build_set(&r->b, node, "version", sw_build_text(&r->b, torch->version));
    sw_build_set(&r->b, node, "cuda", sw_build_text(&r->b, torch->cuda));
    sw_build_set(&r->b, node, "variant", sw_build_text(&r->b, torch->variant));
    sw_build_set(&r->b, node, "local", sw_build_format(&r->b, "%s+%s", torch->version, torch->variant));
    sw_build_set(&r->b, node, "index", sw_build_text(&r->b, torch->index));
    return node;
}

/* The key `torch` installs torch before all else, so that an override of it would be in vain. */
static void add_overrides(struct resolver *r, bool torch)
{
    const struct sw_node *list = sw_resolver_get(r, "overrides");
    if (sw_node_count(list) == 0)
        return;
    sw_resolver_set(r, "requirement_overrides", sw_build_copy(&r->b, list));
    if (torch && sw_requirement_find(list, "torch") != NULL)
        sw_finding_hint(r->findings,
                        sw_resolver_find(r, "SW102", SW_ERROR, "overrides[torch]",
                                         "the key 'torch' says already which torch is installed"),
                        "name the release there, and leave torch out of 'overrides'");
}

void sw_resolve_installs(struct resolver *r)
{
    struct passes passes = {sw_build_list(&r->b), sw_build_list(&r->b), sw_build_list(&r->b),
                            sw_build_list(&r->b), sw_build_list(&r->b)};
    struct torch read = {0};
    const struct torch *torch = NULL;
    bool usual = false;
    r->cuda = sw_resolve_torch_cuda(r, &usual);
    if (r->cuda != NULL) {
        read_torch(r, &read, usual);
        torch = &read;
        struct sw_node *pin = sw_build_format(&r->b, "torch==%s%s", torch->version, torch->suffix);
        sw_build_append(&r->b, passes.torch, pin);
        sw_build_append(&r->b, passes.constraints, pin);
    }
    sort_requirements(r, torch, &passes);
    add_constraints(r, &passes);
    if (torch != NULL)
        sw_build_append(&r->b, passes.installs, new_install(r, torch->index, true, passes.torch, NULL));
    add_index_passes(r, torch, &passes);
    bool compiles = sw_resolver_compiles(r);
    if (sw_node_count(passes.requirements) > 0 || compiles) {
        struct sw_node *rest = new_install(r, NULL, true, sw_build_list(&r->b), "requirements.txt");
        if (compiles)
            sw_build_set(&r->b, rest, "compiled", sw_build_bool(&r->b, true));
        sw_build_append(&r->b, passes.installs, rest);
    }
    sw_resolver_set(r, "torch", torch == NULL ? sw_build_null(&r->b) : torch_node(r, torch));
    sw_resolver_set(r, "constraints", passes.constraints);
    sw_resolver_set(r, "requirements", passes.requirements);
    sw_resolver_set(r, "installs", passes.installs);
    add_overrides(r, torch != NULL);
}
