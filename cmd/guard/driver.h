/* The NVIDIA driver's answers about this host: libcuda is loaded at run time and asked for everything that it
 * tells without a context.
 *
 * CUDA Driver API: cuInit, cuDriverGetVersion, cuDeviceGetCount, cuDeviceGet, cuDeviceGetName,
 * cuDeviceGetAttribute, cuDeviceTotalMem_v2. libcuda does not see a GPU that CUDA_VISIBLE_DEVICES hides. */
#ifndef SLIPWAY_GUARD_DRIVER_H
#define SLIPWAY_GUARD_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { HOST_MOST_GPUS = 64 };

enum host_state {
    /* The driver has not answered: it crashed or hangs. */
    HOST_SILENT,
    HOST_NO_DRIVER,
    HOST_NO_GPU,
    HOST_BROKEN, /* cuInit or another call failed */
    HOST_READY,
};

struct gpu {
    char name[96];
    unsigned major, minor; /* compute capability */
    uint64_t memory;       /* bytes */
};

struct host {
    enum host_state state;
    /* The reason why the host is not ready, in the loader's or the driver's words. */
    char text[256];
    /* The newest CUDA that the driver serves, 12080 for 12.8. */
    unsigned cuda;
    unsigned count;
    struct gpu gpus[HOST_MOST_GPUS];
};

/* Ask in this process, which then has the driver's files open and its libraries loaded. */
void host_ask(struct host *host);
/* Ask in a child process, so that a crash or a hang of the driver does not reach this process; the child has
 * 60 s. If `hold` and the host is ready, a child stays with the driver open until this process ends: the
 * driver then starts in a tenth of the time for the service (tests/gpu measures both). */
void host_ask_apart(struct host *host, bool hold);

#endif
