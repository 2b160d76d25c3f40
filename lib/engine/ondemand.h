/* An engine started on demand, if none runs: as root a private dockerd, else (or if nothing else is
 * installed) Podman's API service over the user's own images.
 *
 * The private dockerd keeps everything below the state folder, so that its build cache is there for the next
 * run and no other Docker's is touched. Two runs with one state folder share one engine, and the last to stop
 * it ends it, also if that run was killed (base/keeper.h). */
#ifndef SLIPWAY_ENGINE_ONDEMAND_H
#define SLIPWAY_ENGINE_ONDEMAND_H

#include "engine/engine.h"

struct sw_ondemand;

struct sw_ondemand_options {
    /* A folder for sockets, logs and data; made if it is missing. */
    const char *state;
    unsigned uid; /* 0: root */
    /* The user's variables, see base/variables.h. */
    const char *const *environment;
    const struct sw_cancel *cancel;
};

/* Start an engine, and wait for up to 20 s until it answers. A NOTE event names the program that was started.
 * If neither program is installed, or if the engine does not come up, the error (SW_EENV) says which program
 * to install or which log to read. */
int sw_ondemand_start(struct sw_ondemand **out, const struct sw_ondemand_options *options,
                      const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
/* Name the program that sw_ondemand_start() would start for that user, "dockerd" or "podman"; SW_EENV if
 * neither is installed. */
int sw_ondemand_program(const char **program, const struct sw_ondemand_options *options,
                        struct sw_error *error) SW_NODISCARD;
/* Takes NULL. Waits for the engine's end, for up to 12 s, unless another run still uses it. */
void sw_ondemand_stop(struct sw_ondemand *ondemand);

/* The endpoint at which the engine listens; valid until the engine is stopped. */
const struct sw_endpoint *sw_ondemand_endpoint(const struct sw_ondemand *ondemand);

#endif
