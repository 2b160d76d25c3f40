/* The configuration of pip on this machine, read as pip 23 to 25 read it (pip/_internal/configuration.py and
 * cli/parser.py) and without running pip: the files /etc/pip.conf, pip/pip.conf in the folders of
 * XDG_CONFIG_DIRS, ~/.pip/pip.conf, ~/.config/pip/pip.conf, pip.conf of an active environment (VIRTUAL_ENV),
 * the file of PIP_CONFIG_FILE, each over the files before it; of all of them [global] and over that
 * [install]; and over that the variables PIP_….
 *
 * In one respect pip does otherwise: a folder that is named by a relative path is passed over here, since it
 * could be in the checkout that is judged. PIP_CONFIG_FILE names a file, and may be relative. */
#ifndef SLIPWAY_INDEX_PIP_H
#define SLIPWAY_INDEX_PIP_H

#include "base/arena.h"
#include "base/error.h"
#include "index/setting.h"

/* Named as pip's options are. */
struct sw_pip {
    struct sw_setting index_url, extra_index_url, find_links, trusted_host;
    struct sw_setting no_index; /* set only if it is true */
    struct sw_setting cert, client_cert, proxy;
};

/* `home` is the user's, absolute. A file that pip cannot parse, and a no-index that is neither true nor false, are SW_EINPUT. All
 * texts are in the arena, or of `variables` (base/variables.h). */
int sw_pip_read(struct sw_pip *out, struct sw_arena *arena, const char *const *variables, const char *home,
                struct sw_error *error) SW_NODISCARD;

#endif
