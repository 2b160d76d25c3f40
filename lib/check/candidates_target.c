#include "check/candidates_internal.h"

#include "base/limits.h"
#include "data/path.h"
#include "python/name.h"

/* -- indexes ---------------------------------------------------------------------------------------------------- */

static int add_pin(struct sw_candidates *candidates, const char *project, const char *url,
                   struct sw_error *error)
{
    struct sw_index_pin *pins = sw_arena_grow(candidates->stack->b.arena, candidates->pins,
                                              candidates->pin_count, sizeof *candidates->pins);
    if (pins == NULL)
        return sw_fail_memory(error);
    candidates->pins = pins;
    pins[candidates->pin_count++] = (struct sw_index_pin){project, url};
    return 0;
}

/* The projects that the profile takes from indexes of its own. */
static int read_indexes(struct sw_candidates *candidates, struct sw_error *error)
{
    const struct sw_node *indexes = sw_stack_get(candidates->stack, "indexes");
    int code = 0;
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        const struct sw_node *projects = sw_node_get(sw_node_item(indexes, i), "for");
        const char *url = sw_node_text(sw_node_get(sw_node_item(indexes, i), "url"), "");
        for (size_t j = 0; code == 0 && strcmp(url, "default") != 0 && j < sw_node_count(projects); j++)
            code = add_pin(candidates, sw_node_text(sw_node_item(projects, j), ""), url, error);
    }
    return code == 0 ? sw_index_pin(candidates->index, candidates->pins, candidates->pin_count, error) : code;
}

/* The index that the plan takes torch from, if the profile names no index for torch and the default index has another build of the
 * release; else NULL. */
static const char *index_of_torch(const struct sw_candidates *candidates)
{
    const struct sw_stack *stack = candidates->stack;
    const struct sw_node *indexes = sw_stack_get(stack, "indexes");
    const char *usual = sw_node_text(sw_node_get(stack->torch.row, "default"), "");
    if (stack->torch.cuda_path == NULL || stack->torch.local == NULL || strcmp(stack->torch.cuda, usual) == 0)
        return NULL;
    for (size_t i = 0; i < sw_node_count(indexes); i++) {
        if (sw_requirement_find(sw_node_get(sw_node_item(indexes, i), "for"), "torch") != NULL)
            return NULL;
    }
    return sw_node_text(stack->input->plan->parts.torch.index, NULL);
}

/* Take torch, torchvision and torchaudio from torch's own index. If that cannot be asked, the default index's build of the release
 * stands in, without the CUDA libraries, and `torch_index` says why. */
static int read_torch_index(struct sw_candidates *candidates, struct sw_error *error)
{
    static const char *const projects[] = {"torch", "torchvision", "torchaudio"};
    const char *url = index_of_torch(candidates);
    const struct sw_index_project *unused;
    size_t before = candidates->pin_count;
    int code = 0;
    if (url == NULL)
        return 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(projects); i++) {
        if (!sw_candidates_have_own_index(candidates, projects[i]))
            code = add_pin(candidates, projects[i], url, error);
    }
    if (code == 0)
        code = sw_index_pin(candidates->index, candidates->pins, candidates->pin_count, error);
    if (code != 0)
        return code;
    code = sw_index_project(&unused, candidates->index, "torch", &candidates->torch_index);
    if (code == 0)
        return 0;
    if (code == SW_ECANCELED)
        return sw_fail(error, code, "%s", candidates->torch_index.text);
    candidates->pin_count = before;
    return sw_index_pin(candidates->index, candidates->pins, candidates->pin_count, error);
}

int sw_candidates_read_indexes(struct sw_candidates *candidates, struct sw_error *error)
{
    int code = read_indexes(candidates, error);
    return code == 0 ? read_torch_index(candidates, error) : code;
}

bool sw_candidates_have_own_index(const struct sw_candidates *candidates, const char *project)
{
    for (size_t i = 0; i < candidates->pin_count; i++) {
        if (sw_name_equal(sw_str_from(candidates->pins[i].project), sw_str_from(project)))
            return true;
    }
    return false;
}

/* -- target ----------------------------------------------------------------------------------------------------- */

int sw_candidates_read_target(struct sw_candidates *candidates, struct sw_error *error)
{
    const struct sw_stack *stack = candidates->stack;
    const char *machine =
        stack->target_count == 0 ? SW_CATALOG_MACHINE : sw_catalog_machine(stack->targets[0].row);
    uint64_t minor = 0;
    struct sw_str rest = sw_str_from(stack->python);
    (void)sw_str_cut(&rest, '.');
    const char *full =
        sw_arena_format(stack->b.arena, "%s.99", stack->python); /* images take the last patch release */
    if (full == NULL)
        return sw_fail_memory(error);
    if (!sw_str_to_u64(rest, &minor) || sw_version_parse(&candidates->python, sw_str_from(full), error) != 0)
        return sw_fail(error, SW_EINPUT, "'%s' is no Python version", stack->python);
    candidates->environment = sw_marker_environment_linux(stack->python, full, machine);
    candidates->libc = sw_stack_libc(stack);
    const struct sw_tag_target target = {.python_major = 3,
                                         .python_minor = (unsigned)minor,
                                         .machine = machine,
                                         .libc_minor = candidates->libc.minor,
                                         .musl = candidates->libc.musl};
    return sw_tag_list_make(&candidates->tags, stack->b.arena, &target, error);
}
