/* The stack as the checks see it: which release of what goes where. Not for use outside lib/check. */
#ifndef SLIPWAY_CHECK_STACK_H
#define SLIPWAY_CHECK_STACK_H

#include "index/index.h"
#include "profile/plan.h"
#include "python/requirement.h"

struct sw_check_input {
    const struct sw_profile *profile; /* for places; of memory alone where a candidate is asked about */
    const struct sw_plan *plan;       /* resolved from it, perhaps with findings */
    const struct sw_catalog *catalog;
    const struct sw_permissions
        *permissions;       /* to look into files that steps install from; NULL: into none */
    struct sw_index *index; /* NULL: the index is not asked, and */
    const char *no_index;   /* why not, which is then said; NULL: it is not wanted */
    bool offline;           /* the index has only what is in its cache */
};

/* A requirement or constraint that holds for the target. */
struct sw_pin {
    const struct sw_node *at; /* in the profile */
    const char *path;         /* for fixes: "requirements[bitsandbytes]" */
    const char *project;      /* normalized */
    const char
        *version; /* the one release that it allows, with its local part; NULL where it allows several */
    struct sw_requirement requirement;
    bool is_constraint;
};

/* The torch that is installed; `version` is NULL where the profile leaves it open or has none. */
struct sw_torch_choice {
    const char *version; /* public */
    const char *cuda;    /* NULL where it is not known */
    const char *
        local; /* what torch.__version__ says: 2.8.0+cu128, also from the default index; NULL without `cuda` */
    const struct sw_node *row; /* of the catalog; NULL where the release is not known there */
    const struct sw_node *at_version, *at_cuda; /* in the profile */
    const char *version_path, *cuda_path; /* for fixes; `cuda_path` is NULL where there is no such key */
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
    struct sw_target *targets;
    size_t target_count;
    struct sw_torch_choice torch;
};

/* Read plan and profile; all that it holds lies in `arena`. */
int sw_stack_read(struct sw_stack *stack, const struct sw_check_input *input, struct sw_findings *findings,
                  struct sw_arena *arena, struct sw_error *error) SW_NODISCARD;

/* The first requirement (not a constraint) of a project by its normalized name, or NULL. */
const struct sw_pin *sw_stack_requirement(const struct sw_stack *stack, const char *project);
/* The pin that leaves a project one release, or NULL. */
const struct sw_pin *sw_stack_pinned(const struct sw_stack *stack, const char *project);
/* The release of a project that will be there, without a local part: pinned, or the one that torch pins or was built with; NULL where
 * that is open. */
const char *sw_stack_release(const struct sw_stack *stack, const char *project);
/* A version without its local part, in the stack's arena; "" without memory. */
const char *sw_stack_public(const struct sw_stack *stack, const char *version);
/* The release that torch's row names for torchvision, torchaudio or triton; NULL for all else. */
const char *sw_stack_companion(const struct sw_stack *stack, const char *project);
/* The profile's own node at `path`, or NULL. */
const struct sw_node *sw_stack_get(const struct sw_stack *stack, const char *path);

/* The first finding of this code about this subject at a value of the profile; NULL if there is none. */
struct sw_finding *sw_stack_about(const struct sw_stack *stack, const char *code, const char *subject,
                                  const struct sw_node *at);
/* A new finding at a node of the profile (NULL: at its start). */
struct sw_finding *sw_stack_find(struct sw_stack *stack, const char *code, enum sw_severity severity,
                                 const struct sw_node *at, const char *format, ...) SW_PRINTF(5, 6);
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

/* Whether a build of torch has code for every target; `by_ptx` (may be NULL) says whether for one of them only PTX. */
bool sw_stack_serves_all(const struct sw_stack *stack, const char *version, const char *cuda, bool *by_ptx);
/* The lowest driver that a specifier of drivers admits, as text in the arena; "0" where it has no lower end. */
const char *sw_stack_lowest_driver(const struct sw_stack *stack, const char *specifier);
/* Whether a driver, perhaps only named by its branch, is older than another. */
bool sw_driver_is_older(const char *driver, const char *floor);
/* Another CUDA variant of the same torch release that serves every target and that the hosts' drivers run: the highest one, or NULL. */
const char *sw_stack_other_cuda(const struct sw_stack *stack);

#endif
