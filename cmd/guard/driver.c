#include "driver.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* CUresult, CUdevice and CUdevice_attribute of cuda.h, which need not be there to build this. */
enum { SUCCESS = 0, ERROR_NO_DEVICE = 100, ATTRIBUTE_MAJOR = 75, ATTRIBUTE_MINOR = 76 };
enum { SECONDS = 60 };

struct driver {
    int (*init)(unsigned flags);
    int (*driver_version)(int *version);
    int (*device_count)(int *count);
    int (*device_get)(int *device, int ordinal);
    int (*device_name)(char *name, int size, int device);
    int (*device_attribute)(int *value, int attribute, int device);
    int (*device_memory)(size_t *bytes, int device);
    int (*error_name)(int error, const char **name);
};

static void set_text(struct host *host, enum host_state state, const char *text)
{
    host->state = state;
    (void)snprintf(host->text, sizeof host->text, "%s", text);
}

static int load(struct driver *driver, struct host *host)
{
    const struct {
        void *function;
        const char *name;
    } names[] = {
        {&driver->init, "cuInit"},
        {&driver->driver_version, "cuDriverGetVersion"},
        {&driver->device_count, "cuDeviceGetCount"},
        {&driver->device_get, "cuDeviceGet"},
        {&driver->device_name, "cuDeviceGetName"},
        {&driver->device_attribute, "cuDeviceGetAttribute"},
        {&driver->device_memory, "cuDeviceTotalMem_v2"},
        {&driver->error_name, "cuGetErrorName"},
    };
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        set_text(host, HOST_NO_DRIVER, dlerror());
        return -1;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *found = dlsym(library, names[i].name);
        if (found == NULL) {
            set_text(host, HOST_BROKEN, "libcuda.so.1 lacks a function");
            return -1;
        }
        /* POSIX prescribes this way from a data pointer to a function pointer. */
        memcpy(names[i].function, &found, sizeof found);
    }
    return 0;
}

/* True for success; otherwise the host is not ready, and why in the driver's words. */
static int did(const struct driver *driver, struct host *host, const char *call, int result)
{
    const char *name = NULL;
    if (result == SUCCESS)
        return 1;
    if (driver->error_name(result, &name) != SUCCESS || name == NULL)
        name = "an unknown error";
    host->state = result == ERROR_NO_DEVICE ? HOST_NO_GPU : HOST_BROKEN;
    (void)snprintf(host->text, sizeof host->text, "%s says %s (%d)", call, name, result);
    return 0;
}

static int ask_gpu(const struct driver *driver, struct host *host, int ordinal)
{
    struct gpu *gpu = &host->gpus[ordinal];
    int device = 0, major = 0, minor = 0;
    size_t bytes = 0;
    if (!did(driver, host, "cuDeviceGet", driver->device_get(&device, ordinal)) ||
        !did(driver, host, "cuDeviceGetName", driver->device_name(gpu->name, sizeof gpu->name, device)) ||
        !did(driver, host, "cuDeviceGetAttribute",
             driver->device_attribute(&major, ATTRIBUTE_MAJOR, device)) ||
        !did(driver, host, "cuDeviceGetAttribute",
             driver->device_attribute(&minor, ATTRIBUTE_MINOR, device)) ||
        !did(driver, host, "cuDeviceTotalMem", driver->device_memory(&bytes, device)))
        return 0;
    gpu->name[sizeof gpu->name - 1] = '\0';
    gpu->major = (unsigned)major;
    gpu->minor = (unsigned)minor;
    gpu->memory = bytes;
    return 1;
}

void host_ask(struct host *host)
{
    struct driver driver = {0};
    int cuda = 0, count = 0;
    memset(host, 0, sizeof *host);
    if (load(&driver, host) != 0 || !did(&driver, host, "cuInit", driver.init(0)) ||
        !did(&driver, host, "cuDriverGetVersion", driver.driver_version(&cuda)) ||
        !did(&driver, host, "cuDeviceGetCount", driver.device_count(&count)))
        return;
    host->cuda = (unsigned)cuda;
    host->count = count > HOST_MOST_GPUS ? HOST_MOST_GPUS : (unsigned)count;
    for (int i = 0; i < (int)host->count; i++) {
        if (!ask_gpu(&driver, host, i))
            return;
    }
    host->state = host->count == 0 ? HOST_NO_GPU : HOST_READY;
}

/* In the child: signals as anybody else has them, and an end to waiting. */
static _Noreturn void answer(int to, bool hold, pid_t parent)
{
    sigset_t none;
    struct host host;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)alarm(SECONDS);
    host_ask(&host);
    if (write(to, &host, sizeof host) != (ssize_t)sizeof host || !hold || host.state != HOST_READY)
        _exit(0);
    (void)alarm(0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A container's output ends when all who could write to it have closed it. */
    const int open[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, to};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        (void)close(open[i]);
    while (getppid() == parent)
        (void)pause();
    _exit(0);
}

/* A pipe holds an answer whole, so that it is read whole or not at all. */
static_assert(sizeof(struct host) <= 65536, "a pipe's room");

static bool receive(struct host *host, int from)
{
    size_t got = 0;
    while (got < sizeof *host) {
        ssize_t n = read(from, (char *)host + got, sizeof *host - got);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        got += n > 0 ? (size_t)n : 0;
    }
    return got == sizeof *host;
}

void host_ask_apart(struct host *host, bool hold)
{
    int ends[2], status = 0;
    memset(host, 0, sizeof *host);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        set_text(host, HOST_SILENT, strerror(errno));
        return;
    }
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        answer(ends[1], hold, parent);
    int fault = errno;
    (void)close(ends[1]);
    bool answered = child > 0 && receive(host, ends[0]);
    (void)close(ends[0]);
    if (child < 0)
        set_text(host, HOST_SILENT, strerror(fault));
    if (child < 0 || (answered && hold && host->state == HOST_READY))
        return;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (answered)
        return;
    memset(host, 0, sizeof *host);
    set_text(host, HOST_SILENT,
             WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "it did not answer within a minute"
                                                                : "it crashed when it was asked");
}
