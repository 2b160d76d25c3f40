#include "index/inside_internal.h"

#include "base/limits.h"
#include "wheel/zip.h"

enum {
    TAIL = 64 * 1024, /* of the file, to begin with */
    /* The least that is fetched of the missing bytes: they often lie side by side. */
    LEAST = 16 * 1024,
    /* Ranges nearer than this are cheaper in one request. */
    NEAR = 64 * 1024,
    RANGES = 16, /* of one wheel in one round */
    ROUNDS = 24, /* to come to the end with */
    /* Behind so many rounds a wheel of at most WHOLE bytes is fetched whole: its parts name each other one after the other. */
    WHOLE_AFTER = 10,
    WHOLE = 24 * SW_MIB,
};

/* Bytes of the file that are at hand. */
struct piece {
    uint64_t offset;
    struct sw_buffer bytes;
};

/* A wheel under way. */
struct errand {
    struct sw_inside *wheel;
    uint64_t size, bytes; /* of the file; at hand */
    struct piece *pieces;
    size_t piece_count;
    struct sw_range lacking[RANGES];
    size_t lacking_count;
    unsigned rounds;
    bool done;
};

/* Count the bytes from `offset` on that one piece has, and point at them; 0 if none has any. */
static size_t at_hand(const struct errand *errand, uint64_t offset, const char **bytes)
{
    for (size_t i = 0; i < errand->piece_count; i++) {
        const struct piece *piece = &errand->pieces[i];
        if (offset < piece->offset || offset - piece->offset >= piece->bytes.n)
            continue;
        *bytes = piece->bytes.p + (offset - piece->offset);
        return piece->bytes.n - (size_t)(offset - piece->offset);
    }
    return 0;
}

/* The first bytes of the range that no piece has; without bytes if all are at hand. */
static struct sw_range first_gap(const struct errand *errand, struct sw_range range)
{
    const char *bytes;
    for (size_t have; range.size > 0 && (have = at_hand(errand, range.offset, &bytes)) > 0;) {
        uint64_t n = have < range.size ? have : range.size;
        range.offset += n;
        range.size -= n;
    }
    for (size_t i = 0; i < errand->piece_count; i++) {
        uint64_t offset = errand->pieces[i].offset;
        if (offset > range.offset && offset - range.offset < range.size)
            range.size = offset - range.offset;
    }
    return range;
}

static void lack_gap(struct errand *errand, struct sw_range gap)
{
    struct sw_range *last = errand->lacking_count == 0 ? NULL : &errand->lacking[errand->lacking_count - 1];
    uint64_t end = gap.offset + gap.size;
    if (last != NULL && gap.offset >= last->offset && gap.offset <= last->offset + last->size + NEAR)
        last->size = end > last->offset + last->size ? end - last->offset : last->size;
    else if (errand->lacking_count < RANGES)
        errand->lacking[errand->lacking_count++] = gap;
}

/* Note the missing bytes of the range, from the last noted bytes on; bytes that are at hand are not asked for again. Bytes that are
 * too many for a round come with the next round. */
static void lack(struct errand *errand, struct sw_range range)
{
    const uint64_t end = range.offset + range.size;
    while (range.size > 0) {
        struct sw_range gap = first_gap(errand, range);
        if (gap.size == 0)
            return;
        lack_gap(errand, gap);
        range.offset = gap.offset + gap.size;
        range.size = end - range.offset;
    }
}

/* Read bytes that are at hand; missing bytes become known by this failure. */
static int read_pieces(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    struct errand *errand = self;
    char *to = out;
    while (n > 0) {
        const char *bytes = NULL;
        size_t have = at_hand(errand, offset, &bytes);
        if (have == 0) {
            lack(errand, (struct sw_range){offset, n});
            return sw_fail(error, SW_EENV, "not at hand yet");
        }
        have = have < n ? have : n;
        memcpy(to, bytes, have);
        to += have;
        offset += have;
        n -= have;
    }
    return 0;
}

