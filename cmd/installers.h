/* How this host reaches package indexes: what its pip and uv are told by variables and configuration files. Checks ask the index
 * that a build installs from, in the same way. */
#ifndef SLIPWAY_CMD_INSTALLERS_H
#define SLIPWAY_CMD_INSTALLERS_H

#include "session.h"

struct installers {
    const char *index;        /* URL, may hold a login; NULL if none is known */
    const char *origin;       /* what names the index: a variable or a file; "pip" if it is built in */
    bool built_in;            /* nobody names an index: this is the one that pip and uv have built in */
    const char *certificates; /* a file to trust; NULL: the system's own */
    const char *proxy;        /* pip's own; NULL if pip has none */
    struct sw_error no_index; /* why `index` is NULL */
};

/* Read them, once in a session; what they are told and slipway does not do is said then. A configuration file that pip
 * or uv cannot read is an error. */
int installers_read(const struct installers **out, struct session *session, struct sw_error *error);

#endif
