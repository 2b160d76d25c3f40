/* A build of a profile: attempts at its image, with fixes between them. */
#ifndef SLIPWAY_PROJECT_ATTEMPTS_H
#define SLIPWAY_PROJECT_ATTEMPTS_H

#include "project/attempt.h"

/* The things that all builds of a command share. */
struct sw_attempts {
    struct sw_project *project;
    const struct sw_catalog *catalog;
    const struct sw_attempt_choices *choices;
    const struct sw_attempt_view *view;
    /* The number of times that findings may be fixed and the build be tried again. */
    unsigned rounds;
};

/* Build the profile in this file: check it, make its image, verify, name, record and push the image. All that is wrong becomes a
 * finding of the last attempt, which view->end() gets. Returns the code that view->end() returns. */
int sw_attempts_run(const struct sw_attempts *attempts, const char *path);

#endif
