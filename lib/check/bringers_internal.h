/* Who brings a shared library: a wheel of the set, the base image, a package of the system, or the system itself. */
#ifndef SLIPWAY_CHECK_BRINGERS_INTERNAL_H
#define SLIPWAY_CHECK_BRINGERS_INTERNAL_H

#include "check/wheel_set_internal.h"
#include "index/libraries.h"

enum sw_brought {
    /* Somebody brings the library, or may bring it. */
    SW_BROUGHT,
    /* Nobody does; a project of the catalog would, or a package of the system. */
    SW_NOT_BROUGHT_PROJECT,
    SW_NOT_BROUGHT_PACKAGE,
    /* Nobody is known to bring it. */
    SW_NOT_BROUGHT_UNKNOWN
};

/* A library that a row of the catalog names. */
struct sw_known_library {
    const char *name;
    const struct sw_node *row;
    size_t place; /* of the row in its list */
};

/* The libraries of a list of rows, sorted by name and then in the order of the rows. */
struct sw_known_libraries {
    struct sw_known_library *items;
    size_t count;
};

struct sw_bringers {
    const struct sw_wheel_set *set;
    /* The wheels of the set whose libraries were read. */
    const struct sw_index_libraries *wheels;
    size_t wheel_count;
    /* The torch of the set without its local part, and its CUDA; NULL if there is none, or it is not known. */
    const char *torch, *cuda;
    /* False: the catalog does not know the base image, which may bring anything. */
    bool base_known;
    /* Packages of the system, or steps, may bring more than is known, and libraries of CUDA. */
    bool more_packages, more_cuda;
    struct sw_known_libraries projects, packages, of_system;
};

/* Return true if the catalog knows the base image, which has the system, Python and CUDA, and no packages of Python. */
bool sw_bringers_knows_base(const struct sw_stack *stack);
/* Return true if packages of the system, steps or copied files may bring libraries of CUDA. */
bool sw_bringers_has_more_cuda(const struct sw_stack *stack);
void sw_bringers_read(struct sw_bringers *bringers, const struct sw_wheel_set *set,
                      const struct sw_index_libraries *wheels, size_t wheel_count);
/* `wheel` needs it. */
enum sw_brought sw_bringers_find(const struct sw_bringers *bringers, const struct sw_index_libraries *wheel,
                                 const char *library);
/* The row of the catalog's projects that brings a library, the row for the major number `cuda` first, or for torch's CUDA if
 * `cuda` is NULL; NULL if there is none. */
const struct sw_node *sw_bringers_project(const struct sw_bringers *bringers, const char *library,
                                          const char *cuda);
/* The major number of the oldest CUDA that has a library of this very name, "12"; NULL for other libraries. */
const char *sw_bringers_cuda(const struct sw_bringers *bringers, const char *library);
/* The package that has a library, or NULL. */
const struct sw_node *sw_bringers_package(const struct sw_bringers *bringers, const char *library);
/* Return true if the base image is one of NVIDIA's for CUDA. */
bool sw_bringers_base_has_cuda(const struct sw_bringers *bringers);
/* Return true if a project's rows say which libraries it has: its wheels need not be read. */
bool sw_bringers_has_rows(const struct sw_catalog *catalog, const char *project);
/* Return true for a library of torch itself: "libc10_cuda.so". */
bool sw_bringers_is_torch(const char *library);
/* Return true if the library is the system's, the driver's, Python's, or torch's own. */
bool sw_bringers_are_system(const struct sw_bringers *bringers, const char *library);

#endif
