#include "base/file.h"

#include "base/temporary.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A new file in the folder of `path`, open. */
static int open_temporary(struct sw_temporary *out, const char *path, unsigned mode, struct sw_error *error)
{
    char folder[PATH_MAX];
    const char *base = sw_path_base(path);
    int n = base == path ? snprintf(folder, sizeof folder, ".")
                         : snprintf(folder, sizeof folder, "%.*s", (int)(base - path), path);
    if (n < 0 || n >= (int)sizeof folder)
        return sw_fail(error, SW_EINPUT, "path too long: '%.100s...'", path);
    return sw_temporary_file(out, folder, mode) == 0
               ? 0
               : sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
}

/* Give the file its name if it was written whole, else remove it. */
static int finish(struct sw_temporary *temporary, bool written, const char *path, struct sw_error *error)
{
    if (written && sw_temporary_move(temporary, AT_FDCWD, path) == 0)
        return 0;
    int code = sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    sw_temporary_drop(temporary);
    return code;
}

int sw_file_write(const char *path, struct sw_str content, unsigned mode, struct sw_error *error)
{
    struct sw_temporary temporary;
    int code = open_temporary(&temporary, path, mode, error);
    return code != 0 ? code : finish(&temporary, sw_fd_write(temporary.fd, content) == 0, path, error);
}

int sw_file_write_new(const char *path, struct sw_str content, unsigned mode, struct sw_error *error)
{
    struct sw_temporary temporary;
    int code = open_temporary(&temporary, path, mode, error);
    if (code != 0)
        return code;
    bool written = sw_fd_write(temporary.fd, content) == 0;
    if (written && sw_temporary_move_new(&temporary, AT_FDCWD, path) == 0)
        return 0;
    code = written && errno == EEXIST ? sw_fail(error, SW_EINPUT, "'%s' is there already", path)
                                      : sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    sw_temporary_drop(&temporary);
    return code;
}

int sw_file_rewrite(const char *path, struct sw_str content, struct sw_error *error)
{
    char target[PATH_MAX];
    struct stat status;
    struct sw_temporary temporary;
    if (realpath(path, target) == NULL || stat(target, &status) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    int code = open_temporary(&temporary, target, 0600, error);
    if (code != 0)
        return code;
    bool owned = fchown(temporary.fd, status.st_uid, status.st_gid) == 0 || errno == EPERM;
    bool written = owned && sw_fd_write(temporary.fd, content) == 0 &&
                   fchmod(temporary.fd, status.st_mode & 07777) == 0 && fsync(temporary.fd) == 0;
    return finish(&temporary, written, target, error);
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
