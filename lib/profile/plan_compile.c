/* The projects that must be compiled with nvcc, and all that their compilation needs. */
#include "profile/plan_internal.h"

#include "base/limits.h"
#include "data/path.h"
#include "profile/values.h"
#include "python/name.h"
#include "python/requirement.h"

static bool lists_project(const struct sw_node *list, struct sw_str project)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_name_equal(sw_node_str(sw_node_item(list, i)), project))
            return true;
    }
    return false;
}

/* The catalog's row about the build of a project, or NULL. */
static const struct sw_node *build_row(const struct resolver *r, struct sw_str project)
{
    const struct sw_node *rows = sw_node_at(r->catalog->images, "compile.projects");
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        if (sw_name_equal(sw_node_str(sw_node_get(sw_node_item(rows, i), "project")), project))
            return sw_node_item(rows, i);
    }
    return NULL;
}

/* Return true if an index of the profile serves the project. */
static bool has_own_index(const struct sw_profile *profile, struct sw_str project)
{
    const struct sw_node *indexes = sw_node_get(profile->root, "indexes");
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        if (lists_project(sw_node_get(sw_node_item(indexes, i), "for"), project))
            return true;
    }
    return false;
}

const char *sw_plan_compiler(const struct sw_profile *profile, const struct sw_catalog *catalog,
                             struct sw_str requirement)
{
    SW_ARENA_AUTO scratch;
    struct sw_requirement parsed;
    sw_arena_init(&scratch, SW_MAX_ARENA);
    if (profile->is_found || sw_requirement_parse(&parsed, &scratch, requirement, NULL) != 0)
        return NULL;
    struct sw_str path = parsed.url;
    path = sw_str_cut(&path, '#');
    if (path.n > 0 && sw_str_ends(path, ".whl"))
        return NULL;
    if (lists_project(sw_node_get(profile->root, "compile"), parsed.name))
        return "profile";
    const struct resolver r = {.profile = profile, .catalog = catalog};
    const struct sw_node *sources = sw_node_at(catalog->images, "compiled_with_nvcc.projects");
    bool known = parsed.url.n > 0
                     ? build_row(&r, parsed.name) != NULL
                     : lists_project(sources, parsed.name) && !has_own_index(profile, parsed.name);
    return known ? "catalog" : NULL;
}

const char *sw_resolver_compiler(struct resolver *r, struct sw_str requirement)
{
    const struct sw_node *compile = sw_node_get(r->catalog->images, "compile");
    return r->cuda == NULL || compile == NULL ? NULL : sw_plan_compiler(r->profile, r->catalog, requirement);
}

bool sw_resolver_compiles(struct resolver *r)
{
    const struct sw_node *list = sw_resolver_get(r, "requirements");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_resolver_compiler(r, sw_node_str(sw_node_item(list, i))) != NULL)
            return true;
    }
    return r->cuda != NULL && !r->profile->is_found && sw_node_count(sw_resolver_get(r, "compile")) > 0 &&
           sw_node_get(r->catalog->images, "compile") != NULL;
}

/* ---- the GPUs ---- */

static int by_number(const void *a, const void *b)
{
    const struct sw_node *const *one = a, *const *other = b;
    return sw_catalog_compare(sw_node_text(*one, ""), sw_node_text(*other, ""));
}

/* The compute capabilities that are compiled for: those of the GPUs, else all that torch has code for. */
static struct sw_node *capabilities(struct resolver *r)
{
    struct sw_node *list = sw_build_list(&r->b);
    const struct sw_node *gpus = sw_node_get(r->root, "accelerators");
    for (size_t i = 0; i < sw_node_count(gpus); i++) {
        const struct sw_node *capability = sw_node_get(sw_node_item(gpus, i), "compute_capability");
        if (!sw_catalog_lists(list, sw_node_text(capability, "")))
            sw_build_append(&r->b, list, capability);
    }
    sw_build_sort(list, by_number);
    if (sw_node_count(gpus) > 0)
        return list;
    const struct sw_node *code =
        sw_catalog_code(r->catalog->torch_code, sw_node_text(sw_node_at(r->root, "torch.version"), ""),
                        r->cuda, SW_CATALOG_MACHINE);
    const struct sw_node *sass = sw_node_get(code, "sass");
    for (size_t i = 0; i < sw_node_count(sass); i++)
        sw_build_append(&r->b, list, sw_node_item(sass, i));
    return list;
}

