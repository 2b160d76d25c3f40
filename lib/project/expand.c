#include "project/expand.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "engine/reference.h"

static const struct sw_str place_holder = {"{profile}", sizeof "{profile}" - 1};

const char *sw_expand_profile(struct sw_arena *arena, const char *given, const char *profile)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_PATH_SIZE);
    if (given == NULL)
        return NULL;
    struct sw_str rest = sw_str_from(given);
    for (size_t at; (at = sw_str_find(rest, place_holder)) < rest.n;) {
        sw_buffer_add(&name, rest.p, at);
        sw_buffer_add_text(&name, profile);
        rest = sw_str_drop(rest, at + place_holder.n);
    }
    sw_buffer_add_str(&name, rest);
    return name.state == SW_BUFFER_OK ? sw_arena_copy(arena, sw_buffer_str(&name)) : NULL;
}

static int refuse_name(const char *name, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "'%.200s' is no name of an image", name);
    return sw_error_hint(
        error,
        "write NAME or NAME:TAG: lower-case letters, digits and '.', '_', '-', '/' between them, such as "
        "example/service:1.0");
}

int sw_expand_tags(struct sw_texts *out, struct sw_arena *arena, const struct sw_texts *given,
                   const char *profile, struct sw_error *error)
{
    const char **names = sw_arena_array(arena, given->count + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < given->count; i++) {
        names[i] = sw_expand_profile(arena, given->items[i], profile);
        if (names[i] == NULL)
            return sw_fail_memory(error);
        if (!sw_reference_valid(sw_str_from(names[i])))
            return refuse_name(names[i], error);
    }
    *out = (struct sw_texts){names, given->count};
    return names == NULL ? sw_fail_memory(error) : 0;
}
