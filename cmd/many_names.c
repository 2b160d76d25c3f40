#include "many.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "engine/reference.h"

int many_read(unsigned *jobs, const char *text, struct sw_error *error)
{
    uint64_t number = 1;
    if (text != NULL && (!sw_str_to_u64(sw_str_from(text), &number) || number < 1 || number > SW_MAX_JOBS))
        return sw_fail(error, SW_EINPUT, "--jobs wants a number from 1 to %d, not '%s'", SW_MAX_JOBS, text);
    *jobs = (unsigned)number;
    return 0;
}

static const char place_holder[] = "{profile}";

int many_check_names(const struct options *options, size_t count, struct sw_error *error)
{
    const struct {
        const char *option, *value;
    } names[] = {{"--iidfile", options->iidfile},
                 {"--metadata-file", options->metadata_file},
                 {"--report", options->report}};
    const char *wrong = NULL, *value = NULL;
    for (size_t i = 0; count > 1 && wrong == NULL && i < SW_COUNT(names); i++) {
        value = names[i].value;
        wrong = value != NULL && strstr(value, place_holder) == NULL ? names[i].option : NULL;
    }
    for (size_t i = 0; count > 1 && wrong == NULL && i < options->tags.count; i++) {
        value = options->tags.items[i];
        wrong = strstr(value, place_holder) == NULL ? "--tag" : NULL;
    }
    for (size_t i = 0; count > 1 && wrong == NULL && i < options->outputs.count; i++) {
        value = options->outputs.items[i];
        bool is_place = strchr(value, '=') == NULL || strstr(value, "dest=") != NULL;
        wrong = is_place && strstr(value, place_holder) == NULL ? "--output" : NULL;
    }
    if (wrong == NULL)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "%s '%s' is one name, and %zu profiles are built", wrong, value, count);
    return sw_error_hint(error, "put {profile} into it, which stands for the profile's name");
}

const char *many_name(struct sw_arena *arena, const char *given, const char *profile)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_PATH_SIZE);
    if (given == NULL)
        return NULL;
    struct sw_str rest = sw_str_from(given);
    for (size_t at; (at = sw_str_find(rest, SW_STR("{profile}"))) < rest.n;) {
        sw_buffer_add(&name, rest.p, at);
        sw_buffer_add_text(&name, profile);
        rest = sw_str_drop(rest, at + strlen(place_holder));
    }
    sw_buffer_add_str(&name, rest);
    return name.state == SW_BUFFER_OK ? sw_arena_copy(arena, sw_buffer_str(&name)) : NULL;
}

int many_tags(struct sw_texts *out, struct sw_arena *arena, const struct sw_texts *given, const char *profile,
              struct sw_error *error)
{
    const char **names = sw_arena_array(arena, given->count + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < given->count; i++) {
        names[i] = many_name(arena, given->items[i], profile);
        if (names[i] == NULL)
            return sw_fail_memory(error);
        if (!sw_reference_valid(sw_str_from(names[i])))
            return sw_fail(error, SW_EINPUT, "--tag '%.200s' is no image reference", names[i]);
    }
    *out = (struct sw_texts){names, given->count};
    return names == NULL ? sw_fail_memory(error) : 0;
}
