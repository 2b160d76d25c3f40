/* Names that are looked up again and again, in files as large as a hostile author likes: sorted once. */
#include "author/draft_internal.h"

struct draft_names draft_names_new(struct sw_draft *draft, size_t count)
{
    struct draft_names names = {sw_arena_array(&draft->arena, count + 1, sizeof *names.rows), count};
    draft->failed = draft->failed || names.rows == NULL;
    if (names.rows == NULL)
        return (struct draft_names){0};
    memset(names.rows, 0, (count + 1) * sizeof *names.rows);
    return names;
}

static int by_name(const void *a, const void *b)
{
    const struct draft_named *one = a, *other = b;
    int order = sw_str_compare(one->name, other->name);
    order = order != 0 ? order : sw_str_compare(one->detail, other->detail);
    return order != 0 ? order : (one->number > other->number) - (one->number < other->number);
}

void draft_names_sort(struct draft_names *names)
{
    if (names->count > 1)
        qsort(names->rows, names->count, sizeof *names->rows, by_name);
}

/* The first row that does not stand before the name, or behind it if `behind` is set. */
static size_t edge(const struct draft_names *names, struct sw_str name, const struct sw_str *detail,
                   bool behind)
{
    size_t low = 0, high = names->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct draft_named *row = &names->rows[middle];
        int order = sw_str_compare(row->name, name);
        if (order == 0 && detail != NULL)
            order = sw_str_compare(row->detail, *detail);
        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct draft_names draft_names_find(const struct draft_names *names, struct sw_str name,
                                    const struct sw_str *detail)
{
    const size_t first = edge(names, name, detail, false);
    return (struct draft_names){names->rows + first, edge(names, name, detail, true) - first};
}
