#include "check/torch_needed.h"

#include "check/asked_stack.h"
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
    struct sw_asked_stack asked;
    int code = sw_asked_stack_open(&asked, input, error);
    if (code == 0)
        code = sw_closure_read(&asked.candidates, error);
    if (code == 0) {
        out->newest = torch_of(arena, &asked.candidates.closure->taken);
        out->fitting = torch_of(arena, &asked.candidates.closure->fitting);
    }
    return sw_asked_stack_close(&asked, code, error);
}
