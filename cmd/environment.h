/* Settings of the environment that several parts of a command look at. */
#ifndef SLIPWAY_CMD_ENVIRONMENT_H
#define SLIPWAY_CMD_ENVIRONMENT_H

#include "base/arena.h"

/* The value of the first of these variables that is set and not empty, or NULL. */
const char *environment_first(const char *const *names, size_t count);
/* True if a runner of GitHub Actions reads the output. */
bool environment_is_runner(void);

/* The user's home: HOME if that is absolute (a relative path would lie in the folder that is being looked
 * at), else the home that the system knows, else "/". In the arena; NULL without memory. */
const char *environment_home(struct sw_arena *arena);

#endif
