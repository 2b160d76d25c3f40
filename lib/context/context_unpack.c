/* A tar back as files, by libarchive, which follows no link and leaves no folder. */
#include "base/file.h"
#include "context/context.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>

enum { READ_SIZE = 64 * 1024 };

static int fail_archive(struct sw_error *error, struct archive *archive)
{
    const char *reason = archive_error_string(archive);
    return sw_fail(error, SW_EINPUT, "cannot unpack: %s", reason == NULL ? "out of memory" : reason);
}

static bool leads_up(const char *path)
{
    for (const char *p = path; p != NULL; p = strchr(p, '/')) {
        p += *p == '/';
        if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == '\0'))
            return true;
    }
    return false;
}

/* A name in the tar as a path below `directory`; NULL for a name that lies outside of `top` ("": none does)
 * or leads out. */
static const char *place_name(struct sw_arena *arena, const char *name, const char *directory,
                              const char *top)
{
    size_t n = strlen(top);
    if (name == NULL || strncmp(name, top, n) != 0 || leads_up(name))
        return NULL;
    name += n;
    while (*name == '/' || (name[0] == '.' && name[1] == '/'))
        name++;
    return *name == '\0' ? NULL : sw_path_join(arena, directory, name);
}

/* A file, a folder or a link: nobody's tar makes a device here, or a pipe that a reader would wait for. */
static bool is_wanted(struct archive_entry *entry)
{
    const unsigned kind = archive_entry_filetype(entry);
    return kind == AE_IFREG || kind == AE_IFDIR || kind == AE_IFLNK || archive_entry_hardlink(entry) != NULL;
}

/* Return true if the entry has a place, and give it that place. */
static bool place(struct archive_entry *entry, struct sw_arena *arena, const char *directory, const char *top)
{
    if (!is_wanted(entry))
        return false;
    const char *path = place_name(arena, archive_entry_pathname(entry), directory, top);
    const char *linked = archive_entry_hardlink(entry);
    const char *target = linked == NULL ? NULL : place_name(arena, linked, directory, top);
    if (path == NULL || (linked != NULL && target == NULL))
        return false;
    archive_entry_set_pathname(entry, path);
    if (target != NULL)
        archive_entry_set_hardlink(entry, target);
    return true;
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

static int copy_all(struct archive *to, struct archive *from, const char *directory, const char *top,
                    struct sw_error *error)
{
    struct archive_entry *entry = NULL;
    int code = 0, status = ARCHIVE_OK;
    while (code == 0 && (status = archive_read_next_header(from, &entry)) == ARCHIVE_OK) {
        SW_ARENA_AUTO arena;
        sw_arena_init(&arena, 1 << 20);
        if (place(entry, &arena, directory, top))
            code = copy_entry(to, from, entry, error);
    }
    return code != 0 || status == ARCHIVE_EOF ? code : fail_archive(error, from);
}

/* A name that is not ASCII in a present-day tar is UTF-8, which libarchive would translate to the locale's
 * charset: in "C" it cannot. If the system has no C.UTF-8, the locale stays as it is. */
static int copy_names_as_they_are(struct archive *to, struct archive *from, const char *directory,
                                  const char *top, struct sw_error *error)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = uselocale(utf8);
    int code = copy_all(to, from, directory, top, error);
    (void)uselocale(before);
    if (utf8 != (locale_t)0)
        freelocale(utf8);
    return code;
}

/* Unpack; `open` can open `from`. */
static int unpack(struct archive *from, int (*open)(struct archive *, const void *), const void *source,
                  const char *directory, const char *top, struct sw_error *error)
{
    /* ..._NOABSOLUTEPATHS is left out: `directory` may be absolute; place() has put every path below it. */
    const int safely =
        ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS;
    /* The folder without links, which libarchive would not follow. */
    char folder[PATH_MAX];
    int code = sw_dir_make(directory, 0777, error);
    if (code != 0)
        return code;
    if (realpath(directory, folder) == NULL)
        return sw_fail_errno(error, SW_EENV, "cannot read '%s'", directory);
    struct archive *to = archive_write_disk_new();
    if (from == NULL || to == NULL)
        code = sw_fail_memory(error);
    else if (archive_read_support_format_tar(from) != ARCHIVE_OK || open(from, source) != ARCHIVE_OK)
        code = fail_archive(error, from);
    else if (archive_write_disk_set_options(to, safely) != ARCHIVE_OK)
        code = fail_archive(error, to);
    else
        code = copy_names_as_they_are(to, from, folder, top, error);
    if (from != NULL)
        (void)archive_read_free(from);
    if (to != NULL)
        (void)archive_write_free(to);
    return code;
}

static int open_memory(struct archive *from, const void *source)
{
    const struct sw_str *tar = source;
    return archive_read_open_memory(from, tar->p, tar->n);
}

int sw_context_unpack(struct sw_str tar, const char *directory, struct sw_error *error)
{
    return unpack(archive_read_new(), open_memory, &tar, directory, SW_CONTEXT_FOLDER "/", error);
}

static int open_file(struct archive *from, const void *source)
{
    return archive_read_open_filename(from, source, READ_SIZE);
}

int sw_tar_unpack(const char *path, const char *directory, struct sw_error *error)
{
    return unpack(archive_read_new(), open_file, path, directory, "", error);
}
