/* Compatibility tags (PEP 425; PEP 384 for abi3; PEP 513, 571, 599 and 600 for manylinux, PEP 656 for musllinux) of CPython on Linux,
 * for a target that the caller describes, never for this host. */
#ifndef SLIPWAY_PYTHON_TAG_H
#define SLIPWAY_PYTHON_TAG_H

#include "base/arena.h"
#include "base/error.h"

/* A compatibility tag; its three texts have lower-case letters only. */
struct sw_tag {
    const char *interpreter; /* "cp311", "py3" */
    const char *abi;         /* "cp311", "abi3", "none" */
    const char *platform;    /* "manylinux_2_28_x86_64", "any" */
    /* The tags from this tag on that have its interpreter and ABI, this tag included. */
    size_t run;
};

/* From the most to the least preferred. */
struct sw_tag_list {
    const struct sw_tag *items;
    size_t count;
};

struct sw_tag_target {
    unsigned python_major, python_minor; /* minor at most SW_MAX_PYTHON_MINOR */
    const char *machine;                 /* "x86_64" or "aarch64" */
    /* The minor number of glibc 2, or of musl 1; at most SW_MAX_LIBC_MINOR. */
    unsigned libc_minor;
    bool musl;
};

/* All tags that the target supports, in the order of packaging.tags.sys_tags(): the interpreter's own ABI,
 * abi3, none, abi3 of older interpreters, then pure Python; within each from the newest manylinux to plain
 * linux, a legacy name right behind the one it stands for. About 900 for a recent target; they lie in
 * `arena`. SW_EINPUT for another machine or a number past its limit, SW_EENV without memory. */
int sw_tag_list_make(struct sw_tag_list *out, struct sw_arena *arena, const struct sw_tag_target *target,
                     struct sw_error *error) SW_NODISCARD;

#endif
