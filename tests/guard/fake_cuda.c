/* libcuda.so.1 as the guard needs it, with the answers of the environment:
 *
 *     FAKE_INIT      what cuInit returns, or "crash"
 *     FAKE_CUDA      what cuDriverGetVersion says, such as 12080
 *     FAKE_GPUS      one GPU a line: MAJOR.MINOR MEGABYTES NAME */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID = 1, NO_DEVICE = 100, MAJOR = 75, MINOR = 76 };

int cuInit(unsigned flags);
int cuDriverGetVersion(int *version);
int cuDeviceGetCount(int *count);
int cuDeviceGet(int *device, int ordinal);
int cuDeviceGetName(char *name, int size, int device);
int cuDeviceGetAttribute(int *value, int attribute, int device);
int cuDeviceTotalMem_v2(size_t *bytes, int device);
int cuGetErrorName(int error, const char **name);

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

/* The line of one GPU, or NULL. */
static const char *line_of(int device)
{
    const char *line = setting("FAKE_GPUS");
    for (; device > 0 && line != NULL; device--) {
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return line == NULL || *line == '\0' ? NULL : line;
}

int cuInit(unsigned flags)
{
    if (strcmp(setting("FAKE_INIT"), "crash") == 0)
        (void)raise(SIGSEGV);
    return flags != 0 ? INVALID : (int)strtol(setting("FAKE_INIT"), NULL, 10);
}

int cuDriverGetVersion(int *version)
{
    *version = (int)strtol(setting("FAKE_CUDA"), NULL, 10);
    return SUCCESS;
}

int cuDeviceGetCount(int *count)
{
    for (*count = 0; line_of(*count) != NULL; ++*count)
        ;
    return SUCCESS;
}

int cuDeviceGet(int *device, int ordinal)
{
    *device = ordinal;
    return line_of(ordinal) == NULL ? INVALID : SUCCESS;
}

int cuDeviceGetName(char *name, int size, int device)
{
    const char *line = line_of(device);
    for (int blanks = 0; line != NULL && blanks < 2; line++)
        blanks += *line == ' ';
    if (line == NULL)
        return INVALID;
    (void)snprintf(name, (size_t)size, "%.*s", (int)strcspn(line, "\n"), line);
    return SUCCESS;
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    const char *line = line_of(device);
    if (line == NULL || (attribute != MAJOR && attribute != MINOR))
        return INVALID;
    const char *text = attribute == MAJOR ? line : strchr(line, '.') + 1;
    *value = (int)strtol(text, NULL, 10);
    return SUCCESS;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    const char *line = line_of(device);
    if (line == NULL)
        return INVALID;
    *bytes = strtoul(strchr(line, ' '), NULL, 10) << 20;
    return SUCCESS;
}

int cuGetErrorName(int error, const char **name)
{
    *name = error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH";
    return error == SUCCESS ? INVALID : SUCCESS;
}
