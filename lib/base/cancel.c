#include "base/cancel.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

void sw_cancel_init(struct sw_cancel *cancel)
{
    atomic_init(&cancel->requested_ns, 0);
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
    int64_t none = 0;
    (void)atomic_compare_exchange_strong(&cancel->requested_ns, &none, sw_clock_now());
    if (cancel->fd >= 0) {
        const uint64_t one = 1;
        ssize_t written = write(cancel->fd, &one, sizeof one); /* full means already readable */
        (void)written;
    }
    errno = saved;
}

bool sw_cancel_requested(const struct sw_cancel *cancel)
{
    return sw_cancel_age(cancel) >= 0;
}

int64_t sw_cancel_age(const struct sw_cancel *cancel)
{
    int64_t requested_ns = cancel == NULL ? 0 : atomic_load(&cancel->requested_ns);
    return requested_ns == 0 ? -1 : sw_clock_now() - requested_ns;
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