/* The newest of the project's capabilities with code that runs on the GPU: of the GPU's major number, and no newer. */
static const char *served_by(const struct sw_node *known, const char *capability)
{
    const char *best = known == NULL ? capability : NULL;
    for (size_t i = 0; i < sw_node_count(known); i++) {
        const char *one = sw_node_text(sw_node_item(known, i), "");
        size_t major = strcspn(one, ".") + 1;
        if (strncmp(one, capability, major) == 0 && sw_catalog_compare(one, capability) <= 0 &&
            (best == NULL || sw_catalog_compare(one, best) > 0))
            best = one;
    }
    return best;
}

/* The capabilities as the build of a project reads them, "80;90" or "8.0;9.0"; "" if none is served. */
static struct sw_node *joined(struct resolver *r, const struct sw_node *list, const struct sw_node *known,
                              bool digits)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    struct sw_node *used = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const char *one = served_by(known, sw_node_text(sw_node_item(list, i), ""));
        if (one == NULL || sw_catalog_lists(used, one))
            continue;
        if (text.n > 0)
            sw_buffer_add_char(&text, ';');
        for (const char *c = one; *c != '\0'; c++) {
            if (!digits || *c != '.')
                sw_buffer_add_char(&text, *c);
        }
        sw_build_append(&r->b, used, sw_build_text(&r->b, one));
    }
    return sw_build_str(&r->b, sw_buffer_str(&text));
}

/* ---- the projects ---- */

/* Append the items of a list of texts. */
static void append_all(struct resolver *r, struct sw_node *to, const struct sw_node *list)
{
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_build_append(&r->b, to, sw_node_item(list, i));
}

static void add_project(struct resolver *r, struct sw_node *projects, struct sw_str requirement,
                        const char *by)
{
    struct sw_node *entry = sw_build_map(&r->b), *environment = sw_build_map(&r->b),
                   *requires = sw_build_list(&r->b);
    struct sw_str project = sw_requirement_project(requirement);
    const struct sw_node *row = build_row(r, project);
    const char *variable = sw_node_text(sw_node_get(row, "variable"), NULL);
    const struct sw_node *index = sw_resolver_index(r, sw_arena_copy(r->b.arena, project));
    const char *url = sw_node_text(sw_node_get(index, "url"), "default");
    bool digits = strcmp(sw_node_text(sw_node_get(row, "joined"), ""), "digits") == 0;
    if (variable != NULL)
        sw_build_set(
            &r->b, environment, variable,
            joined(r, sw_node_at(r->root, "compile.capabilities"), sw_node_get(row, "capabilities"), digits));
    append_all(r, requires, sw_node_get(row, "requires"));
    sw_build_set(&r->b, entry, "project", sw_build_str(&r->b, project));
    sw_build_set(&r->b, entry, "requirement", sw_build_str(&r->b, requirement));
    sw_build_set(&r->b, entry, "by", sw_build_text(&r->b, by));
    sw_build_set(&r->b, entry, "index", sw_build_text(&r->b, strcmp(url, "default") == 0 ? NULL : url));
    sw_build_set(&r->b, entry, "requires", requires);
    sw_build_set(&r->b, entry, "environment", environment);
    sw_build_append(&r->b, projects, entry);
}

/* The requirements that are compiled, then the dependencies that the profile's `compile` names. */
static struct sw_node *projects_of(struct resolver *r)
{
    struct sw_node *projects = sw_build_list(&r->b);
    const struct sw_node *list = sw_resolver_get(r, "requirements"), *more = sw_resolver_get(r, "compile");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_str requirement = sw_node_str(sw_node_item(list, i));
        const char *by = sw_resolver_compiler(r, requirement);
        if (by != NULL)
            add_project(r, projects, requirement, by);
    }
    for (size_t i = 0; i < sw_node_count(more); i++) {
        if (sw_requirement_find(list, sw_node_text(sw_node_item(more, i), "")) == NULL)
            add_project(r, projects, sw_node_str(sw_node_item(more, i)), "profile");
    }
    return projects;
}

