/* What the NVIDIA driver says of this host: libcuda, loaded at run time, asked for what it tells without a context.
 *
 * CUDA Driver API: cuInit, cuDriverGetVersion, cuDeviceGetCount, cuDeviceGet, cuDeviceGetName, cuDeviceGetAttribute,
 * cuDeviceTotalMem_v2. What CUDA_VISIBLE_DEVICES hides is not there for libcuda either. */
#ifndef SLIPWAY_GUARD_DRIVER_H
#define SLIPWAY_GUARD_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { HOST_MOST_GPUS = 64 };

enum host_state {
    HOST_SILENT, /* the driver has not answered: it crashed or hangs */
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
    char text[256]; /* why it is not ready: the loader's or the driver's words */
    unsigned cuda;  /* the newest CUDA that the driver serves, 12080 for 12.8 */
    unsigned count;
    struct gpu gpus[HOST_MOST_GPUS];
};

/* Ask in this process, which then has the driver's files open and its libraries loaded. */
void host_ask(struct host *host);
/* Ask in a child, so that whatever the driver does there is its own affair; over after 60 s. Where `hold`, a child whose host is
 * ready stays behind its answer with the driver open, until this process ends: the driver then starts in a tenth of the time
 * for the service (tests/gpu measures both). */
void host_ask_apart(struct host *host, bool hold);

#endif
