#include "display/write.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

bool write_all(int fd, struct sw_str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            (void)poll(&ready, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return false;
        } else if (n > 0) {
            bytes = (struct sw_str){bytes.p + n, bytes.n - (size_t)n};
        }
    }
    return true;
}
