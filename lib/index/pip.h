/* The index that pip on this machine uses: companies have mirrors, and no host is written into this program.
 *
 * pip itself is asked, so that its files, their order, its variables and what it has built in count as they do for it. That
 * takes some tenths of a second; the answer is kept until a file that it came from, or the environment, changes. */
#ifndef SLIPWAY_INDEX_PIP_H
#define SLIPWAY_INDEX_PIP_H

#include "base/arena.h"
#include "base/cancel.h"
#include "http/store.h"

struct sw_pip_index {
    const char *url; /* may hold a login */
    bool built_in;   /* pip's own default: nobody named another */
};

/* `environment`: what pip looks at ("NAME=value": PATH, HOME and the like, and all that begins with PIP_), ends with NULL; the
 * child inherits the process's own. SW_EENV where there is no pip or it says that it uses no index. An index with a login is
 * not kept. */
int sw_pip_index(struct sw_pip_index *out, struct sw_arena *arena, struct sw_store *store,
                 const char *const *environment, const struct sw_cancel *cancel,
                 struct sw_error *error) SW_NODISCARD;

#endif
