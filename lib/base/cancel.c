#include "base/cancel.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

void sw_cancel_init(struct sw_cancel *cancel)
{
    atomic_init(&cancel->requested, false);
    cancel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void sw_cancel_release(struct sw_cancel *cancel)
{
    if (cancel != NULL && cancel->fd >= 0) {
        (void)close(cancel->fd);
        cancel->fd = -1;
    }
}

void sw_cancel_request(struct sw_cancel *cancel)
{
    int saved = errno;
    atomic_store(&cancel->requested, true);
    if (cancel->fd >= 0) {
        const uint64_t one = 1;
        ssize_t written = write(cancel->fd, &one, sizeof one); /* full means already readable */
        (void)written;
    }
    errno = saved;
}

bool sw_cancel_requested(const struct sw_cancel *cancel)
{
    return cancel != NULL && atomic_load(&cancel->requested);
}

void sw_cancel_wait(const struct sw_cancel *cancel, int64_t ns)
{
    struct pollfd wake = {.fd = cancel == NULL ? -1 : cancel->fd, .events = POLLIN};
    const struct timespec time = {.tv_sec = ns / SW_SECOND_NS, .tv_nsec = ns % SW_SECOND_NS};
    if (!sw_cancel_requested(cancel))
        /* A signal that arrives before the wait wakes it by the descriptor. */
        (void)ppoll(&wake, 1, &time, NULL);
}

int sw_fail_canceled(struct sw_error *error)
{
    return sw_fail(error, SW_ECANCELED, "interrupted");
}
