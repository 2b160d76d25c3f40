/* A context as a folder. Nothing outside of it is touched: every path is opened beneath it, following no link. */
#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/temporary.h"
#include "context/context_internal.h"
#include "context/manifest_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { COPY_SIZE = 64 * 1024 };

struct target {
    const struct sw_context *context;
    const char *directory;
    int fd;
    const struct sw_context_entry **sorted; /* the entries by path */
    char *bytes;                            /* COPY_SIZE, for copying */
};

static int fail_write(struct sw_error *error, const struct target *target, const char *path)
{
    int code = sw_fail_errno(error, SW_EENV, "cannot write '%s/%s'", target->directory, path);
    if (errno == ELOOP || errno == ENOTDIR || errno == EISDIR || errno == EEXIST)
        return sw_error_hint(error,
                             "something else of that name is in the way: remove it, or render elsewhere");
    return code;
}

static int compare_entries(const void *a, const void *b)
{
    const struct sw_context_entry *const *left = a, *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

static const struct sw_context_entry *find(const struct target *target, const char *path)
{
    const struct sw_context_entry key = {.path = path}, *wanted = &key;
    const struct sw_context_entry **found =
        bsearch(&wanted, target->sorted, target->context->count, sizeof *target->sorted, compare_entries);
    return found == NULL ? NULL : *found;
}

/* Remove the leftovers of a killed render in a folder, so that the folder can be empty. */
static void sweep_below(int folder, const char *name)
{
    SW_FD_AUTO fd = openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0)
        sw_temporary_sweep(fd);
}

/* Remove the files of a former render, unless they are written again as the same kind. Folders go when empty. */
static void remove_stale(const struct target *target, const char *path)
{
    const char *name;
    struct stat status;
    SW_FD_AUTO folder = sw_open_parent_beneath(target->fd, path, &name);
    if (folder < 0 || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISDIR(status.st_mode))
        sweep_below(folder, name);
    const struct sw_context_entry *entry = find(target, path);
    if (entry == NULL || ((entry->mode ^ status.st_mode) & S_IFMT) != 0)
        (void)unlinkat(folder, name, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Return true if a file of that name is there that no former render wrote. `known` is sorted. */
static bool is_foreign(const struct target *target, const struct sw_manifest *known, const char *path)
{
    const char *name;
    struct stat status;
    SW_FD_AUTO folder = sw_open_parent_beneath(target->fd, path, &name);
    return folder >= 0 && fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           !S_ISDIR(status.st_mode) &&
           (known->count == 0 || bsearch(&path, (const void *)known->paths, known->count,
                                         sizeof(const char *), compare_paths) == NULL);
}

/* Before anything is touched: somebody's own Dockerfile is not ours to replace. */
static int refuse_foreign(const struct target *target, const struct sw_manifest *former,
                          struct sw_arena *arena, struct sw_error *error)
{
    struct sw_manifest known = {sw_arena_array(arena, former->count + 1, sizeof(const char *)),
                                former->count};
    if (known.paths == NULL)
        return sw_fail_memory(error);
    if (known.count > 0) {
        memcpy((void *)known.paths, (const void *)former->paths, known.count * sizeof(const char *));
        qsort((void *)known.paths, known.count, sizeof(const char *), compare_paths);
    }
    for (size_t i = 0; i < target->context->count; i++) {
        const struct sw_context_entry *entry = &target->context->entries[i];
        if (S_ISDIR(entry->mode) || !is_foreign(target, &known, entry->path))
            continue;
        (void)sw_fail(error, SW_EINPUT, "'%s/%s' is there already, and no render wrote it", target->directory,
                      entry->path);
        return sw_error_hint(error, "move it away, or render to another folder");
    }
    return 0;
}

/* Read the list of a former render; an empty list if there was none. */
static int read_former(struct sw_manifest *former, struct sw_arena *arena, struct sw_buffer *text,
                       const struct target *target, struct sw_error *error)
{
    struct sw_error failure;
    int code = sw_read_beneath(text, target->fd, SW_MANIFEST_NAME, &failure);
    if (code == SW_ENOTFOUND)
        return 0;
    if (code != 0) {
        *error = failure;
        return sw_error_context(code, error, "%s", target->directory);
    }
    return sw_manifest_read(former, arena, sw_buffer_str(text), error);
}

static int make_way(const struct target *target, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_CONTEXT_MEMORY);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_CONTEXT_MEMORY);
    struct sw_manifest former = {0};
    int code = read_former(&former, &arena, &text, target, error);
    if (code == 0)
        code = refuse_foreign(target, &former, &arena, error);
    for (size_t i = code == 0 ? former.count : 0; i-- > 0;)
        remove_stale(target, former.paths[i]);
    return code;
}

/* Before anything is written, so that a render that is broken off can be cleaned up by the next. */
static int write_manifest(const struct target *target, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_CONTEXT_MEMORY);
    sw_manifest_begin(&text);
    for (size_t i = 0; i < target->context->count; i++)
        sw_manifest_add(&text, target->context->entries[i].path);
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const char *path = sw_path_join(&arena, target->directory, SW_MANIFEST_NAME);
    int code = sw_buffer_check(&text, "the list of rendered files", error);
    if (code == 0 && path == NULL)
        code = sw_fail_memory(error);
    return code != 0 ? code : sw_file_write(path, sw_buffer_str(&text), 0644, error);
}

