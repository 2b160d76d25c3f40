/* The package index's answers for the stack: for each project the releases that the profile allows on its
 * target, their requirements, and who states each requirement.
 *
 * They are looked up in rounds, each one batch of requests: the pages of the projects that the profile names,
 * the requirements of their newest allowed releases, and the same again for the requirements of the releases
 * that are certain, as far as a contradiction may lie there: if they require exactly one release or a part of
 * themselves (a-b of a), or if two of them require different releases. Of a project with several allowed
 * releases the newest release counts that contradicts no pin. */
#ifndef SLIPWAY_CHECK_CANDIDATES_H
#define SLIPWAY_CHECK_CANDIDATES_H

#include "catalog/base_libc.h"
#include "check/stack.h"
#include "index/index.h"

/* Somebody asks for some releases of a project. */
struct sw_requirer {
    /* The profile's pin: the requirement itself, or the pin that leads to it. */
    const struct sw_pin *pin;
    /* "unsloth 2025.11.3", or NULL for the profile itself. */
    const char *by;
    /* The wheel that holds the requirement, and its index; NULL for the profile. */
    const char *file, *index;
    struct sw_requirement requirement; /* the requirement */
};

struct sw_candidate {
    const struct sw_index_release *release;
    /* The wheel for the target, or the source distribution. */
    const struct sw_index_file *file;
    const struct sw_metadata *metadata; /* NULL if it is not known */
    const struct sw_error *problem;     /* why not */
    bool looked;                        /* whether it was asked for */
};

struct sw_candidate_list {
    const char *project; /* normalized */
    /* The profile's pin: of the project itself, or the pin that leads to the project. */
    const struct sw_pin *pin;
    bool named;  /* by a requirement of the profile */
    bool wanted; /* worth to be looked up */
    /* The project is named by a URL: the page is of that wheel alone. */
    bool direct;
    /* NULL if it is not known; `problem` then says why. */
    const struct sw_index_project *page;
    struct sw_error problem;
    struct sw_requirer *requirers;
    size_t requirer_count;
    /* The candidates, newest first: releases that every requirement of the profile allows, usable on the
     * target. */
    struct sw_candidate *candidates;
    size_t candidate_count;
    /* The place of the newest candidate that contradicts no pin; candidate_count if there is none. */
    size_t chosen;
    /* If there is none: the pin that every candidate contradicts, and */
    const struct sw_requirer *against;
    /* the requirement of the newest candidate that contradicts the pin. */
    struct sw_requirer required;
    /* The count of the candidates that were looked at for that. */
    size_t looked_at;
};

struct sw_closure;
struct sw_wheel_set;

struct sw_candidates {
    struct sw_stack *stack;
    /* The closed set, and its wheels; NULL until it is resolved. */
    const struct sw_closure *closure;
    const struct sw_wheel_set *wheels;
    /* The imports of the set (imported_internal.h); NULL until they are read. */
    const struct sw_imported *imported;
    struct sw_index *index;
    struct sw_tag_list tags;
    struct sw_version python; /* its last patch release */
    struct sw_base_libc libc;
    struct sw_marker_environment environment;
    /* The projects that come from an index of the profile's own, or from torch's own index. */
    struct sw_index_pin *pins;
    size_t pin_count;
    /* The reason why torch's own index, from which the plan takes torch, was not asked; a `code` of 0: it was, or is not needed. */
    struct sw_error torch_index;
    struct sw_candidate_list **lists; /* stable addresses */
    size_t count;
    /* The projects beyond SW_MAX_CHECK_PROJECTS, which are not looked up: sorted, at most SW_MAX_CHECK_LEFT_OUT. */
    const char **left_out;
    size_t left_out_count;
};

/* Look up all that the profile names, each at the index that it comes from, or at its URL. Everything lies in the stack's arena. What cannot be had is said in each offer's `problem`;
 * fails only on a cancellation and without memory. */
int sw_candidates_open(struct sw_candidates *candidates, struct sw_stack *stack, struct sw_index *index,
                       struct sw_error *error) SW_NODISCARD;

/* The key `torch` as a requirement like any other; NULL if the profile has no such key. */
const struct sw_pin *sw_candidates_torch(const struct sw_candidates *candidates);
/* Return true if a project comes from another index than the default. */
bool sw_candidates_have_own_index(const struct sw_candidates *candidates, const char *project);
/* NULL if the project is not among them. */
struct sw_candidate_list *sw_candidates_list(const struct sw_candidates *candidates, const char *project);
/* Return true if the requirement allows the release; pre-releases count if the requirement names one or if
 * there is no other release. */
bool sw_requirer_allows(const struct sw_requirer *requirer, const struct sw_index_release *release);
/* Return true if a release has a file that the target can use. */
bool sw_candidates_usable(const struct sw_candidates *candidates, const struct sw_index_release *release,
                          const struct sw_index_file **file);

#endif
