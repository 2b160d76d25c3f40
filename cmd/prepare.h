/* From a profile's file to what can be built: profile, plan, rendered files, build context. */
#ifndef SLIPWAY_CMD_PREPARE_H
#define SLIPWAY_CMD_PREPARE_H

#include "session.h"

#include "context/context.h"
#include "profile/fix.h"
#include "profile/plan.h"
#include "profile/render.h"

/* A plan points into its profile, so that both live together. */
struct prepared {
    struct sw_profile profile;
    struct sw_plan plan;
};

/* Load, with what the caller lets a profile have, and resolve. What is wrong with the profile goes to `findings`; with new ones of
 * severity error `prepared` is not to be used, but still to be released. */
int prepare(struct prepared *prepared, const struct session *session, const char *path,
            const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error);
/* The same with texts from `source`. */
int prepare_from(struct prepared *prepared, const char *path, const struct sw_profile_source *source,
                 const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error);
/* What the profile needs of this host and its caller has not allowed (SW104): variables and agents with the given severity, files
 * as errors. */
int prepared_needs(const struct prepared *prepared, const struct session *session, enum sw_severity severity,
                   struct sw_findings *findings, struct sw_error *error);
/* All that can be known to be wrong with the stack before it is built; nothing where the profile could not be resolved. A plan with
 * findings is looked at too, so that one run tells them all. */
int prepared_check(const struct prepared *prepared, struct session *session, const struct sw_catalog *catalog,
                   struct sw_findings *findings, struct sw_error *error);
/* Where the plan has a guard: tell it of the other profiles here. */
int prepare_neighbours(struct prepared *prepared, struct session *session, const struct sw_catalog *catalog,
                       struct sw_error *error);
void prepared_release(struct prepared *prepared);
#define PREPARED_AUTO SW_CLEANUP(prepared_release) struct prepared

/* The same for the one profile that a command names, checked where `checked`, with the findings printed beside its result: STATUS_DONE
 * where `prepared` can be used. */
enum status prepare_one(struct prepared *prepared, struct session *session, struct sw_catalog *catalog,
                        bool checked);

/* How both end: what went wrong (`code` with `error`) or is wrong, printed; STATUS_DONE where it can be used. */
enum status prepared_tell(struct session *session, int code, const struct sw_findings *findings,
                          const struct sw_error *error);

/* Give an error without a place that of a value of the profile; `at` may be NULL. */
/* Say on the sink which of the program's files the project replaces by its own: what proves the image may be among them. */
void prepared_tell_overrides(const struct prepared *prepared, const struct sw_sink *sink);

void place_error(struct sw_error *error, const struct sw_node *at);

/* A rendering's files as those of a context, with `certificates` in place of certificates.pem where they are not empty; as many as
 * the rendering has. NULL without memory. */
struct sw_context_file *prepare_files(struct sw_arena *arena, const struct sw_rendering *rendering,
                                      struct sw_str certificates);

/* The build context of a rendering: its files and what the profile copies. `certificates` replaces certificates.pem where it
 * is not empty; `output` is a folder to leave out, or NULL. The rendering must outlive the context. */
int prepare_context(struct sw_context **context, struct session *session, const struct prepared *prepared,
                    const struct sw_rendering *rendering, struct sw_str certificates, const char *output,
                    const struct sw_sink *sink, struct sw_error *error);

#endif
