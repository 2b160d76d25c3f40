#include "author/compatibility.h"

#include "base/limits.h"
#include "catalog/gpu.h"
#include "data/path.h"
#include "python/name.h"
#include "python/requirement.h"

enum { OLD, NEW, SIDES };

struct table {
    struct sw_builder b;
    const struct sw_stack_side *sides[SIDES];
    const struct sw_catalog *catalog;
    struct sw_node *rows;
};

/* A component on both sides. */
struct row {
    const char *component;
    const char *text[SIDES]; /* NULL: it has none */
    /* The component's place in the profile, or NULL. */
    const struct sw_node *at[SIDES];
    /* The catalog's fact about it, or NULL. */
    const char *known;
    /* Several releases may come. */
    bool open;
};

static const char *text_at(const struct table *t, int side, const char *path)
{
    return sw_node_text(sw_node_at(t->sides[side]->plan->root, path), NULL);
}

static const struct sw_node *profile_at(const struct table *t, int side, const char *path)
{
    return sw_node_at(t->sides[side]->profile->root, path);
}

static const char *keep(struct table *t, const char *text)
{
    t->b.failed = t->b.failed || text == NULL;
    return text == NULL ? "" : text;
}

/* The worst finding of check at a place; NULL if there is none. */
static const struct sw_finding *finding_at(const struct table *t, int side, const struct sw_node *at)
{
    const struct sw_findings *findings = t->sides[side]->findings;
    const struct sw_finding *worst = NULL;
    for (size_t i = 0; at != NULL && sw_node_file(at) != NULL && i < findings->count; i++) {
        const struct sw_finding *finding = findings->items[i];
        bool here = finding->file != NULL && strcmp(finding->file, sw_node_file(at)) == 0 &&
                    finding->line == sw_node_line(at) && finding->column == sw_node_column(at);
        if (here && finding->severity >= SW_WARNING && (worst == NULL || finding->severity > worst->severity))
            worst = finding;
    }
    return worst;
}

static void add(struct table *t, const struct row *row, const char *verdict, const char *why)
{
    struct sw_node *node = sw_build_map(&t->b);
    sw_build_set(&t->b, node, "component", sw_build_text(&t->b, row->component));
    sw_build_set(&t->b, node, "old", sw_build_text(&t->b, row->text[OLD]));
    sw_build_set(&t->b, node, "new", sw_build_text(&t->b, row->text[NEW]));
    sw_build_set(&t->b, node, "verdict", sw_build_text(&t->b, verdict));
    sw_build_set(&t->b, node, "why", sw_build_text(&t->b, why));
    sw_build_append(&t->b, t->rows, node);
}

static void judge(struct table *t, const struct row *row)
{
    const char *old = row->text[OLD], *new = row->text[NEW];
    const struct sw_finding *was = finding_at(t, OLD, row->at[OLD]), *is = finding_at(t, NEW, row->at[NEW]);
    if (old == NULL && new == NULL)
        return;
    if (is != NULL)
        add(t, row, "wrong", keep(t, sw_arena_format(t->b.arena, "%s [%s]", is->message, is->code)));
    else if (was != NULL)
        add(t, row, "fixed", keep(t, sw_arena_format(t->b.arena, "was: %s [%s]", was->message, was->code)));
    else
        add(t, row,
            old == NULL             ? "added"
            : new == NULL           ? "removed"
            : strcmp(old, new) != 0 ? "moved"
            : row->open             ? "unknown"
                                    : "same",
            row->open && row->known == NULL ? "its release is open" : row->known);
}

/* ---- the base of the stack ---- */

static void add_plain(struct table *t, const char *component, const char *planned, const char *said)
{
    struct row row = {.component = component};
    for (int side = OLD; side < SIDES; side++) {
        row.text[side] = text_at(t, side, planned);
        row.at[side] = profile_at(t, side, said);
    }
    judge(t, &row);
}

