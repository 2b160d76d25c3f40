/* The view of a build: its display, its log, its times, GitHub's group of its lines, and its result. */
#ifndef SLIPWAY_CMD_BUILD_VIEW_H
#define SLIPWAY_CMD_BUILD_VIEW_H

#include "display/logfile.h"
#include "display/timeline.h"
#include "session.h"

#include "project/attempt.h"

struct build_view {
    struct session *session;
    /* The display and the log of the present attempt; NULL while it has none. */
    struct progress *progress;
    struct logfile *log;
    const char *log_path; /* NULL until the file is there */
    struct timeline timeline;
    bool grouped; /* output stands in a group of GitHub's */
    /* A row for each round of fixes, for the result; NULL before the first round. */
    struct sw_node *rounds;
};

/* The functions by which attempts are shown in this view, which must not move. */
struct sw_attempt_view build_view_functions(struct build_view *view);
/* Takes a view that is zeroed but for its session. */
void build_view_release(struct build_view *view);

/* The choices that the session's options make; `verify_timeout_ns` is the value of --verify-timeout. */
struct sw_attempt_choices build_choices(const struct session *session, int64_t verify_timeout_ns);

#endif
