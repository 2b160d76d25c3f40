#include "base/descriptor.h"

#include <errno.h>
#include <unistd.h>

void sw_fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

int sw_fd_write(int fd, struct sw_str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes = sw_str_drop(bytes, (size_t)n);
    }
    return 0;
}

int sw_fd_read_source(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    const int *fd = self;
    ssize_t count;
    do
        count = read(*fd, out, n);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return sw_fail_errno(error, SW_EENV, "cannot read a file that is sent");
    *got = (size_t)count;
    return 0;
}