/* The oldest driver for torch's CUDA and all GPUs; NULL if nothing is known to need a driver. */
static const char *driver_for(const struct table *t, int side)
{
    const char *cuda = text_at(t, side, "torch.cuda");
    const struct sw_node *toolkit =
        cuda == NULL ? NULL : sw_catalog_row(t->catalog->toolkits, "version", cuda);
    const struct sw_node *names = profile_at(t, side, "accelerators");
    const char *floor = sw_node_text(sw_node_get(toolkit, "floor"), NULL);
    for (size_t i = 0; i < sw_node_count(names); i++) {
        const struct sw_node *gpu = sw_gpu_row(t->catalog, sw_node_text(sw_node_item(names, i), ""));
        const char *own = sw_node_text(sw_node_get(gpu, "driver"), NULL);
        if (own != NULL && (floor == NULL || sw_catalog_compare(own, floor) > 0))
            floor = own;
    }
    return floor == NULL ? NULL : sw_arena_format(t->b.arena, ">=%s", floor);
}

static void add_driver(struct table *t)
{
    struct row row = {.component = "driver", .known = "what the CUDA and the GPUs need at least"};
    for (int side = OLD; side < SIDES; side++) {
        row.text[side] = driver_for(t, side);
        row.at[side] = profile_at(t, side, "driver");
    }
    judge(t, &row);
}

static const struct sw_node *code_for(const struct table *t, int side, const struct sw_node *gpu)
{
    const char *version = text_at(t, side, "torch.version"), *cuda = text_at(t, side, "torch.cuda");
    return version == NULL || cuda == NULL || gpu == NULL
               ? NULL
               : sw_catalog_code(t->catalog->torch_code, version, cuda, sw_catalog_machine(gpu));
}

static const char *list_code(struct table *t, const struct sw_node *code)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    const struct sw_node *sass = sw_node_get(code, "sass");
    sw_buffer_add_text(&text, "torch has code for");
    for (size_t i = 0; i < sw_node_count(sass); i++)
        sw_buffer_addf(&text, " %s", sw_node_text(sw_node_item(sass, i), ""));
    return keep(t, sw_arena_copy(t->b.arena, sw_buffer_str(&text)));
}

/* A GPU is served or not, wherever the finding about it stands. */
static void add_gpu(struct table *t, const char *name)
{
    static const char *const words[] = {
        [SW_NOT_SERVED] = "no code", [SW_SERVED_BY_PTX] = "PTX", [SW_SERVED] = "served"};
    const struct sw_node *gpu = sw_gpu_row(t->catalog, name);
    const struct sw_node *codes[SIDES] = {code_for(t, OLD, gpu), code_for(t, NEW, gpu)};
    enum sw_served served[SIDES];
    struct row row = {.component = name};
    for (int side = OLD; side < SIDES; side++) {
        served[side] = sw_catalog_serves(codes[side], gpu);
        row.text[side] = codes[side] == NULL ? "not known" : words[served[side]];
    }
    if (codes[NEW] == NULL)
        add(t, &row, "unknown", "the code of this build of torch is not known");
    else if (codes[OLD] != NULL && served[OLD] == served[NEW] && served[NEW] != SW_NOT_SERVED)
        add(t, &row, "same", list_code(t, codes[NEW]));
    else if (served[NEW] == SW_NOT_SERVED)
        add(t, &row, "wrong", list_code(t, codes[NEW]));
    else
        add(t, &row, codes[OLD] != NULL && served[OLD] == SW_NOT_SERVED ? "fixed" : "moved",
            list_code(t, codes[NEW]));
}

static void add_gpus(struct table *t)
{
    const struct sw_node *names = profile_at(t, NEW, "accelerators");
    for (size_t i = 0; i < sw_node_count(names); i++)
        add_gpu(t, sw_node_text(sw_node_item(names, i), ""));
}

/* ---- requirements ---- */

static const struct sw_node *find_item(const struct table *t, int side, const char *key, struct sw_str name)
{
    const struct sw_node *list = profile_at(t, side, key);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_str text = sw_node_str(sw_node_item(list, i));
        if (sw_name_equal((struct sw_str){text.p, sw_name_length(text)}, name))
            return sw_node_item(list, i);
    }
    return NULL;
}

/* The text behind the name, joined if the list names the project more than once; for a project that torch
 * brings, the release that belongs to torch. */
