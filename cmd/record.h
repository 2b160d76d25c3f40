/* What is remembered of a build; see lib/history/history.h for where. record.json has
 *
 *   kind         "build", "rollback" or "push"
 *   result       "verified", "unverified" (nobody looked), "rejected" (an assertion did not hold), "failed" (no image)
 *   time         when it ended, RFC 3339; seconds: how long it took
 *   slipway      the version that built
 *   files        the profile, then its parents: relative to the top of the repository where they are below it, else absolute
 *   plan         the plan's digest
 *   image        {id, tags, digests, size, layers} or null; digests: "name@sha256:…" as registries know it, those first to which
 *                it was pushed from here
 *   arguments    names of those given with --build-arg; values may be secrets
 *   platform     as given, or null
 *   engine       {product, version, api, os, architecture}
 *   assertions   {passed, failed}
 *   findings     as in every result
 *   rollback     {to, how} of a rollback, whose other keys are those of the build it went back to; to: that build's number; how:
 *                its image was "present", "pulled" or "rebuilt"
 *   push         {of, tags: [{tag, digest, reference}]} of a push, whose other keys are those of the build that was pushed; of:
 *                that build's number
 */
#ifndef SLIPWAY_CMD_RECORD_H
#define SLIPWAY_CMD_RECORD_H

#include "build.h"

#include "history/history.h"

/* Remember a build that the engine answered, be it built or failed. A record that cannot be written is a warning on the build's
 * sink and never a failed build. `ok`: whether the build's findings let it pass. */
void record_build(struct build *build, bool ok);

/* What the probe found, "name==version" a line; nothing where it did not tell. */
void record_installed(struct sw_buffer *lines, const struct sw_verification *verification);

/* The number of the build that a record is of: that of a rollback or a push is what it says of another one. */
int64_t record_number_of(const struct sw_node *said, const struct sw_record *record);

/* What a record says, as the beginning of one of the kind `kind`: of something done with the same build since `started_ns`. */
struct sw_node *record_again(struct sw_builder *b, const char *kind, const struct sw_node *said,
                             int64_t started_ns);
/* Append a copy of a digest that the list does not have yet. */
void record_add_digest(struct sw_builder *b, struct sw_node *digests, const struct sw_node *digest);

/* Parts of a record. */
struct sw_node *record_tags(struct sw_builder *b, const struct build *build);
struct sw_node *record_image(struct sw_builder *b, struct sw_engine *engine, const char *id,
                             const struct sw_node *tags);
struct sw_node *record_engine(struct sw_builder *b, const struct sw_engine *from);

#endif
