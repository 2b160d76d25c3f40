/* Any bytes are a requirement or an error with its column: what is written again is written the same. */
#include "base/limits.h"
#include "python/requirement.h"

#include "fuzz.h"

int fuzz_python_requirement(const uint8_t *data, size_t size)
{
    struct sw_requirement requirement, again;
    struct sw_error error = {.column = 1};
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO once;
    SW_BUFFER_AUTO twice;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&once, SW_MAX_ARENA);
    sw_buffer_init(&twice, SW_MAX_ARENA);
    if (sw_requirement_parse(&requirement, &arena, (struct sw_str){(const char *)data, size}, &error) != 0) {
        if (size <= SW_MAX_REQUIREMENT_SIZE && (error.column == 0 || error.column > size + 1))
            abort();
        return 0;
    }
    sw_requirement_write(&once, &requirement);
    if (once.n > SW_MAX_REQUIREMENT_SIZE)
        return 0;
    if (sw_requirement_parse(&again, &arena, sw_buffer_str(&once), NULL) != 0)
        abort();
    sw_requirement_write(&twice, &again);
    if (!sw_str_equal(sw_buffer_str(&once), sw_buffer_str(&twice)))
        abort();
    return 0;
}
