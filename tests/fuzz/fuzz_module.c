/* The outline of a Python module. */
#include "base/limits.h"
#include "wheel/module.h"

#include "fuzz.h"

int fuzz_module(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_module module;
    struct sw_error error;
    if (sw_module_read(&module, &arena, (struct sw_str){(const char *)data, size}, "m.py", &error) != 0)
        return 0;
    for (size_t i = 0; i < module.name_count; i++) {
        const struct sw_module_name *found = sw_module_find(&module, module.names[i].name);
        bool lasts = (module.names[i].when & SW_WHEN_TYPING) == 0;
        if (found != (lasts ? &module.names[i] : NULL) || module.names[i].line == 0)
            abort();
    }
    return 0;
}
