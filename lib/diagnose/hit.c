#include "diagnose/hit_internal.h"

#include "base/text.h"

enum {
    LONGEST_VALUE = 1024,
    MOST_LINES = 24, /* evidence */
    ARENA = 64 * 1024,
};

/* A copy that is safe to show, with every run of blanks and line ends as one blank: a value may come from
 * several lines. */
static struct sw_str copy_value(struct sw_arena *arena, struct sw_str value)
{
    SW_BUFFER_AUTO text, clean;
    sw_buffer_init(&text, LONGEST_VALUE);
    sw_buffer_init(&clean, 4 * LONGEST_VALUE);
    for (size_t i = 0; i < value.n; i++) {
        bool blank = sw_is_space((unsigned char)value.p[i]);
        if (!blank || text.n == 0 || text.p[text.n - 1] != ' ')
            sw_buffer_add_char(&text, blank ? ' ' : value.p[i]);
    }
    sw_text_add_clean(&clean, sw_buffer_str(&text));
    const char *copy = sw_arena_copy(arena, sw_buffer_str(&clean));
    return (struct sw_str){copy, copy == NULL ? 0 : clean.n};
}

/* Take over the values that a match caught; an earlier value of the same name stays. */
static void take_values(struct sw_hit *hit, const struct sw_values *caught)
{
    for (size_t i = 0; i < hit->rule->names.count; i++) {
        if (caught->items[i].n > 0 && hit->values.items[i].n == 0)
            hit->values.items[i] = copy_value(&hit->arena, sw_str_trim(caught->items[i]));
    }
}

static bool has_line(const struct sw_hit *hit, uint64_t number)
{
    for (size_t i = 0; i < hit->line_count; i++) {
        if (hit->lines[i].number == number)
            return true;
    }
    return false;
}

static void add_line(struct sw_hit *hit, struct sw_str text, uint64_t number)
{
    if (hit->line_count == MOST_LINES || has_line(hit, number))
        return;
    struct sw_hit_line *lines =
        sw_arena_grow(&hit->arena, hit->lines, hit->line_count, sizeof(struct sw_hit_line));
    if (lines == NULL)
        return;
    hit->lines = lines;
    text.n = text.n < SW_MAX_LOG_TAIL_LINE ? text.n : SW_MAX_LOG_TAIL_LINE;
    const char *copy = sw_arena_copy(&hit->arena, text);
    if (copy != NULL)
        hit->lines[hit->line_count++] = (struct sw_hit_line){{copy, text.n}, number};
}

/* The lines around a hit, oldest first, each with its line end. */
struct window {
    struct sw_str text;
    const uint64_t *numbers;
    size_t count;
};

/* Every line of the window that the match touches is evidence. */
static void add_touched(struct sw_hit *hit, const struct window *window, struct sw_str match)
{
    struct sw_str rest = window->text;
    const char *end = match.p + match.n;
    for (size_t i = 0; i < window->count && rest.p != NULL && rest.p < end; i++) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        if (line.p + line.n > match.p)
            add_line(hit, line, window->numbers[i]);
    }
}

/* The part of the window that is within `lines` of the hit. */
static struct window nearest(struct window window, bool before, unsigned lines)
{
    size_t skip = before && window.count > lines ? window.count - lines : 0;
    for (size_t i = 0; i < skip; i++)
        (void)sw_str_cut(&window.text, '\n');
    window.numbers += skip;
    window.count -= skip;
    if (window.count <= lines)
        return window;
    struct sw_str rest = window.text;
    for (size_t i = 0; i < lines; i++)
        (void)sw_str_cut(&rest, '\n');
    window.text.n -= rest.n;
    window.count = lines;
    return window;
}

static bool match_near(struct sw_hit *hit, struct sw_matcher *matcher, const struct sw_rule_near *near,
                       struct window window)
{
    size_t from = 0;
    bool any = false;
    if (near->side == SW_NEAR_BEFORE || near->side == SW_NEAR_AFTER)
        window = nearest(window, near->side == SW_NEAR_BEFORE, near->within);
    while (from <= window.text.n && (!any || near->all)) {
        struct sw_str match;
        struct sw_values caught = {0};
        if (!sw_pattern_match(near->pattern, matcher, window.text, &from, &match, &caught))
            break;
        any = true;
        if (near->absent)
            return false;
        take_values(hit, &caught);
        add_touched(hit, &window, match);
    }
    return any || !near->required || near->absent;
}

/* Run the patterns of a side over its window; false if a required pattern does not match, or if an excluding
 * pattern does. */
static bool match_side(struct sw_hit *hit, struct sw_matcher *matcher, int side, struct window window)
{
    for (size_t i = 0; i < hit->rule->near_count; i++) {
        const struct sw_rule_near *near = &hit->rule->near[i];
        if ((int)near->side == side && !match_near(hit, matcher, near, window))
            return false;
    }
    return true;
}

