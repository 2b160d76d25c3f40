/* The ways that the projects which a plan compiles went at the last build on this host: read from the log of the stage that compiles, kept
 * in the folder for caches by all of the plan that decides a wheel, and told by `plan`. */
#ifndef SLIPWAY_PROJECT_COMPILED_H
#define SLIPWAY_PROJECT_COMPILED_H

#include "base/buffer.h"
#include "base/event.h"
#include "profile/plan.h"
#include "project/project.h"

struct sw_compiled {
    struct sw_project *project;
    const struct sw_plan *plan;
    /* The line that the log is in. */
    struct sw_buffer line;
};

/* Both must outlive the reader. */
void sw_compiled_init(struct sw_compiled *compiled, struct sw_project *project, const struct sw_plan *plan);
void sw_compiled_release(struct sw_compiled *compiled); /* takes a zeroed reader */
/* A reader of a build's events, which keeps what they say of the plan's projects. A fault is nobody's loss: nothing is kept then. */
struct sw_sink sw_compiled_sink(struct sw_compiled *compiled);

/* {way, wheel, seconds} of the last build that had the same project in the same plan; NULL if none is known. way: "compiled", "cache"
 * (the wheel of an earlier build) or "index" (a wheel of the index); seconds: of the compilation, else null. `entry` is of
 * `compile.projects` of the plan. */
const struct sw_node *sw_compiled_last(struct sw_builder *b, struct sw_project *project,
                                       const struct sw_plan *plan, const struct sw_node *entry);

#endif
