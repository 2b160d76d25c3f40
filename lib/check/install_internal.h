/* One command that installs, and what it could do to the torch that is pinned. Not for use outside lib/check. */
#ifndef SLIPWAY_CHECK_INSTALL_INTERNAL_H
#define SLIPWAY_CHECK_INSTALL_INTERNAL_H

#include "check/stack.h"

struct sw_install {
    struct sw_stack *stack;
    const struct sw_node *at; /* in the profile */
    struct sw_str text;       /* the command as written */
    const char *why;          /* in words, what it could do; NULL as long as nothing is known */
    const char *built; /* why what it installs is not known, where it is built from a repository; else NULL */
    bool upgrades;
    const char *index; /* another one than the image's; NULL: none */
};

/* Read the words behind `install`: pip's and uv's options, requirements, links, and files that the context brings. */
void sw_install_read(struct sw_install *install, const char *const *words, size_t count);
/* Remember what it could do; the first that is known counts. */
void sw_install_could(struct sw_install *install, const char *why);
extern const char sw_install_isolated[]; /* so for an option that may stand before `install` too */

/* Whether a project is torch, or is built and released with it. */
bool sw_install_is_torch(struct sw_str project);
/* The variant of torch ("cu126", "cpu") that an index's URL ends in, where that is not the one that is pinned; else NULL. */
const char *sw_install_other_variant(const struct sw_stack *stack, const char *index);

#endif
