#include "bootstrap/rootfs_internal.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/limits.h"
#include "context/walk.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024 };

/* Folders whose content stays out of an image. */
static const struct {
    const char *folder;
    /* Only the files in the folder are left out: programs expect its folders. */
    bool folders_stay;
} emptied[] = {
    {"dev", false},
    {"proc", false},
    {"run", false},
    {"sys", false},
    {"tmp", false},
    {"var/cache/apt", true},
    {"var/cache/ldconfig", true},
    {"var/lib/apt/lists", true},
    {"var/log", true},
};
static const char *const left_out[] = {"etc/hostname", "etc/resolv.conf"};

struct hard_link {
    ino_t inode;
    const char *path;
};

struct pack {
    const char *path;
    struct archive *archive;
    struct archive_entry *header;
    struct sw_arena arena;
    struct hard_link *links;
    size_t links_count;
    int64_t since;
    char *bytes; /* CHUNK */
};

static bool is_below(struct sw_str path, const char *folder)
{
    size_t n = strlen(folder);
    return sw_str_starts(path, folder) && path.n > n && path.p[n] == '/';
}

static bool is_left_out(const struct sw_walk_entry *at)
{
    mode_t mode = at->status.st_mode;
    if (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode))
        return true;
    for (size_t i = 0; i < SW_COUNT(left_out); i++)
        if (sw_str_is(at->path, left_out[i]))
            return true;
    for (size_t i = 0; i < SW_COUNT(emptied); i++)
        if (is_below(at->path, emptied[i].folder))
            return !(emptied[i].folders_stay && S_ISDIR(mode));
    return false;
}

static int fail_archive(struct sw_error *error, const struct pack *pack)
{
    const char *reason = archive_error_string(pack->archive);
    return sw_fail(error, SW_EENV, "cannot write '%s': %s", pack->path,
                   reason == NULL ? "out of memory" : reason);
}

/* Set `*first` to the path that an earlier entry gave the same file, or to NULL; then note this path for
 * later entries. */
static int find_link(struct pack *pack, const struct sw_walk_entry *at, const char **first,
                     struct sw_error *error)
{
    *first = NULL;
    if (!S_ISREG(at->status.st_mode) || at->status.st_nlink < 2)
        return 0;
    for (size_t i = 0; i < pack->links_count; i++)
        if (pack->links[i].inode == at->status.st_ino)
            *first = pack->links[i].path;
    if (*first != NULL)
        return 0;
    struct hard_link *links = sw_arena_grow(&pack->arena, pack->links, pack->links_count, sizeof *links);
    const char *path = sw_arena_copy(&pack->arena, at->path);
    if (links == NULL || path == NULL)
        return sw_fail_memory(error);
    links[pack->links_count++] = (struct hard_link){at->status.st_ino, path};
    pack->links = links;
    return 0;
}

static int write_header(struct pack *pack, const struct sw_walk_entry *at, const char *first,
                        struct sw_error *error)
{
    const struct stat *status = &at->status;
    struct archive_entry *header = archive_entry_clear(pack->header);
    archive_entry_copy_pathname(header, at->path.p);
    archive_entry_set_mode(header, status->st_mode);
    archive_entry_set_uid(header, status->st_uid);
    archive_entry_set_gid(header, status->st_gid);
    archive_entry_set_mtime(header, status->st_mtim.tv_sec < pack->since ? status->st_mtim.tv_sec : 0, 0);
    archive_entry_set_size(header, S_ISREG(status->st_mode) && first == NULL ? status->st_size : 0);
    if (first != NULL)
        archive_entry_copy_hardlink(header, first);
    if (S_ISLNK(status->st_mode)) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(at->folder, at->name, target, sizeof target - 1);
        if (n < 0)
            return sw_fail_errno(error, SW_EENV, "cannot read the link '%s'", at->path.p);
        target[n] = '\0';
        archive_entry_copy_symlink(header, target);
    }
    return archive_write_header(pack->archive, header) == ARCHIVE_OK ? 0 : fail_archive(error, pack);
}

static int write_content(struct pack *pack, const struct sw_walk_entry *at, struct sw_error *error)
{
    SW_FD_AUTO fd = openat(at->folder, at->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return sw_fail_errno(error, SW_EENV, "cannot read '%s'", at->path.p);
    int64_t left = at->status.st_size;
    while (left > 0) {
        ssize_t n = read(fd, pack->bytes, left < CHUNK ? (size_t)left : CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sw_fail(error, SW_EENV, "'%s' changed while it was packed", at->path.p);
        if (archive_write_data(pack->archive, pack->bytes, (size_t)n) != n)
            return fail_archive(error, pack);
        left -= n;
    }
    return 0;
}

static int add(struct pack *pack, struct sw_walk *walk, const struct sw_walk_entry *at,
               struct sw_error *error)
{
    if (is_left_out(at))
        return 0;
    const char *first;
    int code = find_link(pack, at, &first, error);
    if (code == 0)
        code = write_header(pack, at, first, error);
    if (code == 0 && S_ISREG(at->status.st_mode) && first == NULL)
        code = write_content(pack, at, error);
    return code == 0 && S_ISDIR(at->status.st_mode) ? sw_walk_enter(walk, error) : code;
}

static int add_all(struct pack *pack, int root, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_walk *walk = NULL;
    int code = sw_walk_new(&walk, root, error);
    while (code == 0) {
        struct sw_walk_entry at;
        code = sw_cancel_requested(cancel) ? sw_fail_canceled(error) : sw_walk_next(walk, &at, error);
        if (code != 0 || at.path.p == NULL)
            break;
        code = add(pack, walk, &at, error);
    }
    sw_walk_free(walk);
    return code;
}

static int pack_open(struct pack *pack, int root, const struct sw_cancel *cancel, struct sw_error *error)
{
    if (pack->archive == NULL || pack->header == NULL || pack->bytes == NULL)
        return sw_fail_memory(error);
    if (archive_write_set_format_gnutar(pack->archive) != ARCHIVE_OK ||
        archive_write_open_filename(pack->archive, pack->path) != ARCHIVE_OK)
        return fail_archive(error, pack);
    int code = add_all(pack, root, cancel, error);
    if (code == 0 && archive_write_close(pack->archive) != ARCHIVE_OK)
        code = fail_archive(error, pack);
    if (code != 0)
        (void)unlink(pack->path);
    return code;
}

int sw_rootfs_pack(const char *path, const char *root, int64_t since, const struct sw_cancel *cancel,
                   struct sw_error *error)
{
    SW_FD_AUTO fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return sw_fail_errno(error, SW_EENV, "cannot read '%s'", root);
    struct pack pack = {.path = path, .since = since};
    sw_arena_init(&pack.arena, SW_MAX_ARENA);
    pack.archive = archive_write_new();
    pack.header = archive_entry_new();
    pack.bytes = malloc(CHUNK);
    int code = pack_open(&pack, fd, cancel, error);
    free(pack.bytes);
    archive_entry_free(pack.header);
    if (pack.archive != NULL)
        (void)archive_write_free(pack.archive);
    sw_arena_release(&pack.arena);
    return code;
}
