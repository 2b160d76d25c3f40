/* The git repositories that requirements name by their URL, "NAME @ git+https://host/path@revision": their commits, and the requirements
 * that they state of themselves at a commit. */
#ifndef SLIPWAY_INDEX_REPOSITORY_H
#define SLIPWAY_INDEX_REPOSITORY_H

#include "index/index.h"

/* The parts of "git+https://host/path@revision#fragment". */
struct sw_repository_url {
    /* The URL without "git+", revision and fragment, perhaps with a login. */
    struct sw_str url;
    struct sw_str revision; /* empty: the default branch */
    struct sw_str fragment; /* with its "#", or empty */
};

struct sw_repository_url sw_repository_url_read(struct sw_str text);

/* From here on a URL means that commit, and no longer the branch or tag that it names. */
int sw_index_name_commit(struct sw_index *index, const char *url, const char *commit,
                         struct sw_error *error) SW_NODISCARD;
/* The commit that the URL means by sw_index_name_commit(); NULL if none was named. */
const char *sw_index_named_commit(const struct sw_index *index, const char *url);
/* Forget the named commits. */
void sw_index_forget_commits(struct sw_index *index);

/* The requirements that a repository states in its pyproject.toml, at the commit that the URL names or means. The file is read once, by
 * the host's git in a folder of its own: one commit, and of that the two or three objects on the way to the file. git has no access to logins,
 * and its time, memory and files are limited. SW_ENOTFOUND, with a reason for people, if the requirements are not known: without a
 * commit, if a build decides about them, or if the repository cannot be read. */
int sw_index_repository(const struct sw_metadata **out, struct sw_index *index, const char *project,
                        struct sw_str url, struct sw_error *error) SW_NODISCARD;

#endif
