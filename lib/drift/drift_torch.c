/* torch: its releases, the projects that come with it, and its GPU code. */
#include "catalog/companions.h"
#include "drift/drift_internal.h"

/* torch.cuda.get_arch_list() returns CMake's setting, which is a text in this library. */
static const char library[] = "torch/lib/libtorch_python.so";

/* "13.0\nsm_75 sm_80 compute_80\n": torch.version.cuda ("None" without CUDA), then each list of architectures. */
static int read_build(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                      const char *argument, struct sw_error *error)
{
    const struct sw_zip_member *version = sw_zip_find(&wheel->zip, SW_STR("torch/version.py"));
    const struct sw_zip_member *member = sw_zip_find(&wheel->zip, sw_str_from(library));
    struct sw_module module = {.names = NULL};
    (void)argument;
    int code = version == NULL ? 0 : sw_wheel_outline(&module, arena, wheel, version, error);
    const struct sw_module_name *cuda = code == 0 ? sw_module_find(&module, SW_STR("cuda")) : NULL;
    if (cuda != NULL)
        sw_buffer_add_str(out, cuda->value);
    sw_buffer_add_char(out, '\n');
    return code != 0 || member == NULL ? code : drift_read_names(out, wheel, member, 2, error);
}

/* The architectures that a build names itself; the list is empty if the library holds no such text, or
 * several. */
struct build {
    const char *cuda;
    struct sw_str codes;
};

static bool read_fact(struct build *out, struct drift *d, const struct sw_index_file *file)
{
    const char *fact = drift_fact(d, file, "torch", read_build, "");
    if (fact == NULL)
        return false;
    struct sw_str rest = sw_str_from(fact), cuda = sw_str_cut(&rest, '\n');
    out->cuda = sw_arena_copy(d->b.arena, cuda);
    out->codes = sw_str_cut(&rest, '\n');
    if (rest.p != NULL && rest.n > 0)
        out->codes = SW_STR("");
    d->b.failed = d->b.failed || out->cuda == NULL;
    return !d->b.failed;
}

/* ---- releases ---- */

static bool allows(const struct sw_requirement *requirement, const char *torch)
{
    struct sw_version version;
    return requirement == NULL ||
           (sw_version_parse(&version, sw_str_from(torch), NULL) == 0 &&
            sw_specifier_set_contains(&requirement->specifiers, &version, SW_PRERELEASES_ALLOW));
}

/* The newest release of a companion that pins this torch, else the newest that allows it. */
static const char *companion_of(struct drift *d, const struct sw_index_project *project, const char *torch,
                                const struct sw_index_file **file)
{
    const struct drift_page *page = drift_page(d, project);
    const char *newest = NULL;
    for (size_t i = 0; page != NULL && i < page->count; i++) {
        const struct drift_known *known = &page->rows[i];
        const struct sw_requirement *requirement = drift_requirement(known->metadata, "torch");
        bool pinned = drift_pin(d, requirement) != NULL;
        if (!drift_counts(known->release) || !allows(requirement, torch) || (newest != NULL && !pinned))
            continue;
        newest = sw_arena_copy(d->b.arena, known->release->version.text);
        *file = known->file;
        if (pinned)
            break;
    }
    return newest;
}

static void compare_companions(struct drift *d, const struct sw_node *row)
{
    for (size_t i = 0; sw_companions[i] != NULL; i++) {
        const struct sw_index_project *project = drift_project(d, sw_companions[i]);
        const struct sw_index_file *file = NULL;
        const char *newest =
            project == NULL ? NULL : companion_of(d, project, drift_text(row, "version"), &file);
        if (newest == NULL)
            drift_leave(d, "its %s: none on the index", sw_companions[i]);
        else
            drift_compare(d, sw_companions[i], drift_text(row, sw_companions[i]), newest, file);
    }
}

/* Compare torch's own index with the row: every variant, also a variant that the row lacks. */
static void compare_variants(struct drift *d, const struct sw_node *row)
{
    const char *version = drift_text(row, "version"), *usual = drift_text(row, "default");
    const struct sw_node *listed = sw_node_get(row, "cuda");
    for (size_t i = 0; i < d->variant_count && d->code == 0; i++) {
        const char *cuda = d->variants[i].cuda;
        const struct sw_index_project *own = drift_variant(d, cuda);
        const char *variant = sw_catalog_variant(d->b.arena, cuda);
        const char *local = variant == NULL ? NULL : sw_arena_format(d->b.arena, "%s+%s", version, variant);
        if (d->no_variants != NULL || local == NULL)
            break;
        bool there = own != NULL && drift_release(own, local) != NULL;
        if (there == sw_catalog_lists(listed, cuda))
            d->row->agreed++;
        else
            drift_differs(d, NULL, NULL,
                          there ? "%s is on torch's own index and not in the row"
                                : "%s is in the row and not on torch's own index",
                          local);
    }
    if (d->no_variants != NULL && (sw_node_count(listed) > 1 || !sw_catalog_lists(listed, usual)))
        drift_leave(d, "CUDA variants but the default: %s", d->no_variants);
}

static void compare_pythons(struct drift *d, const struct sw_node *row, const struct drift_wheels *wheels)
{
    char text[32];
    (void)snprintf(text, sizeof text, "3.%u 3.%u", wheels->first, wheels->last);
    drift_compare(d, "the oldest and the newest Python", drift_join(d, sw_node_get(row, "python")), text,
                  wheels->file);
}

