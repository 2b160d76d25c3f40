/* A server of the Model Context Protocol (revision 2025-06-18) on standard input and output: a JSON-RPC message a line. Each call of a tool
 * is a child, so that it can be cancelled and its memory is its own. */
#include "commands.h"

#include "mcp.h"
#include "output/say.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "project/program_version.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Codes of JSON-RPC 2.0. */
enum { PARSE_ERROR = -32700, INVALID_REQUEST = -32600, NO_METHOD = -32601, INVALID_PARAMS = -32602 };

struct server {
    struct session *session;
    struct sw_buffer input; /* up to the next line's end */
    struct mcp_call *calls[SW_MAX_MCP_CALLS];
    bool ended, failed;
};

/* ---- answers ---- */

static void send_text(struct server *server, const struct sw_buffer *text)
{
    if (text->state != SW_BUFFER_OK || !say_bytes(server->session->out, sw_buffer_str(text)) ||
        fflush(server->session->out) != 0)
        server->failed = true;
}

static void answer(struct server *server, const char *id, const char *key, const struct sw_node *value)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 4 * SW_MAX_JSON_SIZE);
    sw_buffer_addf(&text, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"%s\":", id, key);
    sw_json_write(&text, value, SW_JSON_COMPACT);
    sw_buffer_add_text(&text, "}\n");
    send_text(server, &text);
}

static void refuse(struct server *server, struct sw_arena *arena, const char *id, int code,
                   const char *message)
{
    struct sw_builder b = {.arena = arena};
    struct sw_node *error = sw_build_map(&b);
    sw_build_set(&b, error, "code", sw_build_int(&b, code));
    /* A message has names of the client's; without memory it is left out. */
    sw_build_set(&b, error, "message", sw_build_text(&b, sw_text_clean(arena, sw_str_from(message))));
    answer(server, id, "error", error);
}

static void initialize(struct server *server, struct sw_arena *arena, const char *id,
                       const struct sw_node *params)
{
    static const char *const revisions[] = {"2025-06-18", "2025-03-26", "2024-11-05"};
    struct sw_builder b = {.arena = arena};
    struct sw_node *result = sw_build_map(&b), *capabilities = sw_build_map(&b), *info = sw_build_map(&b);
    const char *asked = sw_node_text(sw_node_get(params, "protocolVersion"), ""), *chosen = revisions[0];
    for (size_t i = 0; i < SW_COUNT(revisions); i++)
        chosen = strcmp(asked, revisions[i]) == 0 ? revisions[i] : chosen;
    sw_build_set(&b, capabilities, "tools", sw_build_map(&b));
    sw_build_set(&b, info, "name", sw_build_text(&b, "slipway"));
    sw_build_set(&b, info, "version", sw_build_text(&b, SLIPWAY_VERSION));
    sw_build_set(&b, result, "protocolVersion", sw_build_text(&b, chosen));
    sw_build_set(&b, result, "capabilities", capabilities);
    sw_build_set(&b, result, "serverInfo", info);
    answer(server, id, "result", result);
}

static void list_tools(struct server *server, struct sw_arena *arena, const char *id)
{
    struct sw_builder b = {.arena = arena};
    struct sw_node *result = sw_build_map(&b);
    sw_build_set(&b, result, "tools", mcp_tools_json(&b));
    answer(server, id, "result", result);
}

/* Answer with the output of a call, as a text and as a document; with its messages if the call came to no result. */
static void answer_call(struct server *server, struct mcp_call *call, int status)
{
    struct sw_builder b = {.arena = &call->arena};
    struct sw_node *result = sw_build_map(&b), *content = sw_build_list(&b), *part = sw_build_map(&b);
    const struct sw_node *document = NULL;
    bool whole = call->output.state == SW_BUFFER_OK && call->output.n > 0 &&
                 sw_json_read(&document, &call->arena, sw_buffer_str(&call->output), NULL, NULL) == 0;
    struct sw_str text = sw_buffer_str(whole ? &call->output : &call->messages);
    if (call->is_late)
        text = SW_STR("the call took too long and was ended");
    else if (call->output.state != SW_BUFFER_OK)
        text = SW_STR("the result is too large");
    sw_build_set(&b, part, "type", sw_build_text(&b, "text"));
    sw_build_set(&b, part, "text", sw_build_str(&b, text));
    sw_build_append(&b, content, part);
    sw_build_set(&b, result, "content", content);
    if (whole && sw_node_type(document) == SW_NODE_MAP)
        sw_build_set(&b, result, "structuredContent", document);
    sw_build_set(&b, result, "isError",
                 sw_build_bool(&b, !whole || (status != STATUS_DONE && status != STATUS_NO)));
    server->failed = server->failed || b.failed;
    answer(server, call->id, "result", result);
}

