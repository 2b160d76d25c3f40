/* Profiles and their locks, written by one process at a time. A writer holds the folders of its files while it compares them with the
 * contents that it read before, and until all are written. */
#ifndef SLIPWAY_PROJECT_WRITING_H
#define SLIPWAY_PROJECT_WRITING_H

#include "project/project.h"

struct sw_writing {
    int *folders; /* descriptors, each of which holds a lock */
    size_t count;
};

/* Hold the folders of the files, each once and in one order for all processes, so that no two wait for each other. A folder that is
 * missing is held by the folder above it. SW_ECANCELED if the wait was interrupted. `out` lives in the project's arena. */
int sw_writing_begin(struct sw_writing *out, struct sw_project *project, const char *const *files,
                     size_t count, struct sw_error *error) SW_NODISCARD;
void sw_writing_end(struct sw_writing *writing); /* may be called again */

#endif
