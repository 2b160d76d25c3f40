/* Three bytes are a target, the rest its machine: a list of tags without repetition, or an error. */
#include "base/limits.h"
#include "python/tag.h"

#include "fuzz.h"

static bool same(const struct sw_tag *a, const struct sw_tag *b)
{
    return strcmp(a->interpreter, b->interpreter) == 0 && strcmp(a->abi, b->abi) == 0 &&
           strcmp(a->platform, b->platform) == 0;
}

int fuzz_python_tag(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct sw_tag_list tags;
    struct sw_error error;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    char *machine = sw_arena_copy(&arena, (struct sw_str){(const char *)data + 3, size - 3});
    const struct sw_tag_target target = {data[0], data[1], machine, data[2], false};
    if (sw_tag_list_make(&tags, &arena, &target, &error) != 0)
        return 0;
    for (size_t i = 1; i < tags.count; i++) {
        if (same(&tags.items[0], &tags.items[i]) || same(&tags.items[i - 1], &tags.items[i]))
            abort();
    }
    return 0;
}