/* ---- calls ---- */

static void start_call(struct server *server, struct sw_arena *arena, const char *id,
                       const struct sw_node *params)
{
    struct sw_error error;
    struct mcp_call **place = NULL;
    const struct mcp_tool *tool = mcp_tool_find(sw_node_str(sw_node_get(params, "name")));
    for (size_t i = 0; place == NULL && i < SW_MAX_MCP_CALLS; i++)
        place = server->calls[i] == NULL ? &server->calls[i] : NULL;
    struct mcp_call *call = tool == NULL || place == NULL ? NULL : calloc(1, sizeof *call);
    if (call == NULL) {
        refuse(server, arena, id, INVALID_PARAMS,
               tool == NULL    ? "there is no such tool"
               : place == NULL ? "too many calls run already"
                               : "out of memory");
        return;
    }
    *call = (struct mcp_call){.fds = {-1, -1, -1}};
    sw_arena_init(&call->arena, SW_MAX_ARENA);
    sw_buffer_init(&call->output, SW_MAX_JSON_SIZE);
    sw_buffer_init(&call->messages, SW_MAX_PROCESS_OUTPUT);
    const char *const *argv = NULL;
    call->id = sw_arena_text(&call->arena, id);
    int code = mcp_tool_command(&argv, &call->input, server->session, &call->arena, tool,
                                sw_node_get(params, "arguments"), &error);
    /* The text lives in the message, which ends before the call. */
    const char *copy = code == 0 ? sw_arena_copy(&call->arena, call->input) : NULL;
    call->input.p = copy;
    if (code == 0 && (copy == NULL || call->id == NULL))
        code = sw_fail_memory(&error);
    if (code == 0)
        code = mcp_call_start(call, server->session, argv, &error);
    if (code == 0) {
        *place = call;
        return;
    }
    const char *text =
        error.hint[0] == '\0' ? error.text : sw_arena_format(arena, "%s; %s", error.text, error.hint);
    refuse(server, arena, id, INVALID_PARAMS, text == NULL ? error.text : text);
    mcp_call_release(call);
    free(call);
}

static const char *id_of(struct sw_arena *arena, const struct sw_node *id)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    sw_json_write(&text, id, SW_JSON_COMPACT);
    return text.state == SW_BUFFER_OK ? sw_arena_copy(arena, sw_buffer_str(&text)) : NULL;
}

static void cancel_call(struct server *server, struct sw_arena *arena, const struct sw_node *params)
{
    const struct sw_node *asked = sw_node_get(params, "requestId");
    const char *id = asked == NULL ? NULL : id_of(arena, asked);
    for (size_t i = 0; id != NULL && i < SW_MAX_MCP_CALLS; i++) {
        if (server->calls[i] != NULL && strcmp(server->calls[i]->id, id) == 0)
            mcp_call_cancel(server->calls[i]);
    }
}

static void finish_call(struct server *server, size_t i)
{
    struct mcp_call *call = server->calls[i];
    int status = mcp_call_end(call);
    if (!call->is_canceled || call->is_late)
        answer_call(server, call, status);
    mcp_call_release(call);
    free(call);
    server->calls[i] = NULL;
}

/* ---- messages ---- */

static void take_request(struct server *server, struct sw_arena *arena, const char *id, const char *method,
                         const struct sw_node *params)
{
    struct sw_builder b = {.arena = arena};
    if (strcmp(method, "initialize") == 0)
        initialize(server, arena, id, params);
    else if (strcmp(method, "ping") == 0)
        answer(server, id, "result", sw_build_map(&b));
    else if (strcmp(method, "tools/list") == 0)
        list_tools(server, arena, id);
    else if (strcmp(method, "tools/call") == 0)
        start_call(server, arena, id, params);
    else
        refuse(server, arena, id, NO_METHOD, "there is no such method");
}

static void take_message(struct server *server, struct sw_str line)
{
    SW_ARENA_AUTO arena;
    struct sw_error error;
    const struct sw_node *message = NULL;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_str_trim(line).n == 0)
        return;
    if (sw_json_read(&message, &arena, line, NULL, &error) != 0) {
        refuse(server, &arena, "null", PARSE_ERROR, error.text);
        return;
    }
    const struct sw_node *id = sw_node_get(message, "id"), *params = sw_node_get(message, "params");
    const char *method = sw_node_text(sw_node_get(message, "method"), NULL);
    bool is_id = sw_node_type(id) == SW_NODE_TEXT || sw_node_type(id) == SW_NODE_INT;
    const char *text = id != NULL && is_id ? id_of(&arena, id) : NULL;
    if (method != NULL && text != NULL)
        take_request(server, &arena, text, method, params);
    else if (method != NULL && id == NULL && strcmp(method, "notifications/cancelled") == 0)
        cancel_call(server, &arena, params);
    else if (method == NULL ? sw_node_get(message, "result") == NULL : id != NULL)
        refuse(server, &arena, "null", INVALID_REQUEST, "no request of JSON-RPC 2.0");
}

