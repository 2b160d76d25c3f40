/* A list of texts. */
#ifndef SLIPWAY_BASE_TEXTS_H
#define SLIPWAY_BASE_TEXTS_H

#include "base/arena.h"
#include "base/error.h"

struct sw_texts {
    const char **items; /* in an arena, or the caller's own */
    size_t count;
};

/* Append a text, which is not copied, to a zeroed list or to a list that has grown in this arena. */
int sw_texts_add(struct sw_texts *texts, struct sw_arena *arena, const char *text,
                 struct sw_error *error) SW_NODISCARD;
/* Return true if the list has the text. */
bool sw_texts_have(const struct sw_texts *texts, const char *text);

#endif
