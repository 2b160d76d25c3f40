/* The result of a resolution: the closed set of releases for one target, and all that stayed unknown about it.
 *
 * All that a resolution points to lies in the arena that it was made with. Texts are NUL-terminated and never NULL; a text that is not
 * known is empty. The set is closed: each dependency is the place of a package in the same set. */
#ifndef SLIPWAY_RESOLVE_RESOLUTION_H
#define SLIPWAY_RESOLVE_RESOLUTION_H

#include "base/str.h"

enum sw_resolved_kind {
    /* A wheel, and a source distribution, of an index. */
    SW_RESOLVED_WHEEL,
    SW_RESOLVED_SDIST,
    /* A wheel, and another archive, that a requirement names by its URL. */
    SW_RESOLVED_URL_WHEEL,
    SW_RESOLVED_URL_SDIST,
    /* A repository that a requirement names by its URL ("git+https://..."). */
    SW_RESOLVED_VCS
};

/* The file that is installed: the best file of the release for the target. */
struct sw_resolved_file {
    enum sw_resolved_kind kind;
    const char *name; /* empty for a repository */
    /* The branch or tag of a repository in a lock; empty if the requirement names the commit, and for all else. */
    const char *revision;
    /* The URL that the index or the requirement gives, perhaps with a login. A repository's is as written; others have no fragment. */
    const char *url;
    const char *sha256; /* 64 lower-case digits, or empty */
    /* The time of the upload, about RFC 3339, or empty. */
    const char *uploaded;
    /* The URL of the page that lists projects, without login and query; empty if a requirement names the URL. */
    const char *index;
    uint64_t size; /* bytes; 0: unknown */
    bool yanked;
    const char *yanked_reason;
};

/* A requirement of a package that holds for the target: its marker is true there, for the extras that are asked for. */
struct sw_resolved_dependency {
    /* The place in the resolution's packages. */
    size_t package;
    /* The whole requirement as its metadata writes it. */
    const char *text;
    /* The requirement's marker, written again by sw_marker_write(), or empty. */
    const char *marker;
};

/* The place in `sw_resolved_requirer.package` of the caller's own requirement. */
#define SW_RESOLVED_ROOT SIZE_MAX

struct sw_resolved_requirer {
    /* Place in the resolution's packages, or SW_RESOLVED_ROOT. */
    size_t package;
    /* The place of the requirement among the package's dependencies, or among the roots that the caller gave. */
    size_t requirement;
};

struct sw_resolved_package {
    const char *name; /* normalized */
    /* The normalized version with its local label; empty for a repository or an archive, whose version is not known. */
    const char *version;
    /* The normalized extras that are asked for and that the release has, sorted. */
    const char *const *extras;
    size_t extra_count;
    struct sw_resolved_file file;
    /* Requires-Python of the metadata, else of the index; or empty. */
    const char *requires_python;
    /* Sorted by the name of their package, then in the order of the metadata. */
    const struct sw_resolved_dependency *dependencies;
    size_t dependency_count;
    const struct sw_resolved_requirer *requirers; /* roots first, then by package */
    size_t requirer_count;
    /* False: the metadata is not known before the file is built, so that `dependencies` says nothing. */
    bool known;
};

/* A fact that the resolution could not take into account. */
struct sw_resolved_unknown {
    const char *project; /* normalized */
    const char *reason;  /* one line, lower case, no full stop */
};

struct sw_resolution {
    const struct sw_resolved_package *packages; /* sorted by name, each once */
    size_t package_count;
    const struct sw_resolved_unknown *unknowns; /* sorted by project, each project once */
    size_t unknown_count;
};

/* A package that is another in one set than in another: another release or file, or in one of the sets only. */
struct sw_resolution_move {
    const char *name;
    const struct sw_resolved_package *before, *after; /* NULL: that set has no such package */
    size_t at[2];                                     /* of sw_resolution_next_move() */
};

/* The next move by name from the set `before` to the set `after`; false if there are no more. A zeroed `move` begins. */
bool sw_resolution_next_move(struct sw_resolution_move *move, const struct sw_resolution *before,
                             const struct sw_resolution *after);

/* The package of that normalized name, or NULL. */
const struct sw_resolved_package *sw_resolution_find(const struct sw_resolution *resolution,
                                                     const char *name);
/* Write the shortest way from a requirement of the caller's to the package into `way`, which has room for `most` places: the package that
 * the caller requires first, `package` last. Return the length of the whole way, which may be more than `most`; 0 if no way leads there. */
size_t sw_resolution_why(size_t *way, size_t most, const struct sw_resolution *resolution, size_t package);

#endif
