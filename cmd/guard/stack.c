#include "stack.h"

#include <string.h>

struct reader {
    const char *text;
    size_t size, at;
    const char *fault;
    unsigned depth;
};

/* Reads one value that belongs to `key`; false after a fault. */
typedef bool member_fn(struct reader *r, const char *key, void *into);

static bool fail(struct reader *r, const char *fault)
{
    if (r->fault == NULL)
        r->fault = fault;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(struct reader *r)
{
    while (r->at < r->size && strchr(" \t\r\n", r->text[r->at]) != NULL && r->text[r->at] != '\0')
        r->at++;
    return r->at < r->size ? r->text[r->at] : '\0';
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != c || r->at >= r->size)
        return false;
    r->at++;
    return true;
}

/* Skip the four digits after \u; the guard does not need the character that they stand for. */
static bool skip_unicode(struct reader *r)
{
    for (int i = 0; i < 4; i++, r->at++) {
        if (r->at >= r->size || r->text[r->at] == '\0' ||
            strchr("0123456789abcdefABCDEF", r->text[r->at]) == NULL)
            return fail(r, "a \\u without four digits");
    }
    return true;
}

/* Read the rest of an escape, after the backslash, into `c` as the character to keep. */
static bool read_escape(struct reader *r, char *c)
{
    char escape = r->at < r->size ? r->text[r->at++] : '\0';
    if (escape == '\0' || strchr("\"\\/bfnrtu", escape) == NULL)
        return fail(r, "an unknown escape");
    *c = strchr("\"\\/", escape) != NULL ? escape : '?';
    return escape != 'u' || skip_unicode(r);
}

/* Read a string into `out` of `size` bytes (NULL: none), cut if it is longer. Every character but printable
 * ASCII becomes '?', since the text may go to a terminal. */
static bool read_string(struct reader *r, char *out, size_t size)
{
    size_t n = 0;
    if (!take(r, '"'))
        return fail(r, "a text is expected");
    while (r->at < r->size && r->text[r->at] != '"') {
        char c = r->text[r->at++];
        if ((unsigned char)c < 0x20)
            return fail(r, "a control character in a text");
        if (c == '\\' && !read_escape(r, &c))
            return false;
        if (n + 1 < size)
            out[n++] = c >= 0x20 && c < 0x7F ? c : '?';
    }
    if (size > 0)
        out[n] = '\0';
    if (r->at >= r->size)
        return fail(r, "a text without end");
    r->at++;
    return true;
}

static bool skip_digits(struct reader *r)
{
    size_t start = r->at;
    while (r->at < r->size && is_digit(r->text[r->at]))
        r->at++;
    return r->at > start || fail(r, "a digit is expected");
}

static bool skip_number(struct reader *r)
{
    if (r->text[r->at] == '-')
        r->at++;
    if (r->at < r->size && r->text[r->at] == '0')
        r->at++;
    else if (!skip_digits(r))
        return false;
    if (r->at < r->size && r->text[r->at] == '.') {
        r->at++;
        if (!skip_digits(r))
            return false;
    }
    if (r->at < r->size && (r->text[r->at] == 'e' || r->text[r->at] == 'E')) {
        r->at++;
        if (r->at < r->size && (r->text[r->at] == '+' || r->text[r->at] == '-'))
            r->at++;
        return skip_digits(r);
    }
    return true;
}

static bool skip_word(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if (r->size - r->at < n || memcmp(r->text + r->at, word, n) != 0)
        return fail(r, "a value is expected");
    r->at += n;
    return true;
}

static bool read_object(struct reader *r, member_fn *member, void *into);
static bool read_list(struct reader *r, member_fn *member, void *into);

/* Any value, read past. */
static bool skip_value(struct reader *r, const char *key, void *into)
{
    (void)key;
    (void)into;
    switch (peek(r)) {
    case '{':
        return read_object(r, skip_value, NULL);
    case '[':
        return read_list(r, skip_value, NULL);
    case '"':
        return read_string(r, NULL, 0);
    case 't':
        return skip_word(r, "true");
    case 'f':
        return skip_word(r, "false");
    case 'n':
        return skip_word(r, "null");
    case '\0':
        return fail(r, "a value is expected");
    default:
        return skip_number(r);
    }
}

static bool enter(struct reader *r)
{
    return ++r->depth <= STACK_MOST_DEPTH || fail(r, "nested too deeply");
}

static bool read_object(struct reader *r, member_fn *member, void *into)
{
    if (!take(r, '{'))
        return fail(r, "'{' is expected");
    if (!enter(r))
        return false;
    bool more = !take(r, '}');
    while (more) {
        char key[STACK_NAME_SIZE];
        if (!read_string(r, key, sizeof key))
            return false;
        if (!take(r, ':'))
            return fail(r, "':' is expected");
        if (!member(r, key, into))
            return false;
        more = take(r, ',');
        if (!more && !take(r, '}'))
            return fail(r, "',' or '}' is expected");
    }
    r->depth--;
    return true;
}

/* Each item is read by `member`, with the key "". */
static bool read_list(struct reader *r, member_fn *member, void *into)
{
    if (!take(r, '['))
        return fail(r, "'[' is expected");
    if (!enter(r))
        return false;
    bool more = !take(r, ']');
    while (more) {
        if (!member(r, "", into))
            return false;
        more = take(r, ',');
        if (!more && !take(r, ']'))
            return fail(r, "',' or ']' is expected");
    }
    r->depth--;
    return true;
}

