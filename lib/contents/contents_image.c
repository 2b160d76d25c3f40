/* The image that its layers make together. */
#include "base/limits.h"
#include "contents/contents_internal.h"
#include "data/json.h"

#include <stdlib.h>

/* The place of a member of the archive that is no layer of the image. */
static const uint32_t NO_LAYER = UINT32_MAX;

/* ---- the manifest ---- */

static struct sw_contents_blob *find_blob(struct sw_contents_reading *r, const char *name)
{
    for (unsigned links = 0; links < 2; links++) {
        struct sw_contents_blob *found = NULL;
        for (size_t i = 0; i < r->blob_count && found == NULL; i++) {
            if (strcmp(r->blobs[i].name, name) == 0)
                found = &r->blobs[i];
        }
        if (found == NULL || found->link == NULL)
            return found;
        name = found->link;
    }
    return NULL;
}

static int read_document(const struct sw_node **out, struct sw_contents_reading *r, const char *name)
{
    const struct sw_contents_blob *blob = find_blob(r, name);
    if (blob == NULL || blob->document.n == 0)
        return sw_fail(r->error, SW_EINPUT, "the archive is no image: it has no '%.100s'", name);
    return sw_json_read(out, r->arena, blob->document, name, r->error);
}

/* Give each layer the instruction that made it: the history without the entries that made none. */
static void name_commands(struct sw_contents *out, const struct sw_node *configuration)
{
    const struct sw_node *history = sw_node_get(configuration, "history");
    size_t layer = 0;
    for (size_t i = 0; i < sw_node_count(history) && layer < out->layer_count; i++) {
        const struct sw_node *entry = sw_node_item(history, i);
        if (!sw_node_boolean(sw_node_get(entry, "empty_layer"), false))
            out->layers[layer++].command = sw_node_text(sw_node_get(entry, "created_by"), "");
    }
}

static int place_layers(struct sw_contents *out, struct sw_contents_reading *r, uint32_t *place)
{
    const struct sw_node *manifest = NULL, *configuration = NULL;
    int code = read_document(&manifest, r, "manifest.json");
    if (code != 0)
        return code;
    if (sw_node_count(manifest) != 1)
        return sw_fail(r->error, SW_EINPUT, "the archive holds %zu images; one is wanted",
                       sw_node_count(manifest));
    const struct sw_node *image = sw_node_item(manifest, 0), *layers = sw_node_get(image, "Layers");
    code = read_document(&configuration, r, sw_node_text(sw_node_get(image, "Config"), ""));
    if (code != 0)
        return code;
    if (sw_node_count(layers) > SW_MAX_LAYERS)
        return sw_fail(r->error, SW_EINPUT, "the image has more than %d layers", SW_MAX_LAYERS);
    out->layer_count = sw_node_count(layers);
    out->layers = sw_arena_array(r->arena, out->layer_count + 1, sizeof *out->layers);
    if (out->layers == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 0; i < out->layer_count; i++) {
        const char *name = sw_node_text(sw_node_item(layers, i), "");
        struct sw_contents_blob *blob = find_blob(r, name);
        if (blob == NULL || !blob->is_layer)
            return sw_fail(r->error, SW_EINPUT, "the archive has no layer '%.100s'", name);
        out->layers[i] = (struct sw_contents_layer){.name = blob->name, .command = ""};
        if (place[blob - r->blobs] == NO_LAYER)
            place[blob - r->blobs] = (uint32_t)i;
    }
    name_commands(out, configuration);
    return 0;
}

/* ---- the visible files ---- */

/* Compare by path, and of one path put the highest layer first. */
static int compare_files(const void *a, const void *b, void *self)
{
    const struct sw_contents_reading *r = self;
    const struct sw_contents_file *x = &r->files[*(const uint32_t *)a], *y = &r->files[*(const uint32_t *)b];
    int order = sw_str_compare(x->path, y->path);
    if (order != 0)
        return order;
    return x->layer == y->layer ? (int)x->kind - (int)y->kind : x->layer > y->layer ? -1 : 1;
}

