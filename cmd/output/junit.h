/* A verification as JUnit XML, which CI systems show beside tests. */
#ifndef SLIPWAY_OUTPUT_JUNIT_H
#define SLIPWAY_OUTPUT_JUNIT_H

#include "verify/verify.h"

/* Write one test suite with a test case for each result, in the form that Jenkins' junit-10.xsd describes:
 * `classname` is the kind of check, a check that does not hold is a failure with the finding's code, a check
 * that could not be tried is skipped. `profile` may be NULL. */
int junit_write(const char *path, const char *image, const struct sw_profile *profile,
                const struct sw_verification *verification, struct sw_error *error);

#endif
