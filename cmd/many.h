/* Several builds at once: a process for each, one loop that listens to all of them, one display.
 *
 * On a terminal that is a board; as plain text each line begins with its profile's name; as JSON each event has its profile. In
 * a job on GitHub, where a group cannot hold two builds' lines, each build's lines come at its end. What a build prints as its
 * result is printed at its end, never in the middle of another's. */
#ifndef SLIPWAY_CMD_MANY_H
#define SLIPWAY_CMD_MANY_H

#include "session.h"

/* Read -j, the number of builds at once; 1 without -j. */
int many_read(unsigned *jobs, const char *text, struct sw_error *error);
/* If several profiles are built, a name that each of them would take (-t, --iidfile and the like) must tell
 * them apart. */
int many_check_names(const struct options *options, size_t count, struct sw_error *error);

/* Build one profile, in a process of its own. */
typedef enum status many_work(void *self, const char *path);

/* Build all profiles, `jobs` at a time, in this order. Returns the worst exit status; the status of builds
 * which only ended because another failed (--fail-fast) does not count. The function returns in the workers
 * too, with their own status. */
enum status many_build(struct session *session, const struct sw_texts *paths, unsigned jobs, many_work *work,
                       void *self);

#endif
