/* The state that every command works with: its options, the environment as read once at the start, and the
 * output streams. */
#ifndef SLIPWAY_CMD_SESSION_H
#define SLIPWAY_CMD_SESSION_H

#include "display/progress.h"
#include "options.h"

#include "base/cancel.h"
#include "base/finding.h"
#include "catalog/catalog.h"
#include "profile/profile.h"
#include "project/prepared.h"

/* Exit statuses, as the contract with users names them. */
enum status {
    STATUS_DONE = 0,
    STATUS_NO = 1,
    STATUS_INPUT = 2,
    STATUS_ENVIRONMENT = 3,
    STATUS_INTERRUPTED = 130
};

struct session {
    struct options options;
    enum format format; /* never FORMAT_AUTO */
    bool color;         /* on standard error and output */
    bool utf8;
    FILE *out, *err;
    struct sw_cancel cancel;
    struct sw_arena arena;
    /* The folder that the command works in; its arena and its cancel are those of the session. */
    struct sw_project project;
    /* The display of a build among several, for session_progress(); else NULL. */
    const struct progress_options *display;
};

enum status status_of(int code); /* of a negative enum sw_code, or 0 */

/* Print the error as a finding is printed, to standard error or as the document of JSON and SARIF; returns its exit status. */
enum status session_fail(struct session *session, const struct sw_error *error);

/* Fill session->project from the options. */
int session_open_project(struct session *session, struct sw_error *error);

/* The value of --verify-timeout; 0 without that option. */
int session_verify_timeout(int64_t *timeout_ns, const struct session *session, struct sw_error *error);

/* The arguments as paths; without arguments every profile if `all`, else the only profile. */
int session_choose_profiles(struct sw_texts *paths, struct session *session, bool all,
                            struct sw_error *error);

/* Prepare the profile that a command names, check it if `checked`, and print the findings beside the
 * command's result. STATUS_DONE if `prepared` may be used. */
enum status session_prepare(struct sw_prepared *prepared, struct session *session, struct sw_catalog *catalog,
                            bool checked);

/* Print the error (`code` with `error`), or the findings. STATUS_DONE if `prepared` may be used. */
enum status session_tell_prepared(struct session *session, int code, const struct sw_findings *findings,
                                  const struct sw_error *error);

/* The display that --progress and --format ask for: one JSON object an event on standard output with --format json, else on
 * standard error. */
int session_display(struct progress_options *display, const struct session *session, struct sw_error *error);
/* Create the progress display: session->display if set, else the display that --progress and --format choose. */
int session_progress(struct progress **progress, struct session *session, struct sw_error *error);

#endif