static int write_bytes(const struct target *target, const struct sw_context_entry *entry, int fd,
                       const char *bytes, size_t n, struct sw_error *error)
{
    return sw_fd_write(fd, (struct sw_str){bytes, n}) == 0 ? 0 : fail_write(error, target, entry->path);
}

static int copy_content(const struct target *target, const struct sw_context_entry *entry, int fd,
                        struct sw_error *error)
{
    struct sw_context_reader reader;
    size_t got = 1;
    int code = sw_context_open_entry(&reader, target->context, entry, error);
    if (code != 0)
        return code;
    while (code == 0 && got > 0) {
        code = sw_context_read_entry(&reader, target->bytes, COPY_SIZE, &got, error);
        if (code == 0)
            code = write_bytes(target, entry, fd, target->bytes, got, error);
    }
    sw_context_close_entry(&reader);
    return code;
}

static int fill_file(const struct target *target, const struct sw_context_entry *entry, int fd,
                     struct sw_error *error)
{
    int code = copy_content(target, entry, fd, error);
    if (code != 0)
        return code;
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                      {.tv_sec = entry->mtime, .tv_nsec = entry->mtime_ns}};
    if (fchmod(fd, entry->mode & 07777) != 0 || (entry->content == NULL && futimens(fd, times) != 0))
        return fail_write(error, target, entry->path);
    return 0;
}

static int write_file(const struct target *target, const struct sw_context_entry *entry, int folder,
                      const char *name, struct sw_error *error)
{
    struct sw_temporary temporary;
    if (sw_temporary_file_at(&temporary, folder, 0600) != 0)
        return fail_write(error, target, entry->path);
    int code = fill_file(target, entry, temporary.fd, error);
    if (code == 0 && sw_temporary_move(&temporary, folder, name) != 0)
        code = fail_write(error, target, entry->path);
    if (code != 0)
        sw_temporary_drop(&temporary);
    return code;
}

static int write_link(const struct target *target, const struct sw_context_entry *entry, int folder,
                      const char *name, struct sw_error *error)
{
    bool made = symlinkat(entry->link, folder, name) == 0;
    if (!made && errno == EEXIST && unlinkat(folder, name, 0) == 0)
        made = symlinkat(entry->link, folder, name) == 0;
    return made ? 0 : fail_write(error, target, entry->path);
}

static int write_folder(const struct target *target, const struct sw_context_entry *entry, int folder,
                        const char *name, struct sw_error *error)
{
    if (mkdirat(folder, name, 0755) == 0)
        return 0;
    SW_FD_AUTO existing = openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return existing >= 0 ? 0 : fail_write(error, target, entry->path);
}

static int write_entry(const struct target *target, const struct sw_context_entry *entry,
                       struct sw_error *error)
{
    if (sw_cancel_requested(target->context->options.cancel))
        return sw_fail_canceled(error);
    const char *name;
    SW_FD_AUTO folder = sw_open_parent_beneath(target->fd, entry->path, &name);
    if (folder < 0)
        return fail_write(error, target, entry->path);
    if (S_ISDIR(entry->mode))
        return write_folder(target, entry, folder, name, error);
    return entry->link != NULL ? write_link(target, entry, folder, name, error)
                               : write_file(target, entry, folder, name, error);
}

/* Last, since a folder that may not be written to could not be filled. */
static int set_folder_modes(const struct target *target, struct sw_error *error)
{
    for (size_t i = target->context->count; i-- > 0;) {
        const struct sw_context_entry *entry = &target->context->entries[i];
        if (!S_ISDIR(entry->mode))
            continue;
        SW_FD_AUTO fd = sw_open_beneath(target->fd, entry->path, O_RDONLY | O_DIRECTORY, 0);
        if (fd < 0 || fchmod(fd, entry->mode & 07777) != 0)
            return fail_write(error, target, entry->path);
    }
    return 0;
}

static int write_all(const struct target *target, struct sw_error *error)
{
    for (size_t i = 0; i < target->context->count; i++)
        target->sorted[i] = &target->context->entries[i];
    qsort(target->sorted, target->context->count, sizeof *target->sorted, compare_entries);
    int code = make_way(target, error);
    if (code == 0)
        code = write_manifest(target, error);
    for (size_t i = 0; code == 0 && i < target->context->count; i++)
        code = write_entry(target, &target->context->entries[i], error);
    return code != 0 ? code : set_folder_modes(target, error);
}

int sw_context_write(struct sw_context *context, const char *directory, struct sw_error *error)
{
    int code = sw_dir_make(directory, 0755, error);
    if (code != 0)
        return code;
    SW_FD_AUTO fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return sw_fail_errno(error, SW_EENV, "cannot write to '%s'", directory);
    struct target target = {.context = context, .directory = directory, .fd = fd};
    target.sorted = calloc(context->count + 1, sizeof(const struct sw_context_entry *));
    target.bytes = malloc(COPY_SIZE);
    code = target.sorted == NULL || target.bytes == NULL ? sw_fail_memory(error) : write_all(&target, error);
    free((void *)target.sorted);
    free(target.bytes);
    return code;
}
