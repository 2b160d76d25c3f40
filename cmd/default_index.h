/* The package index of this host, for checks and builds alike. */
#ifndef SLIPWAY_CMD_DEFAULT_INDEX_H
#define SLIPWAY_CMD_DEFAULT_INDEX_H

#include "session.h"

#include "http/store.h"

struct default_index {
    const char *url;    /* may hold a login */
    const char *origin; /* who named it: a variable, or "pip" */
    bool built_in;      /* nobody did: it is what pip has built in */
};

/* That of PIP_INDEX_URL, UV_DEFAULT_INDEX or UV_INDEX_URL, else the one that pip uses. SW_EENV where none is known. */
int default_index_find(struct default_index *out, struct session *session, struct sw_store *store,
                       struct sw_error *error);

#endif
