/* The options of a line in a requirements file, as pip splits them (like a POSIX shell, without expansions) and
 * reads them (like getopt_long: "-r FILE", "-rFILE", "--requirement FILE", "--requirement=FILE", long names cut
 * short as long as they are clear). Not for use outside this layer. */
#ifndef SLIPWAY_PYTHON_REQUIREMENTS_FILE_INTERNAL_H
#define SLIPWAY_PYTHON_REQUIREMENTS_FILE_INTERNAL_H

#include "base/arena.h"
#include "base/error.h"
#include "python/requirements_file.h"

struct sw_requirements_option {
    enum sw_requirements_kind kind;
    struct sw_str value; /* empty if the option takes none */
};

struct sw_requirements_options {
    const struct sw_requirements_option *items;
    size_t count;
};

/* Words that are no options are skipped, as pip does. All lies in `arena`. SW_EINPUT has no place. */
int sw_requirements_options_read(struct sw_requirements_options *out, struct sw_arena *arena,
                                 struct sw_str text, struct sw_error *error) SW_NODISCARD;

#endif
