/* A profile as it was committed: NAME@{REVISION}, its parents as of the same revision. */
#ifndef SLIPWAY_PROJECT_COMMITTED_H
#define SLIPWAY_PROJECT_COMMITTED_H

#include "history/history.h"
#include "project/prepared.h"

/* Return true if the word has the form NAME@{REVISION}. The braces keep it apart from a build, NAME@NUMBER,
 * as git does it with its reflogs. */
bool sw_committed_is_named(const char *word);

/* The files of a revision. Not to be moved: `source` points into it. */
struct sw_committed {
    struct sw_revision revision;
    /* The project's folder, below the repository's root; empty if it is the root. */
    const char *folder;
    struct sw_profile_source source;
};

/* Find the profile NAME in a revision: `path` is its file's, below the project's folder, to be read from files->source. */
int sw_committed_open(struct sw_committed *files, const char **path, struct sw_project *project,
                      struct sw_history *history, const char *name, const char *expression,
                      struct sw_error *error) SW_NODISCARD;

/* Prepare as sw_prepare() does, for a word of that form. NAME is looked for in the folders that profiles are in,
 * or is a path. The catalog is today's catalog. */
int sw_committed_prepare(struct sw_prepared *prepared, struct sw_project *project, struct sw_history *history,
                         const char *word, const struct sw_catalog *catalog, struct sw_findings *findings,
                         struct sw_error *error) SW_NODISCARD;

#endif
