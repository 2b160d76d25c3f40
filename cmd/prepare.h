/* From a profile's file to everything that a build needs: profile, plan, rendered files, build context. */
#ifndef SLIPWAY_CMD_PREPARE_H
#define SLIPWAY_CMD_PREPARE_H

#include "session.h"

#include "context/context.h"
#include "lock/pylock.h"
#include "profile/fix.h"
#include "profile/plan.h"
#include "profile/render.h"

/* A plan points into its profile, so that both live together. */
struct prepared {
    struct sw_profile profile;
    struct sw_plan plan;
    /* The lock that the plan is held to, with its text; NULL if there is none. */
    const struct sw_pylock *lock;
    struct sw_str lock_text;
    const char *lock_path; /* also of a lock that is left aside */
    /* The record that prepared_check() fills; NULL: nobody asks for it. */
    struct sw_coverage *coverage;
};

/* Load the profile, with the things that the caller lets it have, and resolve it. Faults of the profile go to
 * `findings`; if a new finding is an error, `prepared` must not be used, but must still be released. */
int prepare(struct prepared *prepared, const struct session *session, const char *path,
            const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error);
/* Prepare as prepare() does, with texts from `source`. */
int prepare_from(struct prepared *prepared, const char *path, const struct sw_profile_source *source,
                 const struct sw_catalog *catalog, struct sw_findings *findings, struct sw_error *error);
/* Find the things that the profile needs of this host and that its caller has not allowed (SW104): variables
 * and agents with the given severity, files as errors. */
int prepared_needs(const struct prepared *prepared, const struct session *session, enum sw_severity severity,
                   struct sw_findings *findings, struct sw_error *error);
/* Find every fault of the stack that can be known before it is built; none if the profile could not be
 * resolved. A plan with findings is checked too, so that one run tells them all. */
int prepared_check(const struct prepared *prepared, struct session *session, const struct sw_catalog *catalog,
                   struct sw_findings *findings, struct sw_error *error);
/* If the plan has a guard, tell it of the other profiles here. */
int prepare_neighbours(struct prepared *prepared, struct session *session, const struct sw_catalog *catalog,
                       struct sw_error *error);
void prepared_release(struct prepared *prepared);
#define PREPARED_AUTO SW_CLEANUP(prepared_release) struct prepared

/* Prepare the profile that a command names, check it if `checked`, and print the findings beside the
 * command's result. STATUS_DONE if `prepared` may be used. */
enum status prepare_one(struct prepared *prepared, struct session *session, struct sw_catalog *catalog,
                        bool checked);

/* Print the error (`code` with `error`), or the findings. STATUS_DONE if `prepared` may be used. */
enum status prepared_tell(struct session *session, int code, const struct sw_findings *findings,
                          const struct sw_error *error);

/* Say on the sink which of the program's files the project replaces by its own: a file that proves the image
 * may be among them. */
void prepared_tell_overrides(const struct prepared *prepared, const struct sw_sink *sink);

/* Give an error without a place the place of a value of the profile; `at` may be NULL. */
void place_error(struct sw_error *error, const struct sw_node *at);

/* The files of a rendering as files of a context, with `certificates` in place of certificates.pem if they
 * are not empty; as many files as the rendering has. NULL without memory. */
struct sw_context_file *prepare_files(struct sw_arena *arena, const struct sw_rendering *rendering,
                                      struct sw_str certificates);

/* The build context of a rendering: its files and the files that the profile copies. `certificates` replaces
 * certificates.pem if it is not empty; `output` is a folder to leave out, or NULL. The rendering must outlive
 * the context. */
int prepare_context(struct sw_context **context, struct session *session, const struct prepared *prepared,
                    const struct sw_rendering *rendering, struct sw_str certificates, const char *output,
                    const struct sw_sink *sink, struct sw_error *error);

#endif
