/* The NumPy that a wheel's extension modules are compiled for, kept by the wheel's digest.
 *
 * A library compiled with the headers of NumPy 1 names numpy.core._multiarray_umath alone and cannot be imported beside NumPy 2; a
 * library compiled with those of NumPy 2 names numpy._core._multiarray_umath too, and serves both. */
#ifndef SLIPWAY_INDEX_NUMPY_ABI_H
#define SLIPWAY_INDEX_NUMPY_ABI_H

#include "index/index.h"

enum sw_numpy_abi {
    /* No extension module that was read uses NumPy. */
    SW_NUMPY_NONE,
    SW_NUMPY_1,
    SW_NUMPY_2
};

struct sw_index_abi {
    const struct sw_index_file *file;
    enum sw_numpy_abi abi;
    /* The extension module that shows it; empty for SW_NUMPY_NONE. */
    const char *member;
    /* 0, or the code of the failure to read the wheel, with `error`. */
    int code;
    struct sw_error error;
};

/* Read many wheels at once; the smallest extension modules of each come first, and the first that uses NumPy decides. All lies in the
 * index's memory. 0 if each wheel has its own code. */
int sw_index_numpy_abi(struct sw_index_abi *wheels, struct sw_index *index, size_t count,
                       struct sw_error *error) SW_NODISCARD;

#endif
