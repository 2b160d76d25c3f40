/* Connections through a child: the user's own ssh to an engine on another machine, or the command of the endpoint (internal to this
 * layer).
 *
 * As docker's client does, ssh runs `docker system dial-stdio` there (or podman's, where there is no docker), and its
 * standard input and output are the connection. What ssh does follows the user's configuration, with two differences: it
 * never asks anything, since nobody might answer, and it notices within 15 s that the other side is gone.
 *
 * libcurl wants to connect by itself (its way to take over a socket that is connected fails in 7.88), so it does, to a
 * socket of this process: sw_ssh_take() hands the other end to a new child. */
#ifndef SLIPWAY_ENGINE_SSH_INTERNAL_H
#define SLIPWAY_ENGINE_SSH_INTERNAL_H

#include "base/error.h"
#include "engine/endpoint.h"

/* The children behind the connections of one libcurl handle. */
struct sw_ssh {
    struct sw_ssh_child *children;
    int listener;
    /* The listener's name, in Linux's abstract namespace. */
    char name[32];
    /* The last lines on standard error of the last child that ended, or the reason why it could not be
     * started; "" if there is nothing. */
    char words[sizeof((struct sw_error *)0)->text];
};

/* A failure is told by sw_ssh_take(). */
void sw_ssh_init(struct sw_ssh *ssh);
void sw_ssh_release(struct sw_ssh *ssh);

/* Start a child behind `socket`, which is connected to the listener. If that fails, `words` says why. */
bool sw_ssh_take(struct sw_ssh *ssh, int socket, const struct sw_endpoint *endpoint);
/* Before `words` are looked at: libcurl may tell of a connection that was lost before it closes the socket. */
void sw_ssh_hear(struct sw_ssh *ssh);
/* Close a socket and end its child. */
void sw_ssh_close(struct sw_ssh *ssh, int socket);

#endif
