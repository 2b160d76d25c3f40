/* The one door to standard output and standard error. No other file of cmd prints (tests/layers.py refuses it), but for those that
 * print nothing of others: man pages and completions. */
#ifndef SLIPWAY_OUTPUT_SAY_H
#define SLIPWAY_OUTPUT_SAY_H

#include "base/str.h"

#include <stdio.h>

/* Print like fprintf(). The format is ours and is printed as it is. Each text in it is of others: it goes through sw_text_add_clean(), so
 * that it stays on its line, and a width counts columns. Conversions: s, c, d, u, and d and u with l, ll and z; the flag "-", a
 * width and a precision, as digits or "*". */
void say(FILE *to, const char *format, ...) SW_PRINTF(2, 3);
/* Text of several lines, clean. */
void say_lines(FILE *to, struct sw_str text);
/* Our own words as they are: colours, commands of GitHub's runner, pages of help. */
void say_own(FILE *to, const char *text);
/* Bytes that have been made safe, or that only a program reads. False if they could not be written. */
bool say_bytes(FILE *to, struct sw_str bytes);
/* True if a runner of GitHub Actions reads the output. */
bool say_is_runner(void);
/* True if a person or GitHub's runner reads the stream: it is a terminal, or in a job anything but a file. */
bool say_is_shown(FILE *to);
/* A text that a program may read: lines of others if it is shown, else byte for byte. */
bool say_data(FILE *to, struct sw_str text);

#endif
