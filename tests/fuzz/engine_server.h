/* An engine that says what it is told to: each answer of a script is the whole of what one request gets. */
#ifndef SLIPWAY_TESTS_FUZZ_ENGINE_SERVER_H
#define SLIPWAY_TESTS_FUZZ_ENGINE_SERVER_H

#include "engine/open.h"

/* Separates the answers in a script. The connection is closed behind each. */
#define FUZZ_ANSWER_END '\x1e'

/* What an engine answers to a ping, and to /info, for scripts that begin behind these. */
#define FUZZ_PING "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"
#define FUZZ_INFO                                                                                \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"                                  \
    "{\"ServerVersion\":\"26.1.5\",\"OSType\":\"linux\",\"Architecture\":\"x86_64\",\"Driver\":" \
    "\"overlay2\"}"

/* Open the engine whose answers are those of `script`, as far as these reach; behind them no request gets any. If `ready`, a ping
 * and /info are answered well before the script begins. */
int fuzz_engine_open(struct sw_engine **engine, struct sw_str script, bool ready, struct sw_error *error);
/* Takes NULL, and must be called before the script's memory goes, also if the engine could not be opened. */
void fuzz_engine_close(struct sw_engine *engine);

#endif
