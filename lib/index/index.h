/* Package indexes: the releases of a project with their files, and the requirements of a release.
 *
 * A project comes from one index: the index that it is pinned to, else the default. Releases of several
 * indexes are never mixed, so that nobody can put a newer release of the same name in front (as uv does; pip
 * takes the newest from any). All that is given out lives as long as the index, and is read once: a second
 * question costs nothing. One index serves one thread. */
#ifndef SLIPWAY_INDEX_INDEX_H
#define SLIPWAY_INDEX_INDEX_H

#include "base/cancel.h"
#include "http/cache.h"
#include "index/metadata.h"
#include "python/wheel_name.h"

struct sw_index;

struct sw_index_pin {
    const char *project; /* any spelling */
    const char *url;
};

/* The means to read git repositories. */
struct sw_index_git {
    /* The user's variables; NULL: no repository is read. */
    const char *const *environment;
    /* The folder in which git gets a folder of its own for each repository, which is removed again. */
    const char *folder;
    const struct sw_cancel *cancel; /* NULL: none */
};

/* URLs are those of pages that list projects, as pip's --index-url takes them, and may hold a login. All must outlive the
 * index. */
struct sw_index_options {
    struct sw_cache cache;
    const char *default_url;
    struct sw_index_git git;
};

enum sw_index_kind { SW_INDEX_WHEEL, SW_INDEX_SDIST };

/* The index's statement about a file's metadata beside it, at its URL with ".metadata". */
enum sw_index_beside {
    SW_BESIDE_NO,
    /* The index states it of no file: mirrors drop the attribute. */
    SW_BESIDE_MAYBE,
    SW_BESIDE_YES
};

struct sw_index_file {
    enum sw_index_kind kind;
    struct sw_wheel_name wheel; /* of a wheel */
    struct sw_version version;
    /* NUL-terminated, empty if the index does not say. */
    const char *name, *url, *sha256, *uploaded, *requires_python, *yanked_reason, *metadata_sha256;
    uint64_t size; /* 0: unknown */
    enum sw_index_beside metadata;
    bool yanked;
};

struct sw_index_release {
    struct sw_version version; /* as its first file writes it */
    const struct sw_index_file *files;
    size_t file_count;
    bool yanked; /* all of its files are */
};

struct sw_index_project {
    const char *name; /* normalized */
    /* The URL of its index, without login and query, for people. */
    const char *index;
    const struct sw_index_release *releases; /* newest first */
    size_t release_count;
    /* Files that are neither wheel nor source distribution of the project. */
    size_t unread;
};

int sw_index_new(struct sw_index **out, const struct sw_index_options *options,
                 struct sw_error *error) SW_NODISCARD;
void sw_index_free(struct sw_index *index); /* takes NULL */

/* From here on these projects come from those indexes, and all others from the default. The pins must live until the next such call. */
int sw_index_pin(struct sw_index *index, const struct sw_index_pin *pins, size_t count,
                 struct sw_error *error) SW_NODISCARD;

/* The cache that the index reads through. */
const struct sw_cache *sw_index_cache(const struct sw_index *index);
/* Append the URLs of the indexes with the projects that are pinned to them, and the named commits of repositories, for a key in the store. */
void sw_index_write_origin(struct sw_buffer *out, const struct sw_index *index);

struct sw_index_answer {
    /* 0, or the code of the failure, with `error`: SW_ENOTFOUND if the index has no such project. */
    int code;
    struct sw_error error;
    const struct sw_index_project *project;
};

/* Look up many projects at once. 0 if each has its own code. */
int sw_index_projects(struct sw_index_answer *answers, struct sw_index *index, const char *const *names,
                      size_t count, struct sw_error *error) SW_NODISCARD;
/* Look up a single project; its failure is the function's. */
int sw_index_project(const struct sw_index_project **out, struct sw_index *index, const char *name,
                     struct sw_error *error) SW_NODISCARD;

/* The wheel that a requirement names by its URL, as a project of that one release; nothing is fetched. A
 * digest in the URL's fragment counts ("#sha256=..."). SW_ENOTFOUND for a URL that is no wheel, such as a
 * repository or an archive, whose content shows only when it is built; SW_EINPUT for a wheel of another
 * project. */
int sw_index_direct(const struct sw_index_project **out, struct sw_index *index, const char *project,
                    struct sw_str url, struct sw_error *error) SW_NODISCARD;

/* The release of that version, by PEP 440's order (1.0 is 1.0.0; a local label counts); NULL if there is
 * none. */
const struct sw_index_release *sw_index_release(const struct sw_index_project *project,
                                                const struct sw_version *version);
/* The wheel that pip would take: of the wheels that the tags allow and whose Requires-Python holds for
 * `python` (its full version), the best by tag, then by build number. NULL if there is none. */
const struct sw_index_file *sw_index_wheel(const struct sw_index_release *release,
                                           const struct sw_tag_list *tags, const struct sw_version *python);
/* Choose a wheel as sw_index_wheel() does, but let `allows` decide about a file's Requires-Python. */
const struct sw_index_file *sw_index_wheel_if(const struct sw_index_release *release,
                                              const struct sw_tag_list *tags,
                                              bool (*allows)(void *self, const struct sw_index_file *file),
                                              void *self);
/* The source distribution, or NULL. */
const struct sw_index_file *sw_index_sdist(const struct sw_index_release *release);
/* Return true if the file's Requires-Python holds. As for pip, it holds if it is missing or cannot be read. */
bool sw_index_allows_python(const struct sw_index_file *file, const struct sw_version *python);

struct sw_index_metadata_answer {
    int code; /* 0, or why not, with `error` */
    struct sw_error error;
    const struct sw_metadata *metadata;
};

/* The requirements of many files, at once: from the index if it has their metadata beside them (PEP 658),
 * else from within the file by byte ranges; kept by the file's digest. SW_ENOTFOUND for a source
 * distribution that tells its requirements only when built. */
int sw_index_metadata(struct sw_index_metadata_answer *answers, struct sw_index *index,
                      const struct sw_index_file *const *files, size_t count,
                      struct sw_error *error) SW_NODISCARD;

#endif
