#include "diagnose/literal_scan_internal.h"

#include "diagnose/literal_internal.h"

enum {
    PIECE = 4,  /* bytes looked up at once */
    STRIDE = 3, /* positions from one look-up to the next */
    FILTER_BITS = 16,
    BUCKETS = 8192,
};
_Static_assert(PIECE + STRIDE - 1 == SW_LITERAL_SHORTEST, "a text must cover one look-up whole");

/* A piece of a text. */
struct entry {
    uint32_t piece; /* its bytes, folded */
    uint32_t text;
    uint32_t offset; /* of the piece in the text */
    /* The next entry of the bucket; 0 ends the bucket, entry 0 is not used. */
    uint32_t next;
};

struct sw_scan {
    uint64_t filter[(1 << FILTER_BITS) / 64];
    uint32_t buckets[BUCKETS];
    struct entry *entries;
    struct sw_scan_text *texts;
    size_t count, owners;
};

/* Setting bit 5 makes letters lower case; that it also joins a few signs costs a comparison, never a hit. */
static const uint32_t fold_piece = 0x20202020;
static const unsigned char fold_byte = 0x20;

static uint32_t piece_at(const char *p)
{
    uint32_t piece;
    memcpy(&piece, p, PIECE);
    return piece | fold_piece;
}

static uint32_t hash_of(uint32_t piece)
{
    return (piece * 2654435761U) >> (32 - FILTER_BITS);
}

/* The rough frequency of a byte in build logs: letters of English first, then signs of paths and numbers. */
static unsigned commonness(char c)
{
    static const char common[] = " etaoinsrlhdcump.-/_0123456789gfby";
    const char *at = memchr(common, c | fold_byte, sizeof common - 1);
    return at == NULL ? 1 : (unsigned)(sizeof common - (size_t)(at - common));
}

/* The place of the rarest SW_LITERAL_SHORTEST bytes of a text. */
static size_t rarest_window(struct sw_str text)
{
    size_t best = 0;
    unsigned least = ~0U;
    for (size_t start = 0; start + SW_LITERAL_SHORTEST <= text.n; start++) {
        unsigned sum = 0;
        for (size_t i = 0; i < SW_LITERAL_SHORTEST; i++)
            sum += commonness(text.p[start + i]);
        if (sum < least) {
            least = sum;
            best = start;
        }
    }
    return best;
}

static void add_pieces(struct sw_scan *scan, uint32_t text)
{
    size_t start = rarest_window(scan->texts[text].text);
    for (uint32_t k = 0; k < STRIDE; k++) {
        uint32_t offset = (uint32_t)start + k;
        uint32_t piece = piece_at(scan->texts[text].text.p + offset), hash = hash_of(piece);
        uint32_t index = text * STRIDE + k + 1;
        scan->entries[index] = (struct entry){piece, text, offset, scan->buckets[hash % BUCKETS]};
        scan->buckets[hash % BUCKETS] = index;
        scan->filter[hash / 64] |= 1ULL << (hash % 64);
    }
}

int sw_scan_new(struct sw_scan **out, const struct sw_scan_text *texts, size_t count, size_t owners,
                struct sw_error *error)
{
    struct sw_scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL)
        return sw_fail_memory(error);
    scan->entries = calloc(count * STRIDE + 1, sizeof *scan->entries);
    scan->texts = calloc(count + 1, sizeof *scan->texts);
    if (scan->entries == NULL || scan->texts == NULL) {
        sw_scan_free(scan);
        return sw_fail_memory(error);
    }
    if (count > 0)
        memcpy(scan->texts, texts, count * sizeof *texts);
    scan->count = count;
    scan->owners = owners;
    for (uint32_t i = 0; i < count; i++)
        add_pieces(scan, i);
    *out = scan;
    return 0;
}

void sw_scan_free(struct sw_scan *scan)
{
    if (scan == NULL)
        return;
    free(scan->entries);
    free(scan->texts);
    free(scan);
}

size_t sw_scan_words(const struct sw_scan *scan)
{
    return (scan->owners + 63) / 64;
}

static bool holds(const char *p, struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((p[i] | fold_byte) != (text.p[i] | fold_byte))
            return false;
    }
    return true;
}

/* Compare the line with the texts that have this piece at `at`. */
static bool compare(const struct sw_scan *scan, struct sw_str line, size_t at, uint32_t piece,
                    uint64_t *owners)
{
    bool any = false;
    for (uint32_t i = scan->buckets[hash_of(piece) % BUCKETS]; i != 0; i = scan->entries[i].next) {
        const struct entry *entry = &scan->entries[i];
        if (entry->piece != piece)
            continue;
        const struct sw_scan_text *text = &scan->texts[entry->text];
        if (entry->offset > at || text->text.n > line.n - (at - entry->offset))
            continue;
        if (!holds(line.p + at - entry->offset, text->text))
            continue;
        owners[text->owner / 64] |= 1ULL << (text->owner % 64);
        any = true;
    }
    return any;
}

bool sw_scan_line(const struct sw_scan *scan, struct sw_str line, uint64_t *owners)
{
    bool any = false;
    for (size_t at = 0; at + PIECE <= line.n; at += STRIDE) {
        uint32_t piece = piece_at(line.p + at), hash = hash_of(piece);
        if ((scan->filter[hash / 64] >> (hash % 64) & 1) != 0)
            any |= compare(scan, line, at, piece, owners);
    }
    return any;
}