static const char *release_of(struct table *t, int side, const char *key, struct sw_str name)
{
    const struct sw_node *list = profile_at(t, side, key);
    const char *version = text_at(t, side, "torch.version"),
               *project = keep(t, sw_arena_copy(t->b.arena, name));
    const struct sw_node *row = version == NULL ? NULL : sw_catalog_version(t->catalog->torch, version);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_str item = sw_node_str(sw_node_item(list, i));
        size_t length = sw_name_length(item);
        struct sw_str rest = sw_str_trim(sw_str_drop(item, length));
        if (sw_name_equal((struct sw_str){item.p, length}, name) && rest.n > 0)
            sw_buffer_addf(&text, "%s%.*s", text.n == 0 ? "" : ", ", SW_STR_FORMAT(rest));
    }
    const char *own = text.n > 0 ? NULL : sw_node_text(sw_node_get(row, project), NULL);
    if (find_item(t, side, key, name) == NULL)
        return NULL;
    if (own != NULL)
        return sw_arena_format(t->b.arena, "==%s", own);
    return text.n > 0 ? sw_arena_copy(t->b.arena, sw_buffer_str(&text)) : "any";
}

/* Return true if the text behind a project's name leaves its release open: a range, or none. */
static bool is_open(const char *text)
{
    bool exact = strncmp(text, "==", 2) == 0 && strpbrk(text, "*,") == NULL;
    return !exact && strchr(text, '@') == NULL;
}

/* The package of a project in a side's set; NULL if the set has none, or if nobody knows its release. */
static const struct sw_resolved_package *package_of(struct table *t, int side, struct sw_str name)
{
    SW_BUFFER_AUTO normalized;
    sw_buffer_init(&normalized, SW_MAX_REQUIREMENT_SIZE);
    sw_name_normalize(&normalized, name);
    const struct sw_resolution *set = t->sides[side]->set;
    const struct sw_resolved_package *package =
        normalized.n == 0 || set == NULL ? NULL : sw_resolution_find(set, normalized.p);
    return package == NULL || package->version[0] == '\0' ? NULL : package;
}

/* Put the releases before the texts that leave them open: "4.50.0 (>=4.40)". The row is open if a release is not known. */
static void name_releases(struct table *t, struct row *row, struct sw_str name)
{
    const struct sw_resolved_package *packages[SIDES] = {NULL};
    bool open[SIDES], known = true;
    for (int side = OLD; side < SIDES; side++) {
        open[side] = row->text[side] != NULL && is_open(row->text[side]);
        packages[side] = open[side] ? package_of(t, side, name) : NULL;
        known = known && (!open[side] || packages[side] != NULL);
    }
    row->open = !known && open[NEW];
    for (int side = OLD; known && side < SIDES; side++) {
        if (open[side])
            row->text[side] =
                keep(t, sw_arena_format(t->b.arena, "%s (%s)", packages[side]->version, row->text[side]));
    }
}

static void add_project(struct table *t, const char *key, struct sw_str name)
{
    const char *project = keep(t, sw_arena_copy(t->b.arena, name));
    const char *version = text_at(t, NEW, "torch.version");
    const struct sw_node *torch = version == NULL ? NULL : sw_catalog_version(t->catalog->torch, version);
    struct row row = {.component = project};
    if (sw_node_get(torch, project) != NULL)
        row.known = keep(t, sw_arena_format(t->b.arena, "torch %s goes with %s", version,
                                            sw_node_text(sw_node_get(torch, project), "")));
    for (int side = OLD; side < SIDES; side++) {
        row.at[side] = find_item(t, side, key, name);
        row.text[side] = release_of(t, side, key, name);
    }
    name_releases(t, &row, name);
    judge(t, &row);
}

/* Add the projects of the new profile, then those that only the old profile has; torch has rows of its own if
 * it has a key. */
static void add_projects(struct table *t, const char *key)
{
    for (int side = NEW; side >= OLD; side--) {
        const struct sw_node *list = profile_at(t, side, key);
        for (size_t i = 0; i < sw_node_count(list); i++) {
            struct sw_str text = sw_node_str(sw_node_item(list, i)), name = {text.p, sw_name_length(text)};
            bool first = find_item(t, side, key, name) == sw_node_item(list, i);
            if (first && (side == NEW || find_item(t, NEW, key, name) == NULL))
                add_project(t, key, name);
        }
    }
}

/* ---- packages that no profile names ---- */

static bool is_named(const struct table *t, struct sw_str name)
{
    static const char *const keys[] = {"requirements", "constraints", "overrides"};
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        if (find_item(t, OLD, keys[i], name) != NULL || find_item(t, NEW, keys[i], name) != NULL)
            return true;
    }
    return sw_str_is(name, "torch") && text_at(t, NEW, "torch.version") != NULL;
}

