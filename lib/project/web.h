/* The way to package indexes: connections, the store for their answers, and the index that this host's
 * installers use. */
#ifndef SLIPWAY_PROJECT_WEB_H
#define SLIPWAY_PROJECT_WEB_H

#include "index/index.h"
#include "project/project.h"

struct sw_web {
    struct sw_fetcher *fetcher;
    struct sw_store *store;
    struct sw_index *index; /* NULL until it is asked for */
    /* The folder for large files that are needed for a while; NULL for the usual folder. */
    const char *folder;
};

/* Make a way that has no connection yet; it must not outlive the project. */
int sw_web_new(struct sw_web **out, struct sw_project *project, struct sw_error *error) SW_NODISCARD;
void sw_web_free(struct sw_web *web); /* takes NULL */

/* The index for projects that a profile does not pin to another: see installers.h. */
int sw_web_index(struct sw_index **out, struct sw_web *web, struct sw_project *project,
                 struct sw_error *error) SW_NODISCARD;
/* The index of the project's own way, opened with the first call; sw_web_free(project->web) closes it. */
int sw_project_index(struct sw_index **out, struct sw_project *project, struct sw_error *error) SW_NODISCARD;

#endif
