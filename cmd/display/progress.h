/* The progress of a build, as a reader of its events: in place on a terminal, one line a thing in a log, one
 * JSON object an event for programs, or not at all. */
#ifndef SLIPWAY_DISPLAY_PROGRESS_H
#define SLIPWAY_DISPLAY_PROGRESS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/event.h"

enum progress_kind {
    /* PROGRESS_TTY on a terminal that can move its cursor, else PROGRESS_PLAIN. */
    PROGRESS_AUTO,
    PROGRESS_TTY,
    PROGRESS_PLAIN,
    PROGRESS_QUIET,
    PROGRESS_RAWJSON
};

/* Find a kind by the name that users type; NULL is auto, an unknown name SW_EINPUT. */
int progress_kind_find(enum progress_kind *kind, const char *name, struct sw_error *error);

struct progress_options {
    enum progress_kind kind;
    int fd;     /* written to, never closed */
    bool color; /* use colours, if the kind has any */
    /* The terminal shows UTF-8; if not, only ASCII is written. */
    bool utf8;
    /* The name of the profile if several builds run at once: the name stands in each line and event. NULL for
     * a single build. */
    const char *profile;
};

/* Replace PROGRESS_AUTO by the kind that fits this `fd`. */
void progress_settle(struct progress_options *options);

/* `error` may be SW_EENV only. */
struct progress;
int progress_new(struct progress **progress, const struct progress_options *given, struct sw_error *error);
/* Lives as long as `progress`. Events come from one thread at a time. */
struct sw_sink progress_sink(struct progress *progress);
/* Write the rest (on a terminal: the list of steps as it ended) and leave the terminal as it was. Takes NULL. */
void progress_free(struct progress *progress);

/* An event as PROGRESS_RAWJSON writes it, read back from its line, its texts in the arena, its time being now; false for any
 * other line. */
bool progress_json_read(struct sw_event *event, struct sw_arena *arena, struct sw_str line);

#endif
