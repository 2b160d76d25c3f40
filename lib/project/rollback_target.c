#include "project/rollback_target.h"

#include <inttypes.h>

bool sw_target_is_verified(const struct sw_target *target)
{
    return target->facts.image.id != NULL && target->facts.result == SW_RECORD_VERIFIED;
}

static int read_facts(struct sw_target *target, const struct sw_target_search *search, struct sw_error *error)
{
    return sw_record_facts_read(&target->facts, search->arena, search->history, &target->record, error);
}

/* Read the facts of target->record or, if that record is refused, make the target the newest record before it that is not;
 * SW_ENOTFOUND if there is none. */
static int read_newest(struct sw_target *target, const struct sw_target_search *search,
                       struct sw_error *error)
{
    struct sw_error failure;
    int code = read_facts(target, search, &failure);
    while (code == SW_EINPUT) {
        const char *text = sw_arena_format(search->arena, "%s; it is passed over", failure.text);
        sw_emit(search->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(text)});
        code = sw_history_before(&target->record, search->history, &target->record, &failure);
        if (code == 0)
            code = read_facts(target, search, &failure);
    }
    if (code != 0)
        *error = failure;
    return code;
}

int sw_target_newest(struct sw_target *out, const struct sw_target_search *search, struct sw_error *error)
{
    struct sw_target target = {0};
    int code = sw_history_find(&target.record, search->arena, search->history, search->profile, 0, error);
    if (code == 0)
        code = read_newest(&target, search, error);
    if (code == 0)
        *out = target;
    return code;
}

static int fail_nowhere(struct sw_error *error, const struct sw_record *from)
{
    (void)sw_fail(error, SW_ENO, "no verified build of '%s' before %s@%" PRIu64, from->profile, from->profile,
                  from->number);
    return sw_error_hint(error, "'slipway history %s' shows all builds; --to N goes to any that has an image",
                         from->profile);
}

int sw_target_before(struct sw_target *out, const struct sw_target_search *search,
                     const struct sw_target *from, struct sw_error *error)
{
    struct sw_target target = *from;
    const char *not_this = from->facts.image.id;
    for (;;) {
        uint64_t number = sw_record_build_number(&target.facts, &target.record);
        int code = number == target.record.number
                       ? 0
                       : sw_history_find(&target.record, search->arena, search->history, search->profile,
                                         number, error);
        if (code == 0)
            code = sw_history_before(&target.record, search->history, &target.record, error);
        if (code == 0)
            code = read_newest(&target, search, error);
        if (code == SW_ENOTFOUND)
            return fail_nowhere(error, &from->record);
        if (code != 0)
            return code;
        bool other =
            not_this == NULL || target.facts.image.id == NULL || strcmp(target.facts.image.id, not_this) != 0;
        if (sw_target_is_verified(&target) && other) {
            *out = target;
            return 0;
        }
    }
}

int sw_target_at(struct sw_target *out, const struct sw_target_search *search, const char *number,
                 struct sw_error *error)
{
    struct sw_target target = {0};
    uint64_t to = 0;
    if (!sw_str_to_u64(sw_str_from(number), &to) || to == 0) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is no build's number", number);
        return sw_error_hint(error, "'slipway history %s' shows them", search->profile);
    }
    int code = sw_history_find(&target.record, search->arena, search->history, search->profile, to, error);
    if (code == 0)
        code = read_facts(&target, search, error);
    if (code == 0 && target.facts.image.id == NULL)
        code = sw_fail(error, SW_ENO, "%s@%" PRIu64 " has no image: that build failed", target.record.profile,
                       target.record.number);
    if (code == 0)
        *out = target;
    return code;
}
