/* The question to a resolution, and its answer.
 *
 * Everything that a question points to must outlive the resolution. An answer lies in the arena that it was made with. */
#ifndef SLIPWAY_RESOLVE_QUESTION_H
#define SLIPWAY_RESOLVE_QUESTION_H

#include "index/index.h"
#include "python/tag.h"
#include "resolve/resolution.h"

/* Releases that the target cannot use, whoever wants them; or not beside some releases of another project. */
struct sw_resolve_bar {
    const char *project; /* normalized */
    struct sw_specifier_set releases;
    /* The other project, normalized, and its releases; NULL: the bar holds beside whatever else there is. */
    const char *beside;
    struct sw_specifier_set beside_releases;
    /* The predicate for one release, and for several: "has no code for the RTX 5090", "have no code for the RTX 5090". */
    const char *reason, *reason_plural;
    /* The origin of the knowledge, such as a row of the catalog; may be empty. */
    const char *source;
};

struct sw_resolve_preference {
    const char *project; /* normalized */
    struct sw_version version;
};

/* Everything must outlive the call. Markers of requirements are evaluated for the target. */
struct sw_resolve_input {
    struct sw_index *index;
    const struct sw_requirement *roots, *constraints, *overrides;
    size_t root_count, constraint_count, override_count;
    const struct sw_resolve_bar *bars;
    size_t bar_count;
    const struct sw_resolve_preference *preferences;
    size_t preference_count;
    struct sw_tag_list tags;
    struct sw_version python; /* in full */
    struct sw_marker_environment environment;
    /* Pre-releases count as other releases, for all projects. */
    bool prereleases;
    /* Upper ends of Requires-Python do not count, as for uv. */
    bool ignore_python_ends;
    /* Projects, normalized, of which no source distribution, or no wheel, is to be taken. */
    const char *const *no_build, *const *no_binary;
    size_t no_build_count, no_binary_count;
    /* Beginnings of the names of projects that no release's requirement brings in. */
    const char *const *left_out;
    size_t left_out_count;
};

/* The caller's own statement behind a fact. */
enum sw_resolve_origin {
    SW_RESOLVE_OTHERS,
    SW_RESOLVE_ROOT,
    SW_RESOLVE_CONSTRAINT,
    SW_RESOLVE_OVERRIDE,
    SW_RESOLVE_BAR
};

/* A fact that cannot be true together with the other facts of an answer. */
struct sw_resolve_fact {
    /* A clause in plain English, lower case, no full stop: "vllm 0.6.3 requires torch==2.4.0". */
    const char *text;
    /* The file or catalog row that says so; may be empty. */
    const char *source;
    enum sw_resolve_origin origin;
    /* The place among the caller's roots, constraints, overrides or bars. */
    size_t place;
};

struct sw_resolve_answer {
    /* True: `resolution` holds. False: the `facts` contradict each other, in the order in which they are best read. */
    bool found;
    struct sw_resolution resolution;
    const struct sw_resolve_fact *facts;
    size_t fact_count;
    /* Facts that are not listed, since there are more than SW_MAX_RESOLVE_FACTS. */
    size_t more_facts;
    /* The search took more than SW_MAX_RESOLVE_WORK or SW_MAX_RESOLVE_MEMORY, and proved nothing. `facts` names the projects of which it
     * tried most releases. */
    bool gave_up;
};

#endif
