/* The package archives of this machine's apt: sources.list(5), in the single-line style and in deb822. */
#ifndef SLIPWAY_BOOTSTRAP_APT_INTERNAL_H
#define SLIPWAY_BOOTSTRAP_APT_INTERNAL_H

#include "base/arena.h"
#include "base/error.h"

/* An archive to be found for a suite. */
struct sw_apt_archive {
    const char *suite; /* wanted: "bookworm" */
    const char *uri;   /* the best so far; NULL: none */
    /* The archive is listed for that very suite; false: it is listed for another release. */
    bool exact;
};

enum sw_apt_style { SW_APT_ONE_LINE, SW_APT_DEB822 };

/* Look through the text of one file. Only enabled sources of binary packages over http, https or file count,
 * with a component "main". Unreadable entries are passed over, as apt's own tools do. The URI lies in the
 * arena. */
int sw_apt_read(struct sw_apt_archive *archive, struct sw_arena *arena, struct sw_str text,
                enum sw_apt_style style, struct sw_error *error) SW_NODISCARD;

/* Look through `directory` ("/etc/apt"): sources.list and sources.list.d. SW_ENOTFOUND if no archive is
 * listed. */
int sw_apt_find(struct sw_apt_archive *archive, struct sw_arena *arena, const char *directory,
                struct sw_error *error) SW_NODISCARD;

#endif
