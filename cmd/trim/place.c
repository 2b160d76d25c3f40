#include "place.h"

#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEMPORARY ".slipway-trim"

int place_open(const char **base, int root, const char *path)
{
    int folder = openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const char *slash;
    while (folder >= 0 && (slash = strchr(path, '/')) != NULL) {
        char name[RECORD_PATH_SIZE];
        size_t n = (size_t)(slash - path);
        if (n >= sizeof name) {
            (void)close(folder);
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, path, n);
        name[n] = '\0';
        int next = openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int fault = errno;
        (void)close(folder);
        errno = fault;
        folder = next;
        path = slash + 1;
    }
    *base = path;
    return folder;
}

bool replacement_begin(struct replacement *r, int folder, const char *base)
{
    (void)unlinkat(folder, TEMPORARY, 0); /* of a run that was killed */
    *r = (struct replacement){
        folder, openat(folder, TEMPORARY, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), base};
    return r->out >= 0;
}

bool replacement_end(struct replacement *r, const struct stat *old, bool good)
{
    const struct timespec times[] = {old->st_atim, old->st_mtim};
    struct stat made;
    good = good && fstat(r->out, &made) == 0 &&
           ((made.st_uid == old->st_uid && made.st_gid == old->st_gid) ||
            fchown(r->out, old->st_uid, old->st_gid) == 0) &&
           fchmod(r->out, old->st_mode & 07777) == 0 && futimens(r->out, times) == 0;
    good = close(r->out) == 0 && good;
    good = good && renameat(r->folder, TEMPORARY, r->folder, r->base) == 0;
    int fault = errno;
    if (!good)
        (void)unlinkat(r->folder, TEMPORARY, 0);
    errno = fault;
    return good;
}

bool place_remove(int root, const char *path)
{
    char rest[RECORD_PATH_SIZE];
    const char *base;
    int folder = place_open(&base, root, path), fault;
    bool good = folder >= 0 && unlinkat(folder, base, 0) == 0;
    fault = errno;
    if (folder >= 0)
        (void)close(folder);
    (void)strncpy(rest, path, sizeof rest - 1);
    rest[sizeof rest - 1] = '\0';
    for (char *slash = strrchr(rest, '/'); good && slash != NULL; slash = strrchr(rest, '/')) {
        *slash = '\0';
        folder = place_open(&base, root, rest);
        bool gone = folder >= 0 && unlinkat(folder, base, AT_REMOVEDIR) == 0;
        if (folder >= 0)
            (void)close(folder);
        if (!gone)
            break;
    }
    errno = fault;
    return good;
}
