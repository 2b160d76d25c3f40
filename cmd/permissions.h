/* The caller's permissions for profiles: the project's own files, and the permissions that the command line
 * and the answer to a question add. */
#ifndef SLIPWAY_CMD_PERMISSIONS_H
#define SLIPWAY_CMD_PERMISSIONS_H

#include "session.h"

/* Fill session->permissions from the options. The project is the git repository that the session's folder lies
 * in, or else that folder; a home folder and "/" are a project only if the session was started in them, and only
 * for profiles that lie in no repository below them. */
int permissions_open(struct session *session, struct sw_error *error);

/* The caller named this file, which is read with all that it names: if these words lead out of the project, then the file may be
 * read, and its own project with it. A link within the project is nobody's word. */
int permissions_add_file(struct session *session, const char *path, struct sw_error *error);
/* The caller named this file or folder, and it alone: SW_EREFUSED if it is in the project by these words and not by its links. */
int permissions_check_file(struct session *session, const char *path, enum sw_access access,
                           struct sw_error *error);

/* Files of the session's profiles, as far as its caller lets them have them. */
struct sw_profile_source permissions_source(const struct session *session);

/* Ask once for all permissions that these profiles lack, on a terminal without the variable CI; "y" adds
 * them. */
int permissions_ask(struct session *session, const struct text_list *paths, struct sw_error *error);

/* A value of --secret: "id=ID,src=FILE" or "id=ID,env=NAME", in any order; "source" and "type" as docker's client takes
 * them. */
struct secret_option {
    const char *id;
    const char *file, *variable; /* either may be set, but not both */
};
int secret_option_read(struct secret_option *option, struct sw_arena *arena, const char *text,
                       struct sw_error *error);

#endif
