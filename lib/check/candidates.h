/* What the package index has for the stack: for each project the releases that the profile allows on its target, what they require,
 * and who asks for what. Not for use outside lib/check.
 *
 * Looked up in rounds, each one batch of requests: the pages of the projects that the profile names, what their newest
 * allowed releases require, and the same again for what the releases that are certain require, as far as a contradiction
 * may lie there: where they require exactly one release or a part of themselves (a-b of a), or where two of them ask
 * for different ones. Of a project with several allowed releases the newest one counts that contradicts no pin. */
#ifndef SLIPWAY_CHECK_CANDIDATES_H
#define SLIPWAY_CHECK_CANDIDATES_H

#include "check/stack.h"
#include "index/index.h"

/* Somebody asks for some releases of a project. */
struct sw_ask {
    const struct sw_pin *pin;          /* of the profile: its own, or the one that leads to the asker */
    const char *by;                    /* "unsloth 2025.11.3", or NULL for the profile itself */
    const char *file, *index;          /* the wheel that says so, and where it is; NULL for the profile */
    struct sw_requirement requirement; /* what is asked */
};

struct sw_candidate {
    const struct sw_index_release *release;
    const struct sw_index_file *file;   /* the wheel for the target, or the source distribution */
    const struct sw_metadata *metadata; /* NULL where it is not known */
    const struct sw_error *problem;     /* why not */
    bool looked;                        /* whether it was asked for */
};

struct sw_offer {
    const char *project;                 /* normalized */
    const struct sw_pin *pin;            /* of the profile: its own, or the one that leads here */
    bool named;                          /* by a requirement of the profile */
    bool wanted;                         /* worth to be looked up */
    bool direct;                         /* named by a URL: the page is of that wheel alone */
    const struct sw_index_project *page; /* NULL where it is not known; `problem` then says why */
    struct sw_error problem;
    struct sw_ask *asks;
    size_t ask_count;
    struct sw_candidate
        *candidates; /* newest first: those that every ask of the profile allows, usable on the target */
    size_t candidate_count;
    size_t
        chosen; /* place of the newest candidate that contradicts no pin; candidate_count where there is none */
    const struct sw_ask *against; /* then: the pin that every one of them contradicts, and */
    struct sw_ask wish;           /* what the newest of them asks of it */
    size_t looked_at;             /* how many candidates were looked at for that */
};

struct sw_market {
    struct sw_stack *stack;
    struct sw_index *index;
    struct sw_tag_list tags;
    struct sw_version python; /* its last patch release */
    struct sw_marker_environment environment;
    struct sw_index_pin *pins; /* what comes from an index of the profile's own */
    size_t pin_count;
    struct sw_offer **offers; /* stable addresses */
    size_t count;
};

/* Look up all that the profile names, each at the index that it comes from, or at its URL. Everything lies in the stack's arena. What cannot be had is said in each offer's `problem`;
 * fails only on a cancellation and without memory. */
int sw_market_open(struct sw_market *market, struct sw_stack *stack, struct sw_index *index,
                   struct sw_error *error) SW_NODISCARD;

/* Whether a project comes from an index of the profile's own. */
bool sw_market_has_own_index(const struct sw_market *market, const char *project);
/* NULL where it is not among them. */
struct sw_offer *sw_market_offer(const struct sw_market *market, const char *project);
/* Whether a release is one that the ask allows; pre-releases count where the ask names one or where there is nothing else. */
bool sw_market_allows(const struct sw_ask *ask, const struct sw_index_release *release);
/* Whether a release has a file that the target can use. */
bool sw_market_usable(const struct sw_market *market, const struct sw_index_release *release,
                      const struct sw_index_file **file);

#endif
