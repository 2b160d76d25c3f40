/* Imports that ended: who imports the module still, and which releases have it. */
#include "drift/drift_internal.h"

static bool is_source(const struct sw_zip_member *member)
{
    return sw_str_ends(member->name, ".py") && member->size <= SW_MAX_WHEEL_MEMBER;
}

static int by_offset(const void *a, const void *b)
{
    const struct sw_range *one = a, *other = b;
    return (one->offset > other->offset) - (one->offset < other->offset);
}

/* All modules lie near each other: they come in a few requests. */
static int expect_sources(struct sw_arena *arena, const struct sw_wheel *wheel, struct sw_error *error)
{
    size_t count = 0;
    struct sw_range *ranges = sw_arena_array(arena, wheel->zip.count + 1, sizeof *ranges);
    if (ranges == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < wheel->zip.count; i++) {
        if (is_source(&wheel->zip.members[i]))
            ranges[count++] = sw_zip_range(&wheel->zip.members[i]);
    }
    qsort(ranges, count, sizeof *ranges, by_offset);
    return sw_reader_expect(wheel->zip.reader, ranges, count, error);
}

static bool is_within(struct sw_str module, struct sw_str package)
{
    return sw_str_equal(module, package) || (module.n > package.n && module.p[package.n] == '.' &&
                                             memcmp(module.p, package.p, package.n) == 0);
}

/* Append "bitsandbytes/triton/kernel.py:12" for the first import of the module; nothing if no file imports
 * it. */
static int read_importer(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                         const char *argument, struct sw_error *error)
{
    int code = expect_sources(arena, wheel, error);
    for (size_t i = 0; i < wheel->zip.count && code == 0 && out->n == 0; i++) {
        const struct sw_zip_member *member = &wheel->zip.members[i];
        struct sw_module module;
        if (!is_source(member))
            continue;
        code = sw_wheel_outline(&module, arena, wheel, member, error);
        for (size_t j = 0; code == 0 && out->n == 0 && j < module.import_count; j++) {
            if (is_within(module.imports[j].module, sw_str_from(argument)))
                sw_buffer_addf(out, "%s:%u", member->name.p, module.imports[j].line);
        }
    }
    return code;
}

/* "yes" or "no": whether the wheel has the module. */
static int read_presence(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                         const char *argument, struct sw_error *error)
{
    (void)arena;
    (void)error;
    bool there = sw_wheel_module(NULL, wheel, sw_str_from(argument)) != SW_MODULE_ABSENT;
    sw_buffer_add_text(out, there ? "yes" : "no");
    return 0;
}

/* Find a release that the row describes, and its wheel; false if there is none. */
static bool wheel_of(struct drift *d, const struct sw_index_release *release, const char **version,
                     const struct sw_index_file **file)
{
    *version = sw_arena_copy(d->b.arena, release->version.text);
    *file =
        *version == NULL || !drift_counts(release) ? NULL : drift_wheels(d, release, SW_CATALOG_MACHINE).file;
    return *file != NULL;
}

static void compare_importers(struct drift *d, const struct sw_node *row,
                              const struct sw_index_project *project)
{
    const char *module = drift_text(row, "module");
    for (size_t i = 0; i < project->release_count && d->code == 0; i++) {
        const char *version;
        const struct sw_index_file *file;
        if (!wheel_of(d, &project->releases[i], &version, &file))
            continue;
        bool old = sw_catalog_covers(drift_text(row, "releases"), version);
        if (!old && !sw_catalog_covers(drift_text(row, "working"), version))
            continue;
        const char *place = drift_fact(d, file, "import", read_importer, module);
        if (place == NULL)
            continue;
        if (old == (place[0] != '\0'))
            d->row->agreed++;
        else if (old)
            drift_differs(d, file, "no import of it", "%s does not import %s", version, module);
        else
            drift_differs(d, file, place, "%s still imports %s", version, module);
    }
}

static void compare_homes(struct drift *d, const struct sw_node *row, const struct sw_index_project *home)
{
    const char *module = drift_text(row, "module");
    for (size_t i = 0; i < home->release_count && d->code == 0; i++) {
        const char *version;
        const struct sw_index_file *file;
        if (!wheel_of(d, &home->releases[i], &version, &file))
            continue;
        const char *there = drift_fact(d, file, "module", read_presence, module);
        bool gone = sw_catalog_covers(drift_text(row, "gone"), version);
        if (there == NULL)
            continue;
        if (gone != (strcmp(there, "yes") == 0))
            d->row->agreed++;
        else
            drift_differs(d, file, module, "%s %s %s %s", home->name, version,
                          gone ? "still has" : "does not have", module);
    }
}

void drift_import(struct drift *d, const struct sw_node *row)
{
    const struct sw_index_project *project = drift_project(d, drift_text(row, "project"));
    const struct sw_index_project *home = drift_project(d, drift_text(row, "from"));
    if (project != NULL)
        compare_importers(d, row, project);
    if (home != NULL)
        compare_homes(d, row, home);
}
