/* What is remembered of a build; see lib/history/history.h for where. record.json has
 *
 *   kind         "build"
 *   result       "verified", "unverified" (nobody looked), "rejected" (an assertion did not hold), "failed" (no image)
 *   time         when it ended, RFC 3339; seconds: how long it took
 *   slipway      the version that built
 *   file         the profile, relative to the top of the repository
 *   plan         the plan's digest
 *   image        {id, tags, digests, size, layers} or null; digests: "name@sha256:…" as registries know it
 *   arguments    names of those given with --build-arg; values may be secrets
 *   platform     as given, or null
 *   engine       {product, version, api, os, architecture}
 *   assertions   {passed, failed}
 *   findings     as in every result
 */
#ifndef SLIPWAY_CMD_RECORD_H
#define SLIPWAY_CMD_RECORD_H

#include "build.h"

/* Remember a build that the engine answered, be it built or failed. A record that cannot be written is a warning on the build's
 * sink and never a failed build. `ok`: whether the build's findings let it pass. */
void record_build(struct build *build, bool ok);

#endif
