/* The CUDA code within wheels on an index, of all their shared libraries (wheel/fatbin.h), kept by the wheels' digests. */
#ifndef SLIPWAY_INDEX_CUDA_CODE_H
#define SLIPWAY_INDEX_CUDA_CODE_H

#include "index/index.h"

struct sw_cuda_code {
    const struct sw_index_file *file; /* a wheel */
    /* 0, or the code of the failure to read it, with `error`: SW_EINPUT for a wheel whose libraries have more than
     * SW_MAX_CODE_BYTES, packed. */
    int code;
    struct sw_error error;
    /* "sm_80 sm_90a compute_90", each name once; empty: no GPU code. */
    const char *names;
};

/* Read many wheels at once. All lies in the index's memory. 0 if each wheel has its own code. */
int sw_index_cuda_code(struct sw_cuda_code *wheels, struct sw_index *index, size_t count,
                       struct sw_error *error) SW_NODISCARD;

#endif
