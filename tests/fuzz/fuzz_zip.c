/* A wheel's directory and its members. */
#include "base/limits.h"
#include "wheel/zip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count(void *self, struct sw_str bytes, struct sw_error *error)
{
    (void)error;
    *(uint64_t *)self += bytes.n;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
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
    return 0;
}
