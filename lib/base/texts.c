#include "base/texts.h"

int sw_texts_add(struct sw_texts *texts, struct sw_arena *arena, const char *text, struct sw_error *error)
{
    const char **items = sw_arena_grow(arena, (void *)texts->items, texts->count, sizeof *items);
    if (items == NULL)
        return sw_fail_memory(error);
    texts->items = items;
    texts->items[texts->count++] = text;
    return 0;
}

bool sw_texts_have(const struct sw_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->items[i], text) == 0)
            return true;
    }
    return false;
}
