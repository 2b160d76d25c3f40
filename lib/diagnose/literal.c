#include "diagnose/literal_internal.h"

#include "base/limits.h"

/* The rest of the pattern, and the part that was not understood. */
struct reader {
    struct sw_str rest;
    struct sw_arena *arena;
    unsigned depth;
    /* NULL, or the reason why the pattern is not understood. */
    const char *fault;
};

/* Fixed bytes in a row, as they are met. */
struct run {
    char bytes[SW_LITERAL_LONGEST];
    size_t n;
};

static size_t shortest(const struct sw_literals *set)
{
    size_t least = set->count == 0 ? 0 : SIZE_MAX;
    for (size_t i = 0; i < set->count; i++)
        least = set->items[i].n < least ? set->items[i].n : least;
    return least;
}

static void keep_better(struct sw_literals *best, const struct sw_literals *other)
{
    if (shortest(other) > shortest(best))
        *best = *other;
}

/* End a run: the text so far is a candidate. */
static void end_run(struct reader *r, struct run *run, struct sw_literals *best)
{
    if (run->n > shortest(best)) {
        char *text = sw_arena_copy(r->arena, (struct sw_str){run->bytes, run->n});
        if (text == NULL) {
            r->fault = "memory ran out";
            return;
        }
        *best = (struct sw_literals){.items = {{text, run->n}}, .count = 1};
    }
    run->n = 0;
}

static bool next_is(const struct reader *r, const char *text)
{
    return sw_str_starts(r->rest, text);
}

static void skip(struct reader *r, size_t n)
{
    n = n < r->rest.n ? n : r->rest.n;
    r->rest.p += n;
    r->rest.n -= n;
}

/* The number of times that the item before may come. */
enum times { ONCE, OFTEN, PERHAPS };

static enum times read_quantifier(struct reader *r)
{
    enum times times = ONCE;
    if (next_is(r, "?") || next_is(r, "*"))
        times = PERHAPS;
    else if (next_is(r, "+"))
        times = OFTEN;
    else if (next_is(r, "{") && r->rest.n > 1 && sw_is_digit((unsigned char)r->rest.p[1]))
        times = r->rest.p[1] == '0' ? PERHAPS : OFTEN;
    else
        return ONCE;
    if (next_is(r, "{")) {
        while (r->rest.n > 0 && !next_is(r, "}"))
            skip(r, 1);
    }
    skip(r, 1);
    if (next_is(r, "?") || next_is(r, "+")) /* lazy or possessive */
        skip(r, 1);
    return times;
}

/* "[^]a-z[:alpha:]]": one byte of many. */
static void skip_class(struct reader *r)
{
    skip(r, next_is(r, "[^") ? 2 : 1);
    if (next_is(r, "]"))
        skip(r, 1);
    while (r->rest.n > 0 && !next_is(r, "]")) {
        if (next_is(r, "[:")) {
            while (r->rest.n > 0 && !next_is(r, ":]"))
                skip(r, 1);
            skip(r, 1);
        }
        skip(r, next_is(r, "\\") ? 2 : 1);
    }
    skip(r, 1);
}

static struct sw_literals read_alternatives(struct reader *r);

/* Step past a group's opening: true if the group's content is part of the match. */
static bool open_group(struct reader *r)
{
    static const char *const looks[] = {"(?=", "(?!", "(?<=", "(?<!"};
    static const char *const plain[] = {"(?:", "(?>", "(?i:"};
    for (size_t i = 0; i < SW_COUNT(looks); i++) {
        if (next_is(r, looks[i])) {
            skip(r, strlen(looks[i]));
            return false;
        }
    }
    for (size_t i = 0; i < SW_COUNT(plain); i++) {
        if (next_is(r, plain[i])) {
            skip(r, strlen(plain[i]));
            return true;
        }
    }
    if (next_is(r, "(?<") || next_is(r, "(?P<")) {
        while (r->rest.n > 0 && !next_is(r, ">"))
            skip(r, 1);
    } else if (next_is(r, "(?") || next_is(r, "(*")) {
        r->fault = "this kind of group is not understood";
    }
    skip(r, 1);
    return true;
}

