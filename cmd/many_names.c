#include "many.h"

#include "base/limits.h"

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
