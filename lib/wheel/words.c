#include "wheel/words.h"

#include "base/limits.h"
#include "wheel/statement_internal.h"

enum { FIRST_ROOM = 1024, HASH_SIZE = 8, SHORTEST_SUFFIX = 4 };

void sw_words_release(struct sw_words *words)
{
    free(words->slots);
    *words = (struct sw_words){NULL, 0, 0};
}

/* FNV-1a; never 0. */
static uint64_t hash(struct sw_str word)
{
    uint64_t value = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < word.n; i++)
        value = (value ^ (unsigned char)word.p[i]) * UINT64_C(1099511628211);
    return value == 0 ? 1 : value;
}

/* The place of the hash, or the free place for it. */
static size_t place(const struct sw_words *words, uint64_t value)
{
    size_t at = (size_t)value & (words->room - 1);
    while (words->slots[at] != 0 && words->slots[at] != value)
        at = (at + 1) & (words->room - 1);
    return at;
}

static int grow(struct sw_words *words, struct sw_error *error)
{
    struct sw_words larger = {.room = words->room == 0 ? FIRST_ROOM : words->room * 2};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < words->room; i++) {
        if (words->slots[i] != 0)
            larger.slots[place(&larger, words->slots[i])] = words->slots[i];
    }
    larger.count = words->count;
    free(words->slots);
    *words = larger;
    return 0;
}

static int add(struct sw_words *words, uint64_t value, struct sw_error *error)
{
    if (words->count * 2 >= words->room) {
        int code = words->count >= SW_MAX_WHEEL_WORDS
                       ? sw_fail(error, SW_EINPUT, "the sources have too many words")
                       : grow(words, error);
        if (code != 0)
            return code;
    }
    size_t at = place(words, value);
    words->count += words->slots[at] == 0;
    words->slots[at] = value;
    return 0;
}

static bool is_word(char c)
{
    return sw_is_alnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Every word in a string, and each without the letter that an escape or a prefix puts in front of it. */
static int add_text(struct sw_words *words, struct sw_str text, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0, end = 0; i < text.n && code == 0; i = end) {
        for (end = i; end < text.n && is_word(text.p[end]); end++)
            continue;
        if (end == i) {
            end++;
            continue;
        }
        code = add(words, hash((struct sw_str){text.p + i, end - i}), error);
        if (code == 0 && i > 0 && text.p[i - 1] == '\\' && end > i + 1)
            code = add(words, hash((struct sw_str){text.p + i + 1, end - i - 1}), error);
    }
    return code;
}

/* A statement of strings alone only describes something. */
static bool describes(const struct sw_statement *statement)
{
    for (size_t i = 0; i < statement->count; i++) {
        if (statement->tokens[i].kind != SW_TOKEN_TEXT)
            return false;
    }
    return true;
}

/* The hash of a suffix, which is no word by itself. */
static uint64_t hash_of_suffix(struct sw_str suffix)
{
    return ~hash(suffix) == 0 ? 1 : ~hash(suffix);
}

/* Add the suffix of `name.endswith("TokenizerFast")`, whose text has the place `i`: names that end so may be made of others. */
static int add_suffix(struct sw_words *words, const struct sw_statement *statement, size_t i,
                      struct sw_error *error)
{
    const struct sw_tokens tokens = {statement->tokens, statement->count};
    struct sw_str text = statement->tokens[i].text;
    if (i < 2 || !sw_tokens_is(tokens, i - 1, "(") || !sw_tokens_is(tokens, i - 2, "endswith") || text.n < 3)
        return 0;
    text = (struct sw_str){text.p + 1, text.n - 2};
    for (size_t k = 0; k < text.n; k++) {
        if (!is_word(text.p[k]))
            return 0;
    }
    return add(words, hash_of_suffix(text), error);
}

static int add_statement(struct sw_words *words, const struct sw_statement *statement, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < statement->count && code == 0 && !describes(statement); i++) {
        const struct sw_token *token = &statement->tokens[i];
        if (token->kind == SW_TOKEN_NAME)
            code = add(words, hash(token->text), error);
        else if (token->kind == SW_TOKEN_TEXT)
            code = add_text(words, token->text, error);
        if (code == 0 && token->kind == SW_TOKEN_TEXT)
            code = add_suffix(words, statement, i, error);
    }
    return code != 0 || !statement->cut
               ? code
               : sw_fail(error, SW_EINPUT, "a statement is too long for its words to be read");
}

int sw_words_read(struct sw_words *words, struct sw_str source, struct sw_error *error)
{
    struct sw_error lost = {.code = SW_OK};
    struct sw_statements statements;
    int code = 0;
    sw_statements_init(&statements, source);
    while (code == 0) {
        const struct sw_statement *statement = sw_statements_next(&statements, &lost);
        if (statement == NULL)
            break;
        code = add_statement(words, statement, error);
    }
    sw_statements_release(&statements);
    return code == 0 && lost.code != SW_OK ? sw_fail_memory(error) : code;
}

bool sw_words_have(const struct sw_words *words, struct sw_str word)
{
    return words->room > 0 && words->slots[place(words, hash(word))] != 0;
}

bool sw_words_make(const struct sw_words *words, struct sw_str word)
{
    bool known = false; /* the beginning of the word */
    for (size_t n = 1; n < word.n && words->room > 0; n++) {
        const struct sw_str suffix = sw_str_drop(word, word.n - n);
        if (known && n >= SHORTEST_SUFFIX && words->slots[place(words, hash_of_suffix(suffix))] != 0)
            return true;
        known = known || sw_words_have(words, (struct sw_str){word.p, word.n - n});
    }
    return false;
}

void sw_words_write(const struct sw_words *words, struct sw_buffer *out)
{
    for (size_t i = 0; i < words->room; i++) {
        for (unsigned k = 0; words->slots[i] != 0 && k < HASH_SIZE; k++)
            sw_buffer_add_char(out, (char)(words->slots[i] >> (8 * k) & 0xff));
    }
}

int sw_words_parse(struct sw_words *words, struct sw_str bytes, struct sw_error *error)
{
    struct sw_words read = {NULL, 0, 0};
    int code = bytes.n % HASH_SIZE == 0 ? 0 : sw_fail(error, SW_EINPUT, "these bytes are no set of words");
    for (size_t i = 0; i < bytes.n && code == 0; i += HASH_SIZE) {
        uint64_t value = 0;
        for (unsigned k = 0; k < HASH_SIZE; k++)
            value |= (uint64_t)(unsigned char)bytes.p[i + k] << (8 * k);
        code = value == 0 ? sw_fail(error, SW_EINPUT, "these bytes are no set of words")
                          : add(&read, value, error);
    }
    if (code == 0)
        *words = read;
    else
        sw_words_release(&read);
    return code;
}
