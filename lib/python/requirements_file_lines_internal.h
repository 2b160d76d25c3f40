/* The logical lines of a requirements file, as pip cuts them: continuations joined, comments gone, variables
 * replaced. Not for use outside this layer. */
#ifndef SLIPWAY_PYTHON_REQUIREMENTS_FILE_LINES_INTERNAL_H
#define SLIPWAY_PYTHON_REQUIREMENTS_FILE_LINES_INTERNAL_H

#include "base/arena.h"
#include "base/error.h"

/* Return the value of a variable, or NULL. The name lives during the call, the value until the next call. */
typedef const char *(*sw_requirements_variable)(const void *self, const char *name);

struct sw_requirements_lines {
    struct sw_arena *arena;
    struct sw_str rest;                /* {NULL, 0} at the end */
    unsigned number;                   /* of the line that was read last, from 1 */
    sw_requirements_variable variable; /* NULL: ${NAME} stays as it is */
    const void *self;
};

struct sw_requirements_line {
    struct sw_str text; /* never empty, no white space at its ends */
    unsigned number;    /* of its first line in the file */
    /* The column of its first byte; 0 if the line was joined or changed. */
    unsigned column;
};

/* Take the next line that is not empty. `found` is false at the end. The text lies in the file's text or in
 * `arena`; SW_EENV if the arena is full. */
int sw_requirements_lines_next(bool *found, struct sw_requirements_line *line,
                               struct sw_requirements_lines *lines, struct sw_error *error) SW_NODISCARD;

#endif
