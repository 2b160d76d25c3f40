/* The user's environment variables as a list that is passed along ("NAME=value", ends with NULL; NULL is an
 * empty list), and the part of them that a child process gets.
 *
 * No value may make a child run a file of the folder that slipway was started in. So a child gets only the
 * variables that every program needs and those that its caller lists, and a relative path in PATH or HOME is
 * not passed on. */
#ifndef SLIPWAY_BASE_VARIABLES_H
#define SLIPWAY_BASE_VARIABLES_H

#include "base/arena.h"
#include "base/error.h"

enum sw_variable_kind {
    SW_VARIABLE_TEXT, /* passed on as it is */
    /* A path that the user may write as seen from the current folder: made absolute. */
    SW_VARIABLE_FILE,
    /* A path that is passed on only if it is absolute. */
    SW_VARIABLE_HOME,
    /* Paths with colons between them: only absolute paths are passed on. */
    SW_VARIABLE_LIST,
};

/* A variable that a child may see. */
struct sw_variable {
    /* A '*' at its end stands for any rest; the first row that matches counts. */
    const char *name;
    enum sw_variable_kind kind;
};

/* The value of a variable, or NULL if it is not set. */
const char *sw_variables_get(const char *const *variables, const char *name);

/* Select the variables that a child sees: PATH, those of every program (home, user, locale, time zone,
 * temporary and XDG folders, proxies, certificates), and those that `needs` lists (the last row has no name;
 * NULL: none). `*out` ends with NULL, in the arena. */
int sw_variables_select(const char *const **out, struct sw_arena *arena, const char *const *variables,
                        const struct sw_variable *needs, struct sw_error *error) SW_NODISCARD;

/* Find a program by its absolute path, or by its name in the absolute folders of PATH; if PATH has none, in
 * the usual folders. The current folder is never searched. `*path` is in the arena. SW_ENOTFOUND if there is
 * no such program. */
int sw_program_find(const char **path, struct sw_arena *arena, const char *program,
                    const char *const *variables, struct sw_error *error) SW_NODISCARD;

#endif
