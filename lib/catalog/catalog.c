#include "catalog/catalog.h"

#include "base/finding.h"
#include "base/limits.h"
#include "data/resource.h"
#include "data/schema.h"
#include "data/yaml.h"

static const struct sw_schema text = {.kind = SW_SCHEMA_TEXT};
static const struct sw_schema texts = {.kind = SW_SCHEMA_LIST, .items = &text};
static const struct sw_schema text_by_name = {.kind = SW_SCHEMA_MAP, .items = &text};
static const struct sw_schema gigabytes = {.kind = SW_SCHEMA_INTEGER, .least = 1, .most = 100000};

/* Every file says what it is, where it comes from and how it was verified. */
#define PROVENANCE                                                               \
    {"slipway-catalog", "which file of the catalog this is", &text, true, NULL}, \
        {"source", "where the rows come from", &text, true, NULL},               \
    {                                                                            \
        "verified", "how they were verified", &text, true, NULL                  \
    }

static const struct sw_field gpu_fields[] = {
    {"name", "what a profile calls it", &text, true, NULL},
    {"title", "what its maker calls it", &text, true, NULL},
    {"compute_capability", "such as 8.9", &text, true, NULL},
    {"architecture", "such as Ada", &text, true, NULL},
    {"memory", "GB as sold", &gigabytes, false, NULL},
    {"driver", "the first Linux driver branch that knows it", &text, false, NULL},
    {"truss", "what a Truss config calls it", &text, false, NULL},
    {0},
};
static const struct sw_schema gpu = {.kind = SW_SCHEMA_OBJECT, .fields = gpu_fields};
static const struct sw_schema gpu_list = {.kind = SW_SCHEMA_LIST, .items = &gpu};
static const struct sw_field gpus_fields[] = {
    PROVENANCE,
    {"gpus", "the rows", &gpu_list, true, NULL},
    {0},
};

static const struct sw_field torch_fields[] = {
    {"version", "the public version", &text, true, NULL},
    {"cuda", "the CUDA variants on torch's index", &texts, true, NULL},
    {"default", "the variant that the default index carries", &text, true, NULL},
    {"python", "the oldest and the newest CPython with wheels", &texts, true, NULL},
    {"torchvision", "the release built for it", &text, true, NULL},
    {"torchaudio", "the release built for it", &text, true, NULL},
    {"triton", "the release it pins", &text, false, NULL},
    {0},
};
static const struct sw_schema torch_release = {.kind = SW_SCHEMA_OBJECT, .fields = torch_fields};
static const struct sw_schema torch_list = {.kind = SW_SCHEMA_LIST, .items = &torch_release};
static const struct sw_field torch_file_fields[] = {
    PROVENANCE,
    {"releases", "the rows, oldest first", &torch_list, true, NULL},
    {0},
};

static const char *const overrides[] = {"name", "none", NULL};
static const struct sw_schema override = {.kind = SW_SCHEMA_TEXT, .words = overrides};
static const struct sw_field bitsandbytes_fields[] = {
    {"version", "the release", &text, true, NULL},
    {"libraries", "the numbers of its CUDA libraries", &texts, true, NULL},
    {"override", "what BNB_CUDA_VERSION can do", &override, true, NULL},
    {0},
};
static const struct sw_schema bitsandbytes_release = {.kind = SW_SCHEMA_OBJECT,
                                                      .fields = bitsandbytes_fields};
static const struct sw_schema bitsandbytes_list = {.kind = SW_SCHEMA_LIST, .items = &bitsandbytes_release};
static const struct sw_field bitsandbytes_file_fields[] = {
    PROVENANCE,
    {"releases", "the rows, oldest first", &bitsandbytes_list, true, NULL},
    {0},
};

