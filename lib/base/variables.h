/* The user's environment variables as a list that is passed along ("NAME=value", ends with NULL; NULL is an empty one), and what a
 * child process gets of them.
 *
 * No value may make a child run what lies in the folder that slipway was started in. So a child gets only the variables
 * that every program needs and those that its caller lists, and a relative path in PATH or HOME is not passed on. */
#ifndef SLIPWAY_BASE_VARIABLES_H
#define SLIPWAY_BASE_VARIABLES_H

#include "base/arena.h"
#include "base/error.h"

enum sw_variable_kind {
    SW_VARIABLE_TEXT, /* passed on as it is */
    SW_VARIABLE_FILE, /* a path that the user may write as seen from the current folder: made absolute */
    SW_VARIABLE_HOME, /* a path that is passed on only if it is absolute */
    SW_VARIABLE_LIST, /* paths with colons between them: only the absolute ones are passed on */
};

/* A variable that a child may see. */
struct sw_variable {
    const char *name; /* a '*' at its end stands for any rest; the first row that matches counts */
    enum sw_variable_kind kind;
};

/* The value of a variable, or NULL if it is not set. */
const char *sw_variables_get(const char *const *variables, const char *name);

/* Select what a child sees: PATH, what every program needs (home, user, locale, time zone, temporary and XDG folders, proxies,
 * certificates), and what `needs` lists (the last row has no name; NULL: nothing more). `*out` ends with NULL, in the
 * arena. */
int sw_variables_select(const char *const **out, struct sw_arena *arena, const char *const *variables,
                        const struct sw_variable *needs, struct sw_error *error) SW_NODISCARD;

/* Find a program by its absolute path, or by its name in the absolute folders of PATH; if PATH has none, in the usual ones. The
 * current folder is never looked into. `*path` is in the arena. SW_ENOTFOUND if there is no such program. */
int sw_program_find(const char **path, struct sw_arena *arena, const char *program,
                    const char *const *variables, struct sw_error *error) SW_NODISCARD;

#endif
