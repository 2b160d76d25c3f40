#include "wheel/remote.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/little.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    /* An end record with the longest comment, and most of the directory before it. */
    TAIL = 65557,
    /* Ranges nearer than this are cheaper in one request. */
    NEAR = 32 * 1024,
    /* A range up to this size is fetched when announced, and kept. */
    SMALL = 3 * 1024 * 1024,
    WINDOW = 4 * 1024 * 1024, /* of a larger one this much at a time, */
    WINDOWS = 4,              /* so many at once */
    UNANNOUNCED = 64 * 1024,
    SIZE_BYTES = 8,
};

/* Bytes of the file that are at hand. */
struct piece {
    uint64_t offset;
    struct sw_buffer bytes;
};

struct sw_remote {
    struct sw_remote_options options;
    struct sw_remote_use use;
    uint64_t size;
    /* The tail, and small ranges that were announced. */
    struct piece *kept;
    size_t kept_count;
    uint64_t kept_bytes;
    /* Windows of a large range that is being read. */
    struct piece windows[WINDOWS];
    struct sw_range *large; /* that were announced */
    size_t large_count;
    /* The whole file, unlinked; -1 if the server serves ranges. */
    int spool;
};

void sw_remote_free(struct sw_remote *remote)
{
    if (remote == NULL)
        return;
    for (size_t i = 0; i < remote->kept_count; i++)
        sw_buffer_release(&remote->kept[i].bytes);
    for (size_t i = 0; i < WINDOWS; i++)
        sw_buffer_release(&remote->windows[i].bytes);
    free(remote->kept);
    free(remote->large);
    sw_fd_close(&remote->spool);
    free(remote);
}

struct sw_remote_use sw_remote_use(const struct sw_remote *remote)
{
    return remote->use;
}

/* ---- the store ---- */

static void add_key(struct sw_buffer *key, const struct sw_remote *remote, const char *what,
                    struct sw_range range)
{
    sw_buffer_init(key, SW_KIB);
    sw_buffer_addf(key, "wheel %s %s %llu+%llu", remote->options.sha256, what,
                   (unsigned long long)range.offset, (unsigned long long)range.size);
}

static bool is_stored(const struct sw_remote *remote)
{
    return remote->options.store != NULL && remote->options.sha256 != NULL;
}

static bool recall(struct sw_buffer *out, const struct sw_remote *remote, const char *what,
                   struct sw_range range)
{
    if (!is_stored(remote))
        return false;
    SW_BUFFER_AUTO key;
    add_key(&key, remote, what, range);
    return sw_store_get(out, remote->options.store, sw_buffer_str(&key));
}

static void store(const struct sw_remote *remote, const char *what, struct sw_range range,
                  struct sw_str content)
{
    if (!is_stored(remote))
        return;
    SW_BUFFER_AUTO key;
    add_key(&key, remote, what, range);
    sw_store_put(remote->options.store, sw_buffer_str(&key), content);
}

/* ---- a server without ranges ---- */

static int open_spool(struct sw_remote *remote, struct sw_error *error)
{
    const char *folder = remote->options.folder == NULL ? "/tmp" : remote->options.folder;
    sw_emit(remote->options.sink,
            (struct sw_event){
                .kind = SW_EVENT_WARNING,
                .text = SW_STR("the server serves no byte ranges: the whole wheel has to go by once")});
    int code = sw_dir_make(folder, 0777, error);
    if (code != 0)
        return code;
    remote->spool = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return remote->spool >= 0 ? 0 : sw_fail_errno(error, SW_EENV, "cannot make a file in '%s'", folder);
}