/* Match the lines of the step before the line, as far as any pattern looks back. */
static bool match_before(struct sw_hit *hit, struct sw_matcher *matcher, const struct sw_step *step)
{
    uint64_t numbers[SW_MAX_LOG_TAIL];
    size_t count = 0, lines = 0;
    for (size_t i = 0; i < hit->rule->near_count; i++) {
        if (hit->rule->near[i].side == SW_NEAR_BEFORE && hit->rule->near[i].within > lines)
            lines = hit->rule->near[i].within;
    }
    if (lines == 0)
        return true;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_LOG_TAIL * (SW_MAX_LOG_TAIL_LINE + 1));
    for (size_t back = lines; back > 0; back--) {
        const struct sw_kept_line *line = sw_step_line(step, back);
        if (line == NULL)
            continue;
        sw_buffer_add(&text, line->text, line->n);
        sw_buffer_add_char(&text, '\n');
        numbers[count++] = line->number;
    }
    return match_side(hit, matcher, SW_NEAR_BEFORE, (struct window){sw_buffer_str(&text), numbers, count});
}

struct sw_hit *sw_hit_new(const struct sw_rule *rule, struct sw_matcher *matcher, const struct sw_step *step,
                          struct sw_str line, uint64_t number)
{
    size_t from = 0;
    struct sw_str match;
    struct sw_values caught = {0};
    if (!sw_pattern_match(rule->pattern, matcher, line, &from, &match, &caught))
        return NULL;
    struct sw_hit *hit = calloc(1, sizeof *hit);
    if (hit == NULL)
        return NULL;
    *hit =
        (struct sw_hit){.rule = rule, .step = step->serial, .number = number, .awaited = rule->lines_after};
    sw_arena_init(&hit->arena, ARENA);
    sw_buffer_init(&hit->window, SW_MAX_LOG_WINDOW);
    take_values(hit, &caught);
    const struct window own = {.text = line}, name = {.text = {step->name, step->name_n}};
    if (!match_side(hit, matcher, SW_NEAR_LINE, own) || !match_side(hit, matcher, SW_NEAR_STEP, name) ||
        !match_before(hit, matcher, step)) {
        sw_hit_free(hit);
        return NULL;
    }
    add_line(hit, line, number);
    return hit;
}

void sw_hit_set(struct sw_hit *hit, int name, struct sw_str value)
{
    hit->values.items[name] = copy_value(&hit->arena, value);
}

void sw_hit_free(struct sw_hit *hit)
{
    if (hit == NULL)
        return;
    sw_buffer_release(&hit->window);
    sw_arena_release(&hit->arena);
    free(hit);
}

bool sw_hit_follow(struct sw_hit *hit, struct sw_str line, uint64_t number)
{
    line.n = line.n < SW_MAX_LOG_TAIL_LINE ? line.n : SW_MAX_LOG_TAIL_LINE;
    sw_buffer_add_str(&hit->window, line);
    sw_buffer_add_char(&hit->window, '\n');
    hit->window_numbers[hit->window_count++] = number;
    hit->awaited--;
    return hit->awaited == 0;
}

static struct sw_str replaced(struct sw_arena *arena, struct sw_str value, const struct sw_rule_derived *row)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * LONGEST_VALUE);
    while (value.n > 0) {
        const struct sw_member *pair = NULL;
        for (size_t i = 0; i < row->count && pair == NULL; i++) {
            struct sw_str key = sw_node_member_at(row->pairs, i)->key;
            if (key.n > 0 && value.n >= key.n && memcmp(value.p, key.p, key.n) == 0)
                pair = sw_node_member_at(row->pairs, i);
        }
        size_t n = pair == NULL ? 1 : pair->key.n;
        sw_buffer_add_str(&text, pair == NULL ? (struct sw_str){value.p, 1} : sw_node_str(pair->value));
        value = (struct sw_str){value.p + n, value.n - n};
    }
    return copy_value(arena, sw_buffer_str(&text));
}

static struct sw_str written(struct sw_hit *hit, const struct sw_phrase *phrase)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, LONGEST_VALUE);
    sw_phrase_write(&text, phrase, &hit->values);
    return copy_value(&hit->arena, sw_buffer_str(&text));
}

static struct sw_str looked_up(struct sw_hit *hit, struct sw_str value, const struct sw_rule_derived *row)
{
    for (size_t i = 0; i < row->count; i++) {
        if (sw_str_equal(value, sw_node_member_at(row->pairs, i)->key))
            return sw_node_str(sw_node_member_at(row->pairs, i)->value);
    }
    return written(hit, &row->otherwise);
}

static void derive(struct sw_hit *hit)
{
    for (size_t i = 0; i < hit->rule->derived_count; i++) {
        const struct sw_rule_derived *row = &hit->rule->derived[i];
        struct sw_str value = hit->values.items[row->from];
        if (value.n > 0)
            hit->values.items[row->to] =
                row->replace ? replaced(&hit->arena, value, row) : looked_up(hit, value, row);
        else if (row->missing.count > 0)
            hit->values.items[row->to] = written(hit, &row->missing);
    }
}

bool sw_hit_complete(struct sw_hit *hit, struct sw_matcher *matcher)
{
    struct window window = {sw_buffer_str(&hit->window), hit->window_numbers, hit->window_count};
    bool complete = match_side(hit, matcher, SW_NEAR_AFTER, window);
    sw_buffer_release(&hit->window);
    hit->awaited = 0;
    if (complete)
        derive(hit);
    return complete;
}

bool sw_hit_equal(const struct sw_hit *a, const struct sw_hit *b)
{
    if (a->rule != b->rule)
        return false;
    for (size_t i = 0; i < a->rule->names.count; i++) {
        if (!sw_str_equal(a->values.items[i], b->values.items[i]))
            return false;
    }
    return true;
}
