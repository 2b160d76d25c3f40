/* Memory for things that die together.
 *
 * An arena has a maximum; an allocation past it, or past the machine's memory, returns NULL. Nothing is freed
 * by itself: sw_arena_release() frees all. An arena serves one thread at a time. */
#ifndef SLIPWAY_BASE_ARENA_H
#define SLIPWAY_BASE_ARENA_H

#include "base/str.h"

struct sw_arena_block;

struct sw_arena {
    struct sw_arena_block *blocks; /* newest first */
    size_t used;                   /* bytes handed out, padding included */
    size_t max;
};

void sw_arena_init(struct sw_arena *arena, size_t max);
/* Takes NULL and a zeroed or released arena. */
void sw_arena_release(struct sw_arena *arena);
#define SW_ARENA_AUTO SW_CLEANUP(sw_arena_release) struct sw_arena

/* `size` zeroed bytes aligned for any type, or NULL. */
void *sw_arena_alloc(struct sw_arena *arena, size_t size) SW_NODISCARD;
/* An array of `count` zeroed elements, or NULL (also on overflow). */
void *sw_arena_array(struct sw_arena *arena, size_t count, size_t size) SW_NODISCARD;
/* NUL-terminated copies, or NULL. */
char *sw_arena_copy(struct sw_arena *arena, struct sw_str s) SW_NODISCARD;
char *sw_arena_text(struct sw_arena *arena, const char *text) SW_NODISCARD;
char *sw_arena_format(struct sw_arena *arena, const char *format, ...) SW_PRINTF(2, 3) SW_NODISCARD;

/* Room for one more element in an arena array that doubles: returns `items`, or a copy with twice the room
 * when `count` elements fill it (count 0, or a power of two from 4 on), or NULL. */
void *sw_arena_grow(struct sw_arena *arena, void *items, size_t count, size_t size) SW_NODISCARD;

#endif
