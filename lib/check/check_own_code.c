/* The GPU code in wheels that use CUDA and that no row of the catalog knows, read from their own bytes: SW208. */
#include "check/check_internal.h"
#include "check/link_internal.h"
#include "index/cuda_code.h"

/* Return true if the name is that of a library of CUDA, of its driver or of torch for CUDA, also with the hash sum that auditwheel adds. */
static bool is_of_cuda(const char *library)
{
    static const char *const stems[] = {"libcuda",  "libcudart",   "libcublas",    "libcudnn",
                                        "libcufft", "libcurand",   "libcusparse",  "libcusolver",
                                        "libnccl",  "libc10_cuda", "libtorch_cuda"};
    size_t n = strcspn(library, "-.");
    for (size_t i = 0; i < SW_COUNT(stems); i++) {
        if (strlen(stems[i]) == n && strncmp(library, stems[i], n) == 0)
            return true;
    }
    return false;
}

/* Return true if a library of the wheel is for CUDA, or the catalog says that releases of the project are. */
static bool is_for_cuda(const struct sw_link *link, size_t i)
{
    const struct sw_index_libraries *wheel = &link->wheels[i];
    const struct sw_node *known = sw_node_get(link->stack->catalog->wheel_projects, "projects");
    bool found = sw_catalog_lists(known, link->of[i]->project);
    for (size_t k = 0; k < wheel->count && !found; k++) {
        const struct sw_index_texts *needed = &wheel->items[k].needed;
        for (size_t n = 0; n < needed->count && !found; n++)
            found =
                sw_bringers_cuda(&link->bringers, needed->items[n]) != NULL || is_of_cuda(needed->items[n]);
    }
    return found;
}

/* Return true if the code of the pin's wheel is wanted, and no row of the catalog tells it. */
static bool is_unknown(const struct sw_link *link, const struct sw_pin *pin)
{
    return pin != NULL && sw_check_code_wanted(link->stack, pin) &&
           sw_check_code_row(link->stack, pin) == NULL;
}

/* "sm_90a" or "compute_90" as an architecture, "9.0a", in the list of its kind. */
static void add_architecture(struct sw_builder *b, struct sw_node *sass, struct sw_node *ptx,
                             struct sw_str name)
{
    bool machine = sw_str_starts(name, "sm_");
    struct sw_str digits = sw_str_drop(name, strlen(machine ? "sm_" : "compute_"));
    size_t n = sw_str_digits(digits);
    if (n < 2)
        return;
    const struct sw_str minor = sw_str_drop(digits, n - 1), major = {digits.p, n - 1};
    sw_build_append(b, machine ? sass : ptx,
                    sw_build_format(b, "%.*s.%.*s", SW_STR_FORMAT(major), SW_STR_FORMAT(minor)));
}

/* The code that was read, as a row of the catalog would have it; it comes from the index. */
static const struct sw_node *row_of(struct sw_stack *stack, const struct sw_pin *pin,
                                    const struct sw_cuda_code *code, const char *index)
{
    struct sw_builder *b = &stack->b;
    struct sw_node *row = sw_build_map(b), *sass = sw_build_list(b), *ptx = sw_build_list(b);
    struct sw_str rest = sw_str_from(code->names);
    while (rest.p != NULL && rest.n > 0)
        add_architecture(b, sass, ptx, sw_str_cut(&rest, ' '));
    sw_build_set(b, row, "project", sw_build_text(b, pin->project));
    sw_build_set(b, row, "version", sw_build_text(b, sw_stack_public(stack, pin->version)));
    sw_build_set(b, row, "sass", sass);
    sw_build_set(b, row, "ptx", ptx);
    sw_build_set(b, row, "source", sw_build_text(b, code->file->name));
    return sw_build_at(row, index, 0, 0);
}

static void judge(struct sw_stack *stack, const struct sw_set_wheel *of, const struct sw_cuda_code *code)
{
    const struct sw_pin *pin = sw_stack_installed(stack, of->project);
    if (code->code != 0) {
        sw_stack_cover(stack, SW_ASPECT_GPU, of->project, SW_NOT_JUDGED,
                       code->code == SW_EINPUT ? "its libraries are too large to be read here"
                                               : "its libraries could not be read");
        return;
    }
    const struct sw_node *row = code->names[0] == '\0' ? NULL : row_of(stack, pin, code, of->index);
    if (row != NULL)
        sw_check_code_of(stack, pin, row);
}

/* Name the projects with GPU code whose wheels were not read. */
static void cover_rest(const struct sw_link *link, const struct sw_set_wheel **of, size_t count)
{
    const struct sw_pin *pin;
    for (size_t i = 0; link->stack->target_count > 0 && (pin = sw_stack_item(link->stack, i)) != NULL; i++) {
        bool read = false;
        for (size_t k = 0; k < count && !read; k++)
            read = strcmp(of[k]->project, pin->project) == 0;
        if (!read && is_unknown(link, pin))
            sw_check_code_unknown(link->stack, pin);
    }
}

int sw_check_own_code(const struct sw_link *link, struct sw_error *error)
{
    struct sw_stack *stack = link->stack;
    struct sw_cuda_code *codes = sw_arena_array(stack->b.arena, link->count + 1, sizeof *codes);
    const struct sw_set_wheel **of = sw_arena_array(stack->b.arena, link->count + 1, sizeof *of);
    size_t count = 0;
    if (codes == NULL || of == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; stack->target_count > 0 && i < link->count; i++) {
        if (link->wheels[i].code != 0 || !is_for_cuda(link, i) ||
            !is_unknown(link, sw_stack_installed(stack, link->of[i]->project)))
            continue;
        of[count] = link->of[i];
        codes[count++].file = link->wheels[i].file;
    }
    int code = count == 0 ? 0 : sw_index_cuda_code(codes, link->set.candidates->index, count, error);
    for (size_t i = 0; i < count && code == 0; i++)
        judge(stack, of[i], &codes[i]);
    if (code == 0)
        cover_rest(link, of, count);
    return code;
}