/* Read past null, which stands for an absent value. */
static bool is_null(struct reader *r)
{
    return peek(r) == 'n' && skip_word(r, "null");
}

static bool read_text(struct reader *r, char *out)
{
    if (out[0] != '\0')
        return fail(r, "a key that stands there twice");
    return is_null(r) || read_string(r, out, STACK_NAME_SIZE);
}

/* Read up to three digits of a text; return false if there is no digit. */
static bool take_number(unsigned *out, const char **text)
{
    const char *start = *text;
    *out = 0;
    while (is_digit(**text) && *text - start < 3)
        *out = *out * 10 + (unsigned)(*(*text)++ - '0');
    return *text > start;
}

static bool parse_capability(struct capability *out, const char *text)
{
    if (!take_number(&out->major, &text) || *text++ != '.' || !take_number(&out->minor, &text))
        return false;
    out->suffix = *text == 'a' || *text == 'f' ? *text++ : '\0';
    return *text == '\0';
}

static bool read_capability(struct reader *r, const char *key, void *into)
{
    struct capabilities *list = into;
    char text[16];
    (void)key;
    if (list->count == STACK_MOST_CAPABILITIES)
        return fail(r, "too many compute capabilities");
    if (!read_string(r, text, sizeof text))
        return false;
    if (!parse_capability(&list->items[list->count], text))
        return fail(r, "a compute capability such as \"8.9\" is expected");
    list->count++;
    return true;
}

static bool read_capabilities(struct reader *r, struct capabilities *list)
{
    if (list->count > 0)
        return fail(r, "a key that stands there twice");
    return is_null(r) || read_list(r, read_capability, list);
}

static bool read_neighbour_member(struct reader *r, const char *key, void *into)
{
    struct neighbour *neighbour = into;
    if (strcmp(key, "name") == 0)
        return read_text(r, neighbour->name);
    if (strcmp(key, "capabilities") == 0)
        return read_capabilities(r, &neighbour->capabilities);
    return skip_value(r, key, NULL);
}

static bool read_neighbour(struct reader *r, const char *key, void *into)
{
    struct stack *stack = into;
    (void)key;
    if (stack->profile_count == STACK_MOST_PROFILES)
        return fail(r, "too many profiles");
    return read_object(r, read_neighbour_member, &stack->profiles[stack->profile_count++]);
}

static bool read_guard(struct reader *r, const char *key, void *into)
{
    struct stack *stack = into;
    if (strcmp(key, "driver") == 0)
        return read_text(r, stack->driver);
    if (strcmp(key, "sass") == 0)
        return read_capabilities(r, &stack->sass);
    if (strcmp(key, "ptx") == 0)
        return read_capabilities(r, &stack->ptx);
    if (strcmp(key, "trimmed") == 0)
        return read_capabilities(r, &stack->trimmed);
    if (strcmp(key, "profiles") == 0 && stack->profile_count == 0)
        return read_list(r, read_neighbour, stack);
    return skip_value(r, key, NULL);
}

static bool read_cuda(struct reader *r, struct stack *stack)
{
    char text[16];
    struct capability version;
    if (stack->cuda != 0)
        return fail(r, "a key that stands there twice");
    if (!read_string(r, text, sizeof text))
        return false;
    if (!parse_capability(&version, text) || version.suffix != '\0' || version.minor > 99)
        return fail(r, "a version of CUDA such as \"12.8\" is expected");
    stack->cuda = version.major * 1000 + version.minor * 10;
    return true;
}

static bool read_torch(struct reader *r, const char *key, void *into)
{
    struct stack *stack = into;
    if (strcmp(key, "local") == 0)
        return read_text(r, stack->torch);
    if (strcmp(key, "cuda") == 0)
        return read_cuda(r, stack);
    return skip_value(r, key, NULL);
}

static bool read_memory(struct reader *r, struct stack *stack)
{
    enum { MOST = 100000 };
    if (stack->memory != 0)
        return fail(r, "a key that stands there twice");
    if (is_null(r))
        return true;
    (void)peek(r);
    size_t start = r->at;
    for (; r->at < r->size && is_digit(r->text[r->at]) && stack->memory <= MOST; r->at++)
        stack->memory = stack->memory * 10 + (unsigned)(r->text[r->at] - '0');
    return (r->at > start && stack->memory <= MOST) || fail(r, "a number of GB is expected");
}

static bool read_stack(struct reader *r, const char *key, void *into)
{
    struct stack *stack = into;
    if (strcmp(key, "name") == 0)
        return read_text(r, stack->name);
    if (strcmp(key, "gpu_memory") == 0)
        return read_memory(r, stack);
    if (strcmp(key, "torch") == 0)
        return is_null(r) || read_object(r, read_torch, stack);
    if (strcmp(key, "guard") == 0)
        return is_null(r) || read_object(r, read_guard, stack);
    return skip_value(r, key, NULL);
}

bool stack_read(struct stack *stack, const char *text, size_t size, const char **fault, size_t *at)
{
    struct reader r = {.text = text, .size = size};
    memset(stack, 0, sizeof *stack);
    if (size > STACK_MOST_BYTES)
        (void)fail(&r, "too large");
    else if (read_object(&r, read_stack, stack) && (peek(&r) != '\0' || r.at < r.size))
        (void)fail(&r, "text after the end");
    *fault = r.fault;
    *at = r.at;
    return r.fault == NULL;
}
