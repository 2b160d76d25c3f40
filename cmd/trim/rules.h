/* Files that no process of the image loads, by their names, each kind with its reason. */
#ifndef SLIPWAY_TRIM_RULES_H
#define SLIPWAY_TRIM_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* The kinds, as bits. */
enum {
    /* Libraries for another CUDA than torch's, beside the one for it: bitsandbytes ships eleven. */
    RULE_LIBRARIES = 1,
    /* Static libraries: only a linker reads them. */
    RULE_ARCHIVES = 2,
    /* Headers of NVIDIA's toolkit wheels: only a compiler reads them. */
    RULE_HEADERS = 4,
    RULE_TESTS = 8, /* folders of tests inside packages */
    /* Compiled twins of modules: Python makes them again, at the price of a slower first import. */
    RULE_BYTECODE = 16,
};

/* The kind's name, or 0 for an unknown name; and the other way round. */
unsigned rule_parse(const char *name);
const char *rule_name(unsigned rule);

/* Return the kind of a file by its path in the folder of the packages; 0 if a process may load it. */
unsigned rule_of(const char *project, const char *path);

/* "libbitsandbytes_cuda128.so": the length of the part before the CUDA's digits; 0 for other names. `*digits` is their number; with
 * none, the library is for another maker's GPUs, and the length is that of the part before "_rocm". */
size_t rule_library_stem(const char *path, size_t *digits);

/* Return true if a project compiles for GPUs at run time with the toolkit's headers. */
bool rule_compiles(const char *project);

/* Return true if a line of Python imports a folder of tests. */
bool rule_imports_tests(const char *line, size_t size);

#endif
