/* Any bytes are a marker or an error with its column: what is written again is written the same and holds for
 * the same target. */
#include "base/limits.h"
#include "python/marker.h"

#include "fuzz.h"

int fuzz_python_marker(const uint8_t *data, size_t size)
{
    struct sw_marker_environment target = sw_marker_environment_linux("3.11", "3.11.9", "x86_64");
    const struct sw_marker *marker, *again;
    struct sw_error error = {.column = 1};
    bool holds = false, holds_again = false;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO once;
    SW_BUFFER_AUTO twice;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&once, SW_MAX_ARENA);
    sw_buffer_init(&twice, SW_MAX_ARENA);
    target.extra = "dev";
    if (sw_marker_parse(&marker, &arena, (struct sw_str){(const char *)data, size}, &error) != 0) {
        if (size <= SW_MAX_REQUIREMENT_SIZE && (error.column == 0 || error.column > size + 1))
            abort();
        return 0;
    }
    sw_marker_write(&once, marker);
    if (once.n > SW_MAX_REQUIREMENT_SIZE)
        return 0;
    if (sw_marker_parse(&again, &arena, sw_buffer_str(&once), NULL) != 0)
        abort();
    sw_marker_write(&twice, again);
    int code = sw_marker_evaluate(&holds, marker, &target, &error);
    if (!sw_str_equal(sw_buffer_str(&once), sw_buffer_str(&twice)) ||
        code != sw_marker_evaluate(&holds_again, again, &target, NULL) || holds != holds_again)
        abort();
    return 0;
}
