/* build --autofix N: findings of a build or of its check are fixed in memory, and the build is tried again,
 * up to N times. The profile's files are written once, after a build that passed; else they are never
 * touched. */
#ifndef SLIPWAY_CMD_AUTOFIX_H
#define SLIPWAY_CMD_AUTOFIX_H

#include "build.h"

#include "project/fixing.h"

struct autofix {
    struct session *session;
    struct sw_fixing fixing;
    unsigned rounds, most; /* begun, and allowed */
    /* A row for each round, for the result; NULL before the first round. */
    struct sw_node *report;
    bool written;
};

/* Read `most` from the text of the option; 0 if that is NULL. SW_EINPUT unless it is a number from 1 to 99. */
int autofix_read(unsigned *most, const char *text, struct sw_error *error);
void autofix_init(struct autofix *autofix, struct session *session, const struct sw_catalog *catalog,
                  const char *path, unsigned most);
void autofix_release(struct autofix *autofix);

/* Fix the findings of an attempt that ended with `status`, and tell of the round. Return true if another
 * attempt may succeed. */
bool autofix_again(struct autofix *autofix, struct build *build, enum status status);

/* Call this function after the last attempt: it writes the fixes if they led to an image, else it tells of
 * the fixes that were tried in vain. Returns the status of the whole command. */
enum status autofix_settle(struct autofix *autofix, struct build *build, enum status status);
/* Add "rounds", "diff" and "written" to a build's result if there was a round. */
void autofix_result(const struct autofix *autofix, struct sw_builder *b, struct sw_node *result);

#endif
