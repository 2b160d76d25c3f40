/* Fixes between the attempts of a build: the findings of an attempt or of its check are fixed in memory, and the build is tried
 * again, up to a number of rounds. The profile's files are written once, after a build that passed; else they are never
 * touched. */
#ifndef SLIPWAY_PROJECT_AUTOFIX_H
#define SLIPWAY_PROJECT_AUTOFIX_H

#include "project/attempt.h"
#include "project/fixing.h"

struct sw_autofix {
    struct sw_fixing fixing;
    unsigned rounds, most; /* begun, and allowed */
    bool passed;           /* the last attempt */
    bool written;
};

void sw_autofix_init(struct sw_autofix *autofix, struct sw_project *project, const struct sw_catalog *catalog,
                     const char *path, unsigned most);
void sw_autofix_release(struct sw_autofix *autofix);

/* Fix the findings of an attempt that ended with `code`. Return true if another attempt may succeed: a round has begun. */
bool sw_autofix_again(struct sw_autofix *autofix, struct sw_attempt *attempt, int code);

/* Call this function after the last attempt: it writes the fixes if they led to an image. Returns the code of the whole build; a
 * fix that cannot be written is a finding too. */
int sw_autofix_settle(struct sw_autofix *autofix, struct sw_attempt *attempt, int code);

#endif
