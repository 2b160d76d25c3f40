/* E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy algorithm of section 4: the
 * furthest reach on every diagonal, for one changed line more each round, kept to find the way back. */
#include "data/diff.h"
#include "data/node_internal.h"

#include "base/arena.h"
#include "base/limits.h"

enum { CONTEXT = 3 };

struct lines {
    struct sw_str *items; /* each with its line break */
    size_t count;
};

struct diff {
    struct sw_arena arena;
    struct lines before, after;
    /* For each line of `before`: true if it is not in `after`. */
    bool *gone;
    bool *come; /* of each line of `after` */
};

static bool split(struct lines *lines, struct sw_arena *arena, struct sw_str text)
{
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end == NULL ? text.n : (size_t)(end - text.p) + 1;
        struct sw_str *items = sw_arena_grow(arena, lines->items, lines->count, sizeof *items);
        if (items == NULL)
            return false;
        items[lines->count++] = (struct sw_str){text.p, n};
        lines->items = items;
        text = (struct sw_str){text.p + n, text.n - n};
    }
    return true;
}

/* -- the shortest way ---------------------------------------------------------------------------------------------- */

/* The part of both texts between their common beginning and their common end. */
struct middle {
    const struct sw_str *a, *b;
    int n, m;
};

/* Rounds of the algorithm: round d holds the reach in `a` on the diagonals -d to d, every second one of them. */
struct rounds {
    int *reach[SW_MAX_DIFF_CHANGES + 1];
};

static int reach_at(const struct rounds *rounds, int d, int diagonal)
{
    return rounds->reach[d][(diagonal + d) / 2];
}

/* Return true if the best way to `diagonal` in round d adds a line of `b`, rather than taking a line of `a`
 * out. */
static bool adds_line(const struct rounds *rounds, int d, int diagonal)
{
    if (diagonal == -d)
        return true;
    return diagonal != d && reach_at(rounds, d - 1, diagonal - 1) < reach_at(rounds, d - 1, diagonal + 1);
}

/* The place at which round d begins on a diagonal, before the equal lines that follow. */
static int start_at(const struct rounds *rounds, int d, int diagonal)
{
    if (d == 0)
        return 0;
    return adds_line(rounds, d, diagonal) ? reach_at(rounds, d - 1, diagonal + 1)
                                          : reach_at(rounds, d - 1, diagonal - 1) + 1;
}

/* Return the round that reaches the end of both, or -1 if that takes too many; -2 without memory. */
static int run_rounds(struct rounds *rounds, struct sw_arena *arena, const struct middle *middle)
{
    for (int d = 0; d <= SW_MAX_DIFF_CHANGES; d++) {
        rounds->reach[d] = sw_arena_array(arena, (size_t)d + 1, sizeof(int));
        if (rounds->reach[d] == NULL)
            return -2;
        for (int diagonal = -d; diagonal <= d; diagonal += 2) {
            int x = start_at(rounds, d, diagonal);
            while (x < middle->n && x - diagonal < middle->m && x - diagonal >= 0 &&
                   sw_str_equal(middle->a[x], middle->b[x - diagonal]))
                x++;
            rounds->reach[d][(diagonal + d) / 2] = x;
            if (x >= middle->n && x - diagonal >= middle->m)
                return d;
        }
    }
    return -1;
}

/* Walk back from the end, and note which lines go and come. */
static void trace(const struct rounds *rounds, int d, const struct middle *middle, bool *gone, bool *come)
{
    int diagonal = middle->n - middle->m;
    for (; d > 0; d--) {
        int start = start_at(rounds, d, diagonal);
        if (adds_line(rounds, d, diagonal)) {
            come[start - diagonal - 1] = true;
            diagonal++;
        } else {
            gone[start - 1] = true;
            diagonal--;
        }
    }
}

static int compare(struct diff *diff, struct sw_error *error)
{
    const struct lines *a = &diff->before, *b = &diff->after;
    size_t head = 0, tail = 0;
    while (head < a->count && head < b->count && sw_str_equal(a->items[head], b->items[head]))
        head++;
    while (tail < a->count - head && tail < b->count - head &&
           sw_str_equal(a->items[a->count - 1 - tail], b->items[b->count - 1 - tail]))
        tail++;
    struct middle middle = {head == 0 ? a->items : a->items + head, head == 0 ? b->items : b->items + head,
                            (int)(a->count - head - tail), (int)(b->count - head - tail)};
    struct rounds rounds = {.reach = {NULL}};
    int d = run_rounds(&rounds, &diff->arena, &middle);
    if (d == -2)
        return sw_fail_memory(error);
    if (d >= 0) {
        trace(&rounds, d, &middle, diff->gone + head, diff->come + head);
        return 0;
    }
    memset(diff->gone + head, true, (size_t)middle.n);
    memset(diff->come + head, true, (size_t)middle.m);
    return 0;
}

