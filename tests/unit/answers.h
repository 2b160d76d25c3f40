/* The whole answers to many inputs as one file of text. Set SLIPWAY_ACCEPT to write such files anew; then read the difference. */
#ifndef SLIPWAY_TESTS_ANSWERS_H
#define SLIPWAY_TESTS_ANSWERS_H

#include "base/buffer.h"
#include "base/finding.h"

/* Write the finding with all its members, a line each. Of evidence that is a row of the catalog, whose words and lines change, only the
 * file is named, and of a line of a log only its number. */
void answers_add(struct sw_buffer *out, const struct sw_finding *finding);

/* Replace each `old` in the text. */
void answers_mask(struct sw_buffer *text, const char *old, const char *with);

/* Replace each match of a POSIX extended regular expression. */
void answers_hide(struct sw_buffer *text, const char *pattern, const char *with);

/* Fail unless the file, named from the source's folder, has this text. */
void answers_compare(const char *name, struct sw_str found);

#endif
