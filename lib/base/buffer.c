#include "base/buffer.h"

#include <stdarg.h>

static char empty[1];

void sw_buffer_init(struct sw_buffer *b, size_t max)
{
    *b = (struct sw_buffer){.p = empty, .max = max};
}

void sw_buffer_release(struct sw_buffer *b)
{
    if (b == NULL)
        return;
    if (b->capacity > 0)
        free(b->p);
    sw_buffer_init(b, b->max);
}

/* Make room for `more` bytes and the NUL; false, with `state` set, if there is no room. */
static bool reserve(struct sw_buffer *b, size_t more)
{
    if (b->state != SW_BUFFER_OK)
        return false;
    if (more > b->max - b->n) {
        b->state = SW_BUFFER_FULL;
        return false;
    }
    size_t need = b->n + more + 1;
    if (need <= b->capacity)
        return true;
    size_t capacity = b->capacity == 0 ? 64 : b->capacity;
    while (capacity < need)
        capacity *= 2;
    if (capacity > b->max + 1)
        capacity = b->max + 1;
    char *p = realloc(b->capacity == 0 ? NULL : b->p, capacity);
    if (p == NULL) {
        b->state = SW_BUFFER_MEMORY;
        return false;
    }
    b->p = p;
    b->capacity = capacity;
    return true;
}

void sw_buffer_add(struct sw_buffer *b, const void *bytes, size_t n)
{
    if (n == 0 || !reserve(b, n))
        return;
    memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void sw_buffer_add_char(struct sw_buffer *b, char c)
{
    sw_buffer_add(b, &c, 1);
}

void sw_buffer_add_text(struct sw_buffer *b, const char *text)
{
    sw_buffer_add(b, text, strlen(text));
}

void sw_buffer_add_str(struct sw_buffer *b, struct sw_str s)
{
    sw_buffer_add(b, s.p, s.n);
}

void sw_buffer_addf(struct sw_buffer *b, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n > 0 && reserve(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void sw_buffer_clear(struct sw_buffer *b)
{
    b->state = SW_BUFFER_OK;
    sw_buffer_truncate(b, 0);
}

void sw_buffer_consume(struct sw_buffer *b, size_t n)
{
    if (n == 0)
        return;
    memmove(b->p, b->p + n, b->n - n);
    sw_buffer_truncate(b, b->n - n);
}

void sw_buffer_truncate(struct sw_buffer *b, size_t n)
{
    b->n = n;
    if (b->capacity > 0)
        b->p[n] = '\0';
}

struct sw_str sw_buffer_str(const struct sw_buffer *b)
{
    return (struct sw_str){b->p, b->n};
}

int sw_buffer_check(const struct sw_buffer *b, const char *what, struct sw_error *error)
{
    switch (b->state) {
    case SW_BUFFER_OK:
        return 0;
    case SW_BUFFER_FULL:
        return sw_fail(error, SW_EINPUT, "%s is larger than %zu bytes", what, b->max);
    case SW_BUFFER_MEMORY:
        break;
    }
    return sw_fail_memory(error);
}

char *sw_buffer_steal(struct sw_buffer *b)
{
    if (!reserve(b, 0))
        return NULL;
    char *p = b->p;
    p[b->n] = '\0';
    sw_buffer_init(b, b->max);
    return p;
}
