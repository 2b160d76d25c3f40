/* A profile as it was committed: NAME@{REVISION}, its parents as of the same revision. */
#ifndef SLIPWAY_CMD_REVISION_H
#define SLIPWAY_CMD_REVISION_H

#include "prepare.h"

#include "history/history.h"

/* Return true if the word has the form NAME@{REVISION}. The braces keep it apart from a build, NAME@NUMBER,
 * as git does it with its reflogs. */
bool revision_is_named(const char *word);

/* The files of a revision. Not to be moved: `source` points into it. */
struct revision_files {
    struct sw_revision revision;
    /* The session's folder, below the repository's root; empty if it is the root. */
    const char *folder;
    struct sw_profile_source source;
};

/* Find the profile NAME in a revision: `path` is its file's, below the session's folder, to be read from files->source. */
int revision_open(struct revision_files *files, const char **path, struct session *session,
                  struct sw_history *history, const char *name, const char *expression,
                  struct sw_error *error);

/* Prepare as prepare() does, for a word of that form. NAME is looked for in the folders that profiles are in,
 * or is a path. The catalog is today's catalog. */
int revision_prepare(struct prepared *prepared, struct session *session, struct sw_history *history,
                     const char *word, const struct sw_catalog *catalog, struct sw_findings *findings,
                     struct sw_error *error);

#endif
