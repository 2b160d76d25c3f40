/* Readers of a log: each knows how a family of tools speaks, finds the lines with which a fact begins, and takes
 * the lines that belong to it. A reader keeps nothing but the fact it is at. */
#ifndef SLIPWAY_DIAGNOSE_READER_INTERNAL_H
#define SLIPWAY_DIAGNOSE_READER_INTERNAL_H

#include "diagnose/fact_internal.h"

enum sw_follow {
    /* The line is not the fact's: the fact has ended before it. */
    SW_FOLLOW_NO,
    /* The line is the fact's, unless another fact begins with it. */
    SW_FOLLOW_PERHAPS,
    /* The line is the fact's, and no other fact begins with it. */
    SW_FOLLOW_YES,
    /* The line is the fact's, and is a line of a source file: no rule is held against it. */
    SW_FOLLOW_QUOTE,
};

struct sw_reader {
    /* Texts of six bytes or more in any letter case: only a line with one of them is offered to open(). Ends with NULL.
     */
    const char *const *words;
    /* Set kind and words if a fact begins with this line; first, last, said and step are the caller's. */
    bool (*open)(struct sw_fact *fact, struct sw_str line);
    enum sw_follow (*follow)(struct sw_fact *fact, struct sw_str line, uint64_t number);
};

enum { SW_READERS = 7 };
extern const struct sw_reader *const sw_readers[SW_READERS];

extern const struct sw_reader sw_reader_traceback, sw_reader_shell, sw_reader_events, sw_reader_poetry,
    sw_reader_pytest, sw_reader_mpi, sw_reader_message;

/* Messages that open with less than a scan looks for: "E: ..." of apt, "F1130 10:00:00 ..." of glog. */
bool sw_reader_is_brief(struct sw_str line);
/* Messages of programs that say nothing unless something is wrong, whatever their words: "sed: ...", "zsh:1: ...". */
bool sw_reader_is_terse(struct sw_str line);

/* A process that a signal ended, as a shell reports it: "Killed", "Aborted (core dumped)". */
bool sw_reader_is_signal(struct sw_str line);

/* A line of Rust's backtrace: "stack backtrace:", "  12: core::panicking::panic_fmt", "      at ./src/main.rs:3:21". */
bool sw_reader_is_backtrace(struct sw_str line);

/* Length of the blanks at the start of a line. */
size_t sw_reader_indent(struct sw_str line);

#endif
