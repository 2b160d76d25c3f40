/* A wheel's directory, its members, and what its modules import. */
#include "base/limits.h"
#include "wheel/imports.h"

#include "fuzz.h"

static int count(void *self, struct sw_str bytes, struct sw_error *error)
{
    (void)error;
    *(uint64_t *)self += bytes.n;
    return 0;
}

/* What is lacking is a part of what is imported. */
static void check_imports(struct sw_arena *arena, const struct sw_zip *zip)
{
    const struct sw_wheel wheel = {.zip = *zip};
    struct sw_wheel_imports imports = {NULL, 0};
    if (sw_wheel_imports(&imports, arena, &wheel, SW_STR("demo"), NULL) != 0)
        return;
    struct sw_wheel_loss *losses = sw_arena_array(arena, imports.count + 1, sizeof *losses);
    SW_WORDS_AUTO words = {NULL, 0, 0};
    if (losses == NULL ||
        sw_wheel_losses(losses, &words, arena, &wheel, imports.items, imports.count, NULL) != 0)
        return;
    for (size_t i = 0; i < imports.count; i++) {
        if (losses[i].module.n > imports.items[i].module.n ||
            (losses[i].name && imports.items[i].name.n == 0))
            abort();
    }
}

int fuzz_zip(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_str bytes = {(const char *)data, size};
    const struct sw_reader reader = sw_reader_of_memory(&bytes, "fuzz.whl");
    struct sw_zip zip;
    struct sw_error error = {.code = SW_OK};
    if (sw_zip_open(&zip, &arena, &reader, &error) != 0) {
        if (strstr(error.text, "fuzz.whl") == NULL)
            abort();
        return 0;
    }
    for (size_t i = 0; i < zip.count; i++) {
        uint64_t n = 0;
        int code = sw_zip_stream(&zip, &zip.members[i], count, &n, &error);
        if (n > zip.members[i].size || (code == 0 && n != zip.members[i].size) ||
            (code != 0 && strstr(error.text, "fuzz.whl") == NULL) ||
            sw_zip_find(&zip, zip.members[i].name) != &zip.members[i])
            abort();
    }
    check_imports(&arena, &zip);
    return 0;
}
