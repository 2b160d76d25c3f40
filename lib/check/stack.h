/* The stack as the checks see it: the releases of the projects, and their places in the profile. */
#ifndef SLIPWAY_CHECK_STACK_H
#define SLIPWAY_CHECK_STACK_H

#include "base/cancel.h"
#include "catalog/base_libc.h"
#include "check/coverage.h"
#include "index/index.h"
#include "lock/pylock.h"
#include "profile/plan.h"
#include "python/requirement.h"

struct sw_check_input {
    /* The profile, for places; in memory alone if a candidate is judged. */
    const struct sw_profile *profile;
    const struct sw_plan *plan; /* resolved from it, perhaps with findings */
    const struct sw_catalog *catalog;
    /* The right to read the files that steps install from; NULL: none is read. */
    const struct sw_permissions *permissions;
    const struct sw_cancel *cancel; /* NULL: none */
    struct sw_index *index;         /* NULL: the index is not asked, and */
    /* The reason, which a finding then gives; NULL: the index is not wanted. */
    const char *no_index;
    /* The index has only the pages in its cache. */
    bool offline;
    /* The lock that the plan is held to; NULL: none. */
    const struct sw_pylock *lock;
    /* The record of the judgements; NULL: nobody asks for it. */
    struct sw_coverage *coverage;
};

/* A requirement or constraint that holds for the target; or a member of the closed set. */
struct sw_pin {
    const struct sw_node *at; /* in the profile */
    const char *path;         /* for fixes: "requirements[bitsandbytes]" */
    const char *project;      /* normalized */
    /* The single release that the pin allows, with its local part; NULL if it allows several. */
    const char *version;
    struct sw_requirement requirement;
    /* A constraint, or an override: neither brings its project in. */
    bool is_constraint;
    bool is_override;
    /* The number of the command that installs it: see struct sw_profile. */
    unsigned install;
    /* The installer takes this release, and no pin names it: `at` is the statement that brings the project in, `path` is empty. */
    bool is_member;
    /* A package in a release that a pin names requires exactly this release of the member. */
    bool is_held;
    /* "vllm 0.33.0", the member that requires this member; NULL if the profile does. */
    const char *by;
};

/* The torch that is installed; `version` is NULL if the profile leaves it open or has none. */
struct sw_torch_choice {
    const char *version; /* public */
    const char *cuda;    /* NULL if it is not known */
    /* The value of torch.__version__: 2.8.0+cu128, also from the default index; NULL without `cuda`. */
    const char *local;
    /* The row of the catalog; NULL if the catalog does not know the release. */
    const struct sw_node *row;
    const struct sw_node *at_version, *at_cuda; /* in the profile */
    /* The paths for fixes; `cuda_path` is NULL if there is no such key. */
    const char *version_path, *cuda_path;
    /* The member of the closed set that it is, whose bars check_closed.c judges; NULL: the profile pins it. */
    const struct sw_pin *member;
};

/* A target GPU. */
struct sw_target {
    const struct sw_node *at;  /* in the profile */
    const struct sw_node *row; /* of the catalog */
    const char *title, *capability;
};

struct sw_stack {
    const struct sw_check_input *input;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    struct sw_builder b;
    const char *python; /* "3.11" */
    const char *driver; /* specifier of the hosts' driver, or NULL */
    struct sw_pin *pins;
    size_t pin_count;
    /* The members of the closed set that no pin leaves one release, sorted by project; none if the set is not known. */
    struct sw_pin *members;
    size_t member_count;
    struct sw_target *targets;
    size_t target_count;
    struct sw_torch_choice torch;
    /* The stack has another release at one pin than the profile; the plan is still made for the profile's. */
    bool trial;
};

/* Read plan and profile; all that it holds lies in `arena`. */
int sw_stack_read(struct sw_stack *stack, const struct sw_check_input *input, struct sw_findings *findings,
                  struct sw_arena *arena, struct sw_error *error) SW_NODISCARD;

/* Let the stack have the torch among its members, if the profile leaves it open. */
void sw_stack_read_members(struct sw_stack *stack);
/* The pins, and then the members: NULL behind the last. */
const struct sw_pin *sw_stack_item(const struct sw_stack *stack, size_t i);
/* The pin that leaves a project one release, else the member of the closed set; NULL if the project is not there, or open. */
const struct sw_pin *sw_stack_installed(const struct sw_stack *stack, const char *project);
/* The release of a project that will be there, as sw_stack_release() has it, else that of the closed set; NULL if it is not known. */
const char *sw_stack_comes(const struct sw_stack *stack, const char *project);
/* Evidence that `by` requires a member of the closed set, which the statement at `at` brings in; none if `by` is NULL. */
void sw_stack_evidence_way(struct sw_stack *stack, struct sw_finding *finding, const char *project,
                           const char *version, const char *by, const struct sw_node *at);
