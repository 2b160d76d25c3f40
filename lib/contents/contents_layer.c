/* The files of one layer of an image, and the contents of those that tell of GPU code or of a project. */
#include "base/limits.h"
#include "contents/contents_internal.h"

#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

static const struct sw_str whiteout = {".wh.", 4}, opaque = {".wh..wh..opq", 12},
                           record_name = {".dist-info/RECORD", 17};

/* The layer's tar as libarchive reads it: the bytes that were seen already, then the rest of the outer member. */
struct layer {
    struct sw_contents_reading *r;
    struct archive *archive;
    const void *first;
    size_t first_size;
    bool outer_failed;
};

static la_ssize_t read_layer(struct archive *archive, void *self, const void **bytes)
{
    struct layer *layer = self;
    size_t n = layer->first_size;
    *bytes = layer->first;
    layer->first_size = 0;
    if (n > 0)
        return (la_ssize_t)n;
    la_int64_t offset = 0;
    int status = archive_read_data_block(layer->r->outer, bytes, &n, &offset);
    if (status == ARCHIVE_EOF)
        return 0;
    if (status == ARCHIVE_OK)
        return (la_ssize_t)n;
    layer->outer_failed = true;
    archive_set_error(archive, EIO, "the image's archive ends early");
    return -1;
}

static int refuse(struct layer *layer)
{
    if (layer->r->code != 0)
        return layer->r->code;
    const char *reason = archive_error_string(layer->archive);
    return sw_fail(layer->r->error, SW_EINPUT, "a layer of the image cannot be read: %s",
                   reason == NULL ? "out of memory" : reason);
}

/* ---- the content of a file ---- */

