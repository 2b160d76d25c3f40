#include "catalog/catalog.h"

#include "base/finding.h"
#include "base/limits.h"
#include "catalog/catalog_schema_internal.h"
#include "catalog/torch_symbols.h"
#include "data/resource.h"
#include "data/yaml.h"
#include "python/specifier.h"

/* Read one file and refuse the first thing that is wrong with it. */
static int load(const struct sw_node **out, struct sw_arena *arena, const char *project, const char *name,
                const struct sw_field *fields, struct sw_error *error)
{
    struct sw_str content = {0};
    const char *path = NULL;
    const struct sw_node *root = NULL;
    int code = sw_resource_load(&content, &path, arena, project, name, error);
    if (code == 0)
        code = sw_yaml_read(&root, arena, content, path, error);
    if (code != 0)
        return code;
    const struct sw_schema schema = {.kind = SW_SCHEMA_OBJECT, .fields = fields};
    SW_FINDINGS_AUTO faults;
    sw_findings_init(&faults);
    sw_schema_check(&schema, root, &faults);
    if (faults.count > 0) {
        const struct sw_finding *first = faults.items[0];
        return sw_fail_at(error, SW_EINPUT, first->file, first->line, first->column,
                          "the catalog is wrong: %s", first->message);
    }
    *out = root;
    return 0;
}

/* A list of a file, and the member of the catalog that holds it. */
struct part {
    const char *name;
    const struct sw_field *fields;
    const char *list; /* NULL: the whole file */
    size_t offset;
};
#define PART(file, list, member)                                             \
    {                                                                        \
        "profiles/catalog/" #file ".yaml", sw_catalog_##file##_fields, list, \
            offsetof(struct sw_catalog, member)                              \
    }
static const struct part parts[] = {
    PART(gpus, "gpus", gpus),
    PART(gpus, "words", gpu_words),
    PART(cuda, "toolkits", toolkits),
    PART(cuda, "architectures", architectures),
    PART(torch, "releases", torch),
    PART(torch, "code", torch_code),
    PART(bitsandbytes, "releases", bitsandbytes),
    PART(bitsandbytes, "code", bitsandbytes_code),
    PART(companions, "companions", companions),
    PART(known_bad, "releases", known_bad),
    PART(imports, "imports", imports),
    PART(numpy, "built_for", built_for_numpy),
    PART(removed, "removed", removed),
    PART(modules, "standard", standard),
    PART(modules, "projects", module_projects),
    PART(modules, "wanted", wanted_modules),
    PART(frameworks, "runs_on_cpu", runs_on_cpu),
    PART(frameworks, "built_with", built_with),
    PART(images, NULL, images),
    PART(libraries, NULL, libraries),
    PART(code, "code", wheel_code),
    PART(code, "floors", wheel_floors),
    PART(code, "read", wheel_projects),
    PART(sizes, "sizes", wheel_sizes),
};

static int load_symbols(struct sw_catalog *catalog, const char *project, struct sw_error *error)
{
    struct sw_torch_table *table = sw_arena_alloc(&catalog->arena, sizeof *table);
    if (table == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&table->arena, SW_MAX_ARENA);
    catalog->torch_symbols = table;
    return sw_resource_load(&table->text, &table->path, &catalog->arena, project,
                            "profiles/catalog/torch.symbols", error);
}

int sw_catalog_load(struct sw_catalog *catalog, const char *project, struct sw_error *error)
{
    struct sw_catalog loaded = {0};
    const struct sw_node *root = NULL;
    sw_arena_init(&loaded.arena, SW_MAX_ARENA);
    int code = 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(parts); i++) {
        const struct part *part = &parts[i];
        if (i == 0 || strcmp(parts[i - 1].name, part->name) != 0)
            code = load(&root, &loaded.arena, project, part->name, part->fields, error);
        const struct sw_node *list = part->list == NULL ? root : sw_node_get(root, part->list);
        memcpy((char *)&loaded + part->offset, &list, sizeof list);
    }
    if (code == 0)
        code = load_symbols(&loaded, project, error);
    if (code == 0)
        code = sw_resource_overrides(&loaded.overrides, &loaded.arena, project, error);
    if (code != 0) {
        sw_arena_release(&loaded.arena);
        return code;
    }
    *catalog = loaded;
    return 0;
}

void sw_catalog_release(struct sw_catalog *catalog)
{
    if (catalog == NULL)
        return;
    if (catalog->torch_symbols != NULL)
        sw_arena_release(&catalog->torch_symbols->arena);
    sw_arena_release(&catalog->arena);
    *catalog = (struct sw_catalog){0};
}

const struct sw_node *sw_catalog_row(const struct sw_node *rows, const char *key, const char *value)
{
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        if (strcmp(sw_node_text(sw_node_get(sw_node_item(rows, i), key), ""), value) == 0)
            return sw_node_item(rows, i);
    }
    return NULL;
}

