#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>

struct sw_arena_block {
    struct sw_arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

enum { BLOCK_SIZE = 16 * 1024 };

void sw_arena_init(struct sw_arena *arena, size_t max)
{
    *arena = (struct sw_arena){.max = max};
}

void sw_arena_release(struct sw_arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->blocks != NULL) {
        struct sw_arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    arena->used = 0;
}

void *sw_arena_alloc(struct sw_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > arena->max || arena->used > arena->max - size)
        return NULL;
    size = (size + align - 1) / align * align;
    struct sw_arena_block *block = arena->blocks;
    if (block == NULL || size > block->size - block->used) {
        size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = calloc(1, sizeof *block + room);
        if (block == NULL)
            return NULL;
        block->size = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *p = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return p;
}

void *sw_arena_array(struct sw_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return sw_arena_alloc(arena, bytes);
}

char *sw_arena_copy(struct sw_arena *arena, struct sw_str s)
{
    if (s.n == SIZE_MAX)
        return NULL;
    char *p = sw_arena_alloc(arena, s.n + 1);
    if (p != NULL && s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}

char *sw_arena_text(struct sw_arena *arena, const char *text)
{
    return sw_arena_copy(arena, sw_str_from(text));
}

char *sw_arena_format(struct sw_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *p = n < 0 ? NULL : sw_arena_alloc(arena, (size_t)n + 1);
    if (p != NULL)
        (void)vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p;
}

void *sw_arena_grow(struct sw_arena *arena, void *items, size_t count, size_t size)
{
    enum { FIRST = 4 };
    bool full = count == 0 || (count >= FIRST && (count & (count - 1)) == 0);
    if (!full)
        return items;
    size_t room = count == 0 ? FIRST : count * 2;
    void *grown = sw_arena_array(arena, room, size);
    if (grown != NULL && count > 0)
        memcpy(grown, items, count * size);
    return grown;
}
