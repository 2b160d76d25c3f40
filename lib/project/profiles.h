/* The profiles of a project: slipway/NAME.yaml, profiles/NAME.yaml and NAME.yaml in its folder, then the profile there
 * whose `name` is NAME. A word with a slash or ending in .yaml is a path. */
#ifndef SLIPWAY_PROJECT_PROFILES_H
#define SLIPWAY_PROJECT_PROFILES_H

#include "project/project.h"

/* The folders "slipway", "profiles" and "."; NULL at the end. */
extern const char *const sw_profiles_folders[];

bool sw_profiles_is_path(const char *word);
int sw_profiles_find(const char **path, struct sw_project *project, const char *word,
                     struct sw_error *error) SW_NODISCARD;
/* Every profile there is, sorted by path; a file in these folders is one if it has the key `slipway`. */
int sw_profiles_list(struct sw_texts *paths, const struct sw_project *project,
                     struct sw_error *error) SW_NODISCARD;
/* The words as paths; without words every profile if `all`, else the only profile. */
int sw_profiles_choose(struct sw_texts *paths, struct sw_project *project, const struct sw_texts *words,
                       bool all, struct sw_error *error) SW_NODISCARD;

#endif
