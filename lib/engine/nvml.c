#include "engine/nvml.h"

#include "base/library.h"
#include "engine/nvml_internal.h"

#include <dlfcn.h>

/* The types as nvml.h declares them. */
struct memory {
    unsigned long long total, free, used;
};
struct device;

struct nvml {
    int (*init)(void);
    int (*shutdown)(void);
    const char *(*error_string)(int result);
    int (*driver_version)(char *version, unsigned length);
    int (*cuda_version)(int *version);
    int (*count)(unsigned *count);
    int (*device)(unsigned index, struct device **device);
    int (*name)(struct device *device, char *name, unsigned length);
    int (*memory)(struct device *device, struct memory *memory);
    int (*capability)(struct device *device, int *major, int *minor);
};

/* The library, or NULL; the functions are all there where it is `complete`. */
static void *load(struct nvml *nvml, bool *complete)
{
    const struct sw_library_function functions[] = {
        {"nvmlInit_v2", &nvml->init},
        {"nvmlShutdown", &nvml->shutdown},
        {"nvmlErrorString", &nvml->error_string},
        {"nvmlSystemGetDriverVersion", &nvml->driver_version},
        {"nvmlSystemGetCudaDriverVersion_v2", &nvml->cuda_version},
        {"nvmlDeviceGetCount_v2", &nvml->count},
        {"nvmlDeviceGetHandleByIndex_v2", &nvml->device},
        {"nvmlDeviceGetName", &nvml->name},
        {"nvmlDeviceGetMemoryInfo", &nvml->memory},
        {"nvmlDeviceGetCudaComputeCapability", &nvml->capability},
    };
    static const char *const files[] = {"libnvidia-ml.so.1", NULL};
    return sw_library_load(files, functions, SW_COUNT(functions), complete);
}

static int read_gpu(struct sw_nvml_gpu *out, const struct nvml *nvml, unsigned index)
{
    struct device *device = NULL;
    struct memory memory = {0};
    int major = 0, minor = 0;
    int result = nvml->device(index, &device);
    if (result == 0)
        result = nvml->name(device, out->name, sizeof out->name);
    if (result == 0)
        result = nvml->capability(device, &major, &minor);
    if (result == 0 && nvml->memory(device, &memory) == 0)
        out->memory = memory.total;
    out->name[sizeof out->name - 1] = '\0';
    out->major = (unsigned)major;
    out->minor = (unsigned)minor;
    return result;
}

static int read_all(struct sw_nvml *out, const struct nvml *nvml)
{
    unsigned count = 0;
    int cuda = 0;
    int result = nvml->driver_version(out->driver, sizeof out->driver);
    out->driver[sizeof out->driver - 1] = '\0';
    if (result == 0)
        result = nvml->cuda_version(&cuda);
    if (result == 0)
        result = nvml->count(&count);
    out->cuda_major = (unsigned)(cuda / 1000);
    out->cuda_minor = (unsigned)(cuda % 1000 / 10);
    for (unsigned i = 0; result == 0 && i < count && i < SW_NVML_MOST_GPUS; i++) {
        result = read_gpu(&out->gpus[i], nvml, i);
        out->count = i + 1;
    }
    return result;
}

int sw_nvml_read(struct sw_nvml *out, struct sw_error *error)
{
    struct nvml nvml;
    struct sw_nvml read = {0};
    bool complete = false;
    void *library = load(&nvml, &complete);
    if (library == NULL)
        return sw_smi_read(out, error);
    if (!complete) {
        (void)dlclose(library);
        (void)sw_fail(error, SW_EENV, "libnvidia-ml.so.1 lacks a function that every driver since 418 has");
        return sw_error_hint(error, "install a newer NVIDIA driver");
    }
    int code = 0, result = nvml.init();
    if (result == 0) {
        result = read_all(&read, &nvml);
        (void)nvml.shutdown();
    }
    if (result != 0) {
        (void)sw_fail(error, SW_EENV, "the NVIDIA driver does not answer: %s", nvml.error_string(result));
        code = sw_error_hint(error,
                             "see 'nvidia-smi' and 'dmesg'; after an update of the driver, restart the host");
    }
    (void)dlclose(library);
    if (code == 0)
        *out = read;
    return code;
}
