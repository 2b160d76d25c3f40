/* Projects built against torch, releases that others exclude, and the projects in images.yaml: all from lists
 * of files and metadata. */
#include "drift/drift_internal.h"
#include "python/name.h"

/* ---- companions ---- */

/* The releases of torch that the metadata require, ">=2.10"; empty if they name none. */
static const char *asked_torch(struct drift *d, const struct sw_metadata *metadata)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    const struct sw_requirement *requirement = drift_requirement(metadata, "torch");
    if (requirement != NULL)
        sw_specifier_set_write(&text, &requirement->specifiers);
    const char *copy = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

void drift_companion(struct drift *d, const struct sw_node *row)
{
    const char *name = drift_text(row, "project");
    const struct sw_index_project *project = drift_project(d, name);
    for (size_t i = 0; project != NULL && i < project->release_count && d->code == 0; i++) {
        const struct sw_index_release *release = &project->releases[i];
        const char *version = sw_arena_copy(d->b.arena, release->version.text);
        if (version == NULL || !sw_catalog_covers(drift_text(row, "releases"), version))
            continue;
        const struct sw_index_file *file = drift_wheels(d, release, SW_CATALOG_MACHINE).file;
        const struct sw_metadata *metadata = file == NULL ? NULL : drift_metadata(d, file);
        if (file == NULL)
            drift_leave(d, "the index has only its source");
        if (metadata != NULL)
            drift_compare(d, "its torch", drift_text(row, "torch"), asked_torch(d, metadata), file);
    }
}

static bool has_row(const struct sw_node *rows, const char *project, const char *version)
{
    size_t at = 0;
    return sw_catalog_next(rows, &at, project, version) != NULL;
}

/* Releases of a row's project that are newer than any that has a row; said at the project's last row. */
static void companion_gaps(struct drift *d, const struct sw_node *row)
{
    const struct sw_node *rows = d->catalog->companions;
    const char *name = drift_text(row, "project");
    const struct sw_index_project *project = drift_project(d, name);
    for (size_t i = 0; project != NULL && i < project->release_count; i++) {
        const char *version = sw_arena_copy(d->b.arena, project->releases[i].version.text);
        if (version == NULL || has_row(rows, name, version))
            return;
        if (drift_counts(&project->releases[i]))
            drift_gap(d, row, "%s %s is on the index and has no row", name, version);
    }
}

void drift_companion_gaps(struct drift *d)
{
    const struct sw_node *rows = d->catalog->companions;
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        bool last = true;
        for (size_t j = i + 1; j < sw_node_count(rows); j++)
            last = last && strcmp(drift_text(sw_node_item(rows, j), "project"),
                                  drift_text(sw_node_item(rows, i), "project")) != 0;
        if (last)
            companion_gaps(d, sw_node_item(rows, i));
    }
}

/* ---- releases that other projects exclude ---- */

/* Return true if a requirement on the project names the version by !=. A range that excludes the version says
 * nothing against it. */
static bool excludes(const struct sw_metadata *metadata, const char *project,
                     const struct sw_version *version)
{
    for (size_t i = 0; i < metadata->requirement_count; i++) {
        const struct sw_metadata_requirement *row = &metadata->requirements[i];
        if (!row->valid || !sw_name_equal(row->requirement.name, sw_str_from(project)))
            continue;
        const struct sw_specifier_set *set = &row->requirement.specifiers;
        for (size_t j = 0; j < set->count; j++) {
            if (set->items[j].comparison == SW_SPECIFIER_NOT_EQUAL &&
                !sw_specifier_holds(&set->items[j], version))
                return true;
        }
    }
    return false;
}

/* The first release of the row that the metadata do not exclude; NULL if they exclude all. `*any` becomes
 * true if the index has any of them. */
static const struct sw_index_release *not_excluded(bool *any, struct drift *d, const struct sw_node *row,
                                                   const struct sw_index_project *project,
                                                   const struct sw_metadata *metadata)
{
    for (size_t i = 0; i < project->release_count; i++) {
        const char *version = sw_arena_copy(d->b.arena, project->releases[i].version.text);
        if (version == NULL || !sw_catalog_covers(drift_text(row, "releases"), version))
            continue;
        *any = true;
        if (!excludes(metadata, project->name, &project->releases[i].version))
            return &project->releases[i];
    }
    return NULL;
}

/* Any release that excludes them confirms the row: newer releases may have moved on. */
static void compare_exclusion(struct drift *d, const struct sw_node *row,
                              const struct sw_index_project *project, const char *by)
{
    const struct sw_index_project *excluder = drift_project(d, by);
    const struct sw_index_release *left = NULL;
    bool any = false;
    const struct drift_page *page = excluder == NULL ? NULL : drift_page(d, excluder);
    for (size_t i = 0; page != NULL && i < page->count; i++) {
        left = not_excluded(&any, d, row, project, page->rows[i].metadata);
        if (left == NULL) {
            d->row->agreed += any ? 1 : 0;
            break;
        }
    }
    if (left != NULL)
        drift_differs(d, NULL, NULL, "no release of %s on the index excludes %.*s", by,
                      SW_STR_FORMAT(left->version.text));
}

void drift_known_bad(struct drift *d, const struct sw_node *row)
{
    const struct sw_index_project *project = drift_project(d, drift_text(row, "project"));
    const struct sw_node *by = sw_node_get(row, "by");
    for (size_t i = 0; project != NULL && i < sw_node_count(by) && d->code == 0; i++)
        compare_exclusion(d, row, project, sw_node_text(sw_node_item(by, i), ""));
}

/* ---- images.yaml ---- */

static void compare_uv(struct drift *d, const struct sw_node *row)
{
    const char *version = drift_text(row, "version");
    const struct sw_index_project *project = drift_project(d, "uv");
    const struct sw_index_release *release = project == NULL ? NULL : drift_release(project, version);
    if (project == NULL)
        return;
    if (release == NULL || drift_wheels(d, release, SW_CATALOG_MACHINE).file == NULL)
        drift_differs(d, NULL, NULL, "the index has no wheel of uv %s", version);
    else
        d->row->agreed++;
}

static void compare_compiled(struct drift *d, const struct sw_node *row)
{
    const struct sw_node *names = sw_node_get(row, "projects");
    for (size_t i = 0; i < sw_node_count(names) && d->code == 0; i++) {
        const char *name = sw_node_text(sw_node_item(names, i), "");
        const struct sw_index_project *project = drift_project(d, name);
        const struct sw_index_release *newest =
            project == NULL || project->release_count == 0 ? NULL : &project->releases[0];
        const struct sw_index_file *file =
            newest == NULL ? NULL : drift_wheels(d, newest, SW_CATALOG_MACHINE).file;
        if (file != NULL)
            drift_differs(d, file, "a wheel", "the newest %s has a wheel", name);
        else if (newest != NULL)
            d->row->agreed++;
    }
}

static void ask_torch_index(struct drift *d)
{
    for (size_t i = 0; i < d->variant_count && d->row->agreed == 0; i++)
        d->row->agreed += drift_variant(d, d->variants[i].cuda) != NULL ? 1 : 0;
    if (d->no_variants != NULL)
        drift_leave(d, "%s", d->no_variants);
}

void drift_image(struct drift *d, const struct sw_node *row)
{
    if (strcmp(d->row->name, "uv") == 0)
        compare_uv(d, row);
    else if (strcmp(d->row->name, "compiled_with_nvcc") == 0)
        compare_compiled(d, row);
    else if (strcmp(d->row->name, "torch_index") == 0)
        ask_torch_index(d);
    else
        drift_leave(d, "no wheel tells of it");
}
