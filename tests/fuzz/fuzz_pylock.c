/* Any bytes are read as a lock: a lock that is written and read again as the same bytes, or an error with text, place and hint. */
#include "base/limits.h"
#include "lock/pylock.h"

#include "fuzz.h"

int fuzz_pylock(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO first;
    SW_BUFFER_AUTO second;
    struct sw_pylock lock;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&first, SW_MAX_TOML_SIZE);
    sw_buffer_init(&second, SW_MAX_TOML_SIZE);
    int code = sw_pylock_read(&lock, &arena, (struct sw_str){(const char *)data, size}, "input", &error);
    if (code != 0) {
        if (error.text[0] == '\0' || error.line == 0 || error.hint[0] == '\0')
            abort();
        return 0;
    }
    if (sw_pylock_write(&first, &lock, NULL) != 0 ||
        sw_pylock_read(&lock, &arena, sw_buffer_str(&first), "again", NULL) != 0 ||
        sw_pylock_write(&second, &lock, NULL) != 0 ||
        !sw_str_equal(sw_buffer_str(&first), sw_buffer_str(&second)))
        abort();
    return 0;
}
