/* Any bytes are a requirements file. Every file that it includes is the same text under another name, so that
 * the limits end it, and every variable is its own name. */
#include "base/limits.h"
#include "python/requirements_file.h"

#include "fuzz.h"

static int load(const void *self, struct sw_str *text, const char **file, struct sw_arena *arena,
                const char *from, const char *name, struct sw_error *error)
{
    (void)name;
    *text = *(const struct sw_str *)self;
    *file = sw_arena_format(arena, "%sx", from == NULL ? "" : from);
    return *file == NULL ? sw_fail_memory(error) : 0;
}

static const char *variable(const void *self, const char *name)
{
    (void)self;
    return name;
}

int fuzz_python_requirements_file(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size};
    const struct sw_requirements_source source = {load, variable, &text};
    struct sw_requirements requirements;
    struct sw_error error;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_requirements_read(&requirements, &arena, "x", &source, &error) != 0)
        return 0;
    for (size_t i = 0; i < requirements.count; i++) {
        const struct sw_requirements_entry *entry = &requirements.items[i];
        if (entry->kind >= SW_REQUIREMENTS_INCLUDE || entry->line == 0 || entry->file == NULL)
            abort();
        if (entry->kind == SW_REQUIREMENTS_NAMED && entry->requirement.name.n == 0)
            abort();
    }
    return 0;
}
