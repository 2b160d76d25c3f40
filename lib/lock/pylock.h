/* A lock: the closed set of releases that a profile installs, as a file that pip and uv install too (PEP 751, lock file version 1.0).
 *
 * A lock is for one target, and for one profile. Facts that PEP 751 has no place for stand in the table `tool.slipway` of
 * the file and of each package. Files lie beside profiles, under the name of sw_pylock_name(). */
#ifndef SLIPWAY_LOCK_PYLOCK_H
#define SLIPWAY_LOCK_PYLOCK_H

#include "base/arena.h"
#include "base/buffer.h"
#include "resolve/resolution.h"

/* All texts are NUL-terminated and never NULL; a text that is not known is empty. */
struct sw_pylock {
    const char *profile; /* its name */
    /* The target. */
    const char *python;  /* "3.11" */
    const char *machine; /* "x86_64", as markers call it */
    const char *glibc;   /* "2.36"; empty: the image has musl */
    const char *musl;    /* "1.2" */
    const char *const *accelerators;
    size_t accelerator_count;
    /* The base image as the plan names it, and its digest, "sha256:..."; empty: not known. */
    const char *base;
    const char *base_digest;
    /* The digest of the target and the requirements that the lock was made from: 64 lower-case digits. */
    const char *source;
    /* The requirements of the profile that the set was resolved for: the roots of the resolution. */
    const char *const *requirements;
    size_t requirement_count;
    struct sw_resolution set;
};

/* "pylock.NAME.toml"; a dot of the profile's name becomes "-", since PEP 751 allows no dot there. NULL without memory. */
char *sw_pylock_name(struct sw_arena *arena, const char *profile) SW_NODISCARD;

/* Write a lock. Equal locks give equal bytes, and a package that changes leaves the lines of all others alone. Logins in URLs are left
 * out. SW_EINPUT if PEP 751 has no words for a package: a file without a SHA-256, a repository without its commit. */
int sw_pylock_write(struct sw_buffer *out, const struct sw_pylock *lock, struct sw_error *error) SW_NODISCARD;

/* Read a lock that slipway wrote, whoever changed it since. All that `out` points to lies in `arena`. SW_EINPUT with the place of the
 * fault and a hint: no TOML, no lock of slipway's, a value that is out of form, a name that is there twice, a dependency that is not
 * there, more than SW_MAX_LOCK_PACKAGES. `file` names the lock in errors. */
int sw_pylock_read(struct sw_pylock *out, struct sw_arena *arena, struct sw_str text, const char *file,
                   struct sw_error *error) SW_NODISCARD;

/* The commit that the URL of a repository names behind its last "@": 40 lower-case digits, or empty. */
struct sw_str sw_pylock_commit(struct sw_str url);

#endif
