/* The engines that builds are spread over: a single engine, or those of several -H. */
#ifndef SLIPWAY_CMD_NODES_H
#define SLIPWAY_CMD_NODES_H

#include "session.h"

struct node {
    /* The word of -H; NULL: the engine that is found without -H. */
    const char *host;
    size_t running; /* builds */
    bool lost;      /* it does not answer any more */
    /* The bases of the builds that were started there, see nodes_rank(). */
    const char **bases;
    size_t bases_count;
};

struct nodes {
    struct node *items;
    size_t count;
    size_t jobs; /* builds at once on each */
};

/* The nodes of the session's -H, for `builds` builds. */
int nodes_init(struct nodes *nodes, struct session *session, unsigned jobs, size_t builds,
               struct sw_error *error) SW_NODISCARD;
/* The living node with room and the fewest builds; NULL if there is none. */
struct node *nodes_free(const struct nodes *nodes);
/* Return true if not all nodes are lost. */
bool nodes_live(const struct nodes *nodes);
/* Tell how well a build with that base suits the node: 2 if the node has the base already, 0 if only another living node has the base. */
int nodes_rank(const struct nodes *nodes, const struct node *node, const char *base);
/* Count a build that starts on the node. */
void nodes_take(struct node *node, const char *base);
/* Ask the node's engine, from a process of its own: threads of a library must not be here when a build is forked. */
bool nodes_answer(const struct node *node, struct session *session);

#endif
