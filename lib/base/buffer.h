/* A byte buffer that is born with its maximum.
 *
 * Additions never fail at the call: once memory or the maximum runs out the buffer is `failed`, later
 * additions are ignored, and sw_buffer_check() at the end tells. `p` is always NUL-terminated (also when
 * empty), so that text without NUL bytes can be used as a C string. */
#ifndef SLIPWAY_BASE_BUFFER_H
#define SLIPWAY_BASE_BUFFER_H

#include "base/error.h"
#include "base/str.h"

enum sw_buffer_state { SW_BUFFER_OK, SW_BUFFER_FULL, SW_BUFFER_MEMORY };

struct sw_buffer {
    char *p;
    size_t n; /* bytes in use, without the NUL */
    /* Bytes allocated, 0 while `p` points to the static empty string. */
    size_t capacity;
    size_t max; /* greatest n */
    enum sw_buffer_state state;
};

void sw_buffer_init(struct sw_buffer *b, size_t max);
/* Takes NULL and a zeroed or released buffer. */
void sw_buffer_release(struct sw_buffer *b);
#define SW_BUFFER_AUTO SW_CLEANUP(sw_buffer_release) struct sw_buffer

void sw_buffer_add(struct sw_buffer *b, const void *bytes, size_t n);
void sw_buffer_add_char(struct sw_buffer *b, char c);
void sw_buffer_add_text(struct sw_buffer *b, const char *text);
void sw_buffer_add_str(struct sw_buffer *b, struct sw_str s);
void sw_buffer_addf(struct sw_buffer *b, const char *format, ...) SW_PRINTF(2, 3);

/* Forget the content and a failure, keep the memory. */
void sw_buffer_clear(struct sw_buffer *b);
/* Drop the first `n` bytes (n <= b->n). */
void sw_buffer_consume(struct sw_buffer *b, size_t n);
/* Shorten to `n` bytes (n <= b->n). */
void sw_buffer_truncate(struct sw_buffer *b, size_t n);

struct sw_str sw_buffer_str(const struct sw_buffer *b);
/* 0, or an error that says that `what` is larger than its maximum (SW_EINPUT) or that memory ran out. */
int sw_buffer_check(const struct sw_buffer *b, const char *what, struct sw_error *error) SW_NODISCARD;
/* Give the content away: the caller frees it. The buffer is empty afterwards. NULL when failed. */
char *sw_buffer_steal(struct sw_buffer *b) SW_NODISCARD;

#endif
