/* Words that name no profile, and the folders in which profiles are looked for. */
#ifndef SLIPWAY_PROJECT_PROFILES_INTERNAL_H
#define SLIPWAY_PROJECT_PROFILES_INTERNAL_H

#include "project/project.h"

bool profiles_exists(const char *path);
/* Add the profiles that lie in one folder; a folder that is not there has none. */
int profiles_add_folder(struct sw_texts *paths, const struct sw_project *project, const char *directory,
                        struct sw_error *error) SW_NODISCARD;
/* Fail since no profile has this name: SW_ENOTFOUND, with a hint. */
int profiles_no_such(struct sw_project *project, const char *name, struct sw_error *error) SW_NODISCARD;
/* Fail since the project has no profile: SW_EINPUT, with a hint. */
int profiles_none(struct sw_project *project, struct sw_error *error) SW_NODISCARD;

#endif
