#include "catalog/torch_symbols.h"

#include "base/limits.h"

#include <zlib.h>

static const char first[] = "slipway-torch-symbols 1";
enum { MOST_RELEASES = 64, LONGEST_NUMBER = 5 };

/* ---- the text in front ---- */

static int refuse(struct sw_error *error, const char *path)
{
    return sw_fail(error, SW_EINPUT, "the catalog is wrong: '%s' is no table of torch's symbols", path);
}

static int read_release(struct sw_torch_symbols *out, struct sw_torch_release *releases,
                        struct sw_arena *arena, struct sw_str line, struct sw_error *error)
{
    struct sw_torch_release *release = &releases[out->release_count++];
    release->version = sw_arena_copy(arena, sw_str_cut(&line, ' '));
    release->cuda = sw_arena_copy(arena, sw_str_cut(&line, ' '));
    release->file = sw_arena_copy(arena, sw_str_cut(&line, ' '));
    return release->version == NULL || release->cuda == NULL || release->file == NULL ? sw_fail_memory(error)
                                                                                      : 0;
}

static int read_releases(struct sw_torch_symbols *out, struct sw_arena *arena, struct sw_str *rest,
                         const char *path, struct sw_error *error)
{
    struct sw_torch_release *releases = sw_arena_array(arena, MOST_RELEASES, sizeof *releases);
    if (releases == NULL)
        return sw_fail_memory(error);
    if (!sw_str_is(sw_str_cut(rest, '\n'), first))
        return refuse(error, path);
    out->releases = releases;
    for (;;) {
        struct sw_str line = sw_str_cut(rest, '\n');
        if (rest->p == NULL || out->release_count == MOST_RELEASES)
            return refuse(error, path);
        if (line.n == 0)
            return 0;
        int code = read_release(out, releases, arena, line, error);
        if (code != 0)
            return code;
    }
}

/* ---- the numbers behind ---- */

/* A number of `size` bytes; they must be there. */
static uint64_t fixed(struct sw_str *rest, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)(unsigned char)rest->p[i] << (8 * i);
    *rest = sw_str_drop(*rest, size);
    return value;
}

static bool variable(uint64_t *value, struct sw_str *rest)
{
    *value = 0;
    for (unsigned i = 0; i < LONGEST_NUMBER && i < rest->n; i++) {
        unsigned char byte = (unsigned char)rest->p[i];
        *value |= (uint64_t)(byte & 127) << (7 * i);
        if (byte < 128) {
            *rest = sw_str_drop(*rest, i + 1);
            return true;
        }
    }
    return false;
}

static int read_patterns(struct sw_torch_symbols *out, struct sw_arena *arena, struct sw_str *rest,
                         const char *path, struct sw_error *error)
{
    size_t size = (out->release_count + 7) / 8;
    if (rest->n < 2)
        return refuse(error, path);
    out->pattern_count = (size_t)fixed(rest, 2);
    if (rest->n < out->pattern_count * size + 4)
        return refuse(error, path);
    uint64_t *patterns = sw_arena_array(arena, out->pattern_count + 1, sizeof *patterns);
    if (patterns == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < out->pattern_count; i++)
        patterns[i] = fixed(rest, size);
    out->patterns = patterns;
    return 0;
}

static int read_sums(struct sw_torch_symbols *out, struct sw_arena *arena, struct sw_str *rest,
                     const char *path, struct sw_error *error)
{
    size_t count = (size_t)fixed(rest, 4);
    if (count > rest->n / 2)
        return refuse(error, path);
    uint32_t *sums = sw_arena_array(arena, count + 1, sizeof *sums);
    uint16_t *kinds = sw_arena_array(arena, count + 1, sizeof *kinds);
    if (sums == NULL || kinds == NULL)
        return sw_fail_memory(error);
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t distance, kind;
        if (!variable(&distance, rest) || !variable(&kind, rest) || kind >= out->pattern_count ||
            (sum += distance) > UINT32_MAX)
            return refuse(error, path);
        sums[i] = (uint32_t)sum;
        kinds[i] = (uint16_t)kind;
    }
    out->sums = sums;
    out->kinds = kinds;
    out->count = count;
    return 0;
}

int sw_torch_symbols_read(struct sw_torch_symbols *out, struct sw_arena *arena, struct sw_str content,
                          const char *path, struct sw_error *error)
{
    struct sw_torch_symbols symbols = {.count = 0};
    int code = read_releases(&symbols, arena, &content, path, error);
    if (code == 0)
        code = read_patterns(&symbols, arena, &content, path, error);
    if (code == 0)
        code = read_sums(&symbols, arena, &content, path, error);
    if (code == 0)
        *out = symbols;
    return code;
}

int sw_torch_table_read(const struct sw_torch_symbols **out, struct sw_torch_table *table,
                        struct sw_error *error)
{
    int code = table->is_read
                   ? 0
                   : sw_torch_symbols_read(&table->symbols, &table->arena, table->text, table->path, error);
    table->is_read = table->is_read || code == 0;
    *out = &table->symbols;
    return code;
}

/* ---- questions ---- */

size_t sw_torch_symbols_release(const struct sw_torch_symbols *symbols, const char *version)
{
    size_t i = 0;
    while (i < symbols->release_count && strcmp(symbols->releases[i].version, version) != 0)
        i++;
    return i;
}

uint64_t sw_torch_symbols_having(const struct sw_torch_symbols *symbols, const char *name)
{
    uint32_t sum = (uint32_t)crc32(0, (const unsigned char *)name, (unsigned)strlen(name));
    size_t low = 0, high = symbols->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->sums[middle] < sum)
            low = middle + 1;
        else
            high = middle;
    }
    return low < symbols->count && symbols->sums[low] == sum ? symbols->patterns[symbols->kinds[low]] : 0;
}