/* A piece of the whole file; an empty one begins it. */
static int write_spool(void *self, struct sw_str bytes, struct sw_error *error)
{
    struct sw_remote *remote = self;
    if (bytes.n == 0 && remote->spool < 0)
        return open_spool(remote, error);
    if (bytes.n == 0 && (ftruncate(remote->spool, 0) != 0 || lseek(remote->spool, 0, SEEK_SET) != 0))
        return sw_fail_errno(error, SW_EENV, "cannot start '%s' over", remote->options.name);
    while (bytes.n > 0) {
        ssize_t n = write(remote->spool, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sw_fail_errno(error, SW_EENV, "cannot keep '%s' on disk", remote->options.name);
        bytes = sw_str_drop(bytes, (size_t)n);
        remote->use.bytes += (uint64_t)n;
    }
    return 0;
}

/* ---- a server with ranges ---- */

static int refuse_offline(const struct sw_remote *remote, struct sw_error *error)
{
    (void)sw_fail(error, SW_EENV, "this about '%s' was not asked before, and is not at hand offline",
                  remote->options.name);
    return sw_error_hint(error, "ask once without --offline");
}

static struct sw_fetch_request request_for(const struct sw_remote *remote, struct sw_range range)
{
    return (struct sw_fetch_request){
        .url = remote->options.url,
        .range = {.offset = range.offset, .size = range.size},
        .max = (size_t)range.size,
    };
}

/* Take the response of a request into `out`. */
static int take(struct sw_buffer *out, struct sw_remote *remote, const struct sw_fetch_response *response,
                struct sw_error *error)
{
    remote->use.requests++;
    remote->use.bytes += response->body.n;
    if (response->code != 0) {
        *error = response->error;
        return response->code;
    }
    if (response->total != remote->size || response->ranges_ignored)
        return sw_fail(error, SW_EENV, "'%s' changed on its server while it was read", remote->options.name);
    sw_buffer_clear(out);
    out->max = response->body.n;
    sw_buffer_add_str(out, sw_buffer_str(&response->body));
    return sw_buffer_check(out, remote->options.name, error);
}

/* Fetch up to WINDOWS ranges at once, each into its buffer. */
static int fetch_ranges(struct sw_buffer *const *out, struct sw_remote *remote, const struct sw_range *ranges,
                        size_t count, struct sw_error *error)
{
    if (remote->options.offline)
        return refuse_offline(remote, error);
    struct sw_fetch_request requests[WINDOWS] = {{0}};
    struct sw_fetch_response responses[WINDOWS];
    for (size_t i = 0; i < count; i++) {
        requests[i] = request_for(remote, ranges[i]);
        sw_fetch_response_init(&responses[i]);
    }
    int code = sw_fetch_all(responses, remote->options.fetcher, requests, count, error);
    for (size_t i = 0; i < count; i++) {
        if (code == 0)
            code = take(out[i], remote, &responses[i], error);
        sw_fetch_response_release(&responses[i]);
    }
    return code;
}

/* Count the bytes from `offset` on that the piece has, and point at them. */
static size_t at_hand(const struct piece *piece, uint64_t offset, const char **bytes)
{
    if (offset < piece->offset || offset - piece->offset >= piece->bytes.n)
        return 0;
    *bytes = piece->bytes.p + (offset - piece->offset);
    return piece->bytes.n - (size_t)(offset - piece->offset);
}

static size_t look(const struct sw_remote *remote, uint64_t offset, const char **bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < remote->kept_count && n == 0; i++)
        n = at_hand(&remote->kept[i], offset, bytes);
    for (size_t i = 0; i < WINDOWS && n == 0; i++)
        n = at_hand(&remote->windows[i], offset, bytes);
    return n;
}

/* Fill the windows from `offset` on, to the end of the large range that it is in; `n` bytes are wanted at least. */
static int move_windows(struct sw_remote *remote, uint64_t offset, size_t n, struct sw_error *error)
{
    uint64_t end = offset + (n > UNANNOUNCED ? n : UNANNOUNCED);
    for (size_t i = 0; i < remote->large_count; i++) {
        const struct sw_range *large = &remote->large[i];
        if (offset >= large->offset && offset - large->offset < large->size &&
            large->offset + large->size > end)
            end = large->offset + large->size;
    }
    end = end < remote->size ? end : remote->size;
    struct sw_buffer *out[WINDOWS];
    struct sw_range ranges[WINDOWS];
    size_t count = 0;
    for (; count < WINDOWS && offset < end; count++) {
        uint64_t size = end - offset < WINDOW ? end - offset : WINDOW;
        ranges[count] = (struct sw_range){offset, size};
        remote->windows[count].offset = offset;
        out[count] = &remote->windows[count].bytes;
        offset += size;
    }
    for (size_t i = count; i < WINDOWS; i++)
        sw_buffer_clear(&remote->windows[i].bytes);
    return fetch_ranges(out, remote, ranges, count, error);
}

