#include "check/asked_stack.h"

#include "base/limits.h"

int sw_asked_stack_open(struct sw_asked_stack *asked, const struct sw_check_input *input,
                        struct sw_error *error)
{
    asked->input = input;
    sw_arena_init(&asked->scratch, SW_MAX_ARENA);
    sw_findings_init(&asked->unused);
    int code = sw_stack_read(&asked->stack, input, &asked->unused, &asked->scratch, error);
    if (code == 0 && input->index != NULL)
        code = sw_candidates_open(&asked->candidates, &asked->stack, input->index, error);
    return code;
}

int sw_asked_stack_close(struct sw_asked_stack *asked, int code, struct sw_error *error)
{
    struct sw_index *index = asked->input->index;
    int reset = index == NULL ? 0 : sw_index_pin(index, NULL, 0, code == 0 ? error : NULL);
    sw_findings_release(&asked->unused);
    sw_arena_release(&asked->scratch);
    return code != 0 ? code : reset;
}
