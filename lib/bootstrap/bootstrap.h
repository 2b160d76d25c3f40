/* A base image with no registry: a Debian or Ubuntu system made by debootstrap(8), or without root by mmdebstrap(1), from the
 * machine's own package archive, kept as a tar that an engine imports. */
#ifndef SLIPWAY_BOOTSTRAP_BOOTSTRAP_H
#define SLIPWAY_BOOTSTRAP_BOOTSTRAP_H

#include "base/arena.h"
#include "base/cancel.h"
#include "base/event.h"
#include "base/sha256.h"

/* `step` of its events: the step itself, and the tool's output as SW_EVENT_LOG. */
#define SW_BOOTSTRAP_STEP "bootstrap"

struct sw_bootstrap_options {
    const char *name; /* "debian:bookworm", "ubuntu:noble" */
    /* Packages beyond the minimal system, ended by NULL. */
    const char *const *packages;
    const char *architecture; /* as dpkg names it: "amd64" */
    /* The URL of the archive; NULL: from `apt_directory`. */
    const char *mirror;
    const char *apt_directory; /* "/etc/apt" */
    /* The user's variables, see base/variables.h. */
    const char *const *environment;
    /* A folder for the tars, absolute; made if it is missing. */
    const char *cache;
    const struct sw_sink *sink;     /* NULL: none */
    const struct sw_cancel *cancel; /* NULL: none */
};

struct sw_bootstrap {
    const char *tar; /* path, in the arena */
    /* 64 hexadecimal digits, the digest of all that the system was made from; in the arena. */
    const char *key;
    bool cached; /* it was there already */
    /* The tar, open for reading at its beginning; the caller closes it. `digest` is that of the bytes read
     * here, whatever becomes of the path. */
    int fd;
    char digest[SW_SHA256_HEX_SIZE];
};

/* Make the system, or find it in the cache by the digest of suite, architecture, mirror and packages. Making
 * takes half a minute and needs the program sw_bootstrap_tool() and the mirror, and without root a range of IDs in /etc/subuid; if any of
 * them is missing, SW_EENV has the remedy as its hint. SW_EINPUT for a name that is not "debian:SUITE" or "ubuntu:SUITE", a
 * suite that debootstrap does not know, or a package that does not exist. A tar in the cache counts only if
 * it has the digest that was noted when it was made, else a warning says so and the system is made again. The
 * archive's signature is always checked, against the distribution's keyring: SW_EENV
 * without that keyring. The tool runs in namespaces of its own, so that nothing of it
 * outlives an interruption; a system that was half made then is removed. */
int sw_bootstrap_make(struct sw_bootstrap *bootstrap, struct sw_arena *arena,
                      const struct sw_bootstrap_options *options, struct sw_error *error) SW_NODISCARD;

/* The program that makes systems for this user: "debootstrap" for root, else "mmdebstrap". */
const char *sw_bootstrap_tool(void);

#endif
