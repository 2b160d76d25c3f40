/* The names that the libraries of each torch release export, from profiles/catalog/torch.symbols
 * (tests/catalog/torch_symbols.py makes the file and says its form).
 *
 * Names are kept as their CRC-32: a name that is not there is never found there, but in some 3 of 100,000 cases a name
 * that is not there is taken for another that is. The lists are those of the wheels for x86_64 on the default index. */
#ifndef SLIPWAY_CATALOG_TORCH_SYMBOLS_H
#define SLIPWAY_CATALOG_TORCH_SYMBOLS_H

#include "base/arena.h"
#include "base/error.h"

struct sw_torch_release {
    const char *version, *cuda, *file; /* "2.8.0", "12.8", the wheel's name */
};

struct sw_torch_symbols {
    const struct sw_torch_release *releases; /* oldest first */
    size_t release_count;
    /* For each pattern the releases that have its names, a bit for each. */
    const uint64_t *patterns;
    size_t pattern_count;
    const uint32_t *sums;  /* sorted */
    const uint16_t *kinds; /* the pattern of each */
    size_t count;
};

/* A table that is read when it is first asked for. */
struct sw_torch_table {
    struct sw_arena arena;
    /* The file, and its name for messages. */
    struct sw_str text;
    const char *path;
    struct sw_torch_symbols symbols;
    bool is_read;
};

int sw_torch_table_read(const struct sw_torch_symbols **out, struct sw_torch_table *table,
                        struct sw_error *error) SW_NODISCARD;

/* Read the table; it lies in `arena`. SW_EINPUT, naming `path`, for a file of another form. */
int sw_torch_symbols_read(struct sw_torch_symbols *out, struct sw_arena *arena, struct sw_str content,
                          const char *path, struct sw_error *error) SW_NODISCARD;
/* The place of a release; release_count if the table does not have it. */
size_t sw_torch_symbols_release(const struct sw_torch_symbols *symbols, const char *version);
/* The releases that export the name, as bits by their places; 0 if none does. */
uint64_t sw_torch_symbols_having(const struct sw_torch_symbols *symbols, const char *name);

#endif