/* The evidence of sw_stack_evidence_way() for a pin or member. */
void sw_stack_evidence_brought(struct sw_stack *stack, struct sw_finding *finding, const struct sw_pin *pin);

/* The first requirement (not a constraint) of a project by its normalized name, or NULL. */
const struct sw_pin *sw_stack_requirement(const struct sw_stack *stack, const char *project);
/* The override of a project, which stands in the place of all other requirements of it, or NULL. */
const struct sw_pin *sw_stack_override(const struct sw_stack *stack, const char *project);
/* The pin that leaves a project one release, or NULL. */
const struct sw_pin *sw_stack_pinned(const struct sw_stack *stack, const char *project);
/* The release of a project that will be there, without a local part: the pinned release, or the release that
 * torch pins or was built with; NULL if it is open. */
const char *sw_stack_release(const struct sw_stack *stack, const char *project);
/* A version without its local part, in the stack's arena; "" without memory. */
const char *sw_stack_public(const struct sw_stack *stack, const char *version);
/* The release that torch's row names for torchvision, torchaudio or triton; NULL for all else. */
const char *sw_stack_companion(const struct sw_stack *stack, const char *project);
/* The profile's own node at `path`, or NULL. */
const struct sw_node *sw_stack_get(const struct sw_stack *stack, const char *path);
/* Return true if an image is named, or chosen by slipway: a requirements file that was found says nothing of an image. */
bool sw_stack_names_image(const struct sw_stack *stack);
/* The C library of the image. NVIDIA's driver and torch are programs for glibc: for them a base with musl counts as unknown (SW220). */
struct sw_base_libc sw_stack_libc(const struct sw_stack *stack);
/* The step of the profile, see sw_profile_step(). */
const struct sw_node *sw_stack_step(const struct sw_stack *stack, size_t index);

/* The first finding of this code about this subject at a value of the profile; NULL if there is none. */
struct sw_finding *sw_stack_about(const struct sw_stack *stack, const char *code, const char *subject,
                                  const struct sw_node *at);
/* A new finding at a node of the profile (NULL: at its start). */
struct sw_finding *sw_stack_find(struct sw_stack *stack, const char *code, enum sw_severity severity,
                                 const struct sw_node *at, const char *format, ...) SW_PRINTF(5, 6);
/* Record the judgement on a subject (check/coverage.h); `why` is NULL unless the subject could not be judged. */
void sw_stack_cover(const struct sw_stack *stack, enum sw_aspect aspect, const char *subject,
                    enum sw_judgement judgement, const char *why);
/* Evidence from a row of the catalog, with its source. */
void sw_stack_evidence(struct sw_stack *stack, struct sw_finding *finding, const struct sw_node *row,
                       const char *format, ...) SW_PRINTF(4, 5);
/* Evidence from the profile itself: the pin, with its place. */
void sw_stack_evidence_pin(struct sw_stack *stack, struct sw_finding *finding, const struct sw_pin *pin);
/* A fix that loosens an exact pin to `specifier`; none for a pin with extras or a marker, or that is a constraint. */
void sw_stack_fix_pin(struct sw_stack *stack, struct sw_finding *finding, const struct sw_pin *pin,
                      const char *specifier);
/* "7.5 8.0, PTX of 12.0" of a row of GPU code. */
const char *sw_stack_code_text(struct sw_stack *stack, const struct sw_node *code);
/* Items "a, b and c" of a list of texts; never NULL. */
const char *sw_stack_join(struct sw_stack *stack, const struct sw_node *list);

/* Return true if all GPUs are of data centers and the base image has CUDA's forward compatibility (cuda-compat), which lets such GPUs run a
 * newer CUDA than their driver's. */
bool sw_stack_is_bridged(const struct sw_stack *stack);
/* Return true if a build of torch has code for every target; `by_ptx` (may be NULL) is set if one of them is
 * served by PTX only. */
bool sw_stack_serves_all(const struct sw_stack *stack, const char *version, const char *cuda, bool *by_ptx);
/* Another CUDA variant of the same torch release that serves every target and that the hosts' drivers run: the
 * variant of the default index, else the highest, or NULL. */
const char *sw_stack_other_cuda(const struct sw_stack *stack);
/* Offer that build, if nothing else names an index: the fix of the key `torch`, or the key itself if the profile has none. False if there is
 * no such build. */
bool sw_stack_offer_build(struct sw_stack *stack, struct sw_finding *finding);

#endif
