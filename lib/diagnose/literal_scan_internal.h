/* Many texts, looked for in one pass over a line.
 *
 * Every third position of the line is looked up, four bytes at a time, in a small table of bits. A text of
 * six bytes or more always covers one such position whole, so that three of its four-byte pieces in the table
 * are enough never to miss it. The pieces taken are a text's rarest, and only a line that has one of them is
 * compared with the texts themselves. Letter case does not count. */
#ifndef SLIPWAY_DIAGNOSE_LITERAL_SCAN_INTERNAL_H
#define SLIPWAY_DIAGNOSE_LITERAL_SCAN_INTERNAL_H

#include "base/error.h"
#include "base/str.h"

struct sw_scan;

struct sw_scan_text {
    /* At least SW_LITERAL_SHORTEST bytes; the text must outlive the scan. */
    struct sw_str text;
    /* The owner of a hit: a number below the scan's `owners`. */
    unsigned owner;
};

int sw_scan_new(struct sw_scan **out, const struct sw_scan_text *texts, size_t count, size_t owners,
                struct sw_error *error) SW_NODISCARD;
void sw_scan_free(struct sw_scan *scan); /* takes NULL */

/* 64-bit words that a set of owners takes. */
size_t sw_scan_words(const struct sw_scan *scan);
/* Set the bits of the owners whose text is in `line`; false if there is none. */
bool sw_scan_line(const struct sw_scan *scan, struct sw_str line, uint64_t *owners);

#endif
