/* Images of an engine: looked at, named, removed, imported, pulled and pushed.
 *
 * A name is a reference in docker's sense ("python:3.11-slim", "localhost/base@sha256:…"), or an image's id.
 * It is sent unchanged: Podman gives a name without a registry its own meaning. */
#ifndef SLIPWAY_ENGINE_IMAGE_H
#define SLIPWAY_ENGINE_IMAGE_H

#include "base/source.h"
#include "data/node.h"
#include "engine/credentials.h"
#include "engine/engine.h"

#define SW_IMAGE_ID_SIZE 96 /* "sha256:", 64 digits, the NUL, and room */

/* Read GET /images/NAME/json into `arena`. Any of its fields may be missing: engines from API 1.52 on leave
 * out empty fields. SW_ENOTFOUND if there is no such image. */
int sw_image_inspect(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                     const char *name, struct sw_error *error) SW_NODISCARD;
/* Read GET /images/NAME/history into `arena`: a list of {CreatedBy, Size, …}, the newest layer first.
 * SW_ENOTFOUND if there is no such image. */
int sw_image_history(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                     const char *name, struct sw_error *error) SW_NODISCARD;
int sw_image_exists(bool *out, struct sw_engine *engine, const char *name,
                    struct sw_error *error) SW_NODISCARD;

/* Give `image` the additional name `name`, which is taken from the image that had it. */
int sw_image_tag(struct sw_engine *engine, const char *image, const char *name,
                 struct sw_error *error) SW_NODISCARD;
/* Take a name away; the image goes with its last name unless a container uses it. By id: the image and all
 * its names. SW_ENOTFOUND if there is no such image. */
int sw_image_remove(struct sw_engine *engine, const char *name, struct sw_error *error) SW_NODISCARD;

/* Make an image of the files of `image` with the configuration `config`, in the form in which engines tell it. SW_ENO if the
 * engine cannot. */
int sw_image_commit(char id[SW_IMAGE_ID_SIZE], struct sw_engine *engine, const char *image,
                    const struct sw_node *config, struct sw_error *error) SW_NODISCARD;

/* The images with a label ("NAME" or "NAME=VALUE"): a list of {Id, RepoTags, Labels, Created, Size, …}. */
int sw_image_list(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine,
                  const char *label, struct sw_error *error) SW_NODISCARD;

/* Make an image of a root file system: `tar` is its tar archive, plain or compressed with gzip. `change` is an instruction
 * that Dockerfiles have for an image's configuration (LABEL NAME=VALUE), or NULL. Its progress
 * are events of the step "import". On failure nothing is left that bears the name. */
int sw_image_import(char id[SW_IMAGE_ID_SIZE], struct sw_engine *engine, const char *name, const char *change,
                    const struct sw_source *tar, const struct sw_sink *sink,
                    struct sw_error *error) SW_NODISCARD;

/* Write the archive of an image (GET /images/NAME/get, a tar as `docker save` writes) to a descriptor. SW_ENOTFOUND if there is no such
 * image; SW_EENV if the descriptor takes no more. */
int sw_image_save(struct sw_engine *engine, const char *name, int fd, struct sw_error *error) SW_NODISCARD;

/* Pull from the registry in the name, logged in there if `credentials` (may be NULL) have a login; if a login
 * cannot be had, a WARNING event gives the reason. `platform` ("linux/amd64") may be NULL. Progress are
 * events of the step "pull NAME", by layer.
 *
 * After a transient fault of the registry or of the way to it (HTTP 5xx, a connection that breaks off) a
 * WARNING event is sent and the pull is tried again, twice, after 1 s and 4 s, unless the engine has done so
 * itself. Any other failure is final and has a hint. */
int sw_image_pull(struct sw_engine *engine, const char *name, const char *platform,
                  const struct sw_credentials *credentials, const struct sw_sink *sink,
                  struct sw_error *error) SW_NODISCARD;

#define SW_IMAGE_DIGEST_SIZE 80 /* "sha256:", 64 digits, the NUL, and room */

/* Push to the registry in the name; as above. `digest` is that of the manifest, by which the registry has it from now on: no
 * digest, no success. */
int sw_image_push(char digest[SW_IMAGE_DIGEST_SIZE], struct sw_engine *engine, const char *name,
                  const struct sw_credentials *credentials, const struct sw_sink *sink,
                  struct sw_error *error) SW_NODISCARD;

#endif
