/* The way from this host to package indexes, for a build that must take the same way: index, proxies,
 * certificates. */
#ifndef SLIPWAY_PROJECT_NETWORK_H
#define SLIPWAY_PROJECT_NETWORK_H

#include "base/buffer.h"
#include "build/build.h"
#include "project/project.h"

/* Six of proxies, two each of uv's Python, the index and certificates, and the end. */
enum { SW_NETWORK_MOST = 13 };

struct sw_network {
    struct sw_pair arguments[SW_NETWORK_MOST]; /* of the Dockerfile, ends with a NULL name */
    /* PEM; empty if the host trusts no more than every image does. */
    struct sw_buffer certificates;
};

/* Read the default index, the proxy variables and the file of certificates, which is the system's if its administrator added to it. An index URL with credentials is refused: a build
 * argument stays in the image's history. */
int sw_network_read(struct sw_network *network, struct sw_project *project,
                    struct sw_error *error) SW_NODISCARD;
void sw_network_release(struct sw_network *network);
#define SW_NETWORK_AUTO SW_CLEANUP(sw_network_release) struct sw_network

#endif