/* "required by diffusers", or NULL. */
static const char *requirer_of(struct table *t, const struct sw_resolution *set,
                               const struct sw_resolved_package *package)
{
    if (package == NULL || package->requirer_count == 0 || package->requirers[0].package == SW_RESOLVED_ROOT)
        return NULL;
    return keep(
        t, sw_arena_format(t->b.arena, "required by %s", set->packages[package->requirers[0].package].name));
}

static void add_packages(struct table *t)
{
    const struct sw_resolution *before = t->sides[OLD]->set, *after = t->sides[NEW]->set;
    struct sw_resolution_move move = {0};
    if (before == NULL || after == NULL)
        add(t, &(struct row){.component = "other packages"}, "unknown",
            "the packages that these require are not known");
    while (before != NULL && after != NULL && sw_resolution_next_move(&move, before, after)) {
        if (is_named(t, sw_str_from(move.name)))
            continue;
        struct row row = {.component = move.name,
                          .text = {move.before == NULL ? NULL : move.before->version,
                                   move.after == NULL ? NULL : move.after->version}};
        row.known =
            move.after == NULL ? requirer_of(t, before, move.before) : requirer_of(t, after, move.after);
        judge(t, &row);
    }
}

/* ---- bitsandbytes ---- */

static const char *variable_of(const struct table *t, int side, const char *name)
{
    const struct sw_node *list = sw_node_get(t->sides[side]->plan->root, "environment");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (strcmp(sw_node_text(sw_node_get(sw_node_item(list, i), "name"), ""), name) == 0)
            return sw_node_text(sw_node_get(sw_node_item(list, i), "value"), "");
    }
    return NULL;
}

/* The library that it looks for: that of BNB_CUDA_VERSION, else that of torch's CUDA. */
static const char *library_of(const struct table *t, int side)
{
    const char *cuda = text_at(t, side, "torch.cuda"), *forced = variable_of(t, side, "BNB_CUDA_VERSION");
    const char *variant = cuda == NULL ? NULL : sw_catalog_variant(t->b.arena, cuda);
    if (variant == NULL || find_item(t, side, "requirements", SW_STR("bitsandbytes")) == NULL)
        return NULL;
    return sw_arena_format(t->b.arena, "cuda%s", forced != NULL ? forced : variant + strlen("cu"));
}

static void add_library(struct table *t)
{
    struct row row = {.component = "bitsandbytes library"};
    for (int side = OLD; side < SIDES; side++) {
        row.text[side] = library_of(t, side);
        row.at[side] = profile_at(t, side, "environment.BNB_CUDA_VERSION");
    }
    judge(t, &row);
}

static void add_variables(struct table *t)
{
    for (int side = NEW; side >= OLD; side--) {
        const struct sw_node *map = profile_at(t, side, "environment");
        for (size_t i = 0; i < sw_node_member_count(map); i++) {
            const char *name = sw_node_member_at(map, i)->key.p;
            const struct sw_node *old = sw_node_get(profile_at(t, OLD, "environment"), name),
                                 *new = sw_node_get(profile_at(t, NEW, "environment"), name);
            const struct row row = {.component = name,
                                    .text = {sw_node_text(old, NULL), sw_node_text(new, NULL)},
                                    .at = {old, new}};
            bool differs = old == NULL || new == NULL || !sw_node_equal(old, new);
            if (differs && (side == NEW || new == NULL))
                judge(t, &row);
        }
    }
}

int sw_compatibility(const struct sw_node **out, struct sw_arena *arena, const struct sw_stack_side *before,
                     const struct sw_stack_side *after, const struct sw_catalog *catalog,
                     struct sw_error *error)
{
    struct table t = {.b = {.arena = arena}, .sides = {before, after}, .catalog = catalog};
    t.rows = sw_build_list(&t.b);
    add_plain(&t, "torch", "torch.local", "torch.version");
    add_plain(&t, "CUDA", "torch.cuda", "torch.cuda");
    add_driver(&t);
    add_gpus(&t);
    add_plain(&t, "Python", "python", "python_version");
    add_plain(&t, "base image", "base.reference", "base_image");
    add_library(&t);
    add_projects(&t, "requirements");
    add_projects(&t, "constraints");
    add_projects(&t, "overrides");
    add_variables(&t);
    add_packages(&t);
    if (t.b.failed || t.rows == NULL)
        return sw_fail_memory(error);
    *out = t.rows;
    return 0;
}
