#include "base/file.h"
#include "base/limits.h"
#include "drift/drift_internal.h"

#include <stdarg.h>

/* ---- the outcome of a row ---- */

enum sw_drift_state sw_drift_state(const struct sw_drift_row *row)
{
    if (row->differed > 0)
        return SW_DRIFT_DIFFERS;
    if (row->agreed == 0)
        return SW_DRIFT_OPEN;
    return row->open == NULL ? SW_DRIFT_SETTLED : SW_DRIFT_PART;
}

const char *drift_text(const struct sw_node *row, const char *key)
{
    return sw_node_text(sw_node_get(row, key), "");
}

static const char *format_text(struct drift *d, const char *format, va_list arguments) SW_PRINTF(2, 0);
static const char *format_text(struct drift *d, const char *format, va_list arguments)
{
    char text[SW_MAX_MESSAGE];
    (void)vsnprintf(text, sizeof text, format, arguments);
    const char *copy = sw_arena_text(d->b.arena, text);
    d->b.failed = d->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

static struct sw_finding *find(struct drift *d, const char *code, enum sw_severity severity,
                               const struct sw_node *at, const char *message)
{
    struct sw_finding *finding = sw_findings_add(d->findings, code, severity, "%s", message);
    sw_finding_place(d->findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
    return finding;
}

static void add_evidence(struct drift *d, struct sw_finding *finding, const struct sw_index_file *file,
                         const char *says)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    sw_buffer_addf(&text, "%s: %s", file->name, says);
    sw_finding_evidence(d->findings, finding, sw_buffer_str(&text), "the wheel");
}

void drift_compare(struct drift *d, const char *what, const char *catalog, const char *wheel,
                   const struct sw_index_file *file)
{
    if (catalog == NULL || wheel == NULL || d->code != 0)
        return;
    if (strcmp(catalog, wheel) == 0) {
        d->row->agreed++;
        return;
    }
    drift_differs(d, file, wheel, "%s is '%s' in the catalog and '%s' in the wheel", what, catalog, wheel);
}

void drift_differs(struct drift *d, const struct sw_index_file *file, const char *evidence,
                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *said = format_text(d, format, arguments);
    va_end(arguments);
    const char *message = sw_arena_format(d->b.arena, "%s: %s", d->row->name, said);
    struct sw_finding *finding = find(d, "SW601", SW_ERROR, d->row->at, message == NULL ? said : message);
    if (file != NULL)
        add_evidence(d, finding, file, evidence);
    d->row->differed++;
}

void drift_leave(struct drift *d, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_text(d, format, arguments);
    va_end(arguments);
    if (d->row->open != NULL && strstr(d->row->open, text) != NULL)
        return;
    const char *both =
        d->row->open == NULL ? text : sw_arena_format(d->b.arena, "%s; %s", d->row->open, text);
    d->row->open = both == NULL ? text : both;
}

void drift_gap(struct drift *d, const struct sw_node *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *message = format_text(d, format, arguments);
    va_end(arguments);
    (void)find(d, "SW602", SW_NOTE, at, message);
}

void drift_fail(struct drift *d, int code, const struct sw_error *error)
{
    if (code == SW_ENOTFOUND || code == SW_EINPUT || code == SW_ENO) {
        drift_leave(d, "%s", error->text);
    } else if (d->code == 0) {
        d->code = code;
        if (d->error != NULL)
            *d->error = *error;
    }
}

const char *drift_join(struct drift *d, const struct sw_node *list)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_buffer_addf(&text, "%s%s", i == 0 ? "" : " ", sw_node_text(sw_node_item(list, i), ""));
    const char *copy = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* ---- the lists of the catalog ---- */

static void leave_all(struct drift *d, const struct sw_node *row)
{
    (void)row;
    drift_leave(d, "no wheel tells of it");
}

static void leave_extensions(struct drift *d, const struct sw_node *row)
{
    (void)row;
    drift_leave(d, "extension modules are not read here");
}

static void leave_sizes(struct drift *d, const struct sw_node *row)
{
    (void)row;
    drift_leave(d, "tests/trim/sizes.py measures it");
}

/* A list of a file: how its rows are called, and who settles them. */
struct list {
    const char *file;
    size_t offset;     /* in struct sw_catalog */
    const char *title; /* in front of the name, or NULL */
    /* The keys whose texts name a row; `and` may be NULL. */
    const char *name, *and;
    void (*settle)(struct drift *d, const struct sw_node *row);
    void (*gaps)(struct drift *d); /* NULL: nothing to look for */
};
#define LIST(file, member) file, offsetof(struct sw_catalog, member)
static const struct list lists[] = {
    {LIST("bitsandbytes", bitsandbytes), "bitsandbytes", "version", NULL, drift_bitsandbytes_release,
     drift_bitsandbytes_gaps},
    {LIST("bitsandbytes", bitsandbytes_code), "bitsandbytes", "releases", "cuda", drift_bitsandbytes_code,
     NULL},
    {LIST("code", wheel_code), NULL, "project", "version", drift_code, NULL},
    {LIST("code", wheel_floors), NULL, "project", "releases", leave_all, NULL},
    {LIST("companions", companions), NULL, "project", "releases", drift_companion, drift_companion_gaps},
    {LIST("cuda", toolkits), "CUDA", "version", NULL, leave_all, NULL},
    {LIST("cuda", architectures), "architecture", "compute_capability", NULL, drift_architecture, NULL},
    {LIST("frameworks", runs_on_cpu), NULL, "project", "releases", leave_all, NULL},
    {LIST("frameworks", built_with), NULL, "project", "releases", leave_all, NULL},
    {LIST("gpus", gpus), NULL, "name", NULL, leave_all, NULL},
    {LIST("images", images), NULL, NULL, NULL, drift_image, NULL},
    {LIST("imports", imports), NULL, "project", "module", drift_import, NULL},
    {LIST("known_bad", known_bad), NULL, "project", "releases", drift_known_bad, NULL},
    {LIST("modules", standard), NULL, NULL, NULL, leave_all, NULL},
    {LIST("modules", module_projects), NULL, "module", "project", leave_all, NULL},
    {LIST("numpy", built_for_numpy), NULL, "project", "releases", leave_extensions, NULL},
    {LIST("removed", removed), NULL, "of", "gone", leave_all, NULL},
    {LIST("sizes", wheel_sizes), NULL, "project", "version", leave_sizes, NULL},
    {LIST("torch", torch), "torch", "version", NULL, drift_torch_release, drift_torch_gaps},
    {LIST("torch", torch_code), "torch", "releases", "cuda", drift_torch_code, NULL},
};

const char *sw_drift_file(const char *text)
{
    struct sw_str name = sw_str_from(sw_path_base(text));
    for (size_t i = 0; i < SW_COUNT(lists); i++) {
        size_t n = strlen(lists[i].file);
        bool same = name.n >= n && memcmp(name.p, lists[i].file, n) == 0;
        if (same && (name.n == n || strcmp(name.p + n, ".yaml") == 0))
            return lists[i].file;
    }
    return NULL;
}

static bool is_wanted(const struct sw_drift_input *input, const char *file)
{
    for (size_t i = 0; i < input->file_count; i++) {
        if (strcmp(input->files[i], file) == 0)
            return true;
    }
    return input->file_count == 0;
}

/* Name a row by the values of its list's keys, and by its machine if that is not the usual machine. */
static const char *name_row(struct drift *d, const struct list *list, const struct sw_node *row)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    if (list->title != NULL)
        sw_buffer_addf(&text, "%s ", list->title);
    sw_buffer_add_text(&text, drift_text(row, list->name));
    const struct sw_node *more = list->and == NULL ? NULL : sw_node_get(row, list->and);
    if (sw_node_type(more) == SW_NODE_LIST)
        sw_buffer_addf(&text, " CUDA %s", drift_join(d, more));
    else if (more != NULL)
        sw_buffer_addf(&text, " %s", sw_node_text(more, ""));
    if (list->settle == drift_torch_code && sw_node_get(row, "machine") != NULL)
        sw_buffer_addf(&text, " %s", drift_text(row, "machine"));
    const char *name = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || name == NULL;
    return name == NULL ? "" : name;
}

