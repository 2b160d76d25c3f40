/* The way from this host to package indexes, for a build that must take the same way: index, proxies,
 * certificates. */
#ifndef SLIPWAY_CMD_NETWORK_H
#define SLIPWAY_CMD_NETWORK_H

#include "session.h"

#include "base/buffer.h"
#include "build/build.h"

enum { NETWORK_MOST = 16 };

struct network {
    struct sw_pair arguments[NETWORK_MOST]; /* of the Dockerfile, ends with a NULL name */
    /* PEM; empty if the host uses the system's own certificates. */
    struct sw_buffer certificates;
};

/* Read the default index, the proxy variables and the file of certificates. An index URL with credentials is refused: a build
 * argument stays in the image's history. */
int network_read(struct network *network, struct session *session, struct sw_error *error);
void network_release(struct network *network);
#define NETWORK_AUTO SW_CLEANUP(network_release) struct network

#endif
