/* A METADATA file says the same as what is kept of it. */
#include "base/limits.h"
#include "index/metadata.h"

#include "fuzz.h"

int fuzz_metadata(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size};
    struct sw_metadata whole, again;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_ARENA);
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, 2 * size + SW_KIB);
    int code = sw_metadata_read(&whole, &arena, text, &error);
    sw_metadata_keep(&kept, text);
    if (sw_metadata_read(&again, &arena, sw_buffer_str(&kept), NULL) != code ||
        (code != 0 && error.text[0] == '\0'))
        abort();
    if (code != 0)
        return 0;
    if (!sw_str_equal(whole.name, again.name) || !sw_str_equal(whole.version, again.version) ||
        !sw_str_equal(whole.requires_python, again.requires_python) ||
        whole.requirement_count != again.requirement_count || whole.extra_count != again.extra_count)
        abort();
    for (size_t i = 0; i < whole.requirement_count; i++) {
        if (!sw_str_equal(whole.requirements[i].text, again.requirements[i].text) ||
            whole.requirements[i].valid != again.requirements[i].valid)
            abort();
    }
    return 0;
}
