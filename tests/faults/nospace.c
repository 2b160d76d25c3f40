/* A disk that is full from a chosen moment on: preloaded (LD_PRELOAD), this library lets NOSPACE_AFTER calls pass that need room on a
 * disk, and fails each of the next NOSPACE_COUNT calls with ENOSPC. Pipes, sockets and terminals have room. At the end of the process
 * the number of calls is written to the file that NOSPACE_TOLD names. */
/* Here `open` and `open64` are two functions. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static long from_environment(const char *name, long usual)
{
    const char *text = getenv(name);
    return text == NULL ? usual : strtol(text, NULL, 10);
}

static atomic_long calls;

/* Return true if this call finds the disk full. */
static bool is_full(void)
{
    long call = atomic_fetch_add(&calls, 1), after = from_environment("NOSPACE_AFTER", -1);
    bool full = after >= 0 && call >= after && call < after + from_environment("NOSPACE_COUNT", 1000000);
    if (full)
        errno = ENOSPC;
    return full;
}

static bool is_file(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

#define NEXT(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t n)
{
    return is_file(fd) && is_full() ? -1 : NEXT(write)(fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    return is_file(fd) && is_full() ? -1 : NEXT(pwrite)(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    return is_file(fd) && is_full() ? -1 : NEXT(pwrite64)(fd, bytes, n, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return is_file(fd) && is_full() ? -1 : NEXT(writev)(fd, parts, count);
}

int fsync(int fd)
{
    return is_file(fd) && is_full() ? -1 : NEXT(fsync)(fd);
}

int mkdir(const char *path, mode_t mode)
{
    return is_full() ? -1 : NEXT(mkdir)(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    return is_full() ? -1 : NEXT(mkdirat)(folder, path, mode);
}

int rename(const char *from, const char *to)
{
    return is_full() ? -1 : NEXT(rename)(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return is_full() ? -1 : NEXT(renameat)(from_folder, from, to_folder, to);
}

#define OPEN(name, parameters, arguments)                                       \
    int name parameters                                                         \
    {                                                                           \
        mode_t mode = 0;                                                        \
        va_list list;                                                           \
        va_start(list, flags);                                                  \
        if ((flags & O_CREAT) != 0)                                             \
            mode = va_arg(list, mode_t);                                        \
        va_end(list);                                                           \
        return (flags & O_CREAT) != 0 && is_full() ? -1 : NEXT(name) arguments; \
    }

OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("NOSPACE_TOLD");
    int fd = path == NULL ? -1 : NEXT(open)(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)dprintf(fd, "%ld\n", atomic_load(&calls));
        (void)close(fd);
    }
}
