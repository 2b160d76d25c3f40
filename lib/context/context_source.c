/* The files behind the entries: opened beneath the root, and compared with the scan. */
#include "base/beneath.h"
#include "base/file.h"
#include "base/text.h"
#include "context/context_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *user_path(const struct sw_context_entry *entry)
{
    return entry->path + sizeof SW_CONTEXT_FOLDER; /* its NUL stands for the slash */
}

const char *sw_context_dockerfile(const struct sw_context *context)
{
    return context->options.dockerfile;
}

const char *sw_context_sent(const struct sw_context *context, const struct sw_context_entry *entry)
{
    if (context->options.dockerfile == NULL || entry->content != NULL)
        return entry->path;
    return strcmp(entry->path, SW_CONTEXT_FOLDER) == 0 ? NULL : user_path(entry);
}

static int fail_changed(struct sw_error *error, const struct sw_context_entry *entry, const char *what)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, sizeof error->text);
    sw_text_add_clean(&clean, sw_str_from(user_path(entry)));
    (void)sw_fail(error, SW_EINPUT, "'%s' %s while the context was read", clean.p, what);
    return sw_error_hint(error, "start again when nothing writes to it, or leave it out by .dockerignore");
}

static int check_source(int fd, const struct sw_context_entry *entry, struct sw_error *error)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return fail_changed(error, entry, "went away");
    if (!S_ISREG(status.st_mode) || status.st_ino != entry->inode)
        return fail_changed(error, entry, "was replaced");
    if ((uint64_t)status.st_size != entry->size)
        return fail_changed(error, entry, (uint64_t)status.st_size > entry->size ? "grew" : "shrank");
    if (status.st_mtim.tv_sec != entry->mtime || status.st_mtim.tv_nsec != (long)entry->mtime_ns)
        return fail_changed(error, entry, "was changed");
    return 0;
}

static int open_source(int *fd, const struct sw_context *context, const struct sw_context_entry *entry,
                       struct sw_error *error)
{
    /* Non-blocking, lest a pipe that took the file's place holds us up; it means nothing to a file. */
    int opened = sw_open_beneath(context->root, user_path(entry), O_RDONLY | O_NONBLOCK, 0);
    if (opened < 0 && (errno == ELOOP || errno == ENOTDIR))
        return fail_changed(error, entry, "was replaced");
    if (opened < 0 && errno == ENOENT)
        return fail_changed(error, entry, "went away");
    if (opened < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", user_path(entry));
    int code = check_source(opened, entry, error);
    if (code == 0)
        *fd = opened;
    else
        (void)close(opened);
    return code;
}

static int read_source(int fd, const struct sw_context_entry *entry, void *out, size_t n, size_t *got,
                       struct sw_error *error)
{
    ssize_t count;
    do
        count = read(fd, out, n);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", user_path(entry));
    if (count == 0)
        return fail_changed(error, entry, "shrank");
    *got = (size_t)count;
    return 0;
}

int sw_context_open_entry(struct sw_context_reader *reader, const struct sw_context *context,
                          const struct sw_context_entry *entry, struct sw_error *error)
{
    struct sw_context_reader opened = {entry, -1, entry->size};
    int code = entry->content != NULL ? 0 : open_source(&opened.fd, context, entry, error);
    if (code == 0)
        *reader = opened;
    return code;
}

int sw_context_read_entry(struct sw_context_reader *reader, void *out, size_t n, size_t *got,
                          struct sw_error *error)
{
    const struct sw_context_entry *entry = reader->entry;
    size_t count = reader->left < n ? (size_t)reader->left : n;
    int code = 0;
    if (count > 0 && reader->fd >= 0)
        code = read_source(reader->fd, entry, out, count, &count, error);
    else if (count > 0)
        memcpy(out, entry->content + (entry->size - reader->left), count);
    if (code == 0 && count > 0 && count == reader->left && reader->fd >= 0)
        code = check_source(reader->fd, entry, error);
    if (code != 0)
        return code;
    reader->left -= count;
    *got = count;
    return 0;
}

void sw_context_close_entry(struct sw_context_reader *reader)
{
    sw_fd_close(&reader->fd);
}
