/* Giving a good build's image its names, together with the record that says so. */
#ifndef SLIPWAY_PROJECT_PUBLISH_H
#define SLIPWAY_PROJECT_PUBLISH_H

#include "project/attempt.h"

/* Name and record the image of a build that passed. On failure neither is done: each name still leads to its former image. If
 * the choices forbid a record, the image is only named. */
int sw_publish(struct sw_attempt *attempt, struct sw_error *error) SW_NODISCARD;

/* Finish a sw_publish() of this profile whose process was killed: give the missing names and append the record. A NOTE on the sink says so.
 * Do nothing if no process was killed. */
int sw_publish_finish(struct sw_project *project, struct sw_engine *engine, const char *profile,
                      const struct sw_sink *sink, struct sw_error *error) SW_NODISCARD;

#endif
