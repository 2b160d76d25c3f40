/* The words of a wheel's sources: a name that is none of them can be no name of the wheel's modules, whatever
 * these do at run time. Comments and the strings that only describe something are no words; all that stands
 * in other strings is, since exec(), setattr() and tables of lazily loaded names take names from there. */
#ifndef SLIPWAY_WHEEL_WORDS_H
#define SLIPWAY_WHEEL_WORDS_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/str.h"

/* A set of words by their 64-bit hashes: two words with the same hash make a set that says too much, once in
 * about 10^13 questions. Zeroed: empty. */
struct sw_words {
    uint64_t *slots; /* 0: free */
    size_t room, count;
};

void sw_words_release(struct sw_words *words); /* takes a zeroed structure */
#define SW_WORDS_AUTO SW_CLEANUP(sw_words_release) struct sw_words

/* Add the words of a Python source. SW_EINPUT beyond SW_MAX_WHEEL_WORDS. */
int sw_words_read(struct sw_words *words, struct sw_str source, struct sw_error *error) SW_NODISCARD;
bool sw_words_have(const struct sw_words *words, struct sw_str word);
/* Return true if the sources may make the word of another: it ends with a text for which they look, by `name.endswith("TokenizerFast")`, and
 * without an end of this text the word is one of theirs: T5Tokenizer. */
bool sw_words_make(const struct sw_words *words, struct sw_str word);

/* The set as bytes, and the set of such bytes; bytes of another length than a set's read as SW_EINPUT. */
void sw_words_write(const struct sw_words *words, struct sw_buffer *out);
int sw_words_parse(struct sw_words *words, struct sw_str bytes, struct sw_error *error) SW_NODISCARD;

#endif
