/* Configuration files of sections and options, as Python's configparser.RawConfigParser reads them with its
 * defaults (Python 3.11): no interpolation; '=' and ':' end a name; '#' and ';' begin a comment line; an
 * indented line continues a value; a second section or option of the same name is an error; an option of
 * [DEFAULT] counts in each other section. */
#ifndef SLIPWAY_DATA_INI_H
#define SLIPWAY_DATA_INI_H

#include "base/arena.h"
#include "base/error.h"

/* An option of a section. Names of options are in lower case; a value may have several lines. */
struct sw_ini_option {
    const char *section, *name, *value;
    unsigned line; /* from 1 */
};

/* All in the arena: the sections in their order; of each the options of [DEFAULT], then its own, each name once, as its own
 * value says. [DEFAULT] itself is not among them. */
struct sw_ini {
    struct sw_ini_option *options;
    size_t count;
};

/* Text that the parser of Python refuses is SW_EINPUT with its line in `path`; so is text that is no UTF-8 or has a NUL, and
 * more than SW_MAX_INI_OPTIONS options. */
int sw_ini_read(struct sw_ini *out, struct sw_arena *arena, struct sw_str text, const char *path,
                struct sw_error *error) SW_NODISCARD;

#endif
