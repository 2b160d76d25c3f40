/* A context as a tar stream, pulled. libarchive pushes its output: headers and padding wait in `pending`,
 * while the content of files is read straight to the caller's memory and only shown to libarchive on its way. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "context/context_internal.h"

#include <archive.h>
#include <archive_entry.h>

enum { CHUNK = 256 * 1024 };

struct sw_context_tar {
    struct archive *archive;
    struct archive_entry *header;
    struct sw_buffer pending;
    size_t taken; /* bytes of `pending` that were given away */
    /* Bytes that already lie in the caller's memory. */
    const void *direct;
    size_t next; /* entry to begin */
    /* The reader of the entry that was begun; it has no bytes left if the entry is no file. */
    struct sw_context_reader reader;
    uint64_t sent;    /* bytes of content, for progress */
    int64_t shown_ns; /* time of the last progress event */
    bool ended;
};

static la_ssize_t take_output(struct archive *archive, void *self, const void *bytes, size_t n)
{
    struct sw_context_tar *tar = self;
    (void)archive;
    if (bytes != tar->direct)
        sw_buffer_add(&tar->pending, bytes, n);
    return tar->pending.state == SW_BUFFER_OK ? (la_ssize_t)n : -1;
}

void sw_context_tar_free(struct sw_context_tar *tar)
{
    if (tar == NULL)
        return;
    archive_entry_free(tar->header);
    if (tar->archive != NULL)
        (void)archive_write_free(tar->archive);
    sw_context_close_entry(&tar->reader);
    sw_buffer_release(&tar->pending);
    free(tar);
}

static int fail_archive(struct sw_error *error, const struct sw_context_tar *tar)
{
    const char *reason = archive_error_string(tar->archive);
    return sw_fail(error, SW_EENV, "cannot make the context's tar: %s",
                   reason == NULL ? "out of memory" : reason);
}

static void emit(const struct sw_context *context, struct sw_event event)
{
    event.step = SW_STR(SW_CONTEXT_STEP);
    sw_emit(context->options.sink, event);
}

static void emit_progress(const struct sw_context *context, bool last)
{
    enum { INTERVAL_NS = 100 * SW_MILLISECOND_NS };
    struct sw_context_tar *tar = context->tar;
    int64_t now = sw_clock_now();
    if (!last && now - tar->shown_ns < INTERVAL_NS)
        return;
    tar->shown_ns = now;
    emit(context, (struct sw_event){.kind = SW_EVENT_PROGRESS,
                                    .text = SW_STR("context"),
                                    .current = (int64_t)tar->sent,
                                    .total = (int64_t)context->totals.bytes});
}

static int start(struct sw_context *context, struct sw_error *error)
{
    struct sw_context_tar *tar = calloc(1, sizeof *tar);
    if (tar == NULL)
        return sw_fail_memory(error);
    context->tar = tar;
    tar->reader.fd = -1;
    sw_buffer_init(&tar->pending, 4 * CHUNK);
    tar->archive = archive_write_new();
    tar->header = archive_entry_new();
    if (tar->archive == NULL || tar->header == NULL)
        return sw_fail_memory(error);
    /* GNU rather than pax: an engine tells a tar from a Dockerfile by whether its first 1024 bytes hold a
     * header that stands alone. Unblocked, so that content is handed through uncopied and nothing follows the
     * end. */
    if (archive_write_set_format_gnutar(tar->archive) != ARCHIVE_OK ||
        archive_write_set_bytes_per_block(tar->archive, 0) != ARCHIVE_OK ||
        archive_write_open(tar->archive, tar, NULL, take_output, NULL) != ARCHIVE_OK)
        return fail_archive(error, tar);
    emit(context, (struct sw_event){.kind = SW_EVENT_STEP_STARTED, .text = SW_STR("sending the context")});
    return 0;
}

static int finish_entry(struct sw_context_tar *tar, struct sw_error *error)
{
    sw_context_close_entry(&tar->reader);
    return archive_write_finish_entry(tar->archive) == ARCHIVE_OK ? 0 : fail_archive(error, tar);
}

