/* Proving a built image: the probe (templates/probe.py), run inside it through the engine.
 *
 * The probe is this program's own, or the project's, and so are its questions: the plan's assertions, pins
 * and checks. Only if nobody has a plan for an image, the image's own list is taken
 * (/opt/slipway/stack.json). The probe says for each thing that it tried whether the thing holds in the
 * image; a question without an answer, or with an answer to another question, has failed. A question that
 * could not be tried is a finding too and never counts as passed.
 *
 * A pass proves that an image that was built as planned holds all that was asked for, and that no package in
 * it answered for another package. It proves nothing of an image whose Python, C library or kernel interface
 * was made to lie: that Python reads the question and can make up any answer. Such an image is known by its
 * origin, not by its answers. */
#ifndef SLIPWAY_VERIFY_VERIFY_H
#define SLIPWAY_VERIFY_VERIFY_H

#include "base/finding.h"
#include "engine/engine.h"
#include "profile/plan.h"

struct sw_verify_request {
    const char *image;
    /* The source of the findings' places; or NULL. */
    const struct sw_profile *profile;
    /* The plan that the image should have been built from; or NULL. */
    const struct sw_plan *plan;
    /* A folder that may override the probe; or NULL. */
    const char *project;
    /* Read every installed file, not only its size. */
    bool files;
    /* The time after which the probe is stopped; 0: SW_MAX_CONTAINER_SECONDS. */
    int64_t timeout_ns;
    /* The GPUs to run kernels on too, in the words of docker's --gpus; NULL: none. */
    const char *gpus;
};

struct sw_verification {
    struct sw_arena arena;
    size_t passed, failed, untried; /* of the results */
    /* All that was tried, by the probe and besides: `[{check, at, what, code, fault, untried}]`. `at` is the
     * place in the profile, `fault` and `untried` are texts or null; both are null if the check holds. */
    const struct sw_node *results;
    /* The probe's answer in the arena, NULL if it gave none:
     *   python    text
     *   freeze    [{name, version, from}]                     from: direct_url.json (PEP 610) or null
     *   gpus      [{name, compute_capability, memory}]        that kernels were run on; memory: bytes
     *   driver    {release, cuda} or null                     of those GPUs; texts or null */
    const struct sw_node *answer;
    /* The way in which the GPUs were given (engine/gpu.h); NULL: no GPUs were given. */
    const char *gpu_way;
};
/* `verification` may be NULL or zeroed. */
void sw_verification_release(struct sw_verification *verification);

/* Run the probe in an image, without network. Each check that fails becomes a finding of the probe's code
 * (SW401 if the probe names none), and so does a probe that gives no answer; an image of another plan is
 * SW402. A check that could not be tried is a note SW403: of an image that slipway did not build, every check
 * that needs a plan. GPUs that were asked for and could not be given are a warning SW403. */
int sw_verify_image(struct sw_verification *result, struct sw_engine *engine,
                    const struct sw_verify_request *request, struct sw_findings *findings,
                    const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;

#endif
