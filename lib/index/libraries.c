#include "index/libraries.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "index/libraries_internal.h"

static const char form[] = "libraries3";

/* The digit in a key changes with the facts that are read from a wheel. */
enum { AT_ONCE = 16 };

struct work {
    struct sw_index *index;
    struct sw_arena *arena; /* of the answers */
    struct sw_index_libraries *wheels;
    size_t count;
};

/* ---- the kept form ---- */

static int add_text(struct sw_index_texts *list, struct sw_arena *arena, struct sw_str text,
                    struct sw_error *error)
{
    const char **items = sw_arena_grow(arena, (void *)list->items, list->count, sizeof(const char *));
    const char *copy = sw_arena_copy(arena, text);
    if (items == NULL || copy == NULL)
        return sw_fail_memory(error);
    list->items = items;
    items[list->count++] = copy;
    return 0;
}

static int add_library(struct sw_index_libraries *wheel, struct sw_arena *arena, struct sw_str member,
                       struct sw_error *error)
{
    struct sw_index_library *items = sw_arena_grow(arena, wheel->items, wheel->count, sizeof *items);
    const char *copy = sw_arena_copy(arena, member);
    if (items == NULL || copy == NULL)
        return sw_fail_memory(error);
    wheel->items = items;
    items[wheel->count++] = (struct sw_index_library){.member = copy};
    return 0;
}

static int take_line(struct sw_index_libraries *wheel, struct sw_arena *arena, char letter,
                     struct sw_str text, struct sw_error *error)
{
    if (letter == 'L')
        return add_library(wheel, arena, text, error);
    if (wheel->count == 0)
        return 0;
    struct sw_index_library *library = &wheel->items[wheel->count - 1];
    switch (letter) {
    case 'X':
        library->unread = true;
        return 0;
    case 'S':
        library->soname = sw_arena_copy(arena, text);
        return 0;
    case 'R':
        library->rpath = sw_arena_copy(arena, text);
        return 0;
    case 'N':
        return add_text(&library->needed, arena, text, error);
    case 'O':
        return add_text(&library->opened, arena, text, error);
    case 'V':
        return add_text(&library->versions, arena, text, error);
    case 'U':
        return add_text(&library->symbols, arena, text, error);
    default:
        return 0;
    }
}

static int read_text(struct sw_index_libraries *wheel, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error)
{
    int code = 0;
    wheel->items = NULL;
    wheel->count = 0;
    while (text.n > 0 && code == 0) {
        struct sw_str line = sw_str_cut(&text, '\n');
        if (line.n >= 2 && line.p[1] == '\t')
            code = take_line(wheel, arena, line.p[0], sw_str_drop(line, 2), error);
    }
    return code;
}

/* ---- reading ---- */

static int refuse_offline(struct sw_index_libraries *wheel)
{
    wheel->code =
        sw_fail(&wheel->error, SW_EENV,
                "the libraries of '%s' are not in the cache, and nothing may be fetched", wheel->file->name);
    return sw_error_hint(&wheel->error, "run it once without --offline");
}

/* Give out the libraries of a wheel that was read, and keep them. */
static int take(struct work *work, struct sw_index_libraries *wheel, const struct sw_inside *inside,
                struct sw_error *error)
{
    const struct sw_wheel_reading *reading = inside->self;
    char key[SW_INDEX_KEY_SIZE];
    wheel->code = inside->code;
    wheel->error = inside->error;
    if (inside->code != 0)
        return 0;
    int code = sw_index_answer_key(key, form, wheel->file, error);
    if (code != 0)
        return code;
    sw_store_put(work->index->options.cache.store, sw_str_from(key), sw_buffer_str(&reading->text));
    return read_text(wheel, work->arena, sw_buffer_str(&reading->text), error);
}

static int read_batch(struct work *work, struct sw_index_libraries *const *wanted, size_t count,
                      struct sw_error *error)
{
    struct sw_wheel_reading readings[AT_ONCE];
    struct sw_inside insides[AT_ONCE];
    for (size_t i = 0; i < count; i++) {
        sw_wheel_reading_init(&readings[i]);
        insides[i] = (struct sw_inside){.url = wanted[i]->file->url,
                                        .name = wanted[i]->file->name,
                                        .size = wanted[i]->file->size,
                                        .most = SW_MAX_LIBRARY_BYTES * 2,
                                        .look = sw_wheel_reading_look,
                                        .self = &readings[i]};
    }
    int code = sw_inside_read(insides, work->index->options.cache.fetcher, count, error);
    for (size_t i = 0; i < count; i++) {
        if (code == 0)
            code = take(work, wanted[i], &insides[i], error);
        sw_wheel_reading_release(&readings[i]);
    }
    return code;
}

/* Recall the wheels that the store has; the others are `wanted`. */
static int recall(struct work *work, struct sw_index_libraries **wanted, size_t *count,
                  struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    *count = 0;
    for (size_t i = 0; i < work->count; i++) {
        struct sw_index_libraries *wheel = &work->wheels[i];
        char key[SW_INDEX_KEY_SIZE];
        wheel->code = 0;
        sw_buffer_clear(&text);
        int code = sw_index_answer_key(key, form, wheel->file, error);
        if (code == 0 && sw_store_get(&text, work->index->options.cache.store, sw_str_from(key)))
            code = read_text(wheel, work->arena, sw_buffer_str(&text), error);
        else if (code == 0 && work->index->options.cache.offline)
            (void)refuse_offline(wheel);
        else if (code == 0)
            wanted[(*count)++] = wheel;
        if (code != 0)
            return code;
    }
    return 0;
}

int sw_index_libraries(struct sw_index_libraries *wheels, struct sw_arena *arena, struct sw_index *index,
                       size_t count, struct sw_error *error)
{
    struct work work = {index, arena, wheels, count};
    size_t wanted_count = 0;
    struct sw_index_libraries **wanted = sw_arena_array(arena, count + 1, sizeof *wanted);
    if (wanted == NULL)
        return sw_fail_memory(error);
    int code = recall(&work, wanted, &wanted_count, error);
    for (size_t i = 0; i < wanted_count && code == 0; i += AT_ONCE) {
        size_t n = wanted_count - i < AT_ONCE ? wanted_count - i : AT_ONCE;
        code = read_batch(&work, wanted + i, n, error);
    }
    return code;
}
