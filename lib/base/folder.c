#include "base/folder.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>

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
