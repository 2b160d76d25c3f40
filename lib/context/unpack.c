/* A context's tar back as files, by libarchive, which follows no link and leaves no folder. */
#include "base/file.h"
#include "context/context.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <stdlib.h>

static int fail_archive(struct sw_error *error, struct archive *archive)
{
    const char *reason = archive_error_string(archive);
    return sw_fail(error, SW_EINPUT, "cannot unpack a build context: %s",
                   reason == NULL ? "out of memory" : reason);
}

/* The entry's path below `directory`; false for what is none of the user's files. */
static bool place(struct archive_entry *entry, struct sw_arena *arena, const char *directory)
{
    const char *path = archive_entry_pathname(entry);
    size_t n = strlen(SW_CONTEXT_FOLDER);
    if (path == NULL || strncmp(path, SW_CONTEXT_FOLDER "/", n + 1) != 0 || path[n + 1] == '\0')
        return false;
    for (const char *p = path; p != NULL; p = strstr(p + 1, "/..")) {
        if (strncmp(p, "/../", 4) == 0 || strcmp(p, "/..") == 0)
            return false;
    }
    const char *whole = sw_path_join(arena, directory, path + n + 1);
    archive_entry_set_pathname(entry, whole);
    return whole != NULL;
}

static int copy_entry(struct archive *to, struct archive *from, struct archive_entry *entry,
                      struct sw_error *error)
{
    const void *bytes = NULL;
    size_t n = 0;
    la_int64_t offset = 0;
    if (archive_write_header(to, entry) != ARCHIVE_OK)
        return fail_archive(error, to);
    int status;
    while ((status = archive_read_data_block(from, &bytes, &n, &offset)) == ARCHIVE_OK) {
        if (archive_write_data_block(to, bytes, n, offset) != ARCHIVE_OK)
            return fail_archive(error, to);
    }
    if (status != ARCHIVE_EOF)
        return fail_archive(error, from);
    return archive_write_finish_entry(to) == ARCHIVE_OK ? 0 : fail_archive(error, to);
}

static int copy_all(struct archive *to, struct archive *from, const char *directory, struct sw_error *error)
{
    struct archive_entry *entry = NULL;
    int code = 0, status = ARCHIVE_OK;
    while (code == 0 && (status = archive_read_next_header(from, &entry)) == ARCHIVE_OK) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        if (place(entry, &arena, directory))
            code = copy_entry(to, from, entry, error);
    }
    return code != 0 || status == ARCHIVE_EOF ? code : fail_archive(error, from);
}

int sw_context_unpack(struct sw_str tar, const char *directory, struct sw_error *error)
{
    /* Not ..._NOABSOLUTEPATHS: `directory` may be one; place() has made every path one below it. */
    const int safely =
        ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS;
    char folder[PATH_MAX]; /* without links, which libarchive would not follow */
    int code = sw_dir_make(directory, 0777, error);
    if (code != 0)
        return code;
    if (realpath(directory, folder) == NULL)
        return sw_fail_errno(error, SW_EENV, "cannot read '%s'", directory);
    struct archive *from = archive_read_new(), *to = archive_write_disk_new();
    if (from == NULL || to == NULL)
        code = sw_fail_memory(error);
    else if (archive_read_support_format_tar(from) != ARCHIVE_OK ||
             archive_read_open_memory(from, tar.p, tar.n) != ARCHIVE_OK)
        code = fail_archive(error, from);
    else if (archive_write_disk_set_options(to, safely) != ARCHIVE_OK)
        code = fail_archive(error, to);
    else
        code = copy_all(to, from, folder, error);
    if (from != NULL)
        (void)archive_read_free(from);
    if (to != NULL)
        (void)archive_write_free(to);
    return code;
}
