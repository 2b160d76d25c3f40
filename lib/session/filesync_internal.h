/* A context as the engine's file sync takes it, so that only changes travel (internal to this layer).
 *
 * The protocol is fsutil's (tonistiigi/fsutil, send.go, receive.go and types/{wire,stat}.proto): slipway
 * tells of every entry in order, the engine asks for the files whose size, time or mode it does not have,
 * then says that it is done.
 *
 * The content of the context was decided when the context was scanned, by its copies and ignore rules;
 * patterns to exclude that the engine sends are not applied again. The only I/O here is to read the context's
 * files. */
#ifndef SLIPWAY_SESSION_FILESYNC_INTERNAL_H
#define SLIPWAY_SESSION_FILESYNC_INTERNAL_H

#include "base/buffer.h"
#include "context/context.h"

struct sw_filesync;

/* The folders that an engine asks for. Only for a user's own Dockerfile they differ: its folder holds the Dockerfile alone,
 * by its last name. */
enum sw_filesync_folder { SW_FILESYNC_CONTEXT, SW_FILESYNC_DOCKERFILE };

/* `followed` are the paths that the engine wants, with Go's wildcards, as many as `count`; 0 stands for
 * everything. Entries above or below such a path are wanted too. If a path leads through a link everything is
 * sent, as a link leads anywhere. */
int sw_filesync_new(struct sw_filesync **out, struct sw_context *context, enum sw_filesync_folder folder,
                    const struct sw_str *followed, size_t count, struct sw_error *error) SW_NODISCARD;
void sw_filesync_free(struct sw_filesync *sync); /* takes NULL */

/* Take a packet from the engine. SW_EENV if the packet breaks the protocol, or says that the engine failed. */
int sw_filesync_take(struct sw_filesync *sync, struct sw_str packet, struct sw_error *error) SW_NODISCARD;
/* Append the next packet for the engine to `packet`; nothing if it is the engine's turn. SW_EINPUT if a file
 * has changed since the context was scanned. */
int sw_filesync_next(struct sw_filesync *sync, struct sw_buffer *packet, struct sw_error *error) SW_NODISCARD;
/* Return true if both sides have said that they are done. */
bool sw_filesync_done(const struct sw_filesync *sync);

#endif
