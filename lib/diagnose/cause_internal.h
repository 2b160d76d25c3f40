/* The search for the cause of a failure among the facts and the hits of a log (cause.c). */
#ifndef SLIPWAY_DIAGNOSE_CAUSE_INTERNAL_H
#define SLIPWAY_DIAGNOSE_CAUSE_INTERNAL_H

#include "diagnose/diagnosis_internal.h"

enum { SW_MOST_CANDIDATES = SW_MAX_LOG_FACTS + SW_MAX_LOG_HITS, SW_MOST_HOPS = 16 };

/* A fact with the best of the hits in it, or a hit alone. */
struct sw_cause_candidate {
    const struct sw_fact *fact;
    struct sw_hit *hit;
    uint64_t step, first, last;
    bool consequence; /* says that something failed and not why */
    bool warned;
};

struct sw_cause_search {
    struct sw_diagnosis *diagnosis;
    struct sw_cause_candidate items[SW_MOST_CANDIDATES];
    size_t count;
    /* The step that failed, and the step of the lines that buildx repeats of it; 0 if unknown. */
    uint64_t failed, summary;
    bool known; /* that something failed */
};

/* Return the deepest candidate behind a candidate: the first error of a burst, the error that explains it or the error that it
 * announces. */
struct sw_cause_candidate *sw_cause_deepest(struct sw_cause_search *search, struct sw_cause_candidate *item);

#endif
