/* Giving a good build's image its names, together with the record that says so. */
#ifndef SLIPWAY_CMD_PUBLISH_H
#define SLIPWAY_CMD_PUBLISH_H

#include "build.h"

#include "history/history.h"

/* Name and record the image of a build that passed. On failure neither is done: each name still leads to its former image. With
 * --no-record the image is only named. */
int publish(struct build *build, struct sw_error *error);

/* Finish a publish() of this profile whose process was killed: give the missing names and append the record. A NOTE on the sink says so.
 * Do nothing if no process was killed. */
int publish_finish(struct session *session, struct sw_engine *engine, const char *profile,
                   const struct sw_sink *sink, struct sw_error *error);

#endif