static bool is_mark(const struct sw_contents_file *file)
{
    return file->kind == SW_CONTENTS_WHITEOUT || file->kind == SW_CONTENTS_OPAQUE;
}

/* The files that layers of the image have, ordered by compare_files(), and the marks among them. */
struct order {
    struct sw_contents_reading *r;
    uint32_t *all, *marks;
    size_t count, mark_count;
};

/* Return true if a layer above `layer` has a mark at the path that removes the file there, or, for `below`, all files below it. */
static bool is_marked(const struct order *order, struct sw_str path, uint32_t layer, bool below)
{
    size_t low = 0, high = order->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sw_str_compare(order->r->files[order->marks[middle]].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < order->mark_count; low++) {
        const struct sw_contents_file *mark = &order->r->files[order->marks[low]];
        if (!sw_str_equal(mark->path, path) || mark->layer <= layer)
            return false; /* the highest layer comes first */
        if (below || mark->kind == SW_CONTENTS_WHITEOUT)
            return true;
    }
    return false;
}

static bool is_removed(const struct order *order, const struct sw_contents_file *file)
{
    if (is_marked(order, file->path, file->layer, false) || is_marked(order, SW_STR(""), file->layer, true))
        return true;
    for (size_t i = 1; i < file->path.n; i++) {
        if (file->path.p[i] == '/' && is_marked(order, (struct sw_str){file->path.p, i}, file->layer, true))
            return true;
    }
    return false;
}

static void hide(struct order *order)
{
    const struct sw_contents_file *highest = NULL;
    for (size_t i = 0; i < order->count; i++) {
        struct sw_contents_file *file = &order->r->files[order->all[i]];
        if (is_mark(file))
            continue;
        bool replaced = highest != NULL && sw_str_equal(highest->path, file->path);
        file->hidden = replaced || is_removed(order, file);
        if (!replaced)
            highest = file;
    }
}

/* ---- the owners of the files ---- */

static int compare_owned(const void *a, const void *b)
{
    return sw_str_compare(((const struct sw_contents_owned *)a)->path,
                          ((const struct sw_contents_owned *)b)->path);
}

/* The visible record that names the path; NULL if there is none. */
static struct sw_contents_record *find_owner(struct sw_contents_reading *r, struct sw_str path)
{
    const struct sw_contents_owned wanted = {.path = path};
    const struct sw_contents_owned *found =
        r->owned_count == 0 ? NULL
                            : bsearch(&wanted, r->owned, r->owned_count, sizeof *r->owned, compare_owned);
    while (found != NULL && found > r->owned && sw_str_equal(found[-1].path, path))
        found--;
    for (; found != NULL && found < r->owned + r->owned_count && sw_str_equal(found->path, path); found++) {
        struct sw_contents_record *record = &r->records[found->record];
        if (!r->files[record->file].hidden)
            return record;
    }
    return NULL;
}

static void count(struct sw_contents_bytes *bytes, const struct sw_contents_file *file)
{
    uint64_t gpu_code = file->gpu_code < file->size ? file->gpu_code : file->size;
    bytes->files++;
    bytes->gpu_code += gpu_code;
    if (file->kind == SW_CONTENTS_ELF)
        bytes->host_code += file->size - gpu_code;
    else
        bytes->other += file->size;
}

static void add_up(struct sw_contents *out, struct order *order)
{
    struct sw_contents_reading *r = order->r;
    for (size_t i = 0; i < order->count; i++) {
        const struct sw_contents_file *file = &r->files[order->all[i]];
        if (is_mark(file))
            continue;
        struct sw_contents_layer *layer = &out->layers[file->layer];
        layer->files++;
        layer->size += file->size;
        if (file->hidden) {
            layer->hidden += file->size;
            out->hidden += file->size;
            continue;
        }
        struct sw_contents_record *owner = find_owner(r, file->path);
        count(owner == NULL ? &out->rest : &owner->project.bytes, file);
        count(&out->visible, file);
        out->trim_before += file->gpu_code;
        out->trim_after += file->gpu_kept;
    }
}

