/* CUDA toolkits: which architectures the compiler in their wheels knows (NVRTC, nvidia-cuda-nvrtc-*). */
#include "base/file.h"
#include "drift/drift_internal.h"

static int read_compiler(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                         const char *argument, struct sw_error *error)
{
    (void)arena;
    (void)argument;
    int code = 0;
    for (size_t i = 0; i < wheel->zip.count && code == 0; i++) {
        const struct sw_zip_member *member = &wheel->zip.members[i];
        if (strncmp(sw_path_base(member->name.p), "libnvrtc.so", strlen("libnvrtc.so")) == 0)
            code = drift_read_names(out, wheel, member, 1, error);
    }
    return code;
}

/* The newest release of a toolkit's compiler; NULL if the index has none. */
static const struct sw_index_release *compiler_of(struct drift *d, const char *toolkit)
{
    struct sw_version wanted;
    if (sw_version_parse(&wanted, sw_str_from(toolkit), NULL) != 0)
        return NULL;
    struct sw_str major = sw_version_number(&wanted, 0);
    const struct sw_index_project *project =
        drift_project(d, sw_str_is(major, "11")   ? "nvidia-cuda-nvrtc-cu11"
                         : sw_str_is(major, "12") ? "nvidia-cuda-nvrtc-cu12"
                                                  : "nvidia-cuda-nvrtc");
    for (size_t i = 0; project != NULL && i < project->release_count; i++) {
        const struct sw_version *version = &project->releases[i].version;
        if (sw_str_equal(sw_version_number(version, 0), major) &&
            sw_str_equal(sw_version_number(version, 1), sw_version_number(&wanted, 1)))
            return &project->releases[i];
    }
    return NULL;
}

/* The names that a compiler takes for link-time code are those of the architectures it makes code for; others in it are of
 * compilers past. */
static bool knows(struct drift *d, const char *fact, const char *capability)
{
    struct sw_str rest = sw_str_from(drift_architectures(d, sw_str_from(fact), "lto_"));
    while (rest.p != NULL) {
        if (sw_str_is(sw_str_cut(&rest, ' '), capability))
            return true;
    }
    return false;
}

void drift_architecture(struct drift *d, const struct sw_node *row)
{
    const char *capability = drift_text(row, "compute_capability"), *since = drift_text(row, "since");
    const char *last = sw_node_text(sw_node_get(row, "last"), NULL), *oldest = NULL;
    const struct sw_node *toolkits = d->catalog->toolkits;
    for (size_t i = 0; i < sw_node_count(toolkits) && d->code == 0; i++) {
        const char *toolkit = drift_text(sw_node_item(toolkits, i), "version");
        const struct sw_index_release *release = compiler_of(d, toolkit);
        const struct sw_index_file *file =
            release == NULL ? NULL : drift_wheels(d, release, SW_CATALOG_MACHINE).file;
        const char *fact = file == NULL ? NULL : drift_fact(d, file, "compiler", read_compiler, "");
        if (fact == NULL)
            continue;
        bool said = sw_catalog_compare(since, toolkit) <= 0 &&
                    (last == NULL || sw_catalog_compare(toolkit, last) <= 0);
        oldest = oldest == NULL ? toolkit : oldest;
        if (said == knows(d, fact, capability))
            d->row->agreed++;
        else
            drift_differs(d, file, drift_architectures(d, sw_str_from(fact), "lto_"), "CUDA %s %s %s",
                          toolkit, said ? "does not know" : "knows", capability);
    }
    if (oldest != NULL && sw_catalog_compare(since, oldest) <= 0)
        drift_leave(d, "since: the compilers before CUDA %s have no wheels", oldest);
}
