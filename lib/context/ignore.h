/* .dockerignore: the files of a context that are left out.
 *
 * The rules are those of docker's own client (moby/patternmatcher and its ignorefile, behind
 * https://docs.docker.com/build/concepts/context/#dockerignore-files): lines are trimmed and cleaned like
 * paths, `#` at the very start makes a comment, `!` an exception, `**` any number of folders. A pattern
 * matches a path if it matches the path or any folder above it, and the last pattern that matches decides.
 * Patterns become regular expressions as they do in docker's client, odd corners included (`[^a]` also
 * matches a slash), so that both answer alike. */
#ifndef SLIPWAY_CONTEXT_IGNORE_H
#define SLIPWAY_CONTEXT_IGNORE_H

#include "base/error.h"
#include "base/str.h"

struct sw_ignore; /* for one thread at a time */

struct sw_ignore_verdict {
    bool excluded;
    /* The line of the pattern that decided, from 1; 0 if none matched. */
    unsigned line;
};

/* Read the text of an ignore file, at most SW_MAX_IGNORE_SIZE; `file` is its name in errors and messages. A
 * lone "!", a pattern that cannot be read and too many lines are SW_EINPUT with the line. */
int sw_ignore_new(struct sw_ignore **ignore, struct sw_str text, const char *file,
                  struct sw_error *error) SW_NODISCARD;
void sw_ignore_free(struct sw_ignore *ignore); /* takes NULL */
const char *sw_ignore_file(const struct sw_ignore *ignore);
/* Number of patterns, the length of the vectors below. */
size_t sw_ignore_count(const struct sw_ignore *ignore);

/* Judge a path, relative and clean, as part of a walk from the top: `parent` tells which patterns match the
 * folder it lies in (NULL at the top), and `matched` gets the same facts of `path`. SW_EINPUT if a pattern
 * takes too long. */
int sw_ignore_match(struct sw_ignore *ignore, struct sw_ignore_verdict *verdict, struct sw_str path,
                    const bool *parent, bool *matched, struct sw_error *error) SW_NODISCARD;
/* Judge one path alone. The empty path is the context itself, which no pattern excludes. */
int sw_ignore_check(struct sw_ignore *ignore, struct sw_ignore_verdict *verdict, struct sw_str path,
                    struct sw_error *error) SW_NODISCARD;
/* Return true if an exception may bring back something below an excluded folder; if not, nothing there need
 * be read. */
bool sw_ignore_may_return(const struct sw_ignore *ignore, struct sw_str folder);

#endif
