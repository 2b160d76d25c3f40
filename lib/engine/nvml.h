/* The host's GPUs and their driver, by NVIDIA's management library (NVML API reference; libnvidia-ml.so.1 is part of the
 * driver). It is loaded when it is asked for; if it cannot be loaded, as in a binary that is linked statically, the driver's program nvidia-smi
 * answers. A host without both is a host without a GPU. */
#ifndef SLIPWAY_ENGINE_NVML_H
#define SLIPWAY_ENGINE_NVML_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { SW_NVML_MOST_GPUS = 32 };

struct sw_nvml_gpu {
    char name[96];
    unsigned major, minor; /* compute capability */
    uint64_t memory;       /* bytes; 0 if unknown (unified memory) */
};

struct sw_nvml {
    char driver[80];                 /* "570.86.15" */
    unsigned cuda_major, cuda_minor; /* the newest that the driver serves */
    struct sw_nvml_gpu gpus[SW_NVML_MOST_GPUS];
    size_t count;
};

/* SW_ENOTFOUND if there is no such library; SW_EENV if the library cannot say, as without the kernel's
 * module. */
int sw_nvml_read(struct sw_nvml *out, struct sw_error *error) SW_NODISCARD;

#endif