static int begin_entry(struct sw_context *context, const struct sw_context_entry *entry,
                       struct sw_error *error)
{
    struct sw_context_tar *tar = context->tar;
    const char *path = context->kept != NULL ? entry->path : sw_context_sent(context, entry);
    tar->reader.left = 0;
    int code = S_ISREG(entry->mode) ? sw_context_open_entry(&tar->reader, context, entry, error) : 0;
    if (code != 0)
        return code;
    struct archive_entry *header = archive_entry_clear(tar->header);
    archive_entry_copy_pathname(header, path);
    archive_entry_set_mode(header, entry->mode);
    archive_entry_set_size(header, (la_int64_t)entry->size);
    archive_entry_set_mtime(header, entry->mtime, 0);
    archive_entry_set_uid(header, 0);
    archive_entry_set_gid(header, 0);
    if (entry->link != NULL)
        archive_entry_copy_symlink(header, entry->link);
    if (archive_write_header(tar->archive, header) != ARCHIVE_OK)
        return fail_archive(error, tar);
    return tar->reader.left == 0 ? finish_entry(tar, error) : 0;
}

static int end(struct sw_context *context, struct sw_error *error)
{
    struct sw_context_tar *tar = context->tar;
    tar->ended = true;
    if (archive_write_close(tar->archive) != ARCHIVE_OK)
        return fail_archive(error, tar);
    emit_progress(context, true);
    emit(context, (struct sw_event){.kind = SW_EVENT_STEP_DONE});
    return 0;
}

/* Give out content of the open entry, and let libarchive see it; a file must be whole and unchanged at its
 * end. */
static int copy_content(struct sw_context *context, void *out, size_t n, size_t *got, struct sw_error *error)
{
    struct sw_context_tar *tar = context->tar;
    size_t count;
    int code = sw_context_read_entry(&tar->reader, out, n < CHUNK ? n : CHUNK, &count, error);
    if (code != 0)
        return code;
    tar->direct = out;
    la_ssize_t written = archive_write_data(tar->archive, out, count);
    tar->direct = NULL;
    if (written != (la_ssize_t)count)
        return fail_archive(error, tar);
    if (tar->pending.n == 0)
        /* If `pending` has bytes, libarchive has copied these bytes, and they come out of it. */
        *got += count;
    tar->sent += count;
    return tar->reader.left > 0 ? 0 : finish_entry(tar, error);
}

static void copy_pending(struct sw_context_tar *tar, char *out, size_t n, size_t *got)
{
    size_t waiting = tar->pending.n - tar->taken;
    size_t count = waiting < n ? waiting : n;
    memcpy(out, tar->pending.p + tar->taken, count);
    tar->taken += count;
    *got += count;
    if (tar->taken == tar->pending.n) {
        sw_buffer_clear(&tar->pending);
        tar->taken = 0;
    }
}

/* The user's Dockerfile comes from memory, not from the disk as well. */
static bool is_sent(const struct sw_context *context, size_t i)
{
    if (context->kept != NULL)
        return context->kept[i];
    const struct sw_context_entry *entry = &context->entries[i];
    const char *path = sw_context_sent(context, entry), *dockerfile = context->options.dockerfile;
    return path != NULL && (dockerfile == NULL || entry->content != NULL || strcmp(path, dockerfile) != 0);
}

/* Take a step: give bytes away, or make libarchive make some. */
static int advance(struct sw_context *context, char *out, size_t n, size_t *got, struct sw_error *error)
{
    struct sw_context_tar *tar = context->tar;
    if (tar->taken < tar->pending.n) {
        copy_pending(tar, out, n, got);
        return 0;
    }
    if (tar->reader.left > 0)
        return copy_content(context, out, n, got, error);
    while (tar->next < context->count && !is_sent(context, tar->next))
        tar->next++;
    if (tar->next < context->count)
        return begin_entry(context, &context->entries[tar->next++], error);
    return end(context, error);
}

int sw_context_read(struct sw_context *context, void *out, size_t n, size_t *got, struct sw_error *error)
{
    int code = context->tar == NULL ? start(context, error) : 0;
    size_t count = 0;
    while (code == 0 && count < n && !(context->tar->ended && context->tar->pending.n == 0)) {
        code = sw_cancel_requested(context->options.cancel)
                   ? sw_fail_canceled(error)
                   : advance(context, (char *)out + count, n - count, &count, error);
    }
    if (code != 0) {
        emit(context, (struct sw_event){.kind = SW_EVENT_STEP_DONE,
                                        .failed = true,
                                        .text = sw_str_from(error == NULL ? "" : error->text)});
        return code;
    }
    emit_progress(context, false);
    *got = count;
    return 0;
}

void sw_context_rewind(struct sw_context *context, const bool *kept)
{
    sw_context_tar_free(context->tar);
    context->tar = NULL;
    context->kept = kept;
    context->options.sink = NULL;
}
