/* The GPUs whose code stays in the image, and the files that go. */
#include "profile/plan_internal.h"

#include "catalog/architecture.h"
#include "catalog/gpu.h"
#include "data/path.h"
#include "python/name.h"

static const char *const removed_by_default[] = {"libraries", "archives", "headers", "tests"};

static bool holds(const struct sw_node *list, const char *text)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (strcmp(sw_node_text(sw_node_item(list, i), ""), text) == 0)
            return true;
    }
    return false;
}

static void add_text(struct resolver *r, struct sw_node *list, const char *text)
{
    if (!holds(list, text))
        sw_build_append(&r->b, list, sw_build_text(&r->b, text));
}

/* The compute capabilities of trim.for, or of the accelerators. */
static struct sw_node *resolve_for(struct resolver *r)
{
    const struct sw_node *names = sw_resolver_get(r, "trim.for"), *own = sw_node_get(r->root, "accelerators");
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; names == NULL && i < sw_node_count(own); i++)
        add_text(r, list, sw_node_text(sw_node_get(sw_node_item(own, i), "compute_capability"), ""));
    for (size_t i = 0; i < sw_node_count(names); i++) {
        const struct sw_node *row, *at = sw_node_item(names, i);
        struct sw_error error;
        if (sw_gpu_find(&row, r->catalog, sw_node_text(at, ""), &error) == 0) {
            add_text(r, list, sw_node_text(sw_node_get(row, "compute_capability"), ""));
            continue;
        }
        struct sw_finding *finding = sw_findings_add(r->findings, "SW102", SW_ERROR, "%s", error.text);
        sw_finding_place(r->findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
        sw_finding_hint(r->findings, finding, "%s", error.hint);
    }
    if (names == NULL && sw_node_count(own) == 0) {
        struct sw_finding *finding =
            sw_resolver_find(r, "SW102", SW_ERROR, "trim", "trim does not know whose GPU code is to stay");
        sw_finding_hint(r->findings, finding, "add accelerators, or write trim: {for: [rtx-4090]}");
    }
    return list;
}

/* The image must still run on each of its own GPUs. */
static void check_own(struct resolver *r, const struct sw_node *list)
{
    const struct sw_node *own = sw_node_get(r->root, "accelerators");
    for (size_t i = 0; sw_resolver_get(r, "trim.for") != NULL && i < sw_node_count(own); i++) {
        const struct sw_node *gpu = sw_node_item(own, i);
        const char *capability = sw_node_text(sw_node_get(gpu, "compute_capability"), "");
        if (holds(list, capability))
            continue;
        const char *name = sw_node_text(sw_node_get(gpu, "name"), "");
        struct sw_finding *finding = sw_resolver_find(
            r, "SW201", SW_ERROR, "trim.for",
            "trim.for leaves out %s of accelerators, whose compute capability is %s", name, capability);
        sw_finding_hint(r->findings, finding, "add %s to trim.for, or remove trim.for", name);
    }
}

/* The digits of the CUDAs whose libraries stay: those of torch, and of the library that bitsandbytes is told to load. */
static struct sw_node *resolve_cuda(struct resolver *r)
{
    const struct sw_node *variables = sw_node_get(r->root, "environment");
    const char *variant = r->cuda == NULL ? NULL : sw_catalog_variant(r->b.arena, r->cuda);
    struct sw_node *list = sw_build_list(&r->b);
    if (variant != NULL)
        add_text(r, list, variant + strlen("cu"));
    for (size_t i = 0; i < sw_node_count(variables); i++) {
        const struct sw_node *variable = sw_node_item(variables, i);
        const char *value = sw_node_text(sw_node_get(variable, "value"), "");
        if (strcmp(sw_node_text(sw_node_get(variable, "name"), ""), "BNB_CUDA_VERSION") == 0 &&
            value[0] != '\0' && strspn(value, "0123456789") == strlen(value))
            add_text(r, list, value);
    }
    return list;
}

static struct sw_node *resolve_keep(struct resolver *r)
{
    const struct sw_node *names = sw_resolver_get(r, "trim.keep");
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(names); i++) {
        const char *name = sw_name_normalized(r->b.arena, sw_node_str(sw_node_item(names, i)));
        if (name == NULL)
            r->b.failed = true;
        else
            add_text(r, list, name);
    }
    return list;
}

static struct sw_node *resolve_remove(struct resolver *r)
{
    const struct sw_node *words = sw_resolver_get(r, "trim.remove");
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; words == NULL && i < SW_COUNT(removed_by_default); i++)
        add_text(r, list, removed_by_default[i]);
    for (size_t i = 0; i < sw_node_count(words); i++)
        add_text(r, list, sw_node_text(sw_node_item(words, i), ""));
    if (holds(list, "bytecode") && sw_node_boolean(sw_resolver_get(r, "bytecode"), false))
        sw_finding_hint(
            r->findings,
            sw_resolver_find(r, "SW102", SW_ERROR, "trim.remove",
                             "trim.remove takes the bytecode away that 'bytecode: true' asks for"),
            "remove one of both");
    return list;
}

/* The part of torch's code that stays, as the catalog knows it. */
static struct sw_node *resolve_code(struct resolver *r, const struct sw_node *targets)
{
    const char *version = sw_node_text(sw_node_at(r->root, "torch.version"), "");
    const struct sw_node *code =
        r->cuda == NULL ? NULL
                        : sw_catalog_code(r->catalog->torch_code, version, r->cuda, SW_CATALOG_MACHINE);
    const struct sw_node *sass = sw_node_get(code, "sass"), *ptx = sw_node_get(code, "ptx");
    if (code == NULL)
        return sw_build_null(&r->b);
    struct sw_node *kept = sw_build_map(&r->b), *machine = sw_build_list(&r->b),
                   *compiled = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(targets); i++) {
        struct sw_architecture gpu;
        if (sw_architecture_parse(&gpu, sw_node_str(sw_node_item(targets, i))) &&
            !sw_architectures_take(&r->b, machine, sass, false, gpu))
            (void)sw_architectures_take(&r->b, compiled, ptx, true, gpu);
    }
    sw_build_set(&r->b, kept, "sass", machine);
    sw_build_set(&r->b, kept, "ptx", compiled);
    sw_build_set(&r->b, kept, "of", sw_build_int(&r->b, (int64_t)(sw_node_count(sass) + sw_node_count(ptx))));
    return kept;
}

void sw_resolve_trim(struct resolver *r)
{
    const struct sw_node *asked = sw_resolver_get(r, "trim");
    if (asked == NULL || (sw_node_type(asked) != SW_NODE_MAP && !sw_node_boolean(asked, false)))
        return;
    struct sw_node *trim = sw_build_map(&r->b), *targets = resolve_for(r);
    check_own(r, targets);
    sw_build_set(&r->b, trim, "for", targets);
    sw_build_set(&r->b, trim, "cuda", resolve_cuda(r));
    sw_build_set(&r->b, trim, "keep", resolve_keep(r));
    sw_build_set(&r->b, trim, "remove", resolve_remove(r));
    sw_build_set(&r->b, trim, "code", resolve_code(r, targets));
    sw_resolver_set(r, "trim", trim);
}
