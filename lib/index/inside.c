#include "index/inside.h"

#include "base/limits.h"
#include "wheel/zip.h"

enum {
    TAIL = 64 * 1024,  /* of the file, to begin with */
    LEAST = 16 * 1024, /* is fetched of what is lacking: it often lies side by side */
    PIECES = 8,        /* to come to the end with */
};

/* Bytes of the file that are at hand. */
struct piece {
    uint64_t offset;
    struct sw_buffer bytes;
};

/* One wheel on its way. */
struct errand {
    struct sw_inside *wheel;
    uint64_t size;
    struct piece pieces[PIECES];
    size_t piece_count;
    struct sw_range lacking; /* size 0: nothing */
    bool done;
};

/* What a reading needs; what it lacks becomes known by its failure. */
static int read_pieces(void *self, void *out, uint64_t offset, size_t n, struct sw_error *error)
{
    struct errand *errand = self;
    for (size_t i = 0; i < errand->piece_count; i++) {
        const struct piece *piece = &errand->pieces[i];
        if (offset >= piece->offset && offset - piece->offset <= piece->bytes.n &&
            n <= piece->bytes.n - (offset - piece->offset)) {
            memcpy(out, piece->bytes.p + (offset - piece->offset), n);
            return 0;
        }
    }
    errand->lacking = (struct sw_range){offset, n};
    return sw_fail(error, SW_EENV, "not at hand yet");
}

/* A member is read piece by piece; to announce it is to want it as a whole. */
static int expect_piece(void *self, const struct sw_range *ranges, size_t count, struct sw_error *error)
{
    struct errand *errand = self;
    (void)count; /* one */
    for (size_t i = 0; i < errand->piece_count; i++) {
        const struct piece *piece = &errand->pieces[i];
        if (ranges->offset >= piece->offset &&
            ranges->offset + ranges->size <= piece->offset + piece->bytes.n)
            return 0;
    }
    errand->lacking = ranges[0];
    return sw_fail(error, SW_EENV, "not at hand yet");
}

/* NAME-VERSION.dist-info/METADATA, of which there is one. */
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

static int read_metadata(struct errand *errand, struct sw_error *error)
{
    const struct sw_reader reader = {read_pieces, expect_piece, errand, errand->size, errand->wheel->name};
    const struct sw_zip_member *member = NULL;
    struct sw_zip zip;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    int code = sw_zip_open(&zip, &arena, &reader, error);
    if (code == 0)
        code = find_metadata(&member, &zip, error);
    if (code != 0)
        return code;
    const struct sw_range range = sw_zip_range(member);
    code = sw_reader_expect(&reader, &range, 1, error);
    return code != 0 ? code : sw_zip_read(&zip, member, errand->wheel->out, error);
}

/* Read as far as it goes: to the end, or to what is lacking. */
static void advance(struct errand *errand)
{
    struct sw_inside *wheel = errand->wheel;
    errand->lacking = (struct sw_range){0};
    sw_buffer_clear(wheel->out);
    wheel->code = read_metadata(errand, &wheel->error);
    errand->done = errand->lacking.size == 0 || errand->piece_count == PIECES;
}

/* What it lacks, of the list `self`; nothing where it is done. */
static int ask(void *self, size_t i, struct sw_fetch_request *request, struct sw_error *error)
{
    const struct errand *errand = &((struct errand *)self)[i];
    struct sw_range range = errand->lacking;
    (void)error;
    if (errand->done)
        return 0;
    request->url = errand->wheel->url;
    if (errand->size == 0) {
        request->range = (struct sw_fetch_range){.size = TAIL, .from_end = true};
        return 0;
    }
    if (errand->piece_count == 0) {
        range.size = errand->size < TAIL ? errand->size : TAIL;
        range.offset = errand->size - range.size;
    }
    range.size = range.size > LEAST ? range.size : LEAST;
    range.size = range.size < errand->size - range.offset ? range.size : errand->size - range.offset;
    request->range = (struct sw_fetch_range){.offset = range.offset, .size = range.size};
    request->max = (size_t)range.size;
    return 0;
}

/* Take what came, and go on with it; the response keeps nothing of it. */
static void take(void *self, size_t i, struct sw_fetch_response *response)
{
    struct errand *errand = &((struct errand *)self)[i];
    struct sw_inside *wheel = errand->wheel;
    wheel->code = response->code;
    if (response->code != 0) {
        wheel->error = response->error;
    } else if (errand->size != 0 && response->total != errand->size) {
        wheel->code =
            sw_fail(&wheel->error, SW_EENV, "'%s' has %llu bytes, not %llu as its index says", wheel->name,
                    (unsigned long long)response->total, (unsigned long long)errand->size);
    } else {
        uint64_t offset = errand->size == 0 ? response->total - response->body.n : errand->lacking.offset;
        if (errand->size != 0 && errand->piece_count == 0)
            offset = errand->size - response->body.n;
        errand->size = response->total;
        errand->pieces[errand->piece_count++] = (struct piece){offset, response->body};
        response->body = (struct sw_buffer){0};
        advance(errand);
        return;
    }
    errand->done = true;
}

static bool all_done(const struct errand *errands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!errands[i].done)
            return false;
    }
    return true;
}

int sw_inside_read(struct sw_inside *wheels, struct sw_fetcher *fetcher, size_t count, struct sw_error *error)
{
    if (count == 0)
        return 0;
    struct errand *errands = calloc(count, sizeof *errands);
    if (errands == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        errands[i] = (struct errand){.wheel = &wheels[i], .size = wheels[i].size};
    const struct sw_fetch_batch batch = {ask, take, errands};
    int code = 0;
    while (code == 0 && !all_done(errands, count)) /* each round gives each a piece more, and there are few */
        code = sw_fetch_batch(fetcher, &batch, count, error);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < errands[i].piece_count; j++)
            sw_buffer_release(&errands[i].pieces[j].bytes);
    }
    free(errands);
    return code;
}
