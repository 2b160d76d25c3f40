/* A context as the engine's file sync takes it, so that only what changed travels (internal to this layer).
 *
 * The protocol is fsutil's (tonistiigi/fsutil, send.go, receive.go and types/{wire,stat}.proto): we tell of every entry in
 * order, the engine asks for the files whose size, time or mode it does not have, then says that it is done.
 *
 * What the context holds was decided when it was scanned, by its copies and ignore rules; patterns to exclude that the engine
 * sends are not applied again. It does no I/O but reading the context's files. */
#ifndef SLIPWAY_SESSION_FILESYNC_INTERNAL_H
#define SLIPWAY_SESSION_FILESYNC_INTERNAL_H

#include "base/buffer.h"
#include "context/context.h"

struct sw_filesync;

/* `followed` are the paths that the engine wants, with Go's wildcards, as many as `count`; none stands for everything. What
 * lies above or below one is wanted too. Where one leads through a link everything is sent, as a link leads anywhere. */
int sw_filesync_new(struct sw_filesync **out, struct sw_context *context, const struct sw_str *followed,
                    size_t count, struct sw_error *error) SW_NODISCARD;
void sw_filesync_free(struct sw_filesync *sync); /* takes NULL */

/* What a packet from the engine means. SW_EENV where it breaks the protocol, or says that the engine failed. */
int sw_filesync_take(struct sw_filesync *sync, struct sw_str packet, struct sw_error *error) SW_NODISCARD;
/* The next packet for the engine, appended to `packet`; nothing where it is the engine's turn. SW_EINPUT where a file is no
 * longer what it was when the context was scanned. */
int sw_filesync_next(struct sw_filesync *sync, struct sw_buffer *packet, struct sw_error *error) SW_NODISCARD;
/* Whether both sides have said that they are done. */
bool sw_filesync_done(const struct sw_filesync *sync);

#endif
