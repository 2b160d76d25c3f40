/* bitsandbytes: the CUDA libraries in its wheels and the GPU code in these. */
#include "drift/drift_internal.h"

/* "121 sm_50 sm_60 compute_60\n" for each library with a CUDA in its name. One CUDA may have two, one without cuBLASLt. */
static int read_libraries(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                          const char *argument, struct sw_error *error)
{
    (void)arena;
    (void)argument;
    int code = 0;
    for (size_t i = 0; i < wheel->zip.count && code == 0; i++) {
        const struct sw_zip_member *member = &wheel->zip.members[i];
        struct sw_str cuda = sw_wheel_library_cuda(member);
        struct sw_gpu_codes codes;
        if (!sw_wheel_is_library(member) || cuda.n == 0)
            continue;
        code = sw_wheel_codes(&codes, wheel, member, error);
        sw_buffer_add_str(out, code == 0 ? cuda : SW_STR(""));
        for (size_t j = 0; code == 0 && j < codes.count; j++) {
            sw_buffer_add_char(out, ' ');
            sw_gpu_code_write(out, &codes.items[j]);
        }
        sw_buffer_add_char(out, '\n');
    }
    return code;
}

/* Append the names of all code in the libraries for a CUDA; false if there is none. */
static bool codes_of(struct sw_buffer *out, const char *fact, const char *number)
{
    bool found = false;
    for (struct sw_str rest = sw_str_from(fact); rest.p != NULL;) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        if (!sw_str_is(sw_str_cut(&line, ' '), number))
            continue;
        found = true;
        sw_buffer_add_char(out, ' ');
        if (line.p != NULL)
            sw_buffer_add_str(out, line);
    }
    return found;
}

/* "118 121", in order: the members of a wheel are sorted by name. */
static const char *numbers_of(struct drift *d, const char *fact)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    struct sw_str last = SW_STR("");
    for (struct sw_str rest = sw_str_from(fact); rest.p != NULL;) {
        struct sw_str line = sw_str_cut(&rest, '\n'), number = sw_str_cut(&line, ' ');
        if (number.n > 0 && !sw_str_equal(number, last))
            sw_buffer_addf(&text, "%s%.*s", text.n == 0 ? "" : " ", SW_STR_FORMAT(number));
        last = number;
    }
    const char *copy = sw_arena_copy(d->b.arena, sw_buffer_str(&text));
    d->b.failed = d->b.failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* The fact about a release's libraries; NULL, with the row left open, if the release has no wheel. */
static const char *libraries_of(struct drift *d, const char *version, const struct sw_index_file **file)
{
    const struct sw_index_project *project = drift_project(d, "bitsandbytes");
    const struct sw_index_release *release = project == NULL ? NULL : drift_release(project, version);
    *file = release == NULL ? NULL : drift_wheels(d, release, SW_CATALOG_MACHINE).file;
    if (*file == NULL)
        drift_leave(d, "the index has no wheel of bitsandbytes %s for %s", version, SW_CATALOG_MACHINE);
    return *file == NULL ? NULL : drift_fact(d, *file, "libraries", read_libraries, "");
}

void drift_bitsandbytes_release(struct drift *d, const struct sw_node *row)
{
    const struct sw_index_file *file = NULL;
    const char *fact = libraries_of(d, drift_text(row, "version"), &file);
    if (fact != NULL)
        drift_compare(d, "its libraries", drift_join(d, sw_node_get(row, "libraries")), numbers_of(d, fact),
                      file);
    drift_leave(d, "override: only its source code tells");
}

static void compare_code(struct drift *d, const struct sw_node *row, const char *version, const char *cuda,
                         const char *fact, const struct sw_index_file *file)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    const char *variant = sw_catalog_variant(d->b.arena, cuda);
    if (variant == NULL || !codes_of(&names, fact, variant + strlen("cu")))
        return; /* then the release's own row says so */
    const char *what = sw_arena_format(d->b.arena, "machine code of %s for CUDA %s", version, cuda);
    const char *ptx = sw_arena_format(d->b.arena, "PTX of %s for CUDA %s", version, cuda);
    drift_compare(d, what, drift_join(d, sw_node_get(row, "sass")),
                  drift_architectures(d, sw_buffer_str(&names), "sm_"), file);
    drift_compare(d, ptx, drift_join(d, sw_node_get(row, "ptx")),
                  drift_architectures(d, sw_buffer_str(&names), "compute_"), file);
}

void drift_bitsandbytes_code(struct drift *d, const struct sw_node *row)
{
    const struct sw_node *rows = d->catalog->bitsandbytes, *cudas = sw_node_get(row, "cuda");
    if (sw_node_get(row, "machine") != NULL) {
        drift_leave(d, "only wheels for " SW_CATALOG_MACHINE " are read");
        return;
    }
    for (size_t i = 0; i < sw_node_count(rows) && d->code == 0; i++) {
        const char *version = drift_text(sw_node_item(rows, i), "version");
        const struct sw_index_file *file = NULL;
        if (!sw_catalog_covers(drift_text(row, "releases"), version))
            continue;
        const char *fact = libraries_of(d, version, &file);
        for (size_t j = 0; fact != NULL && j < sw_node_count(cudas); j++) {
            const char *cuda = sw_node_text(sw_node_item(cudas, j), "");
            if (sw_catalog_code(d->catalog->bitsandbytes_code, version, cuda, SW_CATALOG_MACHINE) == row)
                compare_code(d, row, version, cuda, fact, file);
        }
    }
}

/* "12.1" of "121". */
static const char *cuda_of(struct drift *d, const char *number)
{
    size_t n = strlen(number);
    return n < 2 ? NULL : sw_arena_format(d->b.arena, "%.*s.%s", (int)(n - 1), number, number + n - 1);
}

void drift_bitsandbytes_gaps(struct drift *d)
{
    const struct sw_node *rows = d->catalog->bitsandbytes;
    drift_release_gaps(d, "bitsandbytes", rows);
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *libraries = sw_node_get(sw_node_item(rows, i), "libraries");
        const char *version = drift_text(sw_node_item(rows, i), "version");
        for (size_t j = 0; j < sw_node_count(libraries); j++) {
            const char *cuda = cuda_of(d, sw_node_text(sw_node_item(libraries, j), ""));
            if (cuda != NULL &&
                sw_catalog_code(d->catalog->bitsandbytes_code, version, cuda, SW_CATALOG_MACHINE) == NULL)
                drift_gap(d, sw_node_item(rows, i), "the GPU code of bitsandbytes %s for CUDA %s has no row",
                          version, cuda);
        }
    }
}
