/* Proving a built image: the probe (templates/probe.py), run inside it through the engine.
 *
 * The probe is this program's own, or the project's, and so is what it is asked: the plan's assertions, pins and checks. Only of an image
 * for which nobody has a plan is the image's own list taken (/opt/slipway/stack.json). The probe says for each thing that it tried whether
 * it holds there; what is not answered, or not as it was asked, has failed. What could not be tried is a finding too and never counts as
 * passed.
 *
 * What that proves: an image that was built as planned holds what was asked for, and a package in it cannot say so for another. It
 * proves nothing of an image whose Python, C library or kernel interface was made to lie: that Python reads the question and can make up
 * any answer. Such an image shows in where it comes from, not in what it says. */
#ifndef SLIPWAY_VERIFY_VERIFY_H
#define SLIPWAY_VERIFY_VERIFY_H

#include "base/finding.h"
#include "engine/engine.h"
#include "profile/plan.h"

struct sw_verify_request {
    const char *image;
    const struct sw_profile *profile; /* where findings get their place; or NULL */
    const struct sw_plan *plan;       /* what the image should have been built from; or NULL */
    const char *project;              /* a folder that may override the probe; or NULL */
    bool files;                       /* read every installed file, not only its size */
    int64_t timeout_ns;               /* the probe is stopped after it; 0: SW_MAX_CONTAINER_SECONDS */
    const char *gpus; /* run kernels on these too, in the words of docker's --gpus; NULL: none */
};

struct sw_verification {
    struct sw_arena arena;
    size_t passed, failed, untried; /* of the results */
    /* All that was tried, by the probe and besides: [{check, at, what, code, fault, untried}]. `at` is the place in the profile,
     * fault and untried are texts or null, and what holds has neither. */
    const struct sw_node *results;
    /* The probe's answer in the arena, NULL where there is none:
     *   python    text
     *   freeze    [{name, version, from}]                     from: direct_url.json (PEP 610) or null
     *   gpus      [{name, compute_capability, memory}]        that kernels were run on; memory: bytes
     *   driver    {release, cuda} or null                     of those GPUs; texts or null */
    const struct sw_node *answer;
    const char *gpu_way; /* how the GPUs were given (engine/gpu.h); NULL: they were not */
};
void sw_verification_release(struct sw_verification *verification); /* takes NULL and a zeroed one */

/* Run the probe in an image, without network. Each thing that does not hold becomes a finding of the probe's code (SW401 where it has no
 * better), and so does a probe that gives no answer; an image of another plan is SW402. What could not be tried is a note SW403: of an
 * image that slipway did not build, all that needs a plan. GPUs that were asked for and could not be given are a warning SW403. */
int sw_verify_image(struct sw_verification *result, struct sw_engine *engine,
                    const struct sw_verify_request *request, struct sw_findings *findings,
                    const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;

#endif
