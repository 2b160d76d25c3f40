/* Text for people: making foreign bytes safe to show, and numbers readable. */
#ifndef SLIPWAY_BASE_TEXT_H
#define SLIPWAY_BASE_TEXT_H

#include "base/arena.h"
#include "base/buffer.h"

/* Append `s` so that whoever reads it sees it and obeys nothing in it. All that is printed of others goes through here.
 *
 * Escape sequences (ECMA-48 CSI, OSC and the like) are removed and a tab becomes a blank. Other control characters, bytes
 * that are not UTF-8, and characters that are not seen or change how other text is read become visible escapes: "\x07",
 * "\u202e", "\U000e0041". One line in, one line out: CR and LF count as control characters. A command of GitHub's runner
 * becomes text: "\x3a" stands for the second colon of "::" at the start of a line, "\x5b" for the bracket of "##[". A login
 * becomes "***". A byte becomes four at most. */
void sw_text_add_clean(struct sw_buffer *out, struct sw_str s);
/* Append several lines, each as sw_text_add_clean() does; `indent` stands in front of each further line that is not empty. */
void sw_text_add_clean_lines(struct sw_buffer *out, struct sw_str s, const char *indent);
/* Append `s` as it is, but for logins: those in URLs, and "user:password@host.example" without a scheme. */
void sw_text_add_redacted(struct sw_buffer *out, struct sw_str s);
/* The first login in a URL: "user:password" of "https://user:password@host", "token" of "https://token@host". The user
 * of an SSH URL is none without a password, and neither is a variable ("https://$USER:$TOKEN@host"). */
bool sw_text_find_login(struct sw_str *login, struct sw_str text);
/* Append the text as one word of a shell, in single quotes. */
void sw_text_add_shell_word(struct sw_buffer *out, struct sw_str text);
/* Return true if sw_text_add_redacted() would leave something of the text out. */
bool sw_text_shows_login(struct sw_str text);
/* True if the first character of `s` (s.n > 0) must not be shown as it is. Sets its length, and its code point: UINT32_MAX
 * for a byte that is not UTF-8. */
bool sw_text_unsafe(struct sw_str s, size_t *length, uint32_t *code);
/* The cleaned text as a new text in `arena`; NULL without memory. */
char *sw_text_clean(struct sw_arena *arena, struct sw_str s) SW_NODISCARD;

/* `s` as one word for a POSIX shell, in single quotes if it needs any, and clean; NULL without memory. */
char *sw_text_shell_word(struct sw_arena *arena, struct sw_str s) SW_NODISCARD;

/* Quote foreign text in a message: clean, and cut with "..." if it is longer than about 60 bytes. */
#define SW_TEXT_BRIEF 80
void sw_text_brief(char out[SW_TEXT_BRIEF], struct sw_str s);

/* The columns that clean text takes on a terminal: one a code point, two for wide East Asian characters, none
 * for combining marks (the C library's wcwidth if the locale has it). */
size_t sw_text_width(struct sw_str s);

/* "0 B", "999 B", "1.2 kB", "340 MB": decimal units, as docker prints. At most 16 bytes with the NUL. */
void sw_text_size(char out[16], uint64_t bytes);
/* "0.3s", "12.4s", "3m05s", "1h02m": at most 16 bytes with the NUL. */
void sw_text_duration(char out[16], int64_t nanoseconds);

/* "2026-11-21 01:22" of an RFC 3339 time, or the text itself. */
const char *sw_text_time(struct sw_arena *arena, const char *rfc3339);

#endif