static uint64_t bytes_of(const struct sw_contents_project *project)
{
    return project->bytes.gpu_code + project->bytes.host_code + project->bytes.other;
}

static int compare_projects(const void *a, const void *b)
{
    const struct sw_contents_project *x = a, *y = b;
    if (bytes_of(x) != bytes_of(y))
        return bytes_of(x) > bytes_of(y) ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int list_projects(struct sw_contents *out, struct sw_contents_reading *r)
{
    out->projects = sw_arena_array(r->arena, r->record_count + 1, sizeof *out->projects);
    if (out->projects == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 0; i < r->record_count; i++) {
        const struct sw_contents_file *file = &r->files[r->records[i].file];
        if (file->layer != NO_LAYER && !file->hidden)
            out->projects[out->project_count++] = r->records[i].project;
    }
    qsort(out->projects, out->project_count, sizeof *out->projects, compare_projects);
    return 0;
}

static bool is_visible(const struct sw_contents_file *file)
{
    return file->layer != NO_LAYER && !file->hidden;
}

/* Unite the GPU code of the visible libraries, and list those whose code could not be read. */
static int list_code(struct sw_contents *out, struct sw_contents_reading *r)
{
    for (size_t i = 0; i < r->library_count; i++) {
        const struct sw_device_codes *codes = &r->libraries[i].codes;
        for (size_t k = 0; is_visible(&r->files[r->libraries[i].file]) && k < codes->count; k++) {
            if (!sw_device_codes_add(&out->codes, &codes->items[k], codes->bytes[k]))
                return sw_fail(r->error, SW_EINPUT, "the image has code for absurdly many architectures");
        }
    }
    out->unread = r->unread;
    out->unread_count = r->unread_count;
    return 0;
}

static int order_files(struct order *order)
{
    struct sw_contents_reading *r = order->r;
    order->all = calloc(r->file_count + 1, sizeof *order->all);
    order->marks = calloc(r->file_count + 1, sizeof *order->marks);
    if (order->all == NULL || order->marks == NULL)
        return sw_fail_memory(r->error);
    for (size_t i = 0; i < r->file_count; i++) {
        if (r->files[i].layer != NO_LAYER)
            order->all[order->count++] = (uint32_t)i;
    }
    qsort_r(order->all, order->count, sizeof *order->all, compare_files, r);
    for (size_t i = 0; i < order->count; i++) {
        if (is_mark(&r->files[order->all[i]]) &&
            (i == 0 || compare_files(&order->all[i - 1], &order->all[i], r) != 0))
            order->marks[order->mark_count++] = order->all[i];
    }
    if (r->owned_count > 0)
        qsort(r->owned, r->owned_count, sizeof *r->owned, compare_owned);
    return 0;
}

int sw_contents_compose(struct sw_contents *out, struct sw_contents_reading *r)
{
    struct sw_contents contents = {.layers = NULL};
    struct order order = {.r = r};
    uint32_t *place = sw_arena_array(r->arena, r->blob_count + 1, sizeof *place);
    if (place == NULL)
        return sw_fail_memory(r->error);
    memset(place, 0xFF, r->blob_count * sizeof *place); /* NO_LAYER */
    int code = place_layers(&contents, r, place);
    for (size_t i = 0; code == 0 && i < r->file_count; i++)
        r->files[i].layer = place[r->files[i].blob];
    if (code == 0)
        code = order_files(&order);
    if (code == 0) {
        hide(&order);
        add_up(&contents, &order);
        code = list_projects(&contents, r);
    }
    if (code == 0)
        code = list_code(&contents, r);
    free(order.all);
    free(order.marks);
    if (code == 0)
        *out = contents;
    return code;
}
