/* From a profile's file to everything that a build needs: profile, plan, rendered files, build context. */
#ifndef SLIPWAY_PROJECT_PREPARED_H
#define SLIPWAY_PROJECT_PREPARED_H

#include "catalog/catalog.h"
#include "check/coverage.h"
#include "context/context.h"
#include "lock/pylock.h"
#include "profile/plan.h"
#include "profile/render.h"
#include "project/wrapped.h"

/* A plan points into its profile, so that both live together. */
struct sw_prepared {
    /* The stack of a Dockerfile of the user's, which the profile's tree points into. */
    struct sw_wrapped wrapped;
    struct sw_profile profile;
    struct sw_plan plan;
    /* The lock that the plan is held to, with its text; NULL if there is none. */
    const struct sw_pylock *lock;
    struct sw_str lock_text;
    const char *lock_path; /* also of a lock that is left aside */
    /* The lock was stale and is resolved anew, in memory. */
    bool is_lock_renewed;
    /* The record that sw_prepared_check() fills; NULL: nobody asks for it. */
    struct sw_coverage *coverage;
};

/* Load the profile with texts from `source`, and resolve it. Faults of the profile go to `findings`; if a new finding is an
 * error, `prepared` must not be used, but must still be released. */
int sw_prepare_from(struct sw_prepared *prepared, const struct sw_project *project, const char *path,
                    const struct sw_profile_source *source, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;
/* Find the things that the profile needs of this host and that its caller has not allowed (SW104): variables
 * and agents with the given severity, files as errors. */
int sw_prepared_needs(const struct sw_prepared *prepared, const struct sw_project *project,
                      enum sw_severity severity, struct sw_findings *findings,
                      struct sw_error *error) SW_NODISCARD;
/* Return true if the package index can have anything to say. */
bool sw_prepared_names_projects(const struct sw_prepared *prepared);
/* Find every fault of the stack that can be known before it is built; none if the profile could not be
 * resolved. A plan with findings is checked too, so that one run tells them all. */
int sw_prepared_check(const struct sw_prepared *prepared, struct sw_project *project,
                      const struct sw_catalog *catalog, struct sw_findings *findings,
                      struct sw_error *error) SW_NODISCARD;
/* If the plan has a guard, tell it of the other profiles here. */
int sw_prepared_add_neighbours(struct sw_prepared *prepared, struct sw_project *project,
                               const struct sw_catalog *catalog, struct sw_error *error) SW_NODISCARD;
void sw_prepared_release(struct sw_prepared *prepared);
#define SW_PREPARED_AUTO SW_CLEANUP(sw_prepared_release) struct sw_prepared

/* Say on the sink which of the program's files the project replaces by its own: a file that proves the image
 * may be among them. */
void sw_prepared_tell_overrides(const struct sw_prepared *prepared, const struct sw_sink *sink);

/* The files of a rendering as files of a context, with `certificates` in place of certificates.pem if they
 * are not empty; as many files as the rendering has. NULL without memory. */
struct sw_context_file *sw_rendering_files(struct sw_arena *arena, const struct sw_rendering *rendering,
                                           struct sw_str certificates);

/* The build context of a rendering: its files and the files that the profile copies. `certificates` replaces
 * certificates.pem if it is not empty; `output` is a folder to leave out, or NULL. The rendering must outlive
 * the context. */
int sw_prepared_context(struct sw_context **context, struct sw_project *project,
                        const struct sw_prepared *prepared, const struct sw_rendering *rendering,
                        struct sw_str certificates, const char *output, const struct sw_sink *sink,
                        struct sw_error *error) SW_NODISCARD;

#endif
