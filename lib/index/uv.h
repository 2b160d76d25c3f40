/* The configuration of uv on this machine for package indexes, read as uv 0.4 to 0.13 read it
 * (docs.astral.sh/uv, "Configuration files") and without running uv: the variables UV_…, then uv/uv.toml in
 * XDG_CONFIG_HOME or ~/.config, then the system's: the first in a folder of XDG_CONFIG_DIRS, else
 * /etc/uv/uv.toml. UV_CONFIG_FILE names a file that is read instead of all; without it UV_NO_CONFIG means
 * none. A project's own uv.toml or pyproject.toml does not count: a pull request may bring it. */
#ifndef SLIPWAY_INDEX_UV_H
#define SLIPWAY_INDEX_UV_H

#include "base/arena.h"
#include "base/error.h"
#include "index/setting.h"

struct sw_uv {
    /* The default index that a variable names, without a name of its own. */
    struct sw_setting variable;
    struct sw_setting file; /* the index that a file names */
    /* Set if further indexes are named; the value is not told. */
    struct sw_setting more;
    struct sw_setting no_index;   /* set if a file says so */
    struct sw_setting find_links; /* set if there are any */
    /* Set if there are hosts whose certificates are not to be verified. */
    struct sw_setting insecure;
};

/* `home` is the user's, absolute. A file that is no TOML, and a UV_CONFIG_FILE that is not there, are SW_EINPUT. All texts are
 * in the arena, or of `variables` (base/variables.h). */
int sw_uv_read(struct sw_uv *out, struct sw_arena *arena, const char *const *variables, const char *home,
               struct sw_error *error) SW_NODISCARD;

#endif
