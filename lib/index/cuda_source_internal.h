/* The facts that the setup.py of a source distribution tells about its build, read line by line and never run. */
#ifndef SLIPWAY_INDEX_CUDA_SOURCE_INTERNAL_H
#define SLIPWAY_INDEX_CUDA_SOURCE_INTERNAL_H

#include "base/str.h"

struct sw_setup {
    /* The file imports torch and does not go on without it; or it does so in a part that a build may not come to. A part behind a variable of the
     * environment counts as the variable's default has it. */
    bool wants_torch, may_want_torch;
    /* The build compiles code; perhaps the build goes on if that fails. */
    bool compiles, may_do_without;
};

/* Add the facts that the text tells. */
void sw_setup_read(struct sw_setup *setup, struct sw_str text);

#endif