const struct sw_node *sw_catalog_version(const struct sw_node *rows, const char *version)
{
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *row = sw_node_item(rows, i);
        if (sw_catalog_compare(sw_node_text(sw_node_get(row, "version"), ""), version) == 0)
            return row;
    }
    return NULL;
}

char *sw_catalog_variant(struct sw_arena *arena, const char *cuda)
{
    char *variant = sw_arena_format(arena, "cu%s", cuda);
    if (variant == NULL)
        return NULL;
    char *to = variant;
    for (const char *from = variant; *from != '\0'; from++) {
        if (*from != '.')
            *to++ = *from;
    }
    *to = '\0';
    return variant;
}

bool sw_catalog_lists(const struct sw_node *list, const char *value)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (strcmp(sw_node_text(sw_node_item(list, i), ""), value) == 0)
            return true;
    }
    return false;
}

bool sw_catalog_covers(const char *specifier, const char *version)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_specifier_set set;
    struct sw_version parsed;
    return sw_specifier_set_parse(&set, &arena, sw_str_from(specifier), NULL) == 0 &&
           sw_version_parse(&parsed, sw_str_from(version), NULL) == 0 &&
           sw_specifier_set_contains(&set, &parsed, SW_PRERELEASES_ALLOW);
}

int sw_catalog_compare(const char *a, const char *b)
{
    struct sw_version left, right;
    if (sw_version_parse(&left, sw_str_from(a), NULL) != 0 ||
        sw_version_parse(&right, sw_str_from(b), NULL) != 0)
        return strcmp(a, b);
    return sw_version_compare(&left, &right);
}

const struct sw_node *sw_catalog_next(const struct sw_node *rows, size_t *at, const char *project,
                                      const char *version)
{
    while (*at < sw_node_count(rows)) {
        const struct sw_node *row = sw_node_item(rows, (*at)++);
        if (strcmp(sw_node_text(sw_node_get(row, "project"), ""), project) == 0 &&
            (version == NULL || sw_catalog_covers(sw_node_text(sw_node_get(row, "releases"), ""), version)))
            return row;
    }
    return NULL;
}

const struct sw_node *sw_catalog_code(const struct sw_node *rows, const char *version, const char *cuda,
                                      const char *machine)
{
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *row = sw_node_item(rows, i);
        if (strcmp(sw_node_text(sw_node_get(row, "machine"), SW_CATALOG_MACHINE), machine) == 0 &&
            sw_catalog_lists(sw_node_get(row, "cuda"), cuda) &&
            sw_catalog_covers(sw_node_text(sw_node_get(row, "releases"), ""), version))
            return row;
    }
    return NULL;
}

const char *sw_catalog_machine(const struct sw_node *gpu)
{
    return sw_node_text(sw_node_get(gpu, "machine"), SW_CATALOG_MACHINE);
}

enum sw_served sw_catalog_serves(const struct sw_node *code, const struct sw_node *gpu)
{
    struct sw_architecture architecture;
    const struct sw_node *capability = sw_node_get(gpu, "compute_capability");
    if (code == NULL || capability == NULL || !sw_architecture_parse(&architecture, sw_node_str(capability)))
        return SW_NOT_SERVED;
    const struct sw_node *sass = sw_node_get(code, "sass"), *ptx = sw_node_get(code, "ptx");
    if (sw_node_boolean(sw_node_get(gpu, "own_code"), false) &&
        !sw_catalog_lists(sass, sw_node_text(capability, "")))
        sass = NULL;
    return sw_architectures_serve(sass, ptx, architecture);
}

/* The lowest CUDA of a release that serves the GPU. */
static bool first_variant(struct sw_torch_build *out, const struct sw_catalog *catalog,
                          const struct sw_node *release, const struct sw_node *gpu)
{
    const char *version = sw_node_text(sw_node_get(release, "version"), "");
    const struct sw_node *variants = sw_node_get(release, "cuda");
    const char *machine = sw_catalog_machine(gpu);
    for (size_t i = 0; i < sw_node_count(variants); i++) {
        const char *cuda = sw_node_text(sw_node_item(variants, i), "");
        const struct sw_node *code = sw_catalog_code(catalog->torch_code, version, cuda, machine);
        if (sw_catalog_serves(code, gpu) != SW_NOT_SERVED) {
            *out = (struct sw_torch_build){version, cuda, code};
            return true;
        }
    }
    return false;
}

bool sw_catalog_first_torch(struct sw_torch_build *out, const struct sw_catalog *catalog,
                            const struct sw_node *gpu)
{
    for (size_t i = 0; i < sw_node_count(catalog->torch); i++) {
        if (first_variant(out, catalog, sw_node_item(catalog->torch, i), gpu))
            return true;
    }
    return false;
}

const char *sw_catalog_first_cuda(const struct sw_catalog *catalog, const struct sw_node *gpu)
{
    const char *capability = sw_node_text(sw_node_get(gpu, "compute_capability"), "");
    const struct sw_node *row = sw_catalog_row(catalog->architectures, "compute_capability", capability);
    return sw_node_text(sw_node_get(row, "since"), NULL);
}
