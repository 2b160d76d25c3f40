/* A command that installs, and its possible effects on the pinned torch. */
#ifndef SLIPWAY_CHECK_INSTALL_INTERNAL_H
#define SLIPWAY_CHECK_INSTALL_INTERNAL_H

#include "check/stack.h"

struct sw_install {
    struct sw_stack *stack;
    const struct sw_node *at; /* in the profile */
    struct sw_str text;       /* the command as written */
    /* In words, the effect that the command may have; NULL as long as none is known. */
    const char *why;
    /* The reason why the installed projects are not known, if they are built from a repository; else NULL. */
    const char *built;
    bool upgrades;
    const char *index; /* another one than the image's; NULL: none */
};

/* Read the words behind `install`: pip's and uv's options, requirements, links, and files that the context brings. */
void sw_install_read(struct sw_install *install, const char *const *words, size_t count);
/* Remember a possible effect; the first counts. */
void sw_install_could(struct sw_install *install, const char *why);
/* The reason for an option that may stand before `install` too. */
extern const char sw_install_isolated[];

/* The variant of torch ("cu126", "cpu") at the end of an index's URL, if that is not the pinned variant; else
 * NULL. */
const char *sw_install_other_variant(const struct sw_stack *stack, const char *index);

#endif
