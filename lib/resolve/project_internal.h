/* The projects of a resolution: their releases as versions of the solver, the use of each release on the target, and the sets of
 * releases that requirements allow. */
#ifndef SLIPWAY_RESOLVE_PROJECT_INTERNAL_H
#define SLIPWAY_RESOLVE_PROJECT_INTERNAL_H

#include "resolve/question.h"
#include "resolve/solver_internal.h"

enum sw_verdict {
    SW_VERDICT_OPEN, /* not judged yet */
    SW_VERDICT_WHEEL,
    SW_VERDICT_SDIST,
    SW_VERDICT_PRERELEASE,
    SW_VERDICT_YANKED,
    SW_VERDICT_PYTHON,
    SW_VERDICT_PLATFORM,
    SW_VERDICT_KINDS
};

/* A fact that the solver carries for the explanation. */
enum sw_fact_kind {
    SW_FACT_REQUIRES,   /* the package requires `text` of `other` */
    SW_FACT_ROOT,       /* the caller requires `text` */
    SW_FACT_CONSTRAINT, /* the caller allows `text` only */
    SW_FACT_BAR,        /* `text` is the reason */
    SW_FACT_VERDICT,    /* the verdict's reason */
    SW_FACT_UNUSABLE,   /* `text` is the reason */
    SW_FACT_SAME        /* extra and project are of one release */
};

struct sw_package;

struct sw_fact {
    enum sw_fact_kind kind;
    enum sw_verdict verdict;
    /* The project that the fact is about, and the project that it requires. */
    const struct sw_package *about, *other;
    /* The place among the caller's roots, constraints, overrides or bars. */
    enum sw_resolve_origin origin;
    size_t place;
    const char *text;
    /* The reason of a bar for several releases. */
    const char *plural;
    const char *source;
};

/* A set of releases, by the text of the specifiers that allow them. */
struct sw_known_set {
    const char *text;
    const uint64_t *set;
};

struct sw_release_state {
    uint8_t verdict;
    bool asked; /* for its metadata */
    /* The file that is taken. */
    const struct sw_index_file *file;
    const struct sw_metadata *metadata;
};

/* A project, or an extra of a project: a package of the solver. */
struct sw_package {
    const char *name; /* normalized */
    /* NULL for a project; an extra has the releases of its project. */
    const char *extra;
    struct sw_package *base; /* the project itself */
    struct sw_package *next_extra;
    size_t package;
    /* The releases; none if the project cannot be had. */
    const struct sw_index_project *page;
    size_t releases;
    /* The reason why there are none, or NULL. */
    const char *missing;
    struct sw_release_state *states;
    struct sw_known_set *sets;
    size_t set_count;
    /* The releases to be looked at first, before anything is decided. */
    const uint64_t *hint;
    bool prereleases;
    /* A requirement names its URL: a wheel, or an archive or repository, whose version is not known. A repository may state its requirements. */
    struct sw_str url;
    bool opaque;
    /* Why the requirements of a repository are not known, or NULL. */
    const char *unread;
    /* The counts of the versions that were tried, of the refusals of the project, and of the refusals that it caused. */
    unsigned tries, refusals, culprit;
    /* Source distributions that were read before one was chosen. */
    unsigned sources_read;
    bool affected;
};

struct sw_problem {
    const struct sw_resolve_input *input;
    struct sw_arena *arena;
    struct sw_solver *solver;
    struct sw_package **projects; /* by package; [0] is the root */
    size_t count;
    /* A hash of the projects by name, open addressing. */
    struct sw_package **table;
    size_t table_size, table_used;
    /* Texts of Requires-Python that were judged. */
    struct sw_python_memory {
        const char *text;
        bool allowed;
    } pythons[64];
};

/* The project of that normalized name, or its extra; NULL if it is not known yet. */
struct sw_package *sw_problem_find(const struct sw_problem *problem, const char *name, const char *extra);
/* Make known all projects of these names, each looked up once, all together. URLs may be empty. */
struct sw_wanted_project {
    const char *name;
    struct sw_str url;
};
int sw_problem_look_up(struct sw_problem *problem, const struct sw_wanted_project *wanted, size_t count,
                       struct sw_error *error) SW_NODISCARD;
/* The extra of a known project. */
int sw_problem_extra(struct sw_package **out, struct sw_problem *problem, struct sw_package *base,
                     const char *extra, struct sw_error *error) SW_NODISCARD;
/* The releases that the specifiers allow, pre-releases included. Equal texts give the same pointer. NULL without memory. */
const uint64_t *sw_problem_set(struct sw_problem *problem, struct sw_package *project,
                               const struct sw_specifier_set *specifiers);
/* Judge a release for the target. */
enum sw_verdict sw_problem_judge(struct sw_problem *problem, struct sw_package *project, size_t release);
/* The release to try first of those in `allowed`: preferred, then the newest whose requirements can be known (a wheel, or a source
 * distribution that states them), then the newest; SIZE_MAX if none is usable. */
size_t sw_problem_pick(struct sw_problem *problem, struct sw_package *project, const uint64_t *allowed);
/* Return true if Requires-Python holds for the target. */
bool sw_problem_python(struct sw_problem *problem, const char *text);

/* Releases whose metadata is wanted. */
struct sw_wanted_release {
    struct sw_package *project;
    size_t release;
};
/* Ask for the metadata of all that were not asked for. A release whose metadata cannot be read gets a fact that forbids it. */
int sw_problem_read(struct sw_problem *problem, const struct sw_wanted_release *wanted, size_t count,
                    struct sw_error *error) SW_NODISCARD;
/* Read ahead the pages and metadata that the solver will ask for first, from these projects on. */
int sw_problem_read_ahead(struct sw_problem *problem, struct sw_package *const *from, size_t count,
                          struct sw_error *error) SW_NODISCARD;

/* The requirement of a release that holds on the target with the extra (NULL: without any). */
bool sw_problem_holds(const struct sw_problem *problem, const struct sw_requirement *requirement,
                      const char *extra);
bool sw_problem_leaves_out(const struct sw_problem *problem, struct sw_str project);
/* The overrides of a project that hold on the target: `*at` goes from one to the next. NULL at the end. */
const struct sw_requirement *sw_problem_override(const struct sw_problem *problem, struct sw_str project,
                                                 size_t *at);
/* The caller's requirements, constraints and overrides of a project that hold on the target: `*at` goes from one to the next. NULL at
 * the end. */
const struct sw_requirement *sw_problem_own(const struct sw_problem *problem, const char *name, size_t *at);
size_t sw_problem_hash(const char *name, const char *extra);
/* A fact in the arena, or NULL. */
struct sw_fact *sw_problem_fact(struct sw_problem *problem, const struct sw_fact *fact);

/* Tell the solver all that the root, or a release, requires. */
int sw_problem_expand(struct sw_problem *problem, struct sw_package *project, size_t release,
                      struct sw_error *error) SW_NODISCARD;
int sw_problem_expand_root(struct sw_problem *problem, struct sw_error *error) SW_NODISCARD;

#endif
