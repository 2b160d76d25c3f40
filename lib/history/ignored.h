/* The files of a folder that its git repository keeps to itself: those that git ignores (.gitignore, .git/info/exclude,
 * core.excludesFile), as far as they are not tracked all the same, and the repository's own. */
#ifndef SLIPWAY_HISTORY_IGNORED_H
#define SLIPWAY_HISTORY_IGNORED_H

#include "base/error.h"
#include "base/macros.h"

#include <stdbool.h>

struct sw_ignored;

/* Open the rules that hold in a folder; outside of a repository none do. SW_EENV if the repository cannot be read. */
int sw_ignored_open(struct sw_ignored **out, const char *folder, struct sw_error *error) SW_NODISCARD;
void sw_ignored_free(struct sw_ignored *ignored); /* takes NULL */

/* Ask for a path relative to the folder, without "..". A folder is ignored if no file in it is tracked. */
int sw_ignored_check(bool *out, struct sw_ignored *ignored, const char *path, bool is_folder,
                     struct sw_error *error) SW_NODISCARD;

/* Return true if the path is, or lies in, the place of a version control system's history: ".git", ".hg" and
 * the like. */
bool sw_is_version_control(const char *path);

#endif
