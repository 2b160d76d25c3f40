/* Requirements files as pip reads them (pip's "Requirements File Format"; release 23.0), except that a file that
 * includes itself and a hash of the wrong length are errors, and that every file is UTF-8. */
#ifndef SLIPWAY_PYTHON_REQUIREMENTS_FILE_H
#define SLIPWAY_PYTHON_REQUIREMENTS_FILE_H

#include "python/requirement.h"

enum sw_requirements_kind {
    SW_REQUIREMENTS_NAMED, /* a PEP 508 requirement */
    /* A bare URL or a path of a wheel, an archive or a folder. */
    SW_REQUIREMENTS_LINK,
    SW_REQUIREMENTS_EDITABLE, /* -e: a URL or a path */
    SW_REQUIREMENTS_INDEX_URL,
    SW_REQUIREMENTS_EXTRA_INDEX_URL,
    SW_REQUIREMENTS_NO_INDEX,
    SW_REQUIREMENTS_FIND_LINKS,
    SW_REQUIREMENTS_PRE,
    SW_REQUIREMENTS_REQUIRE_HASHES,
    SW_REQUIREMENTS_NO_BINARY,
    SW_REQUIREMENTS_ONLY_BINARY,
    SW_REQUIREMENTS_PREFER_BINARY,
    SW_REQUIREMENTS_TRUSTED_HOST,
    SW_REQUIREMENTS_USE_FEATURE,
    /* These never make entries of their own. */
    SW_REQUIREMENTS_INCLUDE,       /* -r: replaced by the file's entries */
    SW_REQUIREMENTS_CONSTRAINTS,   /* -c: the same, as constraints */
    SW_REQUIREMENTS_HASH,          /* belongs to the requirement on its line */
    SW_REQUIREMENTS_BUILD_SETTING, /* --global-option and the like: the same */
};

struct sw_requirements_entry {
    enum sw_requirements_kind kind;
    const char *file; /* as the loader called it */
    unsigned line;    /* its first line there, from 1 */
    /* The entry comes from a file named by -c: it limits a version and installs nothing. */
    bool constraint;
    /* An option's value, or a link without extras and marker; an editable's link is as written, with its
     * extras and marker. */
    struct sw_str value;
    struct sw_requirement requirement; /* NAMED */
    /* NAMED and LINK: the marker, as in `requirement`; NULL if there is none. */
    const struct sw_marker *marker;
    /* NAMED and LINK: "sha256:…"; the file must have one of these hashes. */
    const struct sw_str *hashes;
    size_t hash_count;
    /* NAMED and LINK: the options on the line as written; pip heeds only --hash and the options for a build
     * from source. */
    struct sw_str options;
};

/* In the order of the lines, included files in their place. Of two INDEX_URL the later one counts; NO_INDEX
 * makes both kinds of index URL void. */
struct sw_requirements {
    const struct sw_requirements_entry *items;
    size_t count;
};

struct sw_requirements_source {
    /* Load the file `name` as the file `from` (NULL: the first file) names it. `text` gets its text, at most
     * SW_MAX_REQUIREMENTS_SIZE bytes, and `file` its name for messages and comparison; both lie in `arena`.
     * Equal names are the same file. */
    int (*load)(const void *self, struct sw_str *text, const char **file, struct sw_arena *arena,
                const char *from, const char *name, struct sw_error *error);
    /* Return the value of ${NAME}, valid until the next call; NULL leaves the text ${NAME} in place. The
     * callback itself may be NULL. */
    const char *(*variable)(const void *self, const char *name);
    const void *self;
};

/* For `load`: the path of a local file, whose relative name starts at the folder of the file that has it. A URL is
 * SW_EINPUT. */
int sw_requirements_path(const char **path, struct sw_arena *arena, const char *from, const char *name,
                         struct sw_error *error) SW_NODISCARD;

/* Read `name` and all that it includes, at most SW_MAX_REQUIREMENTS_DEPTH files deep,
 * SW_MAX_REQUIREMENTS_FILES files and SW_MAX_REQUIREMENTS_ENTRIES entries. All lies in `arena`. SW_EINPUT has
 * file and line, and the column where the line was written whole. */
int sw_requirements_read(struct sw_requirements *out, struct sw_arena *arena, const char *name,
                         const struct sw_requirements_source *source, struct sw_error *error) SW_NODISCARD;

#endif
