#include "bootstrap/archive_internal.h"

#include "base/file.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, NOTE_SIZE = SW_SHA256_HEX_SIZE + NAME_MAX + 4 };

static int add_all(struct sw_sha256 *hash, char *bytes, int fd, const struct sw_cancel *cancel,
                   struct sw_error *error)
{
    for (;;) {
        ssize_t n = read(fd, bytes, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sw_fail_errno(error, SW_EENV, "cannot read the base system's archive");
        if (n == 0)
            return 0;
        if (sw_cancel_requested(cancel))
            return sw_fail_canceled(error);
        sw_sha256_add(hash, bytes, (size_t)n);
    }
}

/* Fill in the digest; the file stands at its beginning before and after. */
static int digest(struct sw_archive *archive, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_sha256 *hash = sw_sha256_new();
    char *bytes = malloc(CHUNK);
    int code = hash == NULL || bytes == NULL ? sw_fail_memory(error)
                                             : add_all(hash, bytes, archive->fd, cancel, error);
    free(bytes);
    if (code == 0)
        sw_sha256_finish(hash, archive->digest);
    else
        sw_sha256_free(hash);
    if (code == 0 && lseek(archive->fd, 0, SEEK_SET) != 0)
        code = sw_fail_errno(error, SW_EENV, "cannot read the base system's archive");
    return code;
}

/* "DIGEST  NAME\n", and the path of the file that holds it. */
static int note_of(char note[NOTE_SIZE], char path[PATH_MAX], const struct sw_archive *archive,
                   const char *tar, struct sw_error *error)
{
    int n = snprintf(path, PATH_MAX, "%s.sha256", tar);
    int length = snprintf(note, NOTE_SIZE, "%s  %s\n", archive->digest, sw_path_base(tar));
    if (n < 0 || n >= PATH_MAX || length < 0 || length >= NOTE_SIZE)
        return sw_fail(error, SW_EINPUT, "path too long: '%.100s...'", tar);
    return 0;
}

static bool is_noted(const struct sw_archive *archive, const char *tar)
{
    char note[NOTE_SIZE], path[PATH_MAX];
    SW_BUFFER_AUTO found;
    sw_buffer_init(&found, NOTE_SIZE);
    return note_of(note, path, archive, tar, NULL) == 0 && sw_file_read(&found, path, NULL) == 0 &&
           sw_str_is(sw_buffer_str(&found), note);
}

/* Return true if only this user, or root, can have written to the file. */
static bool is_own(const struct stat *status)
{
    return S_ISREG(status->st_mode) && (status->st_uid == geteuid() || status->st_uid == 0) &&
           (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

int sw_archive_open(struct sw_archive *out, const char *path, const struct sw_cancel *cancel,
                    struct sw_error *error)
{
    struct sw_archive archive = {.fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat status;
    if (archive.fd < 0 && errno == ENOENT)
        return sw_fail(error, SW_ENOTFOUND, "there is no '%s'", path);
    int code = 0;
    if (archive.fd < 0 || fstat(archive.fd, &status) != 0 || !is_own(&status))
        code = sw_fail(error, SW_ENO, "'%s' is not a file of this user's alone", path);
    if (code == 0)
        code = digest(&archive, cancel, error);
    if (code == 0 && !is_noted(&archive, path))
        code = sw_fail(error, SW_ENO, "'%s' does not have the digest that was noted when it was made", path);
    if (code == 0)
        *out = archive;
    else
        sw_fd_close(&archive.fd);
    return code;
}

int sw_archive_keep(struct sw_archive *out, const char *path, const char *made,
                    const struct sw_cancel *cancel, struct sw_error *error)
{
    char note[NOTE_SIZE], beside[PATH_MAX];
    struct sw_archive archive = {.fd = open(made, O_RDONLY | O_CLOEXEC)};
    if (archive.fd < 0)
        return sw_fail_errno(error, SW_EENV, "cannot read '%s'", made);
    int code = fchmod(archive.fd, 0644) == 0 ? digest(&archive, cancel, error)
                                             : sw_fail_errno(error, SW_EENV, "cannot write '%s'", made);
    if (code == 0)
        code = note_of(note, beside, &archive, path, error);
    if (code == 0)
        code = sw_file_write(beside, sw_str_from(note), 0644, error);
    if (code == 0 && rename(made, path) != 0)
        code = sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
    if (code == 0)
        *out = archive;
    else
        sw_fd_close(&archive.fd);
    return code;
}
