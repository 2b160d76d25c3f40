#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Drop the last component of `out`, of which the first `fixed` bytes stay. */
static size_t go_up(const char *out, size_t n, size_t fixed)
{
    while (n > fixed && out[n - 1] != '/')
        n--;
    return n > fixed ? n - 1 : n;
}

char *sw_path_clean(struct sw_arena *arena, struct sw_str path)
{
    char *out = sw_arena_alloc(arena, path.n + 2);
    if (out == NULL)
        return NULL;
    size_t n = 0;
    bool rooted = sw_str_starts(path, "/");
    if (rooted)
        out[n++] = '/';
    /* The part that no ".." takes back: the slash, or leading "..". */
    size_t fixed = n;
    struct sw_str rest = path;
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '/');
        if (part.n == 0 || sw_str_is(part, "."))
            continue;
        bool up = sw_str_is(part, "..");
        if (up && (n > fixed || rooted)) {
            n = go_up(out, n, fixed);
            continue;
        }
        if (n > (size_t)rooted)
            out[n++] = '/';
        memcpy(out + n, part.p, part.n);
        n += part.n;
        if (up)
            fixed = n;
    }
    if (n == 0)
        out[n++] = '.';
    out[n] = '\0';
    return out;
}

bool sw_path_is_inside(const char *clean)
{
    return clean[0] != '/' && strcmp(clean, "..") != 0 && strncmp(clean, "../", 3) != 0;
}

bool sw_path_covers(const char *folder, const char *path)
{
    size_t n = strlen(folder);
    if (strcmp(folder, "/") == 0)
        return path[0] == '/';
    return strncmp(folder, path, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* `real`, then `rest`, of which nothing exists. */
static char *join_clean(struct sw_arena *arena, const char *real, const char *rest)
{
    const char *both = sw_arena_format(arena, "%s/%s", real, rest);
    return both == NULL ? NULL : sw_path_clean(arena, sw_str_from(both));
}

char *sw_path_real(struct sw_arena *arena, const char *path)
{
    char real[PATH_MAX];
    const char *start = path[0] == '/' ? "/" : ".";
    char *known = sw_arena_text(arena, path);
    size_t n = known == NULL ? 0 : strlen(known);
    while (n > 0 && realpath(known, real) == NULL) { /* shorten it by its last component */
        while (n > 0 && known[n - 1] == '/')
            n--;
        while (n > 0 && known[n - 1] != '/')
            n--;
        known[n] = '\0';
    }
    if (known == NULL || (n == 0 && realpath(start, real) == NULL))
        return NULL;
    return join_clean(arena, real, path + n);
}

int sw_open_parent_beneath(int root, const char *path, const char **name)
{
    int folder = fcntl(root, F_DUPFD_CLOEXEC, 0);
    const char *part = path;
    for (const char *slash = strchr(part, '/'); folder >= 0 && slash != NULL; slash = strchr(part, '/')) {
        char component[NAME_MAX + 1];
        size_t n = (size_t)(slash - part);
        int next = -1;
        if (n == 0 || (n == 2 && memcmp(part, "..", n) == 0)) {
            errno = EINVAL;
        } else if (n > NAME_MAX) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(component, part, n);
            component[n] = '\0';
            next = openat(folder, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        }
        int number = errno;
        (void)close(folder);
        errno = number;
        folder = next;
        part = slash + 1;
    }
    *name = part;
    return folder;
}

int sw_open_beneath(int root, const char *path, int flags, unsigned mode)
{
    const char *name;
    int folder = sw_open_parent_beneath(root, path, &name);
    if (folder < 0)
        return -1;
    int fd = -1;
    if (name[0] == '\0' || strcmp(name, "..") == 0)
        errno = EINVAL;
    else
        fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
    int number = errno;
    (void)close(folder);
    errno = number;
    return fd;
}

int sw_open_real(const char *path, int flags)
{
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = root < 0 ? -1 : sw_open_beneath(root, path[1] == '\0' ? "." : path + 1, flags, 0);
    int number = errno;
    if (root >= 0)
        (void)close(root);
    errno = number;
    return fd;
}
