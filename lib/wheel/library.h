/* A shared library as the loader sees it: the libraries that it needs, the libraries that it opens by name, its symbols,
 * and the versions that it needs of other libraries.
 *
 * The reader works on the library's bytes as they come, in bounded memory, since a wheel's members are deflated and
 * can only be read from their start. The dynamic section, which has the places of all tables, lies behind the code; but
 * linkers put the tables themselves in front of the code. So the tables are first looked for at the start
 * (library_early.c), and most libraries are read after some 100 KB. If the tables are not there, as behind patchelf,
 * which moves them to the end, the whole file is read twice: for the dynamic section, then for the tables.
 *
 * ELF: System V ABI, 64-bit little-endian, with GNU's symbol versions (Linux Standard Base 5.0, chapter 11). */
#ifndef SLIPWAY_WHEEL_LIBRARY_H
#define SLIPWAY_WHEEL_LIBRARY_H

#include "base/arena.h"
#include "base/error.h"

/* "GLIBC_2.28" of "libc.so.6". */
struct sw_library_version {
    struct sw_str file, name;
};

struct sw_library_symbol {
    struct sw_str name;
    bool undefined; /* else exported */
    bool weak;      /* undefined: the loader does without */
};

/* All text lies in the arena that the reader was finished with. */
struct sw_library {
    /* False for a file without an ELF header for 64 bits and a dynamic section; all else is then empty. */
    bool is_library;
    /* The tables were found at the start: `soname` is then known only if it begins like the file's name, and `opened` is empty. */
    bool early;
    /* The name, and the directories of DT_RUNPATH or DT_RPATH with ':' between them; empty: none. */
    struct sw_str soname, rpath;
    struct sw_str *needed;
    size_t needed_count;
    /* The names of libraries with a version, "libcublas.so.12", that stand in the file as texts of their own, without those
     * in `needed`: the library may open them by name. */
    struct sw_str *opened;
    size_t opened_count;
    struct sw_library_version *versions;
    size_t version_count;
    struct sw_library_symbol *symbols;
    size_t symbol_count;
};

struct sw_library_reader;
/* `name` is the file's base name, and must outlive the reader. If `early`, the tables are looked for at the start. NULL
 * without memory. */
struct sw_library_reader *sw_library_reader_new(struct sw_str name, bool early) SW_NODISCARD;
void sw_library_reader_free(struct sw_library_reader *reader); /* takes NULL */

/* Take the file's next bytes, in any chunks. Return true if no more are needed before the finish. */
bool sw_library_reader_add(struct sw_library_reader *reader, struct sw_str bytes);
/* Finish: the file has ended, or no more is needed. `*again` asks for the whole file once more before the next finish;
 * `out` is then untouched. SW_EINPUT for a file whose headers or tables are wrong or larger than the limits. */
int sw_library_reader_finish(struct sw_library *out, struct sw_library_reader *reader, struct sw_arena *arena,
                             bool *again, struct sw_error *error) SW_NODISCARD;

#endif
