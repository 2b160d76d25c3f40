/* A libnvidia-ml.so.1 for hosts without one: NVML_GPUS is "NAME,MAJOR,MINOR,BYTES;…", NVML_DRIVER and NVML_CUDA (12080 for
 * 12.8) what it says of the driver, NVML_RESULT what every function answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct memory {
    unsigned long long total, free, used;
};

struct gpu {
    char name[96];
    int major, minor;
    unsigned long long bytes;
};

int nvmlInit_v2(void);
int nvmlShutdown(void);
const char *nvmlErrorString(int result);
int nvmlSystemGetDriverVersion(char *version, unsigned length);
int nvmlSystemGetCudaDriverVersion_v2(int *version);
int nvmlDeviceGetCount_v2(unsigned *count);
int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct gpu **device);
int nvmlDeviceGetName(struct gpu *device, char *name, unsigned length);
int nvmlDeviceGetMemoryInfo(struct gpu *device, struct memory *memory);
int nvmlDeviceGetCudaComputeCapability(struct gpu *device, int *major, int *minor);

static struct gpu gpus[64];

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

int nvmlInit_v2(void)
{
    return (int)strtol(setting("NVML_RESULT"), NULL, 10);
}

int nvmlShutdown(void)
{
    return 0;
}

const char *nvmlErrorString(int result)
{
    return result == 18 ? "Driver/library version mismatch" : "Unknown Error";
}

int nvmlSystemGetDriverVersion(char *version, unsigned length)
{
    (void)snprintf(version, length, "%s", setting("NVML_DRIVER"));
    return 0;
}

int nvmlSystemGetCudaDriverVersion_v2(int *version)
{
    *version = (int)strtol(setting("NVML_CUDA"), NULL, 10);
    return 0;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    *count = 0;
    for (const char *at = setting("NVML_GPUS"); *at != '\0' && *count < 64;) {
        struct gpu *gpu = &gpus[(*count)++];
        if (sscanf(at, "%95[^,],%d,%d,%llu", gpu->name, &gpu->major, &gpu->minor, &gpu->bytes) != 4)
            return 999;
        at += strcspn(at, ";");
        at += *at == ';';
    }
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, struct gpu **device)
{
    *device = &gpus[index];
    return 0;
}

int nvmlDeviceGetName(struct gpu *device, char *name, unsigned length)
{
    (void)snprintf(name, length, "%s", device->name);
    return 0;
}

int nvmlDeviceGetMemoryInfo(struct gpu *device, struct memory *memory)
{
    memory->total = device->bytes;
    return device->bytes == 0 ? 3 : 0;
}

int nvmlDeviceGetCudaComputeCapability(struct gpu *device, int *major, int *minor)
{
    *major = device->major;
    *minor = device->minor;
    return 0;
}