static int expect_pieces(void *self, const struct sw_range *ranges, size_t count, struct sw_error *error)
{
    struct errand *errand = self;
    for (size_t i = 0; i < count; i++)
        lack(errand, ranges[i]);
    return errand->lacking_count == 0 ? 0 : sw_fail(error, SW_EENV, "not at hand yet");
}

/* Read as far as possible: to the end, or to missing bytes. */
static void advance(struct errand *errand)
{
    struct sw_inside *wheel = errand->wheel;
    const struct sw_reader reader = {read_pieces, expect_pieces, errand, errand->size, wheel->name};
    uint64_t bytes = errand->bytes;
    errand->lacking_count = 0;
    wheel->code = wheel->look(wheel->self, &reader, &wheel->error);
    errand->done = errand->lacking_count == 0;
    if (!errand->done && errand->rounds == WHOLE_AFTER && errand->size <= WHOLE) {
        errand->lacking_count = 0;
        lack(errand, (struct sw_range){0, errand->size});
    }
    for (size_t i = 0; i < errand->lacking_count; i++)
        bytes += errand->lacking[i].size;
    uint64_t most = wheel->most == 0 ? SW_MAX_INSIDE_BYTES : wheel->most;
    if (errand->done || (++errand->rounds < ROUNDS && bytes <= most))
        return;
    errand->done = true;
    wheel->code = sw_fail(&wheel->error, SW_EINPUT, "too much of '%s' would have to be read", wheel->name);
}

/* ---- fetching ---- */

struct errands {
    struct errand *list;
    size_t count;
    bool failed; /* without memory */
};

/* The first of a wheel's ranges is the end of the file, or its start. */
static struct sw_fetch_range range_of(const struct errand *errand, size_t i)
{
    if (errand->piece_count == 0 && errand->wheel->from_start)
        return (struct sw_fetch_range){.size =
                                           errand->size == 0 || errand->size > TAIL ? TAIL : errand->size};
    if (errand->piece_count == 0 && errand->size == 0)
        return (struct sw_fetch_range){.size = TAIL, .from_end = true};
    if (errand->piece_count == 0) {
        uint64_t size = errand->size < TAIL ? errand->size : TAIL;
        return (struct sw_fetch_range){.offset = errand->size - size, .size = size};
    }
    struct sw_range range = errand->lacking[i];
    range.size = range.size > LEAST ? range.size : LEAST;
    range.size = range.size < errand->size - range.offset ? range.size : errand->size - range.offset;
    return (struct sw_fetch_range){.offset = range.offset, .size = range.size};
}

/* The items are RANGES of each wheel. */
static int ask(void *self, size_t i, struct sw_fetch_request *request, struct sw_error *error)
{
    const struct errand *errand = &((struct errands *)self)->list[i / RANGES];
    (void)error;
    bool first = errand->rounds == 0 && errand->piece_count == 0 && i % RANGES == 0;
    if (errand->done || (!first && i % RANGES >= errand->lacking_count))
        return 0;
    request->url = errand->wheel->url;
    request->range = range_of(errand, i % RANGES);
    request->max = request->range.from_end ? 0 : (size_t)request->range.size;
    return 0;
}

static void add_piece(struct errands *errands, struct errand *errand, uint64_t offset,
                      struct sw_fetch_response *response)
{
    struct piece *pieces = reallocarray(errand->pieces, errand->piece_count + 1, sizeof *pieces);
    if (pieces == NULL) {
        errands->failed = true;
        return;
    }
    errand->pieces = pieces;
    errand->bytes += response->body.n;
    errand->pieces[errand->piece_count++] = (struct piece){offset, response->body};
    response->body = (struct sw_buffer){0};
}