static void begin_row(struct drift *d, const struct list *list, const struct sw_node *at, const char *name)
{
    struct sw_drift *out = d->out;
    struct sw_drift_row *rows = sw_arena_grow(d->b.arena, out->rows, out->count, sizeof *rows);
    if (rows == NULL) {
        d->b.failed = true;
        return;
    }
    out->rows = rows;
    d->row = &rows[out->count++];
    *d->row = (struct sw_drift_row){.at = at, .file = list->file, .name = name};
}

static void settle(struct drift *d, const struct list *list, const struct sw_node *row)
{
    if (d->b.failed)
        return;
    list->settle(d, row);
    if (d->row->agreed == 0 && d->row->differed == 0 && d->row->open == NULL)
        drift_leave(d, "no release on the index is of it");
}

/* images.yaml is one map; its rows are those of its members that have a source. */
static void read_map(struct drift *d, const struct list *list, const struct sw_node *map)
{
    for (size_t i = 0; i < sw_node_member_count(map) && d->code == 0; i++) {
        if (sw_node_get(sw_node_member_at(map, i)->value, "source") == NULL)
            continue;
        begin_row(d, list, sw_node_member_at(map, i)->value, sw_node_member_at(map, i)->key.p);
        settle(d, list, sw_node_member_at(map, i)->value);
    }
}