static struct sw_literals read_group(struct reader *r)
{
    struct sw_literals nothing = {0};
    if (++r->depth > SW_MAX_PATTERN_DEPTH) {
        r->fault = "groups are nested too deeply";
        return nothing;
    }
    bool counts = open_group(r);
    struct sw_literals inner = read_alternatives(r);
    if (!next_is(r, ")"))
        r->fault = "a group is not closed";
    skip(r, 1);
    r->depth--;
    return counts ? inner : nothing;
}

/* Read an escape at the start: return its byte if it stands for a byte, else -1; *width is 0 for an escape
 * that takes no room. */
static int read_escape(struct reader *r, unsigned *width)
{
    int c = r->rest.n > 1 ? (unsigned char)r->rest.p[1] : '\\';
    skip(r, 2);
    *width = 1;
    if (!sw_is_alnum(c))
        return c;
    switch (c) {
    case 'b':
    case 'B':
    case 'A':
    case 'z':
    case 'Z':
        *width = 0;
        return -1;
    case 't':
        return '\t';
    case 'd':
    case 'D':
    case 's':
    case 'S':
    case 'w':
    case 'W':
    case 'h':
    case 'H':
    case 'R':
    case 'n':
        return -1;
    default:
        r->fault = "this escape is not understood";
        return -1;
    }
}

/* Read a byte, class, anchor or escape. */
static void read_single(struct reader *r, struct run *run, struct sw_literals *best)
{
    unsigned width = 1;
    int byte = -1;
    if (next_is(r, "[")) {
        skip_class(r);
    } else if (next_is(r, "\\")) {
        byte = read_escape(r, &width);
    } else if (next_is(r, "^") || next_is(r, "$")) {
        width = 0;
        skip(r, 1);
    } else {
        byte = next_is(r, ".") ? -1 : (unsigned char)r->rest.p[0];
        skip(r, 1);
    }
    enum times times = read_quantifier(r);
    if (byte >= 0 && times != PERHAPS && run->n < sizeof run->bytes)
        run->bytes[run->n++] = (char)byte;
    bool goes_on = width == 0 || (byte >= 0 && times == ONCE && run->n < sizeof run->bytes);
    if (!goes_on)
        end_run(r, run, best);
}

static struct sw_literals read_sequence(struct reader *r)
{
    struct sw_literals best = {0};
    struct run run = {.n = 0};
    while (r->fault == NULL && r->rest.n > 0 && !next_is(r, "|") && !next_is(r, ")")) {
        if (next_is(r, "(?i)")) {
            skip(r, 4);
        } else if (next_is(r, "(")) {
            end_run(r, &run, &best);
            struct sw_literals inner = read_group(r);
            if (read_quantifier(r) != PERHAPS)
                keep_better(&best, &inner);
        } else {
            read_single(r, &run, &best);
        }
    }
    end_run(r, &run, &best);
    return best;
}

static struct sw_literals read_alternatives(struct reader *r)
{
    struct sw_literals all = read_sequence(r);
    while (r->fault == NULL && next_is(r, "|")) {
        skip(r, 1);
        struct sw_literals more = read_sequence(r);
        if (all.count == 0 || more.count == 0 || all.count + more.count > SW_COUNT(all.items)) {
            all.count = 0;
            continue;
        }
        memcpy(all.items + all.count, more.items, more.count * sizeof more.items[0]);
        all.count += more.count;
    }
    return all;
}

int sw_literals_find(struct sw_literals *out, struct sw_arena *arena, struct sw_str pattern,
                     struct sw_error *error)
{
    struct reader r = {.rest = pattern, .arena = arena};
    struct sw_literals found = read_alternatives(&r);
    if (r.fault == NULL && r.rest.n > 0)
        r.fault = "a group is closed that was not opened";
    if (r.fault != NULL)
        return sw_fail(error, SW_EINPUT, "cannot tell which texts the pattern needs: %s", r.fault);
    if (shortest(&found) < SW_LITERAL_SHORTEST) {
        (void)sw_fail(error, SW_EINPUT, "the pattern has no fixed text of %d bytes that every match holds",
                      SW_LITERAL_SHORTEST);
        return sw_error_hint(error, "add the words that stand before or after what it looks for");
    }
    *out = found;
    return 0;
}
