/* Files that are no profiles, as stacks to judge. */
#ifndef SLIPWAY_CMD_FOUND_H
#define SLIPWAY_CMD_FOUND_H

#include "session.h"

#include "project/prepared.h"

/* Return true if an argument of `check` is such a file, or a folder to look for them in, and no profile. */
bool found_is(struct session *session, const char *argument);
/* Return true for the path of a file that an image is made from: a profile, or a file that `check` knows by its name. */
bool found_is_source(struct session *session, const char *path);
/* Return true if an option was given that only such files take. */
bool found_is_asked(const struct session *session);
/* Take a stack that was prepared, if `code` is 0, else the error. */
typedef void found_take(void *self, struct sw_prepared *prepared, int code, struct sw_error *error);
/* Prepare the stack of the file, or those of all files of the folder, and give each to `take`. */
void found_prepare(struct session *session, const char *argument, const struct sw_catalog *catalog,
                   struct sw_findings *findings, found_take *take, void *self);

#endif
