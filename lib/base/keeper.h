/* A daemon that several processes share and that ends with the last of them.
 *
 * The first to join starts it, under a keeper: a small process that stops the daemon and ends as soon as
 * nobody has joined any more, also when its users were killed. Should the keeper be killed, the daemon gets
 * SIGTERM. All this hangs on locks of two files in one folder (open file description locks, fcntl(2)), so
 * that nothing stale can be left behind: "users", which each user holds shared, and "keeper", which the
 * keeper holds alone. */
#ifndef SLIPWAY_BASE_KEEPER_H
#define SLIPWAY_BASE_KEEPER_H

#include "base/cancel.h"
#include "base/variables.h"

struct sw_keeper_options {
    const char *folder; /* absolute; exists */
    /* The daemon, as for sw_process_start(). */
    const char *const *argv;
    const char *const *environment;
    const struct sw_variable *needs;
    /* The file to which its output is appended. */
    const char *log;
    /* Files to remove before it starts (sockets, pid files); ends with NULL. */
    const char *const *leftovers;
    int64_t patience_ns;            /* between SIGTERM and SIGKILL */
    const struct sw_cancel *cancel; /* NULL: none */
};

struct sw_keeper {
    int users, keeper; /* the two files; -1 after leaving */
    int64_t patience_ns;
};

/* Join, and start the daemon if it does not run. Waits while the last daemon is being stopped. The daemon may
 * still fail to come up: try if it answers, and call sw_keeper_alive() in between. */
int sw_keeper_join(struct sw_keeper *out, const struct sw_keeper_options *options,
                   struct sw_error *error) SW_NODISCARD;
/* Return true if the daemon runs, or is about to. */
bool sw_keeper_alive(const struct sw_keeper *keeper);
/* The last to leave waits for the daemon's end. May be called again. */
void sw_keeper_leave(struct sw_keeper *keeper);

#endif