/* Read the input that is there, and take its whole lines. */
static void read_input(struct server *server)
{
    char chunk[1 << 14];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
    if (n <= 0) {
        server->ended = n == 0 || (errno != EAGAIN && errno != EINTR);
        return;
    }
    struct sw_str rest = {chunk, (size_t)n};
    for (size_t at = sw_str_find(rest, SW_STR("\n")); at < rest.n; at = sw_str_find(rest, SW_STR("\n"))) {
        sw_buffer_add(&server->input, rest.p, at);
        if (server->input.state == SW_BUFFER_OK)
            take_message(server, sw_buffer_str(&server->input));
        else
            server->failed = true;
        sw_buffer_clear(&server->input);
        rest = sw_str_drop(rest, at + 1);
    }
    sw_buffer_add(&server->input, rest.p, rest.n);
    server->failed = server->failed || server->input.state != SW_BUFFER_OK;
}

/* ---- the loop ---- */

/* The descriptors of a poll: standard input, the interrupt, and the ends of each call. */
enum { FIRST_CALL = 2, MOST_POLLED = FIRST_CALL + 3 * SW_MAX_MCP_CALLS };

static int fill_poll(struct pollfd polled[MOST_POLLED], const struct server *server)
{
    int64_t now = sw_clock_now(), wait_ns = -1;
    polled[0] = (struct pollfd){server->ended ? -1 : STDIN_FILENO, POLLIN, 0};
    polled[1] = (struct pollfd){server->session->cancel.fd, POLLIN, 0};
    for (size_t i = 0; i < SW_MAX_MCP_CALLS; i++) {
        const struct mcp_call *call = server->calls[i];
        for (size_t k = 0; k < 3; k++)
            polled[FIRST_CALL + 3 * i + k] =
                (struct pollfd){call == NULL ? -1 : call->fds[k], k == 0 ? POLLOUT : POLLIN, 0};
        int64_t left = call == NULL ? -1 : call->deadline_ns - now;
        if (call != NULL && (wait_ns < 0 || left < wait_ns))
            wait_ns = left < 0 ? 0 : left;
    }
    return wait_ns < 0 ? -1 : (int)(wait_ns / SW_MILLISECOND_NS) + 1;
}

static void serve_calls(struct server *server, const struct pollfd polled[MOST_POLLED])
{
    for (size_t i = 0; i < SW_MAX_MCP_CALLS; i++) {
        struct mcp_call *call = server->calls[i];
        for (int k = 0; call != NULL && k < 3; k++) {
            if (polled[FIRST_CALL + 3 * i + (size_t)k].revents != 0 && call->fds[k] >= 0)
                mcp_call_serve(call, k);
        }
        if (call != NULL && sw_clock_now() >= call->deadline_ns)
            mcp_call_late(call);
        if (call != NULL && mcp_call_is_over(call))
            finish_call(server, i);
    }
}

static bool has_calls(const struct server *server)
{
    for (size_t i = 0; i < SW_MAX_MCP_CALLS; i++) {
        if (server->calls[i] != NULL)
            return true;
    }
    return false;
}

/* Interrupt all calls, then wait for each. */
static void end_calls(struct server *server)
{
    for (size_t i = 0; i < SW_MAX_MCP_CALLS; i++) {
        if (server->calls[i] != NULL)
            mcp_call_cancel(server->calls[i]);
    }
    for (size_t i = 0; i < SW_MAX_MCP_CALLS; i++) {
        if (server->calls[i] != NULL)
            mcp_call_release(server->calls[i]);
        free(server->calls[i]);
    }
}

enum status command_mcp(struct session *session)
{
    struct server server = {.session = session};
    struct pollfd polled[MOST_POLLED];
    sw_buffer_init(&server.input, SW_MAX_JSON_SIZE);
    while (!server.failed && !sw_cancel_requested(&session->cancel) &&
           (!server.ended || has_calls(&server))) {
        int wait_ms = fill_poll(polled, &server);
        if (poll(polled, MOST_POLLED, wait_ms) < 0 && errno != EINTR)
            server.failed = true;
        serve_calls(&server, polled);
        if (polled[0].revents != 0)
            read_input(&server);
    }
    end_calls(&server);
    sw_buffer_release(&server.input);
    if (sw_cancel_requested(&session->cancel))
        return STATUS_INTERRUPTED;
    return server.failed ? STATUS_INPUT : STATUS_DONE;
}