/* ---- the tools ---- */

/* Return true if a base image brings nvcc of that CUDA, as its tag tells. */
static bool has_nvcc(const char *reference, const char *cuda)
{
    const char *tag = strrchr(reference, ':');
    return tag != NULL && strstr(tag, "devel") != NULL && strstr(tag, cuda) != NULL;
}

/* {wheels}, {image, folder}, or {} if the base image has it; NULL with a finding if no nvcc is known. */
static struct sw_node *nvcc_of(struct resolver *r)
{
    const struct sw_node *known = sw_node_get(r->catalog->images, "compile");
    const char *image =
        sw_node_text(sw_node_get(sw_node_at(r->catalog->images, "cuda.devel"), r->cuda), NULL);
    struct sw_node *nvcc = sw_build_map(&r->b), *wheels = sw_build_list(&r->b);
    if (has_nvcc(sw_node_text(sw_node_at(r->root, "base.reference"), ""), r->cuda))
        return nvcc;
    if (sw_catalog_compare(r->cuda, sw_node_text(sw_node_get(known, "wheels_from"), "0")) >= 0) {
        const struct sw_node *list = sw_node_get(known, "wheels");
        for (size_t i = 0; i < sw_node_count(list); i++)
            sw_build_append(
                &r->b, wheels,
                sw_build_format(&r->b, "%s==%s.*", sw_node_text(sw_node_item(list, i), ""), r->cuda));
        sw_build_set(&r->b, nvcc, "wheels", wheels);
        return nvcc;
    }
    if (image == NULL) {
        struct sw_finding *finding = sw_resolver_find(
            r, "SW216", SW_ERROR, "torch.cuda",
            "%s must be compiled with nvcc, and no image or wheel with CUDA %s is known that has it",
            sw_resolver_join(r, sw_node_at(r->root, "compile.projects"), "project"), r->cuda);
        sw_finding_hint(r->findings, finding,
                        "name a base_image with nvcc in it, such as one of nvidia/cuda with "
                        "'devel' in its tag");
        return nvcc;
    }
    sw_build_set(&r->b, nvcc, "image", sw_build_text(&r->b, image));
    sw_build_set(&r->b, nvcc, "folder", sw_build_format(&r->b, "/usr/local/cuda-%s/", r->cuda));
    return nvcc;
}

static struct sw_node *requires_of(struct resolver *r, const struct sw_node *known)
{
    struct sw_node *requires = sw_build_list(&r->b);
    const struct sw_node *rows = sw_node_get(known, "setuptools");
    const char *torch = sw_node_text(sw_node_at(r->root, "torch.version"), "");
    for (size_t i = 0; i < sw_node_count(rows) && sw_node_count(requires) == 0; i++) {
        const struct sw_node *row = sw_node_item(rows, i);
        if (sw_catalog_covers(sw_node_text(sw_node_get(row, "torch"), ""), torch))
            sw_build_append(&r->b, requires, sw_node_get(row, "requires"));
    }
    append_all(r, requires, sw_node_get(known, "requires"));
    return requires;
}

/* Debian's packages: the compiler, git for repositories, and the headers of a Python that is the distribution's. */
static struct sw_node *packages_of(struct resolver *r)
{
    static const char *const always[] = {"ca-certificates", "g++", "git", "make"};
    struct sw_node *packages = sw_build_list(&r->b);
    for (size_t i = 0; i < SW_COUNT(always); i++)
        sw_build_append(&r->b, packages, sw_build_text(&r->b, always[i]));
    if (r->distribution_python)
        sw_build_append(&r->b, packages, sw_build_text(&r->b, "python3-dev"));
    return packages;
}

