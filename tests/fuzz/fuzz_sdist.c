/* A source distribution, and the imports of its package. */
#include "base/limits.h"
#include "wheel/imports.h"
#include "wheel/sdist.h"

#include "fuzz.h"

int fuzz_sdist(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    struct sw_str bytes = {(const char *)data, size};
    const struct sw_reader reader = sw_reader_of_memory(&bytes, "fuzz.tar.gz");
    struct sw_wheel wheel;
    struct sw_error error = {.code = SW_OK};
    if (sw_sdist_open(&wheel, &arena, &reader, &error) != 0) {
        if (strstr(error.text, "fuzz.tar.gz") == NULL && error.code != SW_EENV)
            abort();
        return 0;
    }
    for (size_t i = 1; i < wheel.zip.count; i++) {
        if (sw_str_compare(wheel.zip.members[i - 1].name, wheel.zip.members[i].name) >= 0)
            abort();
    }
    struct sw_wheel_imports imports = {NULL, 0};
    if (sw_wheel_imports(&imports, &arena, &wheel, SW_STR("demo"), NULL) != 0)
        return 0;
    for (size_t i = 0; i < imports.count; i++) {
        if (imports.items[i].share > 100)
            abort();
    }
    return 0;
}
