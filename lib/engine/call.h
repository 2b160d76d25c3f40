/* Calls to an open engine: the version in the path, failures as errors (internal to this layer). */
#ifndef SLIPWAY_ENGINE_CALL_H
#define SLIPWAY_ENGINE_CALL_H

#include "data/node.h"
#include "engine/client.h"
#include "engine/engine.h"
#include "engine/query.h"

struct sw_engine {
    struct sw_arena arena;
    struct sw_endpoint endpoint;
    struct sw_client *client;
    const struct sw_cancel *cancel;
    bool grace;
    struct sw_engine_info info;
};

/* Start a target: "/v1.41" and `path`, which is taken as it is. The buffer must be initialised. */
void sw_call_target(struct sw_buffer *target, const struct sw_engine *engine, const char *path);

/* Perform one exchange under the engine's cancellation and within its request's patience. Any answer but 2xx is an
 * error with the engine's own message: SW_ENOTFOUND for 404, SW_ENO for a refusal (other 4xx), SW_EENV for
 * all else. */
int sw_call(struct sw_http_response *response, struct sw_engine *engine,
            const struct sw_http_request *request, struct sw_error *error) SW_NODISCARD;
/* Do as sw_call() does, over another client of the same endpoint. */
int sw_call_over(struct sw_http_response *response, struct sw_engine *engine, struct sw_client *client,
                 const struct sw_http_request *request, struct sw_error *error) SW_NODISCARD;
/* Make a call that ends cancelled or failed work. It cannot be cancelled itself; it ends 800 ms after the
 * cancellation of the engine's work, else after 5 s; its outcome is ignored. It has a connection of its own,
 * since the engine's may be in use. */
void sw_call_cleanup(const struct sw_engine *engine, const char *method, const struct sw_buffer *target);

/* Decide whether a silence of `silence_ns` is a fault while the engine, which is `self`, works at something:
 * return 0 if the engine answers a ping and has not been silent for longer than SW_PATIENCE_STREAM. */
int sw_call_silence(void *self, int64_t silence_ns, struct sw_error *error) SW_NODISCARD;

/* A call without a body: `method` and `target`, whose buffer is checked. GET asks, all else is work (engine/patience.h). */
int sw_call_simple(struct sw_http_response *response, struct sw_engine *engine, const char *method,
                   const struct sw_buffer *target, struct sw_error *error) SW_NODISCARD;

enum { SW_TOKEN_SIZE = 33 };
/* 128 random bits as hexadecimal digits: names that nobody else gives. */
int sw_call_token(char token[SW_TOKEN_SIZE], struct sw_error *error) SW_NODISCARD;

/* The collected body as JSON. */
int sw_call_json(const struct sw_node **out, struct sw_arena *arena, const struct sw_http_response *response,
                 struct sw_error *error) SW_NODISCARD;

/* Read the engine's description of itself: GET /info. */
int sw_call_info(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                 struct sw_error *error) SW_NODISCARD;

#endif
