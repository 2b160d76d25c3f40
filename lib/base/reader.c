#include "base/reader.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int sw_reader_read(const struct sw_reader *reader, void *out, uint64_t offset, size_t n,
                   struct sw_error *error)
{
    if (offset > reader->size || n > reader->size - offset)
        return sw_fail(error, SW_EINPUT, "'%s' ends at byte %llu, before the %zu bytes at %llu", reader->name,
                       (unsigned long long)reader->size, n, (unsigned long long)offset);
    return n == 0 ? 0 : reader->read(reader->self, out, offset, n, error);
}

int sw_reader_expect(const struct sw_reader *reader, const struct sw_range *ranges, size_t count,
                     struct sw_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].offset > reader->size || ranges[i].size > reader->size - ranges[i].offset)
            return sw_fail(error, SW_EINPUT, "'%s' ends at byte %llu, before the %llu bytes at %llu",
                           reader->name, (unsigned long long)reader->size, (unsigned long long)ranges[i].size,
                           (unsigned long long)ranges[i].offset);
    }
    return reader->expect == NULL || count == 0 ? 0 : reader->expect(reader->self, ranges, count, error);
}

static int read_memory(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    (void)error;
    const struct sw_str *bytes = self;
    memcpy(out, bytes->p + offset, n);
    return 0;
}

struct sw_reader sw_reader_of_memory(struct sw_str *bytes, const char *name)
{
    return (struct sw_reader){.read = read_memory, .self = bytes, .size = bytes->n, .name = name};
}

static int read_file(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    const struct sw_reader_file *file = self;
    char *to = out;
    while (n > 0) {
        ssize_t got = pread(file->fd, to, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", file->path);
        if (got == 0)
            return sw_fail(error, SW_EINPUT, "'%s' became shorter while it was read", file->path);
        to += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
    return 0;
}

int sw_reader_file_open(struct sw_reader_file *file, struct sw_reader *reader, const char *path,
                        struct sw_error *error)
{
    SW_FD_AUTO fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO without a writer must not block */
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return sw_fail_errno(error, errno == ENOENT || errno == ENOTDIR ? SW_ENOTFOUND : SW_EINPUT,
                             "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        return sw_fail(error, SW_EINPUT, "cannot read '%s': it is not a regular file", path);
    *file = (struct sw_reader_file){fd, path};
    *reader =
        (struct sw_reader){.read = read_file, .self = file, .size = (uint64_t)status.st_size, .name = path};
    fd = -1;
    return 0;
}

void sw_reader_file_close(struct sw_reader_file *file)
{
    if (file != NULL)
        sw_fd_close(&file->fd);
}