static void read_list(struct drift *d, const struct list *list)
{
    const struct sw_node *rows;
    memcpy(&rows, (const char *)d->catalog + list->offset, sizeof rows);
    if (sw_node_type(rows) == SW_NODE_MAP)
        read_map(d, list, rows);
    for (size_t i = 0; i < sw_node_count(rows) && d->code == 0; i++) {
        begin_row(d, list, sw_node_item(rows, i), name_row(d, list, sw_node_item(rows, i)));
        settle(d, list, sw_node_item(rows, i));
    }
    if (list->gaps != NULL && d->code == 0 && !d->b.failed)
        list->gaps(d);
}

static void add_variant(struct drift *d, const char *cuda)
{
    for (size_t i = 0; i < d->variant_count; i++) {
        if (strcmp(d->variants[i].cuda, cuda) == 0)
            return;
    }
    if (d->variant_count < DRIFT_MOST_VARIANTS)
        d->variants[d->variant_count++] = (struct drift_variant){.cuda = cuda};
}

/* Every CUDA that any release of torch has. */
static void list_variants(struct drift *d)
{
    for (size_t i = 0; i < sw_node_count(d->catalog->torch); i++) {
        const struct sw_node *cudas = sw_node_get(sw_node_item(d->catalog->torch, i), "cuda");
        for (size_t j = 0; j < sw_node_count(cudas); j++)
            add_variant(d, sw_node_text(sw_node_item(cudas, j), ""));
    }
}

int sw_drift_update(const struct sw_drift_input *input, const char *date, const struct sw_drift_taker *taker,
                    struct sw_error *error)
{
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    struct sw_drift read = {0};
    sw_arena_init(&read.arena, SW_MAX_ARENA);
    struct drift d = {.input = input,
                      .catalog = input->catalog,
                      .findings = &findings,
                      .out = &read,
                      .b = {.arena = &read.arena},
                      .error = error};
    drift_update_code(&d, date, taker);
    if (d.code == 0 && d.b.failed)
        d.code = sw_fail_memory(error);
    sw_arena_release(&read.arena);
    return d.code;
}

int sw_drift_read(struct sw_drift *out, const struct sw_drift_input *input, struct sw_findings *findings,
                  struct sw_error *error)
{
    struct sw_drift read = {0};
    sw_arena_init(&read.arena, SW_MAX_ARENA);
    struct drift d = {
        .input = input,
        .catalog = input->catalog,
        .findings = findings,
        .out = &read,
        .b = {.arena = &read.arena},
        .error = error,
    };
    list_variants(&d);
    for (size_t i = 0; i < SW_COUNT(lists) && d.code == 0 && !d.b.failed; i++) {
        if (is_wanted(input, lists[i].file))
            read_list(&d, &lists[i]);
    }
    for (size_t i = 0; i < d.variant_count; i++)
        sw_index_free(d.variants[i].index);
    if (d.code == 0 && d.b.failed)
        d.code = sw_fail_memory(error);
    if (d.code != 0)
        sw_arena_release(&read.arena);
    else
        *out = read;
    return d.code;
}

void sw_drift_release(struct sw_drift *drift)
{
    if (drift == NULL)
        return;
    sw_arena_release(&drift->arena);
    *drift = (struct sw_drift){0};
}
