/* The way from this host to package indexes: the settings of its pip and uv, in variables and configuration
 * files. Checks ask the index that a build installs from, in the way that the build does. */
#ifndef SLIPWAY_PROJECT_INSTALLERS_H
#define SLIPWAY_PROJECT_INSTALLERS_H

#include "project/project.h"

struct sw_installers {
    const char *index; /* URL, may hold a login; NULL if unknown */
    /* The source that names the index: a variable or a file; "pip" if the index is built in. */
    const char *origin;
    /* Nobody names an index: `index` is the index that is built into pip and uv. */
    bool built_in;
    const char *certificates; /* a file to trust; NULL: the system's own */
    const char *proxy;        /* pip's own; NULL if pip has none */
    struct sw_error no_index; /* why `index` is NULL */
};

/* Read the settings, once for a project; the first call tells of the settings that slipway does not follow. A
 * configuration file that pip or uv cannot read is an error. */
int sw_installers_read(const struct sw_installers **out, struct sw_project *project,
                       struct sw_error *error) SW_NODISCARD;

#endif
