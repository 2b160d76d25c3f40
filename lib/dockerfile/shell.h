/* The commands of a Dockerfile's RUN, as far as a person would read them off it.
 *
 * The reader gives a list of simple commands with their words, quotes undone and known variables expanded
 * (POSIX.1-2017, XCU 2.2, 2.6.2, 2.9). It runs nothing. A part that only running could tell (command
 * substitution, unknown variables) makes its command opaque; control flow makes the whole text opaque.
 * Patterns stay as they are written. */
#ifndef SLIPWAY_DOCKERFILE_SHELL_H
#define SLIPWAY_DOCKERFILE_SHELL_H

#include "base/arena.h"
#include "base/error.h"

struct sw_shell_variable {
    const char *name, *value;
};

/* The latest of a name counts. */
struct sw_shell_variables {
    struct sw_shell_variable *items;
    size_t count;
};

enum sw_shell_joint { SW_SHELL_FIRST, SW_SHELL_AND, SW_SHELL_OR, SW_SHELL_THEN, SW_SHELL_PIPE };

/* `> file`, `>> file`, `< file`. */
struct sw_shell_redirect {
    bool in, append;
    /* A heredoc: `target` is the word that ends it. */
    bool here;
    /* A redirection glued to the word before it, as in numpy>=1.24, which was hardly meant as a redirection. */
    bool glued;
    size_t words; /* how many stand before it */
    const char *target;
};

struct sw_shell_command {
    enum sw_shell_joint joint; /* the joint before it */
    struct sw_str text;        /* as written */
    size_t offset;             /* of it in the whole */
    const char **words;
    /* The place of each word in the whole text. */
    size_t *offsets;
    size_t count;
    struct sw_shell_redirect *redirects;
    size_t redirect_count;
    bool opaque;
};

struct sw_shell {
    struct sw_shell_command *commands;
    size_t count;
    /* The text holds control flow, a subshell or an open quote: do not use the commands. */
    bool opaque;
};

/* The commands of `text`; all lies in `arena`, `text` itself excepted. At most SW_MAX_SHELL_COMMANDS, beyond them the
 * whole is opaque. Fails without memory only. */
int sw_shell_read(struct sw_shell *out, struct sw_arena *arena, struct sw_str text,
                  const struct sw_shell_variables *variables, struct sw_error *error) SW_NODISCARD;

/* Return the index of pip's first own word, if a pip stands at words[from]: behind "pip", "pip3.11", "python
 * -m pip", "uv pip" and "uv"; 0 if the command is none of these. */
size_t sw_shell_pip(const struct sw_shell_command *command, size_t from);

/* The words of `text` with quotes undone and variables expanded, as in ENV, COPY and FROM: separated by blanks only, unknown
 * variables empty, all else as it stands. NULL-terminated; NULL without memory. */
const char **sw_shell_words(size_t *count, struct sw_arena *arena, struct sw_str text,
                            const struct sw_shell_variables *variables) SW_NODISCARD;

/* The value of a variable, or NULL. */
const char *sw_shell_value(const struct sw_shell_variables *variables, struct sw_str name);

#endif