static int spool_bytes(struct sw_contents_reading *r, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(r->input->spool, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return sw_fail_errno(r->error, SW_EENV, "cannot write to a temporary file");
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

/* Copy a library to the temporary file, and read its GPU code there. */
static int read_library(struct layer *layer, uint32_t file, const char *start, size_t n)
{
    struct sw_contents_reading *r = layer->r;
    char bytes[16 * SW_KIB];
    if (ftruncate(r->input->spool, 0) != 0 || lseek(r->input->spool, 0, SEEK_SET) != 0)
        return sw_fail_errno(r->error, SW_EENV, "cannot empty a temporary file");
    int code = spool_bytes(r, start, n);
    la_ssize_t got = 0;
    while (code == 0 && (got = archive_read_data(layer->archive, bytes, sizeof bytes)) > 0)
        code = spool_bytes(r, bytes, (size_t)got);
    if (code == 0 && got < 0)
        return refuse(layer);
    return code == 0 ? sw_contents_code_read(r, file) : code;
}

static int read_record(struct layer *layer, uint32_t file, const char *start, size_t n)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
    sw_buffer_add(&text, start, n);
    char bytes[16 * SW_KIB];
    la_ssize_t got;
    while ((got = archive_read_data(layer->archive, bytes, sizeof bytes)) > 0)
        sw_buffer_add(&text, bytes, (size_t)got);
    if (got < 0)
        return refuse(layer);
    return sw_buffer_check(&text, "RECORD", NULL) != 0
               ? 0
               : sw_contents_record_read(layer->r, file, sw_buffer_str(&text));
}

static int read_content(struct layer *layer, uint32_t file)
{
    static const char magic[] = {0x7F, 'E', 'L', 'F'};
    char start[sizeof magic * 16];
    la_ssize_t n = archive_read_data(layer->archive, start, sizeof start);
    if (n < 0)
        return refuse(layer);
    if (n > (la_ssize_t)sizeof magic && memcmp(start, magic, sizeof magic) == 0)
        return read_library(layer, file, start, (size_t)n);
    if (sw_str_ends(layer->r->files[file].path, record_name.p))
        return read_record(layer, file, start, (size_t)n);
    return 0;
}

/* ---- the files ---- */

/* The path without "./" and "/" at its beginning; empty for the top folder. */
static struct sw_str clean_path(const char *path)
{
    struct sw_str rest = sw_str_from(path);
    while (sw_str_starts(rest, "/") || sw_str_starts(rest, "./"))
        rest = sw_str_drop(rest, rest.p[0] == '/' ? 1 : 2);
    return rest;
}

/* Give a file the kind of a whiteout if its name says so: "a/.wh.b" removes "a/b", and "a/.wh..wh..opq" all below "a". */
static void mark_whiteout(struct sw_contents_file *file, char *path)
{
    char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
    if (strcmp(base, opaque.p) == 0) {
        file->kind = SW_CONTENTS_OPAQUE;
        file->path.n = base == path ? 0 : (size_t)(slash - path);
    } else if (strncmp(base, whiteout.p, whiteout.n) == 0) {
        file->kind = SW_CONTENTS_WHITEOUT;
        memmove(base, base + whiteout.n, strlen(base + whiteout.n) + 1);
        file->path.n -= whiteout.n;
    }
}

static int add_file(struct layer *layer, struct archive_entry *entry)
{
    struct sw_contents_reading *r = layer->r;
    const char *name = archive_entry_pathname(entry);
    int64_t size = archive_entry_size(entry);
    bool regular = archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == NULL;
    struct sw_str path = clean_path(name == NULL ? "" : name);
    if (path.n == 0 || archive_entry_filetype(entry) == AE_IFDIR)
        return 0;
    if (size < 0 || (uint64_t)size > SW_MAX_CONTENTS_BYTES - r->unpacked ||
        r->file_count == SW_MAX_CONTENTS_FILES)
        return sw_fail(r->error, SW_EINPUT, "the image has absurdly many files or bytes, at '%.200s'",
                       path.p);
    char *copy = sw_arena_copy(r->arena, path);
    r->files = sw_arena_grow(r->arena, r->files, r->file_count, sizeof *r->files);
    if (copy == NULL || r->files == NULL)
        return sw_fail_memory(r->error);
    struct sw_contents_file *file = &r->files[r->file_count++];
    *file = (struct sw_contents_file){
        .path = {copy, path.n}, .size = regular ? (uint64_t)size : 0, .blob = (uint32_t)(r->blob_count - 1)};
    r->unpacked += file->size;
    mark_whiteout(file, copy);
    return regular && file->kind == SW_CONTENTS_FILE ? read_content(layer, (uint32_t)(r->file_count - 1)) : 0;
}

/* Read the first header; if there is no tar, libarchive says so here. */
static int first_header(struct archive_entry **entry, struct layer *layer)
{
    (void)archive_read_support_filter_gzip(layer->archive);
    (void)archive_read_support_filter_zstd(layer->archive);
    int status = archive_read_support_format_tar(layer->archive);
    if (status == ARCHIVE_OK)
        status = archive_read_open(layer->archive, layer, NULL, read_layer, NULL);
    return status == ARCHIVE_OK ? archive_read_next_header(layer->archive, entry) : status;
}

static int read_files(bool *is_layer, struct layer *layer)
{
    struct archive_entry *entry = NULL;
    int code = 0, status = first_header(&entry, layer);
    *is_layer = status == ARCHIVE_OK || status == ARCHIVE_EOF;
    if (!*is_layer && !layer->outer_failed)
        return 0;
    while (code == 0 && status == ARCHIVE_OK) {
        code = sw_cancel_requested(layer->r->input->cancel) ? sw_fail_canceled(layer->r->error)
                                                            : add_file(layer, entry);
        if (code == 0)
            status = archive_read_next_header(layer->archive, &entry);
    }
    return code == 0 && status != ARCHIVE_EOF ? refuse(layer) : code;
}

int sw_contents_layer_read(bool *is_layer, struct sw_contents_reading *r, const void *first, size_t n)
{
    struct layer layer = {.r = r, .archive = archive_read_new(), .first = first, .first_size = n};
    *is_layer = false;
    if (layer.archive == NULL)
        return sw_fail_memory(r->error);
    int code = read_files(is_layer, &layer);
    (void)archive_read_free(layer.archive);
    return code;
}
