/* What is remembered of a build; see lib/history/history.h for where. record.json has
 *
 *   kind         "build" or "rollback"
 *   result       "verified", "unverified" (nobody looked), "rejected" (an assertion did not hold), "failed" (no image)
 *   time         when it ended, RFC 3339; seconds: how long it took
 *   slipway      the version that built
 *   files        the profile, then its parents: relative to the top of the repository where they are below it, else absolute
 *   plan         the plan's digest
 *   image        {id, tags, digests, size, layers} or null; digests: "name@sha256:…" as registries know it
 *   arguments    names of those given with --build-arg; values may be secrets
 *   platform     as given, or null
 *   engine       {product, version, api, os, architecture}
 *   assertions   {passed, failed}
 *   findings     as in every result
 *   rollback     {to, how} of a rollback, whose other keys are those of the build it went back to; to: that build's number; how:
 *                its image was "present", "pulled" or "rebuilt"
 */
#ifndef SLIPWAY_CMD_RECORD_H
#define SLIPWAY_CMD_RECORD_H

#include "build.h"

/* Remember a build that the engine answered, be it built or failed. A record that cannot be written is a warning on the build's
 * sink and never a failed build. `ok`: whether the build's findings let it pass. */
void record_build(struct build *build, bool ok);

/* What the probe found, "name==version" a line; nothing where it did not tell. */
void record_installed(struct sw_buffer *lines, const struct sw_verification *verification);

/* Parts of a record. */
struct sw_node *record_image(struct sw_builder *b, struct sw_engine *engine, const char *id,
                             const struct sw_node *tags);
struct sw_node *record_engine(struct sw_builder *b, const struct sw_engine *from);

#endif
