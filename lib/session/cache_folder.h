/* A build cache in a folder: an OCI image layout (https://github.com/opencontainers/image-spec, image-layout.md), whose blobs
 * the engine reads and writes over the session, and whose index is kept here. */
#ifndef SLIPWAY_SESSION_CACHE_FOLDER_H
#define SLIPWAY_SESSION_CACHE_FOLDER_H

#include "base/arena.h"
#include "base/error.h"

/* Put a manifest, `descriptor` being its JSON as BuildKit tells it, into the folder's index under a tag ("latest"), instead of
 * another that had it. */
int sw_cache_folder_put(const char *folder, const char *tag, struct sw_str descriptor,
                        struct sw_error *error) SW_NODISCARD;

/* Find the digest of the manifest that has a tag, in `arena`. SW_ENOTFOUND if there is none. */
int sw_cache_folder_find(const char **digest, struct sw_arena *arena, const char *folder, const char *tag,
                         struct sw_error *error) SW_NODISCARD;

/* The path of a blob "sha256:…" in the folder, or NULL: no such digest, or no memory. */
char *sw_cache_folder_blob(struct sw_arena *arena, const char *folder, struct sw_str digest) SW_NODISCARD;

#endif
