/* The image's base, its GPUs, and its name. */
#include "catalog/gpu.h"
#include "data/path.h"
#include "profile/plan_internal.h"
#include "python/name.h"
#include "template/template.h"

#include "base/limits.h"

void sw_resolve_accelerators(struct resolver *r)
{
    const struct sw_node *names = sw_resolver_get(r, "accelerators");
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(names); i++) {
        const char *name = sw_node_text(sw_node_item(names, i), "");
        const struct sw_node *row;
        struct sw_error error;
        if (sw_gpu_find(&row, r->catalog, name, &error) != 0) {
            const struct sw_node *at = sw_node_item(names, i);
            struct sw_finding *finding = sw_findings_add(r->findings, "SW102", SW_ERROR, "%s", error.text);
            sw_finding_place(r->findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
            sw_finding_hint(r->findings, finding, "%s", error.hint);
            continue;
        }
        struct sw_node *gpu = sw_build_map(&r->b);
        sw_build_set(&r->b, gpu, "name", sw_node_get(row, "name"));
        sw_build_set(&r->b, gpu, "compute_capability", sw_node_get(row, "compute_capability"));
        sw_build_set(&r->b, gpu, "truss",
                     sw_build_text(&r->b, sw_node_text(sw_node_get(row, "truss"), NULL)));
        sw_build_append(&r->b, list, gpu);
    }
    sw_resolver_set(r, "accelerators", list);
}

/* A Python image; if a project is compiled, one whose compiler and C library suit nvcc: the stage that compiles has the same. */
static const char *auto_reference(struct resolver *r)
{
    const char *path = sw_resolver_compiles(r) ? "compile.base" : "python";
    return sw_resolver_fill(r, sw_node_text(sw_node_at(r->catalog->images, path), ""), "{{python}}",
                            r->python);
}

/* Letters, digits and dashes: names a cache. */
static const char *cache_key(struct resolver *r, const char *reference)
{
    char *key = sw_arena_text(r->b.arena, reference);
    if (key == NULL) {
        r->b.failed = true;
        return "";
    }
    for (char *c = key; *c != '\0'; c++) {
        if (!sw_is_alnum((unsigned char)*c))
            *c = '-';
    }
    return key;
}

/* A CUDA image brings no Python; with one of uv's it still needs certificates. */
static void resolve_system(struct resolver *r, bool with_python)
{
    const struct sw_node *list = sw_resolver_get(r, "system_packages"),
                         *nvidia = sw_resolver_get(r, "nvidia");
    if (sw_node_count(list) + sw_node_count(nvidia) == 0 && !with_python) {
        sw_resolver_set(r, "system", sw_build_null(&r->b));
        return;
    }
    struct sw_node *node = sw_build_map(&r->b), *packages = sw_build_list(&r->b);
    static const char *const python[] = {"ca-certificates", "python3", "python3-venv"};
    size_t count = r->managed ? 1 : SW_COUNT(python);
    for (size_t i = 0; with_python && i < count; i++)
        sw_build_append(&r->b, packages, sw_build_text(&r->b, python[i]));
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_build_append(&r->b, packages, sw_build_str(&r->b, sw_node_str(sw_node_item(list, i))));
    for (size_t i = 0; i < sw_node_count(nvidia); i++)
        sw_build_append(&r->b, packages, sw_build_str(&r->b, sw_node_str(sw_node_item(nvidia, i))));
    sw_build_set(&r->b, node, "packages", packages);
    sw_resolver_set(r, "system", node);
}

void sw_resolve_base(struct resolver *r)
{
    const struct sw_node *wish = sw_resolver_get(r, "base_image");
    const char *bootstrap = sw_node_text(sw_node_get(wish, "bootstrap"), NULL);
    const char *reference = sw_node_text(wish, "auto");
    if (bootstrap != NULL) {
        reference = sw_arena_format(r->b.arena, "localhost/slipway-base:%s", cache_key(r, bootstrap));
    } else if (strcmp(reference, "auto") == 0) {
        reference = auto_reference(r);
    }
    if (reference == NULL)
        reference = "scratch";
    bool with_python = sw_resolve_interpreter(r, bootstrap, reference);
    struct sw_node *base = sw_build_map(&r->b);
    sw_build_set(&r->b, base, "reference", sw_build_text(&r->b, reference));
    sw_build_set(&r->b, base, "key", sw_build_text(&r->b, cache_key(r, reference)));
    sw_build_set(&r->b, base, "bootstrap", sw_build_text(&r->b, bootstrap));
    sw_resolver_set(r, "base", base);
    bool brings_python = !r->distribution_python && !r->managed;
    bool is_named = sw_node_type(wish) == SW_NODE_TEXT && strcmp(sw_node_text(wish, ""), "auto") != 0;
    sw_build_set(&r->b, r->facts, "base", sw_build_text(&r->b, is_named && brings_python ? reference : NULL));
    resolve_system(r, with_python);
}

/* The highest library of bitsandbytes below torch's CUDA and of its major, or NULL. */
static const char *nearest_library(const struct sw_node *libraries, const char *wanted)
{
    const char *best = NULL;
    for (size_t i = 0; i < sw_node_count(libraries); i++) {
        const char *library = sw_node_text(sw_node_item(libraries, i), "");
        if (strlen(library) == strlen(wanted) && strncmp(library, wanted, strlen(wanted) - 1) == 0 &&
            strcmp(library, wanted) < 0 && (best == NULL || strcmp(library, best) > 0))
            best = library;
    }
    return best;
}

/* BNB_CUDA_VERSION helps in one case: the pinned bitsandbytes has no library for torch's CUDA but one for an earlier
 * minor release of it, and loads the library that the variable names. */
