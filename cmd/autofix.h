/* build --autofix N: what a build or its check found is fixed in memory, and the build tried again, up to N times. The
 * profile's files are written once, after a build that passed; else they are never touched. */
#ifndef SLIPWAY_CMD_AUTOFIX_H
#define SLIPWAY_CMD_AUTOFIX_H

#include "build.h"
#include "fixing.h"

struct autofix {
    struct fixing fixing;
    unsigned rounds, most;  /* begun, and allowed */
    struct sw_node *report; /* of the rounds, for the result; NULL before the first */
    bool written;
};

/* `most` from the text of the option, NULL being 0. SW_EINPUT where it is no number from 1 to 99. */
int autofix_read(unsigned *most, const char *text, struct sw_error *error);
void autofix_init(struct autofix *autofix, struct session *session, const struct sw_catalog *catalog,
                  const char *path, unsigned most);
void autofix_release(struct autofix *autofix);

/* After an attempt that ended so: is there something to be fixed, and is it worth another one? Tells of the round. */
bool autofix_again(struct autofix *autofix, struct build *build, enum status status);

/* After the last attempt: write what led to an image, or say what was tried in vain. The status of it all. */
enum status autofix_settle(struct autofix *autofix, struct build *build, enum status status);
/* Adds "rounds", "diff" and "written" to a build's result where there was a round. */
void autofix_result(const struct autofix *autofix, struct sw_builder *b, struct sw_node *result);

#endif
