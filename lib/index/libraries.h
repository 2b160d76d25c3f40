/* The shared libraries within wheels on an index (wheel/library.h), kept by the wheels' digests.
 *
 * Of each library as little is read as tells its tables: the first 64 KB of its packed bytes, then 512 KB, then 2 MB, then all. Of
 * libraries with the same bytes the first is read. A library that auditwheel put beside the wheel's own is given out by its name alone if the
 * first bytes do not tell its tables, unless it is of CUDA. At most SW_MAX_LIBRARY_BYTES of a wheel are read; a library that does not
 * fit is given out as unread.
 */
#ifndef SLIPWAY_INDEX_LIBRARIES_H
#define SLIPWAY_INDEX_LIBRARIES_H

#include "index/index.h"

struct sw_index_texts {
    const char **items;
    size_t count;
};

/* NUL-terminated text throughout, as in struct sw_library. */
struct sw_index_library {
    const char *member; /* "torchtext/lib/libtorchtext.so" */
    /* The library is too large to be read, or unsound; all else is empty. */
    bool unread;
    const char *soname, *rpath; /* NULL: none */
    struct sw_index_texts needed, opened;
    /* The names of the versions needed, "GLIBC_2.28" or "GLIBCXX_3.4.30". */
    struct sw_index_texts versions;
    /* The symbols of torch, of its namespaces at, c10, caffe2 and torch or of its C interface, that it cannot do without
     * and that no library of the wheel exports. */
    struct sw_index_texts symbols;
};

struct sw_index_libraries {
    const struct sw_index_file *file; /* a wheel */
    /* 0, or the code of the failure to read it, with `error`. */
    int code;
    struct sw_error error;
    struct sw_index_library *items;
    size_t count;
};

/* Read the libraries of many wheels, at once. All lies in `arena`. 0 if each wheel has its own code. */
int sw_index_libraries(struct sw_index_libraries *wheels, struct sw_arena *arena, struct sw_index *index,
                       size_t count, struct sw_error *error) SW_NODISCARD;

#endif