/* -- printing -------------------------------------------------------------------------------------------------------- */

/* A place in both texts, or a stretch of both. */
struct pair {
    size_t a, b;
};

static void add_line(struct sw_buffer *out, char sign, struct sw_str line)
{
    sw_buffer_add_char(out, sign);
    sw_buffer_add_str(out, line);
    if (!sw_str_ends(line, "\n"))
        sw_buffer_add_text(out, "\n\\ No newline at end of file\n");
}

/* Append "START,COUNT", the count left out if it is 1; an empty range starts at the line before it. */
static void add_range(struct sw_buffer *out, size_t start, size_t count)
{
    sw_buffer_addf(out, "%zu", count == 0 ? start : start + 1);
    if (count != 1)
        sw_buffer_addf(out, ",%zu", count);
}

static void add_hunk(struct sw_buffer *out, const struct diff *diff, struct pair from, struct pair to)
{
    sw_buffer_add_text(out, "@@ -");
    add_range(out, from.a, to.a - from.a);
    sw_buffer_add_text(out, " +");
    add_range(out, from.b, to.b - from.b);
    sw_buffer_add_text(out, " @@\n");
    while (from.a < to.a || from.b < to.b) {
        if (from.a < to.a && diff->gone[from.a]) {
            add_line(out, '-', diff->before.items[from.a++]);
        } else if (from.b < to.b && diff->come[from.b]) {
            add_line(out, '+', diff->after.items[from.b++]);
        } else {
            add_line(out, ' ', diff->before.items[from.a++]);
            from.b++;
        }
    }
}

static bool changes_at(const struct diff *diff, struct pair at)
{
    return (at.a < diff->before.count && diff->gone[at.a]) || (at.b < diff->after.count && diff->come[at.b]);
}

static struct pair skip_changes(const struct diff *diff, struct pair at)
{
    while (at.a < diff->before.count && diff->gone[at.a])
        at.a++;
    while (at.b < diff->after.count && diff->come[at.b])
        at.b++;
    return at;
}

/* The hunk whose first change is at `at` goes on while less than two contexts of equal lines lie between. */
static struct pair hunk_end(const struct diff *diff, struct pair at)
{
    for (;;) {
        at = skip_changes(diff, at);
        size_t equal = 0;
        while (equal <= 2 * CONTEXT && at.a + equal < diff->before.count &&
               !changes_at(diff, (struct pair){at.a + equal, at.b + equal}))
            equal++;
        struct pair next = {at.a + equal, at.b + equal};
        if (equal > 2 * CONTEXT || !changes_at(diff, next)) {
            size_t context = equal < CONTEXT ? equal : CONTEXT;
            return (struct pair){at.a + context, at.b + context};
        }
        at = next;
    }
}

static void print(struct sw_buffer *out, const struct diff *diff, const char *name)
{
    sw_buffer_addf(out, "--- %s\n+++ %s\n", name, name);
    struct pair at = {0, 0}, printed = {0, 0};
    while (at.a < diff->before.count || at.b < diff->after.count) {
        if (!changes_at(diff, at)) {
            at.a++;
            at.b++;
            continue;
        }
        size_t context = at.a - printed.a < CONTEXT ? at.a - printed.a : CONTEXT;
        struct pair end = hunk_end(diff, at);
        add_hunk(out, diff, (struct pair){at.a - context, at.b - context}, end);
        at = printed = end;
    }
}

int sw_diff(struct sw_buffer *out, struct sw_str before, struct sw_str after, const char *name,
            struct sw_error *error)
{
    if (sw_str_equal(before, after))
        return 0;
    struct diff diff = {.gone = NULL};
    sw_arena_init(&diff.arena, SW_MAX_ARENA);
    int code = 0;
    if (split(&diff.before, &diff.arena, before) && split(&diff.after, &diff.arena, after)) {
        diff.gone = sw_arena_array(&diff.arena, diff.before.count + 1, sizeof(bool));
        diff.come = sw_arena_array(&diff.arena, diff.after.count + 1, sizeof(bool));
    }
    if (diff.gone == NULL || diff.come == NULL)
        code = sw_fail_memory(error);
    if (code == 0)
        code = compare(&diff, error);
    if (code == 0)
        print(out, &diff, name);
    sw_arena_release(&diff.arena);
    return code == 0 ? sw_buffer_check(out, "the diff", error) : code;
}
