/* A profile as a new one beside it: its file, and each parent that changes, under new names. */
#ifndef SLIPWAY_AUTHOR_COPIES_H
#define SLIPWAY_AUTHOR_COPIES_H

#include "author/upgrade.h"
#include "profile/fix.h"

struct sw_copy {
    const char *name, *path;
    struct sw_buffer text;
};

struct sw_copies {
    struct sw_arena arena;
    const struct sw_permissions *permissions; /* those of the fix */
    /* The profile, then its parents as far as they are copied. */
    struct sw_copy *items;
    size_t count;
};

/* Copy the profile, with the edits of `fix` and the new assertions of `checklist`, under the name `name`:
 * NAME.yaml in its folder. A parent that changes is copied to NAME-base.yaml, since other profiles extend it,
 * and so is every file between. SW_EINPUT if a parent that changes lies in another folder than its child, or
 * if a file of the copy is there already; SW_EREFUSED if a file may not be written. */
int sw_copies_make(struct sw_copies *out, const struct sw_profile *profile, const struct sw_fix *fix,
                   const char *name, const struct sw_checklist *checklist,
                   struct sw_error *error) SW_NODISCARD;
void sw_copies_release(struct sw_copies *copies); /* takes NULL and a zeroed structure */
#define SW_COPIES_AUTO SW_CLEANUP(sw_copies_release) struct sw_copies

/* Profiles as if the copies were written. */
struct sw_profile_source sw_copies_source(const struct sw_copies *copies);
/* On failure none is left behind. */
int sw_copies_write(const struct sw_copies *copies, struct sw_error *error) SW_NODISCARD;

#endif
