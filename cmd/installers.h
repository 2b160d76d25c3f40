/* The way from this host to package indexes: the settings of its pip and uv, in variables and configuration
 * files. Checks ask the index that a build installs from, in the way that the build does. */
#ifndef SLIPWAY_CMD_INSTALLERS_H
#define SLIPWAY_CMD_INSTALLERS_H

#include "session.h"

struct installers {
    const char *index; /* URL, may hold a login; NULL if unknown */
    /* The source that names the index: a variable or a file; "pip" if the index is built in. */
    const char *origin;
    /* Nobody names an index: `index` is the index that is built into pip and uv. */
    bool built_in;
    const char *certificates; /* a file to trust; NULL: the system's own */
    const char *proxy;        /* pip's own; NULL if pip has none */
    struct sw_error no_index; /* why `index` is NULL */
};

/* Read the settings, once in a session; the first call tells of the settings that slipway does not follow. A
 * configuration file that pip or uv cannot read is an error. */
int installers_read(const struct installers **out, struct session *session, struct sw_error *error);

#endif
