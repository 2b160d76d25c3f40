/* Finding an engine by the session's option and environment, or starting one. */
#ifndef SLIPWAY_CMD_ENGINE_H
#define SLIPWAY_CMD_ENGINE_H

#include "session.h"

#include "base/event.h"
#include "engine/credentials.h"
#include "engine/engine.h"
#include "engine/ondemand.h"

struct engine {
    struct sw_engine *engine;
    struct sw_ondemand *ondemand; /* NULL where one was running already */
};

/* Only where one runs, or where a person named one; SW_EENV otherwise, and `*chosen` (may be NULL) says which it was. */
int engine_find(struct engine *engine, bool *chosen, struct session *session, const struct sw_sink *sink,
                struct sw_error *error);
/* The same, and where none runs and none was named one is started. */
int engine_open(struct engine *engine, struct session *session, const struct sw_sink *sink,
                struct sw_error *error);
void engine_close(struct engine *engine); /* stops what was started; takes a zeroed one */
#define ENGINE_AUTO SW_CLEANUP(engine_close) struct engine

/* The logins that docker's client knows, by its environment variables; to be freed. */
int engine_logins(struct sw_credentials **out, struct session *session, struct sw_error *error);

#endif
