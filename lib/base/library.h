/* A shared library that is loaded when it is first needed, because most runs need none of it or the host may lack it. */
#ifndef SLIPWAY_BASE_LIBRARY_H
#define SLIPWAY_BASE_LIBRARY_H

#include "base/macros.h"

#include <stdbool.h>

struct sw_library_function {
    const char *name;
    /* The address of the function pointer that gets it. */
    void *pointer;
};

/* Load the first library of a list of file names, which NULL ends, that this host has, and find the functions in it. NULL if there is
 * none; the caller closes the library with dlclose(), or keeps it for good. `*complete` tells if all
 * functions were found. */
void *sw_library_load(const char *const *files, const struct sw_library_function *functions, size_t count,
                      bool *complete);

#endif
