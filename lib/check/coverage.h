/* The record of the judgements of a check: each subject that was proven, is wrong or could not be judged, so that
 * nothing is passed over in silence. The checks fill the record; a command prints it. */
#ifndef SLIPWAY_CHECK_COVERAGE_H
#define SLIPWAY_CHECK_COVERAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/macros.h"
#include "data/node.h"

/* The part of a subject that a check judges. */
enum sw_aspect {
    /* A project with GPU code is made for the targets and for this torch. */
    SW_ASPECT_GPU,
    SW_ASPECT_DRIVER, /* the hosts' driver */
    /* The C library and the machine of the base, of the GPUs and of the wheels agree. */
    SW_ASPECT_PLATFORM,
    /* A project has releases for the requirement and the Python, and their requirements hold. */
    SW_ASPECT_RELEASES,
    /* The other wheels have all that a wheel imports. */
    SW_ASPECT_IMPORTS,
    /* The shared libraries that a wheel needs come from somewhere. */
    SW_ASPECT_LIBRARIES,
};

/* In the order in which they outweigh each other. */
enum sw_judgement { SW_PROVEN, SW_NOT_JUDGED, SW_WRONG };

struct sw_covered {
    enum sw_aspect aspect;
    enum sw_judgement judgement;
    const char *subject;
    /* Why it was not judged; NULL for the others. */
    const char *why;
};

struct sw_coverage {
    struct sw_arena arena;
    struct sw_covered *items;
    size_t count;
    bool failed; /* memory ran out */
};

void sw_coverage_init(struct sw_coverage *coverage);
void sw_coverage_release(struct sw_coverage *coverage);
#define SW_COVERAGE_AUTO SW_CLEANUP(sw_coverage_release) struct sw_coverage

/* Record the judgement on a subject; of two judgements on one subject the later in the enumeration counts. `why`
 * may be NULL. A `coverage` that is NULL records nothing. */
void sw_coverage_add(struct sw_coverage *coverage, enum sw_aspect aspect, const char *subject,
                     enum sw_judgement judgement, const char *why);
/* Return true if a package was judged, or anything is wrong; a driver that fits its GPU says nothing of a stack. */
bool sw_coverage_judged(const struct sw_coverage *coverage);
/* Add a line for each aspect: "GPU libraries: 2 proven (torch, bitsandbytes), 1 not judged (x: why)". */
void sw_coverage_write(struct sw_buffer *out, const struct sw_coverage *coverage);
/* [{"aspect","subject","judgement","why"}] */
struct sw_node *sw_coverage_node(struct sw_builder *b, const struct sw_coverage *coverage);

#endif
