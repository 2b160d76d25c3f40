/* The tables of a shared library as bytes in memory, and their readers. */
#ifndef SLIPWAY_WHEEL_LIBRARY_INTERNAL_H
#define SLIPWAY_WHEEL_LIBRARY_INTERNAL_H

#include "wheel/library.h"

enum {
    SW_ELF_SYMBOL = 24, /* bytes of a symbol */
    /* Bytes of an entry for a library, and of each of its versions. */
    SW_ELF_VERNEED = 16,
};

struct sw_library_tables {
    /* `versions` goes from the first entry on, and may be longer than its table. */
    struct sw_str strings, symbols, versions;
};

/* The text at an offset of the string table; {NULL, 0} if it does not end there or is not printable. */
struct sw_str sw_library_text(struct sw_str strings, uint64_t offset);
/* Return true if the bytes can be an entry of a symbol table. */
bool sw_library_is_symbol(const char *entry);
bool sw_library_is_local(const char *entry);
/* Append a copy of a text to a list in the arena. */
int sw_library_add_text(struct sw_str **list, size_t *count, struct sw_arena *arena, struct sw_str text,
                        struct sw_error *error) SW_NODISCARD;
/* Read the symbols and the versions. A table that turns wrong ends there. */
int sw_library_read_tables(struct sw_library *out, struct sw_arena *arena,
                           const struct sw_library_tables *tables, struct sw_error *error) SW_NODISCARD;

/* Find the tables in the first bytes of a file; `from` is the end of its program headers. False if they are not there as a
 * whole. */
bool sw_library_find_early(struct sw_library_tables *tables, struct sw_str head, size_t from);
/* Read a library from tables that were found so: the texts that no symbol uses are those of the dynamic section. */
int sw_library_read_early(struct sw_library *out, struct sw_arena *arena,
                          const struct sw_library_tables *tables, struct sw_str name,
                          struct sw_error *error) SW_NODISCARD;

/* The names of libraries among the bytes that go by. */
struct sw_library_names {
    char text[64];
    size_t n;     /* of `text`; more than its size: no name */
    bool started; /* a NUL stood before */
    bool failed;  /* without memory */
    struct sw_str *list;
    size_t count;
    struct sw_arena arena;
};
void sw_library_names_init(struct sw_library_names *names);
void sw_library_names_add(struct sw_library_names *names, struct sw_str bytes);
void sw_library_names_release(struct sw_library_names *names);

#endif
