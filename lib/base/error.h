/* An error, as a value on the caller's stack.
 *
 * A function that can fail returns 0 or a negative `enum sw_code` and takes a `struct sw_error *` as its last
 * argument. On failure it fills the error and leaves its outputs untouched; on success it leaves the error
 * untouched. A caller adds its own task with sw_error_context() and never replaces a precise text by a vaguer
 * text. The error may be NULL if only the code matters. Nothing here allocates. */
#ifndef SLIPWAY_BASE_ERROR_H
#define SLIPWAY_BASE_ERROR_H

#include "base/macros.h"

/* The kind of a failure, which also decides the exit status. */
enum sw_code {
    SW_OK = 0,
    /* The answer is no: a build or a check failed. */
    SW_ENO = -1,
    /* Input that cannot be read: bad YAML, a bad option, a missing file. */
    SW_EINPUT = -2,
    /* The host's fault: no engine, no network, no disk, no memory. */
    SW_EENV = -3,
    SW_ECANCELED = -4, /* the user interrupted */
    /* Expected and often handled: the named thing does not exist. */
    SW_ENOTFOUND = -5,
    SW_EREFUSED = -6, /* the caller has not allowed it */
};

struct sw_error {
    enum sw_code code;
    unsigned line, column; /* from 1; 0 if there is none */
    char file[256];        /* empty if there is none */
    char text[768];        /* one line, lower case, no full stop */
    char hint[384];        /* the advice, or empty */
};

/* Fill `error` and return `code`. */
int sw_fail(struct sw_error *error, enum sw_code code, const char *format, ...) SW_PRINTF(3, 4);

/* Fail with a place: `file` (may be NULL), `line` and `column` from 1. */
int sw_fail_at(struct sw_error *error, enum sw_code code, const char *file, unsigned line, unsigned column,
               const char *format, ...) SW_PRINTF(6, 7);

/* Fail with errno: the text is "FORMAT: strerror(errno)". */
int sw_fail_errno(struct sw_error *error, enum sw_code code, const char *format, ...) SW_PRINTF(3, 4);

/* SW_EENV, "out of memory". */
int sw_fail_memory(struct sw_error *error);

/* Set the hint of an error that was just filled; returns its code, so that it can end a function. */
int sw_error_hint(struct sw_error *error, const char *format, ...) SW_PRINTF(2, 3);

/* Put "FORMAT: " in front of the text of an error that has this code; returns the code. */
int sw_error_context(int code, struct sw_error *error, const char *format, ...) SW_PRINTF(3, 4);

#endif
