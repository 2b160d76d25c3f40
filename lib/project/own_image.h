/* The repository that the images of a profile go to. */
#ifndef SLIPWAY_PROJECT_OWN_IMAGE_H
#define SLIPWAY_PROJECT_OWN_IMAGE_H

#include "history/history.h"
#include "project/project.h"

/* The repository that the profile's images go to, as the profile's file names it now, else as it was
 * committed; NULL if neither does. The word of a record about the repository counts for nothing. */
const char *sw_own_image(struct sw_project *project, struct sw_history *history, const char *profile);

#endif
