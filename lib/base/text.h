/* Text for people: making foreign bytes safe to show, and numbers readable. */
#ifndef SLIPWAY_BASE_TEXT_H
#define SLIPWAY_BASE_TEXT_H

#include "base/arena.h"
#include "base/buffer.h"

/* Append `s` so that a terminal shows it and obeys nothing in it: escape sequences (ECMA-48 CSI, OSC and the
 * like) are removed, other control characters and invalid UTF-8 become U+FFFD, a tab becomes a blank. One
 * line in, one line out: CR and LF count as control characters. */
void sw_text_add_clean(struct sw_buffer *out, struct sw_str s);
/* The same as a new text in `arena`; NULL without memory. */
char *sw_text_clean(struct sw_arena *arena, struct sw_str s) SW_NODISCARD;

/* `s` as one word for a POSIX shell, in single quotes if it needs any, and clean; NULL without memory. */
char *sw_text_shell_word(struct sw_arena *arena, struct sw_str s) SW_NODISCARD;

/* For quoting foreign text in a message: clean, and cut with "..." where it is longer than about 60 bytes. */
#define SW_TEXT_BRIEF 80
void sw_text_brief(char out[SW_TEXT_BRIEF], struct sw_str s);

/* Columns that clean text takes on a terminal: one a code point, two for wide East Asian ones, none for
 * combining marks (the C library's wcwidth where the locale has it). */
size_t sw_text_width(struct sw_str s);

/* "0 B", "999 B", "1.2 kB", "340 MB": decimal units, as docker prints. At most 16 bytes with the NUL. */
void sw_text_size(char out[16], uint64_t bytes);
/* "0.3s", "12.4s", "3m05s", "1h02m": at most 16 bytes with the NUL. */
void sw_text_duration(char out[16], int64_t nanoseconds);

#endif