static const struct sw_field cuda_fields[] = {
    {"source", "where the rows come from", &text, true, NULL},
    {"verified", "how they were verified", &text, true, NULL},
    {"devel", "the image with nvcc, by CUDA", &text_by_name, true, NULL},
    {0},
};
static const struct sw_schema cuda_images = {.kind = SW_SCHEMA_OBJECT, .fields = cuda_fields};
static const struct sw_field distribution_fields[] = {
    {"source", "where the rows come from", &text, true, NULL},
    {"verified", "how they were verified", &text, true, NULL},
    {"python", "the Python of each", &text_by_name, true, NULL},
    {"tags", "the distribution that a part of an image's tag shows", &text_by_name, true, NULL},
    {0},
};
static const struct sw_schema distributions = {.kind = SW_SCHEMA_OBJECT, .fields = distribution_fields};
static const struct sw_field uv_fields[] = {
    {"version", "the release", &text, true, NULL},
    {"source", "where it comes from", &text, true, NULL},
    {"verified", "how it was verified", &text, true, NULL},
    {0},
};
static const struct sw_schema uv = {.kind = SW_SCHEMA_OBJECT, .fields = uv_fields};
static const struct sw_field index_fields[] = {
    {"url", "with {{variant}}", &text, true, NULL},
    {"source", "where it comes from", &text, true, NULL},
    {"verified", "how it was verified", &text, true, NULL},
    {0},
};
static const struct sw_schema torch_index = {.kind = SW_SCHEMA_OBJECT, .fields = index_fields};
static const struct sw_field compiled_fields[] = {
    {"source", "where the list comes from", &text, true, NULL},
    {"verified", "how it was verified", &text, true, NULL},
    {"projects", "their normalised names", &texts, true, NULL},
    {0},
};
static const struct sw_schema compiled = {.kind = SW_SCHEMA_OBJECT, .fields = compiled_fields};
static const struct sw_field images_fields[] = {
    {"slipway-catalog", "which file of the catalog this is", &text, true, NULL},
    {"python", "the Python image, with {{python}}", &text, true, NULL},
    {"cuda", "images with nvcc", &cuda_images, true, NULL},
    {"distributions", "Debian and its kin", &distributions, true, NULL},
    {"uv", "the installer", &uv, true, NULL},
    {"torch_index", "where torch's wheels are", &torch_index, true, NULL},
    {"compiled_with_nvcc", "what needs nvcc", &compiled, true, NULL},
    {0},
};

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

int sw_catalog_load(struct sw_catalog *catalog, const char *project, struct sw_error *error)
{
    struct sw_catalog loaded = {0};
    const struct sw_node *root = NULL;
    sw_arena_init(&loaded.arena, SW_MAX_ARENA);
    int code = load(&root, &loaded.arena, project, "profiles/catalog/gpus.yaml", gpus_fields, error);
    if (code == 0) {
        loaded.gpus = sw_node_get(root, "gpus");
        code = load(&root, &loaded.arena, project, "profiles/catalog/torch.yaml", torch_file_fields, error);
    }
    if (code == 0) {
        loaded.torch = sw_node_get(root, "releases");
        code = load(&root, &loaded.arena, project, "profiles/catalog/bitsandbytes.yaml",
                    bitsandbytes_file_fields, error);
    }
    if (code == 0) {
        loaded.bitsandbytes = sw_node_get(root, "releases");
        code = load(&loaded.images, &loaded.arena, project, "profiles/catalog/images.yaml", images_fields,
                    error);
    }
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
    sw_arena_release(&catalog->arena);
    *catalog = (struct sw_catalog){0};
}

const struct sw_node *sw_catalog_row(const struct sw_node *rows, const char *key, const char *value)
{
    for (size_t i = 0; rows != NULL && i < rows->count; i++) {
        if (strcmp(sw_node_text(sw_node_get(rows->items[i], key), ""), value) == 0)
            return rows->items[i];
    }
    return NULL;
}

const char *sw_catalog_nearest(const struct sw_node *rows, const char *key, const char *value)
{
    const char *nearest = NULL;
    unsigned best = (unsigned)strlen(value) / 2 + 1;
    for (size_t i = 0; rows != NULL && i < rows->count; i++) {
        const char *candidate = sw_node_text(sw_node_get(rows->items[i], key), "");
        unsigned distance = sw_str_distance(sw_str_from(candidate), sw_str_from(value));
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest;
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
    for (size_t i = 0; list != NULL && list->type == SW_NODE_LIST && i < list->count; i++) {
        if (strcmp(sw_node_text(list->items[i], ""), value) == 0)
            return true;
    }
    return false;
}
