/* The parts of `slipway mcp`: commands as tools of the Model Context Protocol (revision 2025-06-18, "Tools"). */
#ifndef SLIPWAY_CMD_MCP_H
#define SLIPWAY_CMD_MCP_H

#include "session.h"

#include "base/buffer.h"
#include "data/node.h"

struct mcp_tool;

/* [{name, description, inputSchema, …}]. */
struct sw_node *mcp_tools_json(struct sw_builder *b);
const struct mcp_tool *mcp_tool_find(struct sw_str name); /* NULL if there is none */
/* The command line for a call, ended by NULL, and the text for its standard input. SW_EINPUT if an argument is unknown, missing or of
 * another type. */
int mcp_tool_command(const char *const **argv, struct sw_str *input, struct session *session,
                     struct sw_arena *arena, const struct mcp_tool *tool, const struct sw_node *arguments,
                     struct sw_error *error);

/* A call that runs: a child, which is this program. */
struct mcp_call {
    struct sw_arena arena;
    /* The id of the request as JSON. */
    const char *id;
    pid_t pid;
    /* The ends of its input, output and messages; -1 if closed. */
    int fds[3];
    struct sw_str input;
    struct sw_buffer output, messages;
    int64_t deadline_ns;
    bool is_canceled, is_late;
};

int mcp_call_start(struct mcp_call *call, struct session *session, const char *const *argv,
                   struct sw_error *error);
/* Do the reads and writes that are ready on its end number `i`. */
void mcp_call_serve(struct mcp_call *call, int i);
/* Return true if the child has closed its output. */
bool mcp_call_is_over(const struct mcp_call *call);
/* Interrupt the child, which then ends by itself. */
void mcp_call_cancel(struct mcp_call *call);
/* End a call whose deadline has passed: interrupt the child, and kill it if the interrupt does not end it. */
void mcp_call_late(struct mcp_call *call);
/* Reap the child and return its exit status. */
int mcp_call_end(struct mcp_call *call);
void mcp_call_release(struct mcp_call *call);

#endif
