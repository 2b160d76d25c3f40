/* An engine started on demand, where none runs: as root a private dockerd, else (or where only that is installed)
 * Podman's API service over the user's own images.
 *
 * The private dockerd keeps everything below the state folder, so that its build cache is there for the next run and no
 * other Docker's is touched. Two runs with one state folder share one engine, and the last to stop it ends it, also
 * when it was killed (base/keeper.h). */
#ifndef SLIPWAY_ENGINE_ONDEMAND_H
#define SLIPWAY_ENGINE_ONDEMAND_H

#include "engine/engine.h"

struct sw_ondemand;

struct sw_ondemand_options {
    const char *state;              /* a folder for sockets, logs and data; made where it is missing */
    unsigned uid;                   /* 0: root */
    const char *const *environment; /* the user's variables, see base/variables.h */
    const struct sw_cancel *cancel;
};

/* Start, and wait for up to 20 s until it answers. A NOTE event says what was started. Where neither program is installed,
 * and where it does not come up, the error (SW_EENV) says what to install or which log to read. */
int sw_ondemand_start(struct sw_ondemand **out, const struct sw_ondemand_options *options,
                      const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
/* The program that would be started for that user, "dockerd" or "podman"; an error as above where there is none. */
int sw_ondemand_program(const char **program, const struct sw_ondemand_options *options,
                        struct sw_error *error) SW_NODISCARD;
/* Takes NULL. Waits for the engine's end, for up to 12 s, unless another run still uses it. */
void sw_ondemand_stop(struct sw_ondemand *ondemand);

/* Where it listens; valid until it is stopped. */
const struct sw_endpoint *sw_ondemand_endpoint(const struct sw_ondemand *ondemand);

#endif
