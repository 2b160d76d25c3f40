/* A shared library: in one piece and in small ones it is the same, and every text that is given out can be read. */
#include "wheel/library.h"

#include "fuzz.h"

static size_t touch(struct sw_str text)
{
    size_t sum = text.n;
    for (size_t i = 0; i < text.n; i++)
        sum += (unsigned char)text.p[i];
    return sum;
}

/* A sum over all of a library; -1 for a library that is refused. */
static long long read_in(const uint8_t *data, size_t size, size_t chunk, bool early)
{
    struct sw_library_reader *reader = sw_library_reader_new(SW_STR("libfuzz.so.1"), early);
    struct sw_library library = {.is_library = false};
    struct sw_error error;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 64 << 20);
    bool again = true;
    int code = reader == NULL ? -1 : 0;
    for (int round = 0; again && code == 0; round++) {
        if (round > 1)
            abort();
        for (size_t i = 0; i < size; i += chunk) {
            size_t n = size - i < chunk ? size - i : chunk;
            if (sw_library_reader_add(reader, (struct sw_str){(const char *)data + i, n}))
                break;
        }
        code = sw_library_reader_finish(&library, reader, &arena, &again, &error);
    }
    sw_library_reader_free(reader);
    size_t sum = touch(library.soname) + touch(library.rpath) + library.is_library;
    for (size_t i = 0; i < library.needed_count; i++)
        sum += touch(library.needed[i]);
    for (size_t i = 0; i < library.opened_count; i++)
        sum += touch(library.opened[i]);
    for (size_t i = 0; i < library.version_count; i++)
        sum += touch(library.versions[i].file) + touch(library.versions[i].name);
    for (size_t i = 0; i < library.symbol_count; i++)
        sum += touch(library.symbols[i].name) + library.symbols[i].undefined;
    return code == 0 ? (long long)sum : -1;
}

int fuzz_library(const uint8_t *data, size_t size)
{
    if (read_in(data, size, size + 1, false) != read_in(data, size, 7, false))
        abort();
    (void)read_in(data, size, size + 1, true);
    (void)read_in(data, size, 4096, true);
    return 0;
}
