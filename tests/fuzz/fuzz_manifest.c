/* The list of what a render wrote: every path in it lies beneath the folder, and a list of these paths reads as the same. */
#include "base/beneath.h"
#include "base/limits.h"
#include "context/manifest_internal.h"

#include "fuzz.h"
#include "support.h"

int fuzz_manifest(const uint8_t *data, size_t size)
{
    struct sw_manifest read, again;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, 4 * size + SW_KIB);
    sw_manifest_begin(&text);
    sw_buffer_add(&text, (const char *)data, size);
    fuzz_claim(sw_manifest_read(&read, &arena, sw_buffer_str(&text), NULL) == 0);
    sw_buffer_clear(&text);
    sw_manifest_begin(&text);
    for (size_t i = 0; i < read.count; i++) {
        const char *path = read.paths[i];
        fuzz_claim(path[0] != '/' && strcmp(path, ".") != 0 && sw_path_is_inside(path));
        sw_manifest_add(&text, path);
    }
    fuzz_claim(sw_manifest_read(&again, &arena, sw_buffer_str(&text), NULL) == 0);
    fuzz_claim(again.count == read.count);
    for (size_t i = 0; i < read.count; i++)
        fuzz_claim(strcmp(again.paths[i], read.paths[i]) == 0);
    return 0;
}
