/* Sources of COPY, one a line, then an empty line, then paths of a folder, one a line, a link as "PATH -> TARGET". What is
 * selected lies in the folder, and a source without wildcards selects the path that it is. */
#include "base/beneath.h"
#include "base/limits.h"
#include "context/context_internal.h"
#include "context/glob.h"

#include "fuzz.h"
#include "support.h"

enum { MOST_COPIES = 16, MOST_PATHS = 64 };

static void check_items(const struct sw_selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        const struct sw_selection_item *item = &selection->items[i];
        fuzz_claim(sw_path_is_inside(item->path) && item->origin <= i);
        for (size_t k = 0; k < item->count; k++) {
            fuzz_claim(sw_glob_valid(item->parts[k]));
            if (sw_glob_is_literal(item->parts[k]))
                fuzz_claim(sw_glob_matches(item->parts[k], item->parts[k]));
        }
    }
}

static int match(struct sw_selection *selection, struct sw_arena *arena, struct sw_str line)
{
    const struct sw_str arrow = SW_STR(" -> ");
    const size_t at = sw_str_find(line, arrow);
    const char *path = sw_path_clean(arena, (struct sw_str){line.p, at});
    if (path == NULL || !sw_path_is_inside(path) || strcmp(path, ".") == 0)
        return 0;
    struct sw_path_facts candidate = {.path = sw_str_from(path)};
    if (at < line.n)
        candidate.link = fuzz_text(arena, sw_str_drop(line, at + arrow.n));
    enum sw_selected selected = SW_SELECTED_NOT;
    const size_t count = selection->count;
    int code = sw_selection_match(selection, &selected, &candidate, NULL);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (!selection->items[i].wild && strcmp(selection->items[i].path, path) == 0)
            fuzz_claim(selected == SW_SELECTED);
    }
    return code;
}

int fuzz_select(const uint8_t *data, size_t size)
{
    struct sw_str rest = {(const char *)data, size};
    struct sw_context_copy copies[MOST_COPIES] = {{0}};
    struct sw_selection selection;
    struct sw_error error = {0};
    size_t count = 0;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (struct sw_str line = sw_str_cut(&rest, '\n'); line.n > 0 && count < MOST_COPIES;
         line = sw_str_cut(&rest, '\n'), count++)
        copies[count] =
            (struct sw_context_copy){fuzz_text(&arena, line), "fuzz.yaml", (unsigned)count + 1, 1};
    if (sw_selection_init(&selection, &arena, copies, count, &error) != 0) {
        fuzz_claim(error.code == SW_EINPUT && error.line > 0);
        return 0;
    }
    for (size_t i = 0; rest.p != NULL && i < MOST_PATHS; i++) {
        if (match(&selection, &arena, sw_str_cut(&rest, '\n')) != 0)
            return 0;
    }
    check_items(&selection);
    return 0;
}
