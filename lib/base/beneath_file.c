#include "base/beneath.h"

#include "base/file.h"
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* From errno; `doing` is "read", "write" or "remove". */
static int fail(struct sw_error *error, const char *doing, const char *path)
{
    if (errno == ELOOP || errno == ENOTDIR)
        return sw_fail(error, SW_EINPUT, "cannot %s '%s': it is a symbolic link or lies behind one", doing,
                       path);
    bool missing = errno == ENOENT && strcmp(doing, "read") == 0;
    return sw_fail_errno(error, missing ? SW_ENOTFOUND : SW_EENV, "cannot %s '%s'", doing, path);
}

int sw_read_beneath(struct sw_buffer *out, int root, const char *path, struct sw_error *error)
{
    struct stat status;
    SW_FD_AUTO fd = sw_open_beneath(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 || fstat(fd, &status) != 0)
        return fail(error, "read", path);
    if (!S_ISREG(status.st_mode))
        return sw_fail(error, SW_EINPUT, "cannot read '%s': it is no regular file", path);
    return sw_file_read_from(out, fd, path, error);
}

/* The folder of `path`, opened; made if only it is missing. */
static int open_folder(int root, const char *path, const char **name)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/'), *last;
    int fd = sw_open_parent_beneath(root, path, name);
    if (fd >= 0 || errno != ENOENT || slash == NULL || (size_t)(slash - path) >= sizeof folder)
        return fd;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    SW_FD_AUTO parent = sw_open_parent_beneath(root, folder, &last);
    if (parent < 0 || mkdirat(parent, last, 0777) != 0)
        return -1;
    return sw_open_parent_beneath(root, path, name);
}

/* Give the new file the mode and owner of the old file: `status`, whose mode is 0 if there was no old file. */
static bool take_over(int fd, const struct stat *status)
{
    if (status->st_mode == 0) {
        mode_t mask = umask(0);
        (void)umask(mask);
        return fchmod(fd, 0666 & ~mask) == 0;
    }
    bool owned = fchown(fd, status->st_uid, status->st_gid) == 0 || errno == EPERM;
    return owned && fchmod(fd, status->st_mode & 07777) == 0;
}

int sw_write_beneath(int root, const char *path, struct sw_str content, struct sw_error *error)
{
    struct sw_temporary temporary;
    const char *name = path;
    struct stat status = {0};
    SW_FD_AUTO folder = open_folder(root, path, &name);
    if (folder < 0)
        return fail(error, "write", path);
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT)
        return fail(error, "write", path);
    if (status.st_mode != 0 && !S_ISREG(status.st_mode))
        return sw_fail(error, SW_EINPUT, "cannot write '%s': it is no regular file", path);
    sw_temporary_sweep(folder);
    if (sw_temporary_file_at(&temporary, folder, 0600) != 0)
        return fail(error, "write", path);
    int fd = temporary.fd;
    if (sw_fd_write(fd, content) == 0 && take_over(fd, &status) && fsync(fd) == 0 &&
        sw_temporary_move(&temporary, folder, name) == 0)
        return 0;
    int code = fail(error, "write", path);
    sw_temporary_drop(&temporary);
    return code;
}

int sw_remove_beneath(int root, const char *path, struct sw_error *error)
{
    const char *name = path;
    SW_FD_AUTO folder = sw_open_parent_beneath(root, path, &name);
    if (folder >= 0 ? unlinkat(folder, name, 0) == 0 || errno == ENOENT : errno == ENOENT)
        return 0;
    return fail(error, "remove", path);
}
