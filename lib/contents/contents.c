#include "contents/contents.h"

#include "base/limits.h"
#include "contents/contents_internal.h"

#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

/* libarchive's callback. */
static la_ssize_t read_some(struct archive *archive, void *self, const void **bytes)
{
    struct sw_contents_reading *r = self;
    size_t n = 0;
    *bytes = r->bytes;
    r->code = sw_cancel_requested(r->input->cancel)
                  ? sw_fail_canceled(r->error)
                  : r->input->archive->read(r->input->archive->self, r->bytes, sizeof r->bytes, &n, r->error);
    if (r->code == 0)
        return (la_ssize_t)n;
    archive_set_error(archive, EIO, "the source failed");
    return -1;
}

static int refuse(struct sw_contents_reading *r)
{
    if (r->code != 0)
        return r->code;
    const char *reason = archive_error_string(r->outer);
    return sw_fail(r->error, SW_EINPUT, "the image's archive cannot be read: %s",
                   reason == NULL ? "out of memory" : reason);
}

/* Keep a member that is JSON: the manifest is one of these, and names the others. */
static int keep_document(struct sw_contents_reading *r, struct sw_contents_blob *blob, const void *first,
                         size_t n)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_CONTENTS_DOCUMENT);
    sw_buffer_add(&text, first, n);
    la_int64_t offset = 0;
    int status;
    while ((status = archive_read_data_block(r->outer, &first, &n, &offset)) == ARCHIVE_OK)
        sw_buffer_add(&text, first, n);
    if (status != ARCHIVE_EOF)
        return refuse(r);
    if (sw_buffer_check(&text, "", NULL) != 0)
        return 0; /* no manifest is so long */
    struct sw_str whole = sw_buffer_str(&text);
    blob->document = (struct sw_str){sw_arena_copy(r->arena, whole), whole.n};
    return blob->document.p == NULL ? sw_fail_memory(r->error) : 0;
}

static bool is_json(const char *bytes, size_t n)
{
    size_t at = 0;
    while (at < n && sw_is_space(bytes[at]))
        at++;
    return at < n && (bytes[at] == '{' || bytes[at] == '[');
}

static int read_member(struct sw_contents_reading *r, struct sw_contents_blob *blob)
{
    const void *first = NULL;
    size_t n = 0;
    la_int64_t offset = 0;
    int status = archive_read_data_block(r->outer, &first, &n, &offset);
    if (status == ARCHIVE_EOF)
        return 0;
    if (status != ARCHIVE_OK)
        return refuse(r);
    if (is_json(first, n))
        return keep_document(r, blob, first, n);
    return sw_contents_layer_read(&blob->is_layer, r, first, n);
}

/* The member that a link in the archive means: old engines write a layer once, and "../ID/layer.tar" for the others. */
static const char *link_target(struct archive_entry *entry)
{
    const char *target = archive_entry_hardlink(entry);
    if (target == NULL)
        target = archive_entry_symlink(entry);
    return target != NULL && strncmp(target, "../", 3) == 0 ? target + 3 : target;
}

static int add_member(struct sw_contents_reading *r, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry), *link = link_target(entry);
    if (name == NULL || (link == NULL && archive_entry_filetype(entry) != AE_IFREG))
        return 0;
    if (r->blob_count == SW_MAX_CONTENTS_MEMBERS)
        return sw_fail(r->error, SW_EINPUT, "the image's archive has more than %d members",
                       SW_MAX_CONTENTS_MEMBERS);
    r->blobs = sw_arena_grow(r->arena, r->blobs, r->blob_count, sizeof *r->blobs);
    if (r->blobs == NULL)
        return sw_fail_memory(r->error);
    struct sw_contents_blob *blob = &r->blobs[r->blob_count++];
    *blob = (struct sw_contents_blob){.name = sw_arena_text(r->arena, name)};
    if (link != NULL)
        blob->link = sw_arena_text(r->arena, link);
    if (blob->name == NULL || (link != NULL && blob->link == NULL))
        return sw_fail_memory(r->error);
    return link == NULL ? read_member(r, blob) : 0;
}

static int read_archive(struct sw_contents_reading *r)
{
    struct archive_entry *entry = NULL;
    int code = 0, status = ARCHIVE_OK;
    if (archive_read_support_format_tar(r->outer) != ARCHIVE_OK ||
        archive_read_open(r->outer, r, NULL, read_some, NULL) != ARCHIVE_OK)
        return refuse(r);
    while (code == 0 && (status = archive_read_next_header(r->outer, &entry)) == ARCHIVE_OK)
        code = add_member(r, entry);
    return code == 0 && status != ARCHIVE_EOF ? refuse(r) : code;
}

int sw_contents_read(struct sw_contents *out, struct sw_arena *arena, const struct sw_contents_input *input,
                     struct sw_error *error)
{
    struct sw_contents_reading *r = calloc(1, sizeof *r);
    if (r == NULL)
        return sw_fail_memory(error);
    *r = (struct sw_contents_reading){
        .input = input, .arena = arena, .error = error, .outer = archive_read_new()};
    int code = r->outer == NULL ? sw_fail_memory(error) : read_archive(r);
    if (code == 0)
        code = sw_contents_compose(out, r);
    if (r->outer != NULL)
        (void)archive_read_free(r->outer);
    free(r);
    return code;
}
