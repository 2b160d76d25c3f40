#include "base/temporary.h"

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char prefix[] = ".slipway-tmp-";

/* Return true if the name still stands for the open file: a sweep may have removed the file before it was
 * locked. */
static bool is_named(int folder, const char *name, int fd)
{
    struct stat here, there;
    return fstat(fd, &here) == 0 && fstatat(folder, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/* A file system without locks keeps its temporaries: a sweep cannot lock them either. */
static void lock(int fd)
{
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
}

static int create(int folder, const char *name, bool is_folder, unsigned mode)
{
    if (!is_folder)
        return openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
    if (mkdirat(folder, name, (mode_t)mode) != 0)
        return -1;
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        (void)unlinkat(folder, name, AT_REMOVEDIR);
    return fd;
}

/* Try once; 1 if the name was taken or the sweep of another process came first. */
static int attempt(struct sw_temporary *out, int folder, bool is_folder, unsigned mode)
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return -1;
    (void)snprintf(out->name, sizeof out->name, "%s%016llx", prefix, (unsigned long long)number);
    int fd = create(folder, out->name, is_folder, mode);
    if (fd < 0)
        return errno == EEXIST || (is_folder && errno == ENOENT) ? 1 : -1;
    lock(fd);
    if (!is_named(folder, out->name, fd)) {
        (void)close(fd);
        return 1;
    }
    out->fd = fd;
    return 0;
}

/* Takes over the descriptor `folder`. */
static int make(struct sw_temporary *out, int folder, bool is_folder, unsigned mode)
{
    enum { ATTEMPTS = 100 };
    struct sw_temporary made = {.folder = folder, .fd = -1};
    int status = 1;
    for (int i = 0; status == 1 && i < ATTEMPTS; i++)
        status = attempt(&made, folder, is_folder, mode);
    if (status == 0) {
        *out = made;
        return 0;
    }
    int number = status == 1 ? EEXIST : errno;
    (void)close(folder);
    errno = number;
    return -1;
}

static int make_in(struct sw_temporary *out, const char *path, bool is_folder, unsigned mode)
{
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC); /* need not be readable */
    if (folder < 0)
        return -1;
    sw_temporary_sweep(folder);
    return make(out, folder, is_folder, mode);
}

int sw_temporary_file(struct sw_temporary *out, const char *path, unsigned mode)
{
    return make_in(out, path, false, mode);
}

int sw_temporary_folder(struct sw_temporary *out, const char *path, unsigned mode)
{
    return make_in(out, path, true, mode);
}

int sw_temporary_file_at(struct sw_temporary *out, int folder, unsigned mode)
{
    int own = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    return own < 0 ? -1 : make(out, own, false, mode);
}

/* Return -1 with EEXIST if `path` is there. A file system that cannot rename so can link. Not every C library has renameat2(). */
static int rename_new(const struct sw_temporary *temporary, int folder, const char *path)
{
    if (syscall(SYS_renameat2, temporary->folder, temporary->name, folder, path, RENAME_NOREPLACE) == 0)
        return 0;
    if ((errno != EINVAL && errno != ENOSYS) ||
        linkat(temporary->folder, temporary->name, folder, path, 0) != 0)
        return -1;
    (void)unlinkat(temporary->folder, temporary->name, 0);
    return 0;
}

static int end_as(struct sw_temporary *temporary, int renamed)
{
    if (renamed != 0)
        return -1;
    sw_fd_close(&temporary->fd);
    sw_fd_close(&temporary->folder);
    return 0;
}

int sw_temporary_move(struct sw_temporary *temporary, int folder, const char *path)
{
    return end_as(temporary, renameat(temporary->folder, temporary->name, folder, path));
}

int sw_temporary_move_new(struct sw_temporary *temporary, int folder, const char *path)
{
    return end_as(temporary, rename_new(temporary, folder, path));
}

/* A process that was just killed may still be writing below a folder. */
static void remove_tree(int folder, const char *name)
{
    enum { TRIES = 50 };
    const struct timespec pause = {.tv_nsec = 20 * SW_MILLISECOND_NS};
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, name);
    for (int i = 0; i < TRIES && sw_dir_remove(path, NULL) != 0; i++)
        (void)nanosleep(&pause, NULL);
}

static void remove_named(int folder, const char *name, int fd)
{
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode))
        remove_tree(folder, name);
    else
        (void)unlinkat(folder, name, 0);
}

void sw_temporary_drop(struct sw_temporary *temporary)
{
    if (temporary->fd >= 0)
        remove_named(temporary->folder, temporary->name, temporary->fd);
    sw_fd_close(&temporary->fd);
    sw_fd_close(&temporary->folder);
}

/* Remove a temporary that nobody holds. A link or a pipe of that name is not opened: slipway makes none. */
static void sweep_one(int folder, const char *name)
{
    SW_FD_AUTO fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0 || status.st_uid != geteuid() ||
        !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
        return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_named(folder, name, fd))
        remove_named(folder, name, fd);
}

/* Return true if attempt() gives such names. */
static bool is_ours(const char *name)
{
    size_t n = sizeof prefix - 1;
    return strncmp(name, prefix, n) == 0 && strspn(name + n, "0123456789abcdef") == 16 &&
           name[n + 16] == '\0';
}

void sw_temporary_sweep(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries == NULL) {
        sw_fd_close(&fd);
        return;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        if (is_ours(entry->d_name))
            sweep_one(folder, entry->d_name);
    (void)closedir(entries);
}

void sw_temporary_sweep_path(const char *path)
{
    SW_FD_AUTO folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
        sw_temporary_sweep(folder);
}
