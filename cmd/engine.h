/* Find an engine by the session's option and environment, or start an engine. */
#ifndef SLIPWAY_CMD_ENGINE_H
#define SLIPWAY_CMD_ENGINE_H

#include "session.h"

#include "base/event.h"
#include "engine/credentials.h"
#include "engine/engine.h"
#include "engine/ondemand.h"

struct engine {
    struct sw_engine *engine;
    struct sw_ondemand *ondemand; /* NULL if an engine was running already */
};

/* Open the engine that the user named, or an engine that runs; SW_EENV if none answers. `*chosen` (may be
 * NULL) becomes true if the user named the engine. */
int engine_find(struct engine *engine, bool *chosen, struct session *session, const struct sw_sink *sink,
                struct sw_error *error);
/* Open an engine as engine_find() does; if the user named no engine and none runs, start an engine. */
int engine_open(struct engine *engine, struct session *session, const struct sw_sink *sink,
                struct sw_error *error);
/* Stops the engine if engine_open() started it. Takes a zeroed struct. */
void engine_close(struct engine *engine);
#define ENGINE_AUTO SW_CLEANUP(engine_close) struct engine

/* The logins that docker's client knows, by its environment variables; to be freed. */
int engine_logins(struct sw_credentials **out, struct session *session, struct sw_error *error);

#endif
