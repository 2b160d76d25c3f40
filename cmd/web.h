/* The way to package indexes: connections, the store for their answers, and the index that this host's
 * installers use. */
#ifndef SLIPWAY_CMD_WEB_H
#define SLIPWAY_CMD_WEB_H

#include "session.h"

#include "index/index.h"

struct web {
    struct sw_fetcher *fetcher;
    struct sw_store *store;
    struct sw_index *index; /* NULL until it is asked for */
    /* The folder for large files that are needed for a while; NULL for the usual folder. */
    const char *folder;
};

/* Connects to nothing yet. The session must outlive it. */
int web_new(struct web **out, struct session *session, struct sw_error *error);
void web_free(struct web *web); /* takes NULL */

/* The index for projects that a profile does not pin to another: see installers.h. */
int web_index(struct sw_index **out, struct web *web, struct session *session, struct sw_error *error);

#endif