void drift_torch_release(struct drift *d, const struct sw_node *row)
{
    const char *version = drift_text(row, "version");
    const struct sw_index_project *project = drift_project(d, "torch");
    const struct sw_index_release *release = project == NULL ? NULL : drift_release(project, version);
    if (release == NULL) {
        drift_leave(d, "the index has no torch %s", version);
        return;
    }
    const struct drift_wheels wheels = drift_wheels(d, release, SW_CATALOG_MACHINE);
    struct build build;
    if (release->yanked)
        drift_differs(d, wheels.file, "yanked", "it is yanked on the index");
    if (wheels.file == NULL) {
        drift_leave(d, "torch %s has no wheel for %s", version, SW_CATALOG_MACHINE);
        return;
    }
    compare_pythons(d, row, &wheels);
    if (read_fact(&build, d, wheels.file))
        drift_compare(d, "the default CUDA", drift_text(row, "default"), build.cuda, wheels.file);
    const struct sw_metadata *metadata = drift_metadata(d, wheels.file);
    const char *triton = drift_pin(d, drift_requirement(metadata, "triton"));
    if (metadata != NULL)
        drift_compare(d, "triton", sw_node_text(sw_node_get(row, "triton"), "none"),
                      triton == NULL ? "none" : triton, wheels.file);
    compare_companions(d, row);
    compare_variants(d, row);
}

void drift_torch_gaps(struct drift *d)
{
    const struct sw_node *rows = d->catalog->torch;
    drift_release_gaps(d, "torch", rows);
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *cudas = sw_node_get(sw_node_item(rows, i), "cuda");
        const char *version = drift_text(sw_node_item(rows, i), "version");
        for (size_t j = 0; j < sw_node_count(cudas); j++) {
            const char *cuda = sw_node_text(sw_node_item(cudas, j), "");
            if (sw_catalog_code(d->catalog->torch_code, version, cuda, SW_CATALOG_MACHINE) == NULL)
                drift_gap(d, sw_node_item(rows, i), "the GPU code of torch %s for CUDA %s has no row",
                          version, cuda);
        }
    }
}

/* ---- GPU code ---- */

/* The wheel of a build, from the default index or torch's own; NULL, with the row left open, if neither has
 * it. */
static const struct sw_index_file *wheel_of(struct drift *d, const struct sw_node *release, const char *cuda,
                                            const char *machine)
{
    const char *version = drift_text(release, "version");
    bool usual = strcmp(drift_text(release, "default"), cuda) == 0;
    const char *variant = sw_catalog_variant(d->b.arena, cuda);
    const char *local =
        variant == NULL || usual ? version : sw_arena_format(d->b.arena, "%s+%s", version, variant);
    const struct sw_index_project *project = usual ? drift_project(d, "torch") : drift_variant(d, cuda);
    const struct sw_index_release *found =
        project == NULL || local == NULL ? NULL : drift_release(project, local);
    const struct sw_index_file *file = found == NULL ? NULL : drift_wheels(d, found, machine).file;
    if (file == NULL)
        drift_leave(d,
                    !usual && d->no_variants != NULL ? "CUDA %s is on torch's own index only"
                                                     : "no wheel for CUDA %s",
                    cuda);
    return file;
}

static void compare_code(struct drift *d, const struct sw_node *row, const char *version, const char *cuda,
                         const struct sw_index_file *file)
{
    struct build build;
    if (!read_fact(&build, d, file))
        return;
    if (strcmp(build.cuda, cuda) != 0) {
        drift_leave(d, "torch %s for CUDA %s: the wheel on the default index is for CUDA %s", version, cuda,
                    build.cuda);
        return;
    }
    if (build.codes.n == 0) {
        drift_leave(d, "torch %s for CUDA %s: its %s names no list of architectures, or several", version,
                    cuda, library);
        return;
    }
    const char *what = sw_arena_format(d->b.arena, "machine code of %s for CUDA %s", version, cuda);
    const char *ptx = sw_arena_format(d->b.arena, "PTX of %s for CUDA %s", version, cuda);
    drift_compare(d, what, drift_join(d, sw_node_get(row, "sass")),
                  drift_architectures(d, build.codes, "sm_"), file);
    drift_compare(d, ptx, drift_join(d, sw_node_get(row, "ptx")),
                  drift_architectures(d, build.codes, "compute_"), file);
}

void drift_torch_code(struct drift *d, const struct sw_node *row)
{
    const char *machine = sw_node_text(sw_node_get(row, "machine"), SW_CATALOG_MACHINE);
    const struct sw_node *releases = d->catalog->torch;
    for (size_t i = 0; i < sw_node_count(releases) && d->code == 0; i++) {
        const struct sw_node *release = sw_node_item(releases, i), *cudas = sw_node_get(release, "cuda");
        const char *version = drift_text(release, "version");
        for (size_t j = 0; j < sw_node_count(cudas) && d->code == 0; j++) {
            const char *cuda = sw_node_text(sw_node_item(cudas, j), "");
            if (sw_catalog_code(d->catalog->torch_code, version, cuda, machine) != row)
                continue;
            const struct sw_index_file *file = wheel_of(d, release, cuda, machine);
            if (file != NULL)
                compare_code(d, row, version, cuda, file);
        }
    }
}