static int read_remote(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    struct sw_remote *remote = self;
    char *to = out;
    while (n > 0 && remote->spool >= 0) {
        ssize_t got = pread(remote->spool, to, n, (off_t)offset);
        if (got <= 0)
            return sw_fail_errno(error, SW_EENV, "cannot read what was kept of '%s'", remote->options.name);
        to += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
    while (n > 0) {
        const char *bytes = NULL;
        size_t have = look(remote, offset, &bytes);
        int code = have > 0 ? 0 : move_windows(remote, offset, n, error);
        if (code != 0)
            return code;
        have = have < n ? have : n;
        if (have > 0)
            memcpy(to, bytes, have);
        to += have;
        offset += have;
        n -= have;
    }
    return 0;
}

/* ---- announced ranges ---- */

static struct piece *add_piece(struct sw_remote *remote, uint64_t offset, struct sw_error *error)
{
    struct piece *kept = reallocarray(remote->kept, remote->kept_count + 1, sizeof *kept);
    if (kept == NULL) {
        (void)sw_fail_memory(error);
        return NULL;
    }
    remote->kept = kept;
    kept[remote->kept_count] = (struct piece){.offset = offset};
    sw_buffer_init(&kept[remote->kept_count].bytes, SW_MAX_STORE_ENTRY);
    return &kept[remote->kept_count++];
}

static int add_large(struct sw_remote *remote, struct sw_range range, struct sw_error *error)
{
    struct sw_range *large = reallocarray(remote->large, remote->large_count + 1, sizeof range);
    if (large == NULL)
        return sw_fail_memory(error);
    remote->large = large;
    large[remote->large_count++] = range;
    return 0;
}

/* Cut the bytes that are at hand off both ends of the range. */
static struct sw_range missing(const struct sw_remote *remote, struct sw_range range)
{
    const char *bytes;
    for (size_t have; range.size > 0 && (have = look(remote, range.offset, &bytes)) > 0;) {
        uint64_t n = have < range.size ? have : range.size;
        range.offset += n;
        range.size -= n;
    }
    for (size_t i = 0; i < remote->kept_count; i++) {
        const struct piece *piece = &remote->kept[i];
        if (piece->offset > range.offset && piece->offset < range.offset + range.size &&
            piece->bytes.n >= range.offset + range.size - piece->offset)
            range.size = piece->offset - range.offset;
    }
    return range;
}

/* Get small ranges, from the store or the server, and keep them. */
static int keep_ranges(struct sw_remote *remote, const struct sw_range *ranges, size_t count,
                       struct sw_error *error)
{
    int code = 0;
    size_t first = remote->kept_count;
    for (size_t i = 0; i < count; i++) {
        struct piece *piece = add_piece(remote, ranges[i].offset, error);
        if (piece == NULL)
            return SW_EENV;
        remote->kept_bytes += ranges[i].size;
        (void)recall(&piece->bytes, remote, "range", ranges[i]);
    }
    for (size_t i = 0; i < count && code == 0;) {
        struct sw_buffer *out[WINDOWS];
        struct sw_range wanted[WINDOWS];
        size_t n = 0;
        for (; i < count && n < WINDOWS; i++) {
            if (remote->kept[first + i].bytes.n == ranges[i].size)
                continue;
            wanted[n] = ranges[i];
            out[n++] = &remote->kept[first + i].bytes;
        }
        code = n == 0 ? 0 : fetch_ranges(out, remote, wanted, n, error);
        for (size_t k = 0; k < n && code == 0; k++)
            store(remote, "range", wanted[k], sw_buffer_str(out[k]));
    }
    return code;
}

static int expect(void *self, const struct sw_range *ranges, size_t count, struct sw_error *error)
{
    struct sw_remote *remote = self;
    if (remote->spool >= 0)
        return 0;
    struct sw_range *small = calloc(count, sizeof *small);
    if (small == NULL)
        return sw_fail_memory(error);
    size_t small_count = 0;
    int code = 0;
    uint64_t bytes = remote->kept_bytes;
    for (size_t i = 0; i < count && code == 0;) {
        struct sw_range range = missing(remote, ranges[i++]);
        if (range.size == 0)
            continue;
        for (; i < count && ranges[i].offset <= range.offset + range.size + NEAR; i++) {
            const struct sw_range next = missing(remote, ranges[i]);
            uint64_t end = next.offset + next.size;
            if (next.size > 0 && end > range.offset + range.size && end - range.offset <= SMALL)
                range.size = end - range.offset;
            else if (next.size > 0 && end > range.offset + range.size)
                break;
        }
        bytes += range.size;
        if (range.size > SMALL || bytes > SW_MAX_REMOTE_KEPT)
            code = add_large(remote, range, error);
        else
            small[small_count++] = range;
    }
    if (code == 0)
        code = keep_ranges(remote, small, small_count, error);
    free(small);
    return code;
}

/* ---- opening ---- */

/* The tail as it is kept: the file's size, then the bytes. */
static bool recall_tail(struct sw_remote *remote, struct piece *piece)
{
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SIZE_BYTES + TAIL);
    if (!recall(&kept, remote, "tail", (struct sw_range){0, TAIL}) || kept.n < SIZE_BYTES)
        return false;
    remote->size = sw_le64(kept.p);
    if (remote->size < kept.n - SIZE_BYTES)
        return false;
    piece->offset = remote->size - (kept.n - SIZE_BYTES);
    sw_buffer_add(&piece->bytes, kept.p + SIZE_BYTES, kept.n - SIZE_BYTES);
    return piece->bytes.state == SW_BUFFER_OK;
}

