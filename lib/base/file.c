#include "base/file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

void sw_fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

int sw_file_read_from(struct sw_buffer *out, int fd, const char *path, struct sw_error *error)
{
    char chunk[16384];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            break;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", path);
        sw_buffer_add(out, chunk, (size_t)n);
        if (out->state != SW_BUFFER_OK)
            break;
    }
    if (out->state == SW_BUFFER_FULL) {
        char size[16];
        sw_text_size(size, out->max);
        return sw_fail(error, SW_EINPUT, "'%s' is larger than %s", path, size);
    }
    return sw_buffer_check(out, path, error);
}

int sw_file_read(struct sw_buffer *out, const char *path, struct sw_error *error)
{
    SW_FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return sw_fail_errno(error, errno == ENOENT || errno == ENOTDIR ? SW_ENOTFOUND : SW_EINPUT,
                             "cannot read '%s'", path);
    if (S_ISDIR(status.st_mode))
        return sw_fail(error, SW_EINPUT, "cannot read '%s': it is a directory", path);
    return sw_file_read_from(out, fd, path, error);
}

int sw_fd_write(int fd, struct sw_str content)
{
    while (content.n > 0) {
        ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        content.p += n;
        content.n -= (size_t)n;
    }
    return 0;
}

/* A new file beside `path`, open; its name in `temporary`. */
static int open_temporary(char temporary[PATH_MAX], const char *path, struct sw_error *error)
{
    int n = snprintf(temporary, PATH_MAX, "%s.XXXXXX", path);
    if (n < 0 || n >= PATH_MAX)
        return sw_fail(error, SW_EINPUT, "path too long: '%.100s...'", path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    return fd >= 0 ? fd : sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
}

static int give_up(const char *temporary, const char *path, struct sw_error *error)
{
    (void)sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    (void)unlink(temporary);
    return SW_EENV;
}

int sw_file_write(const char *path, struct sw_str content, unsigned mode, struct sw_error *error)
{
    char temporary[PATH_MAX];
    SW_FD_AUTO fd = open_temporary(temporary, path, error);
    if (fd < 0)
        return fd;
    mode_t mask = umask(0);
    (void)umask(mask);
    bool done = sw_fd_write(fd, content) == 0 && fchmod(fd, mode & ~mask) == 0 && rename(temporary, path) == 0;
    return done ? 0 : give_up(temporary, path, error);
}

int sw_file_rewrite(const char *path, struct sw_str content, struct sw_error *error)
{
    char target[PATH_MAX], temporary[PATH_MAX];
    struct stat status;
    if (realpath(path, target) == NULL || stat(target, &status) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    SW_FD_AUTO fd = open_temporary(temporary, target, error);
    if (fd < 0)
        return fd;
    bool owned = fchown(fd, status.st_uid, status.st_gid) == 0 || errno == EPERM;
    bool done = owned && sw_fd_write(fd, content) == 0 && fchmod(fd, status.st_mode & 07777) == 0 &&
                fsync(fd) == 0 && rename(temporary, target) == 0;
    return done ? 0 : give_up(temporary, path, error);
}

int sw_file_lock(int *fd, const char *path, struct sw_error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    SW_FD_AUTO opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (opened < 0)
        return sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    if (fcntl(opened, F_OFD_SETLKW, &whole) != 0)
        return sw_fail_errno(error, errno == EINTR ? SW_ECANCELED : SW_EENV, "cannot lock '%s'", path);
    *fd = opened;
    opened = -1;
    return 0;
}

int sw_dir_make(const char *path, unsigned mode, struct sw_error *error)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part)
        return sw_fail(error, SW_EINPUT, "cannot make directory '%.100s': bad path", path);
    memcpy(part, path, n + 1);
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        if (mkdir(part, mode) != 0 && errno != EEXIST)
            return sw_fail_errno(error, SW_EENV, "cannot make directory '%s'", part);
        part[i] = kept;
    }
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return sw_fail(error, SW_EENV, "cannot make directory '%s': a file is in the way", path);
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

int sw_dir_remove(const char *path, struct sw_error *error)
{
    enum { OPEN_DIRECTORIES = 16 };
    if (nftw(path, remove_entry, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return 0;
    return sw_fail_errno(error, SW_EENV, "cannot remove '%s'", path);
}

char *sw_path_join(struct sw_arena *arena, const char *dir, const char *name)
{
    if (name[0] == '/' || dir[0] == '\0' || strcmp(dir, ".") == 0)
        return sw_arena_text(arena, name);
    const char *slash = sw_str_ends(sw_str_from(dir), "/") ? "" : "/";
    return sw_arena_format(arena, "%s%s%s", dir, slash, name);
}

char *sw_path_dir(struct sw_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return sw_arena_text(arena, ".");
    size_t n = slash == path ? 1 : (size_t)(slash - path);
    return sw_arena_copy(arena, (struct sw_str){path, n});
}

const char *sw_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}
