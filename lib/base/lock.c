#include "base/lock.h"

#include "base/clock.h"
#include "base/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

/* A blocking flock(2) could begin just after the signal that should end it, so that the lock is asked for again and again. */
static int take(int opened, const char *path, const struct sw_lock_wait *wait, struct sw_error *error)
{
    enum { INTERVAL_NS = 20 * SW_MILLISECOND_NS };
    bool told = false;
    while (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return sw_fail_errno(error, SW_EENV, "cannot lock '%s'", path);
        if (sw_cancel_requested(wait->cancel))
            return sw_fail_canceled(error);
        if (!told && wait->begin != NULL)
            wait->begin(wait->self);
        told = true;
        sw_cancel_wait(wait->cancel, INTERVAL_NS);
    }
    return 0;
}

static int lock(int *fd, const char *path, int flags, const struct sw_lock_wait *wait, struct sw_error *error)
{
    SW_FD_AUTO opened = open(path, flags | O_CLOEXEC, 0666);
    if (opened < 0)
        return sw_fail_errno(error, SW_EENV, "cannot open '%s'", path);
    int code = take(opened, path, wait, error);
    if (code != 0)
        return code;
    *fd = opened;
    opened = -1;
    return 0;
}

int sw_lock_folder(int *fd, const char *path, const struct sw_lock_wait *wait, struct sw_error *error)
{
    return lock(fd, path, O_RDONLY | O_DIRECTORY, wait, error);
}

int sw_lock_file(int *fd, const char *path, const struct sw_lock_wait *wait, struct sw_error *error)
{
    return lock(fd, path, O_RDWR | O_CREAT, wait, error);
}
