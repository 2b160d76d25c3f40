/* The engine of a project: found by the user's word and variables, or started. */
#ifndef SLIPWAY_PROJECT_HOST_ENGINE_H
#define SLIPWAY_PROJECT_HOST_ENGINE_H

#include "base/event.h"
#include "engine/credentials.h"
#include "engine/engine.h"
#include "engine/ondemand.h"
#include "project/project.h"

struct sw_host_engine {
    struct sw_engine *engine;
    struct sw_ondemand *ondemand; /* NULL if an engine was running already */
};

/* Open the engine that the user named, or an engine that runs; SW_EENV if none answers. `*chosen` (may be
 * NULL) becomes true if the user named the engine. */
int sw_host_engine_find(struct sw_host_engine *engine, bool *chosen, struct sw_project *project,
                        const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;
/* Open an engine as sw_host_engine_find() does; if the user named no engine and none runs, start an engine. */
int sw_host_engine_open(struct sw_host_engine *engine, struct sw_project *project, const struct sw_sink *sink,
                        struct sw_error *error) SW_NODISCARD;
/* Stops the engine if sw_host_engine_open() started it. Takes a zeroed struct. */
void sw_host_engine_close(struct sw_host_engine *engine);
#define SW_HOST_ENGINE_AUTO SW_CLEANUP(sw_host_engine_close) struct sw_host_engine

/* The logins that docker's client knows, by its environment variables; to be freed. */
int sw_host_logins(struct sw_credentials **out, struct sw_project *project,
                   struct sw_error *error) SW_NODISCARD;

#endif
