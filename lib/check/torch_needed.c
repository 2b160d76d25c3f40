#include "check/torch_needed.h"

#include "base/limits.h"
#include "check/closure_internal.h"

static const char *torch_of(struct sw_arena *arena, const struct sw_resolve_answer *answer)
{
    const struct sw_resolved_package *torch =
        answer->found ? sw_resolution_find(&answer->resolution, "torch") : NULL;
    struct sw_str version = sw_str_from(torch == NULL ? "" : torch->version);
    return torch == NULL ? NULL : sw_arena_copy(arena, sw_str_cut(&version, '+'));
}

int sw_torch_needed_find(struct sw_torch_needed *out, struct sw_arena *arena,
                         const struct sw_check_input *input, struct sw_error *error)
{
    SW_ARENA_AUTO scratch;
    sw_arena_init(&scratch, SW_MAX_ARENA);
    SW_FINDINGS_AUTO unused;
    sw_findings_init(&unused);
    struct sw_stack stack;
    struct sw_candidates candidates;
    int code = sw_stack_read(&stack, input, &unused, &scratch, error);
    if (code == 0)
        code = sw_candidates_open(&candidates, &stack, input->index, error);
    if (code == 0)
        code = sw_closure_read(&candidates, error);
    int reset = sw_index_pin(input->index, NULL, 0, code == 0 ? error : NULL);
    if (code != 0 || reset != 0)
        return code != 0 ? code : reset;
    out->newest = torch_of(arena, &candidates.closure->taken);
    out->fitting = torch_of(arena, &candidates.closure->fitting);
    return 0;
}
