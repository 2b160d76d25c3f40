/* Packages that raise an exception when they are imported, because of a release beside them or of a module that is absent: SW209.
 * The condition stands in the package's own source. */
#include "check/check_internal.h"

#include "check/imported_internal.h"
#include "check/wheel_set_internal.h"

/* The module or project of the condition, or "python"; empty for an exception in any case. */
static struct sw_str subject_of(const char *condition)
{
    condition += *condition == '!';
    return (struct sw_str){condition, strcspn(condition, "<>=!")};
}

/* The reason in words, behind "raises an exception": "beside torch 2.9 (torch>=2.9)". */
static const char *reason_of(const struct sw_imported *imported, const char *condition)
{
    struct sw_arena *arena = imported->candidates->stack->b.arena;
    const struct sw_str subject = subject_of(condition);
    if (subject.n == 0)
        return "in any case";
    if (condition[0] == '!')
        return sw_arena_format(arena, "without %.*s, which no requirement brings", SW_STR_FORMAT(subject));
    if (subject.p[subject.n] == '\0')
        return sw_arena_format(arena, "beside %.*s", SW_STR_FORMAT(subject));
    bool python = sw_str_is(subject, "python");
    return sw_arena_format(arena, "%s%.*s %s, since it is %s", python ? "with Python" : "beside ",
                           python ? 0 : (int)subject.n, subject.p, sw_imported_release(imported, subject),
                           condition);
}

static void report(const struct sw_imported *imported, const struct sw_index_wheel *wheel,
                   const struct sw_index_import *refusal)
{
    struct sw_stack *stack = imported->candidates->stack;
    const struct sw_set_wheel *place = sw_wheel_set_find(imported->candidates->wheels, wheel->project);
    const char *condition = refusal->terms.condition, *reason = reason_of(imported, condition);
    const struct sw_str about = subject_of(condition);
    const char *subject = sw_arena_copy(stack->b.arena, about.n > 0 ? about : sw_str_from(wheel->project));
    stack->b.failed = stack->b.failed || reason == NULL || subject == NULL;
    if (place == NULL || stack->b.failed || sw_stack_about(stack, "SW209", subject, place->pin->at) != NULL)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW209", SW_ERROR, place->pin->at, "%s %.*s raises an exception on import %s",
                      wheel->project, SW_STR_FORMAT(wheel->file->version.text), reason);
    sw_finding_subject(stack->findings, finding, subject);
    const char *how = sw_arena_format(stack->b.arena, "%s: %s:%u: raise", wheel->file->name, refusal->member,
                                      refusal->line);
    if (how != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(how), place->index);
    sw_stack_evidence_way(stack, finding, place->project, place->version, place->by, place->pin->at);
    if (condition[0] == '!')
        sw_finding_hint(stack->findings, finding, "add %s to the requirements, or leave %s out", subject,
                        wheel->project);
    else
        sw_finding_hint(stack->findings, finding, "pin another release of %s", wheel->project);
    sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project, SW_WRONG, NULL);
}

/* Return true if the condition is about a release: it holds for all that import the package. A package that needs a module, or
 * raises in any case, may be required by another for something else. */
static bool is_of_release(const char *condition)
{
    return strpbrk(condition, "<>=") != NULL;
}

void sw_check_refusals(const struct sw_imported *imported)
{
    for (size_t i = 0; i < imported->count; i++) {
        const struct sw_index_wheel *wheel = &imported->wheels[i];
        for (size_t k = 0; wheel->imports && wheel->code == 0 && k < wheel->found_count; k++) {
            const struct sw_index_import *refusal = &wheel->found[k];
            if (!refusal->refuses || refusal->lazy ||
                !sw_imported_happens(imported, wheel, refusal->member, &refusal->terms) ||
                (!is_of_release(refusal->terms.condition) && !sw_imported_directly(imported, wheel->project)))
                continue;
            report(imported, wheel, refusal);
            break;
        }
    }
}
