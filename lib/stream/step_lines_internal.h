/* The line of a Dockerfile on which a build's step stands.
 *
 * Engines name a step by its number, and each builder counts in its own way: the classic builder counts all
 * instructions, Podman those of each stage, BuildKit only those that make a layer (FROM of an image, RUN,
 * COPY, ADD and WORKDIR) in each stage. A line is told only if number and keyword agree with the Dockerfile. */
#ifndef SLIPWAY_STREAM_STEP_LINES_INTERNAL_H
#define SLIPWAY_STREAM_STEP_LINES_INTERNAL_H

#include "dockerfile/instructions.h"

struct sw_dockerfile_step {
    const struct sw_instruction *instruction;
    unsigned stage;   /* from 1; 0 before the first FROM */
    bool makes_layer; /* as BuildKit counts */
};

struct sw_dockerfile {
    struct sw_arena arena;
    struct sw_instructions instructions;
    struct sw_dockerfile_step *steps;
    size_t count;
    /* The names of the stages, empty for a stage without a name. */
    struct sw_str *stages;
    size_t stage_count;
};

/* The first SW_MAX_BUILD_STEPS instructions of `text`; none without memory. */
void sw_dockerfile_init(struct sw_dockerfile *file, struct sw_str text);
void sw_dockerfile_release(struct sw_dockerfile *file); /* takes NULL and a zeroed structure */

/* Find the line of a step by its name as BuildKit gives it, "[base 2/4] RUN x", or as
 * stream/classic_internal.h makes it, "[1/2 3/3] RUN x"; 0 if it stands on no line. */
unsigned sw_dockerfile_line_buildkit(const struct sw_dockerfile *file, struct sw_str name);
unsigned sw_dockerfile_line_classic(const struct sw_dockerfile *file, struct sw_str name);

#endif
