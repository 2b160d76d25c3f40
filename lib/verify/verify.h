/* Proving a built image: its own probe, run inside it through the engine.
 *
 * Every image that slipway builds carries /opt/slipway/probe.py and /opt/slipway/stack.json. The probe says for each
 * assertion whether it holds there; what could not be tried is a finding too and never counts as passed. */
#ifndef SLIPWAY_VERIFY_VERIFY_H
#define SLIPWAY_VERIFY_VERIFY_H

#include "base/finding.h"
#include "engine/engine.h"
#include "profile/plan.h"

struct sw_verification {
    size_t passed, failed;
};

/* Run the probe in `image` without network. Each assertion that does not hold becomes SW401 (SW304 for two installs of
 * one project), at its place in `profile` where that is given, and so does a probe that gives no answer; an image of another plan than `plan` (both may be NULL)
 * SW402. An image that slipway did not build is SW403. The result counts the assertions. */
int sw_verify_image(struct sw_verification *result, struct sw_engine *engine, const char *image,
                    const struct sw_profile *profile, const struct sw_plan *plan,
                    struct sw_findings *findings, const struct sw_sink *sink,
                    struct sw_error *error) SW_NODISCARD;

#endif