/* Take the bytes that came; the response keeps nothing of them. */
static void take(void *self, size_t i, struct sw_fetch_response *response)
{
    struct errands *errands = self;
    struct errand *errand = &errands->list[i / RANGES];
    struct sw_inside *wheel = errand->wheel;
    if (errand->done)
        return; /* another range failed */
    wheel->code = response->code;
    if (response->code != 0) {
        wheel->error = response->error;
    } else if (errand->size != 0 && response->total != errand->size) {
        wheel->code =
            sw_fail(&wheel->error, SW_EENV, "'%s' has %llu bytes, not %llu as its index says", wheel->name,
                    (unsigned long long)response->total, (unsigned long long)errand->size);
    } else {
        bool tail = errand->lacking_count == 0 && !wheel->from_start;
        uint64_t offset = errand->lacking_count == 0 ? 0 : errand->lacking[i % RANGES].offset;
        errand->size = response->total;
        add_piece(errands, errand, tail ? response->total - response->body.n : offset, response);
        return;
    }
    errand->done = true;
}

static void release_pieces(struct errand *errand)
{
    for (size_t i = 0; i < errand->piece_count; i++)
        sw_buffer_release(&errand->pieces[i].bytes);
    free(errand->pieces);
    errand->pieces = NULL;
    errand->piece_count = 0;
}

/* Do a round; `more` tells if there was anything left to do. */
static int go_round(bool *more, struct errands *errands, struct sw_fetcher *fetcher, struct sw_error *error)
{
    const struct sw_fetch_batch batch = {ask, take, errands};
    int code = sw_fetch_batch(fetcher, &batch, errands->count * RANGES, error);
    if (code == 0 && errands->failed)
        code = sw_fail_memory(error);
    *more = false;
    for (size_t i = 0; i < errands->count && code == 0; i++) {
        if (!errands->list[i].done)
            advance(&errands->list[i]);
        if (errands->list[i].done)
            release_pieces(&errands->list[i]);
        *more = *more || !errands->list[i].done;
    }
    return code;
}

int sw_inside_read(struct sw_inside *wheels, struct sw_fetcher *fetcher, size_t count, struct sw_error *error)
{
    if (count == 0)
        return 0;
    struct errands errands = {.list = calloc(count, sizeof *errands.list), .count = count};
    if (errands.list == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        errands.list[i] = (struct errand){.wheel = &wheels[i], .size = wheels[i].size};
    int code = 0;
    for (bool more = true; more && code == 0;) /* each has at most ROUNDS */
        code = go_round(&more, &errands, fetcher, error);
    for (size_t i = 0; i < count; i++)
        release_pieces(&errands.list[i]);
    free(errands.list);
    return code;
}

/* ---- metadata ---- */

/* Find NAME-VERSION.dist-info/METADATA; there must be exactly one such member. */
static int find_metadata(const struct sw_zip_member **out, const struct sw_zip *zip, struct sw_error *error)
{
    const struct sw_zip_member *found = NULL;
    for (size_t i = 0; i < zip->count; i++) {
        struct sw_str rest = zip->members[i].name, folder = sw_str_cut(&rest, '/');
        if (!sw_str_ends(folder, ".dist-info") || !sw_str_is(rest, "METADATA"))
            continue;
        if (found != NULL)
            return sw_fail(error, SW_EINPUT, "'%s' is no wheel: it describes two distributions",
                           zip->reader->name);
        found = &zip->members[i];
    }
    if (found == NULL)
        return sw_fail(error, SW_EINPUT, "'%s' is no wheel: it has no METADATA", zip->reader->name);
    *out = found;
    return 0;
}

int sw_inside_metadata(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    const struct sw_zip_member *member = NULL;
    struct sw_zip zip;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_clear(self);
    int code = sw_zip_open(&zip, &arena, reader, error);
    if (code == 0)
        code = find_metadata(&member, &zip, error);
    if (code != 0)
        return code;
    const struct sw_range range = sw_zip_range(member);
    code = sw_reader_expect(reader, &range, 1, error);
    return code != 0 ? code : sw_zip_read(&zip, member, self, error);
}