/* The path in the image that a requirement's URL names, "/src/kernels", as text in the arena; empty for any other URL. */
static struct sw_str path_of(struct resolver *r, struct sw_str requirement)
{
    SW_ARENA_AUTO scratch;
    struct sw_requirement parsed;
    sw_arena_init(&scratch, SW_MAX_ARENA);
    if (sw_requirement_parse(&parsed, &scratch, requirement, NULL) != 0)
        return (struct sw_str){"", 0};
    struct sw_str url = parsed.url;
    if (sw_str_starts(url, "git+"))
        url = sw_str_drop(url, 4);
    if (!sw_str_starts(url, "file:///"))
        return (struct sw_str){"", 0};
    struct sw_str path = sw_str_drop(url, strlen("file://"));
    return (struct sw_str){sw_arena_copy(r->b.arena, path), path.n};
}

/* Return true if a copy to `to` brings the file or folder at `path`, behind which "@REVISION" and "#subdirectory=FOLDER" may stand. */
static bool brings(struct sw_str to, struct sw_str path)
{
    size_t n = to.n > 1 && to.p[to.n - 1] == '/' ? to.n - 1 : to.n;
    return n > 0 && path.p != NULL && path.n >= n && memcmp(path.p, to.p, n) == 0 &&
           (path.n == n || strchr("/@#", path.p[n]) != NULL);
}

/* The files of the profile's context from which a project is compiled. */
static struct sw_node *copies_of(struct resolver *r, const struct sw_node *projects)
{
    struct sw_node *used = sw_build_list(&r->b);
    const struct sw_node *copies = sw_node_get(r->root, "copies");
    size_t count = sw_node_count(projects);
    struct sw_str *paths = sw_arena_array(r->b.arena, count + 1, sizeof *paths);
    r->b.failed = r->b.failed || paths == NULL;
    for (size_t i = 0; paths != NULL && i < count; i++)
        paths[i] = path_of(r, sw_node_str(sw_node_get(sw_node_item(projects, i), "requirement")));
    for (size_t i = 0; paths != NULL && i < sw_node_count(copies); i++) {
        struct sw_str to = sw_node_str(sw_node_get(sw_node_item(copies, i), "to"));
        bool wanted = false, is_own = sw_node_get(sw_node_item(copies, i), "source") != NULL;
        for (size_t j = 0; is_own && !wanted && j < count; j++)
            wanted = brings(to, paths[j]);
        if (wanted)
            sw_build_append(&r->b, used, sw_node_item(copies, i));
    }
    return used;
}

/* {registry, folder}: the place that keeps the wheels for other builders; one of both is null. */
static void resolve_wheels(struct resolver *r)
{
    const struct sw_node *cache = sw_resolver_get(r, "wheels.cache");
    if (cache == NULL)
        return;
    bool is_registry = sw_value_is_repository(sw_node_str(cache));
    struct sw_node *wheels = sw_build_map(&r->b), *none = sw_build_null(&r->b);
    sw_build_set(&r->b, wheels, "registry", is_registry ? cache : none);
    sw_build_set(&r->b, wheels, "folder", is_registry ? none : cache);
    sw_resolver_set(r, "wheels", wheels);
}

void sw_resolve_compile(struct resolver *r)
{
    if (!sw_resolver_compiles(r))
        return;
    const struct sw_node *known = sw_node_get(r->catalog->images, "compile");
    struct sw_node *compile = sw_build_map(&r->b), *list = capabilities(r);
    sw_resolver_set(r, "compile", compile);
    sw_build_set(&r->b, compile, "capabilities", list);
    sw_build_set(&r->b, compile, "architectures", joined(r, list, NULL, false));
    struct sw_node *projects = projects_of(r);
    sw_build_set(&r->b, compile, "projects", projects);
    sw_build_set(&r->b, compile, "nvcc", nvcc_of(r));
    sw_build_set(&r->b, compile, "gcc",
                 sw_build_text(&r->b, sw_node_text(sw_node_get(sw_node_get(known, "gcc"), r->cuda), NULL)));
    sw_build_set(&r->b, compile, "requires", requires_of(r, known));
    sw_build_set(&r->b, compile, "environment", sw_node_get(known, "environment"));
    sw_build_set(&r->b, compile, "packages", packages_of(r));
    sw_build_set(&r->b, compile, "copies", copies_of(r, projects));
    resolve_wheels(r);
}