static void store_tail(const struct sw_remote *remote, struct sw_str bytes)
{
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SIZE_BYTES + TAIL);
    for (unsigned i = 0; i < SIZE_BYTES; i++)
        sw_buffer_add_char(&kept, (char)(unsigned char)(remote->size >> (8 * i)));
    sw_buffer_add_str(&kept, bytes);
    store(remote, "tail", (struct sw_range){0, TAIL}, sw_buffer_str(&kept));
}

static int fetch_tail(struct sw_remote *remote, struct piece *piece, struct sw_error *error)
{
    if (remote->options.offline)
        return refuse_offline(remote, error);
    SW_FETCH_RESPONSE_AUTO response;
    sw_fetch_response_init(&response);
    const struct sw_fetch_request request = {
        .url = remote->options.url,
        .range = {.size = TAIL, .from_end = true},
        .whole = write_spool,
        .whole_self = remote,
    };
    remote->use.requests++;
    int code = sw_fetch(&response, remote->options.fetcher, &request, error);
    remote->use.bytes += response.body.n;
    if (code != 0)
        return code;
    off_t end = remote->spool < 0 ? 0 : lseek(remote->spool, 0, SEEK_END);
    remote->size = remote->spool < 0 ? response.total : (uint64_t)end;
    if (remote->spool >= 0)
        return end >= 0 ? 0 : sw_fail_errno(error, SW_EENV, "cannot keep '%s' on disk", remote->options.name);
    piece->offset = remote->size - response.body.n;
    sw_buffer_add_str(&piece->bytes, sw_buffer_str(&response.body));
    store_tail(remote, sw_buffer_str(&response.body));
    return sw_buffer_check(&piece->bytes, remote->options.name, error);
}

int sw_remote_open(struct sw_remote **out, struct sw_reader *reader, const struct sw_remote_options *options,
                   struct sw_error *error)
{
    struct sw_remote *remote = calloc(1, sizeof *remote);
    if (remote == NULL)
        return sw_fail_memory(error);
    remote->options = *options;
    remote->spool = -1;
    for (size_t i = 0; i < WINDOWS; i++)
        sw_buffer_init(&remote->windows[i].bytes, WINDOW);
    struct piece *tail = add_piece(remote, 0, error);
    int code = tail == NULL ? SW_EENV : recall_tail(remote, tail) ? 0 : fetch_tail(remote, tail, error);
    if (code != 0) {
        sw_remote_free(remote);
        return code;
    }
    *reader = (struct sw_reader){
        .read = read_remote, .expect = expect, .self = remote, .size = remote->size, .name = options->name};
    *out = remote;
    return 0;
}
