/* Any bytes are a file name: of a wheel, whose rank is in the list of tags, of a source distribution, or of
 * nothing. */
#include "base/limits.h"
#include "python/wheel_name.h"

#include "fuzz.h"

int fuzz_python_wheel_name(const uint8_t *data, size_t size)
{
    static const struct sw_tag_target target = {3, 11, "x86_64", 20, false};
    struct sw_str name = {(const char *)data, size};
    struct sw_wheel_name wheel;
    struct sw_sdist_name sdist;
    struct sw_tag_list tags;
    struct sw_error error;
    size_t rank;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_sdist_name_parse(&sdist, name, &error) == 0 && sdist.distribution.n == 0)
        abort();
    if (sw_wheel_name_parse(&wheel, name, &error) != 0)
        return 0;
    if (sw_tag_list_make(&tags, &arena, &target, &error) != 0)
        abort();
    if (sw_wheel_name_rank(&rank, &wheel, &tags) && rank >= tags.count)
        abort();
    if (sw_wheel_name_compare_build(&wheel, &wheel) != 0)
        abort();
    return 0;
}