static const char *bitsandbytes_override(const struct resolver *r)
{
    const struct sw_node *requirement =
        sw_requirement_find(sw_resolver_get(r, "requirements"), "bitsandbytes");
    if (requirement == NULL || r->cuda == NULL)
        return NULL;
    const char *pin = sw_requirement_pin(r->b.arena, sw_node_str(requirement));
    const struct sw_node *row = pin == NULL ? NULL : sw_catalog_row(r->catalog->bitsandbytes, "version", pin);
    const struct sw_node *libraries = sw_node_get(row, "libraries");
    const char *variant = sw_catalog_variant(r->b.arena, r->cuda);
    if (row == NULL || variant == NULL ||
        strcmp(sw_node_text(sw_node_get(row, "override"), ""), "name") != 0 ||
        sw_catalog_lists(libraries, variant + 2))
        return NULL;
    return nearest_library(libraries, variant + 2);
}

static void add_variable(struct resolver *r, struct sw_node *list, const char *name, const char *value)
{
    struct sw_node *variable = sw_build_map(&r->b);
    sw_build_set(&r->b, variable, "name", sw_build_text(&r->b, name));
    sw_build_set(&r->b, variable, "value", sw_build_text(&r->b, value));
    sw_build_append(&r->b, list, variable);
}

void sw_resolve_environment(struct resolver *r)
{
    const struct sw_node *map = sw_resolver_get(r, "environment");
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_member_count(map); i++)
        add_variable(r, list, sw_node_member_at(map, i)->key.p,
                     sw_node_text(sw_node_member_at(map, i)->value, ""));
    const char *override = bitsandbytes_override(r);
    if (override != NULL && sw_node_get(map, "BNB_CUDA_VERSION") == NULL)
        add_variable(r, list, "BNB_CUDA_VERSION", override);
    sw_resolver_set(r, "environment", list);
}

/* docker's rule for tags: [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}. */
static bool is_tag(struct sw_str tag)
{
    if (tag.n == 0 || tag.n > 128 || tag.p[0] == '.' || tag.p[0] == '-')
        return false;
    for (size_t i = 0; i < tag.n; i++) {
        if (!sw_is_alnum((unsigned char)tag.p[i]) && strchr("_.-", tag.p[i]) == NULL)
            return false;
    }
    return true;
}

/* A tag's pattern is a template of its own, without partials. */
static int load_pattern(void *self, struct sw_str *text, const char **label, const char *name,
                        struct sw_error *error)
{
    const struct sw_node *pattern = self;
    if (strcmp(name, "image.tags") != 0)
        return sw_fail(error, SW_ENOTFOUND, "a tag has no partials");
    *text = sw_node_str(pattern);
    *label = sw_node_file(pattern);
    return 0;
}

static void add_tag(struct resolver *r, struct sw_node *tags, const char *name, const struct sw_node *pattern,
                    const struct sw_node *facts)
{
    SW_BUFFER_AUTO tag;
    struct sw_error error;
    sw_buffer_init(&tag, SW_MAX_REQUIREMENT_SIZE);
    const struct sw_template_source source = {load_pattern, (void *)(uintptr_t)pattern};
    int code = sw_template_render(&tag, &source, "image.tags", facts, &error);
    if (code == 0 && is_tag(sw_buffer_str(&tag))) {
        sw_build_append(&r->b, tags, sw_build_format(&r->b, "%s:%s", name, tag.p));
        return;
    }
    struct sw_finding *finding =
        code != 0 ? sw_findings_add(r->findings, "SW102", SW_ERROR, "'%s': %s", sw_node_text(pattern, ""),
                                    error.text)
                  : sw_findings_add(r->findings, "SW102", SW_ERROR, "'%s' is not a tag", tag.p);
    sw_finding_place(r->findings, finding, sw_node_file(pattern), sw_node_line(pattern),
                     sw_node_column(pattern));
    sw_finding_hint(r->findings, finding, "%s {{profile}}, {{python}}%s",
                    code != 0 ? "known are" : "a tag has letters, digits, '_', '.', '-', and",
                    r->cuda == NULL ? " (and {{cuda}} and {{torch}} where the profile has 'torch')"
                                    : ", {{cuda}} and {{torch}}");
}

void sw_resolve_image(struct resolver *r)
{
    struct sw_node *image = sw_build_map(&r->b), *tags = sw_build_list(&r->b), *facts = sw_build_map(&r->b);
    const char *name = sw_node_text(sw_resolver_get(r, "image.name"), r->profile->name);
    sw_build_set(&r->b, facts, "profile", sw_build_text(&r->b, r->profile->name));
    sw_build_set(&r->b, facts, "python", sw_build_text(&r->b, r->python));
    if (r->cuda != NULL) {
        sw_build_set(&r->b, facts, "cuda", sw_build_text(&r->b, r->cuda));
        sw_build_set(&r->b, facts, "torch", sw_node_at(r->root, "torch.version"));
    }
    const struct sw_node *patterns = sw_resolver_get(r, "image.tags");
    if (sw_node_count(patterns) == 0)
        sw_build_append(&r->b, tags, sw_build_format(&r->b, "%s:latest", name));
    for (size_t i = 0; i < sw_node_count(patterns) && !r->b.failed; i++)
        add_tag(r, tags, name, sw_node_item(patterns, i), facts);
    sw_build_set(&r->b, image, "name", sw_build_text(&r->b, name));
    sw_build_set(&r->b, image, "tags", tags);
    if (strcmp(sw_node_text(sw_resolver_get(r, "image.compression"), ""), "zstd") == 0)
        sw_build_set(&r->b, image, "compression", sw_build_text(&r->b, "zstd"));
    sw_resolver_set(r, "image", image);
}
