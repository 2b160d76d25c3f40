/* A profile: a description of an image, read from YAML.
 *
 * A profile is the tree itself, checked against the table of fields and merged with its parents: every value
 * still knows the file, line and column it came from. See "Profile" in the README for the keys. */
#ifndef SLIPWAY_PROFILE_PROFILE_H
#define SLIPWAY_PROFILE_PROFILE_H

#include "base/buffer.h"
#include "base/finding.h"
#include "data/node.h"
#include "data/schema.h"
#include "profile/permission.h"

struct sw_profile_file {
    const char *path;
    struct sw_str text; /* as it was read */
};

/* The user's own Dockerfile that a profile builds. */
struct sw_profile_dockerfile {
    /* The file as messages name it; NULL if the profile builds no such file. */
    const char *file;
    struct sw_str text;
    const char *context; /* its folder */
    /* The file's path below the context; NULL if the file lies elsewhere. */
    const char *path;
};

/* A command of a file of others that builds sources among the packages that are installed by then, in place of alone (PEP 517). */
struct sw_unisolated {
    unsigned install; /* see struct sw_profile */
    /* The only project that the command builds so; NULL: all projects. */
    const char *project;
};

struct sw_profile {
    struct sw_arena arena;
    const char *path; /* of the profile's own file */
    /* The key `name`; NULL if the profile has none, which is a finding. */
    const char *name;
    /* The tree merged with its parents, without `extends`. */
    const struct sw_node *root;
    /* The profile's own file, then its parents' files, the nearest first. */
    struct sw_profile_file *files;
    size_t files_count;
    /* The tree was made from the files of others, which are judged as they stand: it has their places, and slipway adds
     * nothing to the image. */
    bool is_found;
    /* The name of the service of a compose file whose containers get no GPU from that file, at its place; NULL: no such service. */
    const struct sw_node *gpuless;
    /* The base image or conda has a NumPy of an unknown release, which installers keep if their requirements allow it. */
    bool keeps_numpy;
    /* Commands of the files also take from an index, or from a page of wheels, that is not read. */
    bool has_unread_index;
    /* No file names the Python, so that another may be meant. */
    bool guesses_python;
    const struct sw_unisolated *unisolated;
    size_t unisolated_count;
    /* The number of the command that installs each of the `requirements` of such a tree, and torch; 0 for a release that a lock or the
     * base image brings, which no installer holds against the others. NULL: one command installs all. */
    const unsigned *installs;
    unsigned torch_install;
    /* The release of torch in such a tree that the base image brings and that a later command may replace, and the projects of the
     * image that are built for it; NULL: the base image brings none, or another torch is the tree's. */
    const char *base_torch;
    const struct sw_node *base_companions;
    /* Set by the caller that reads the file, before the profile is resolved. */
    struct sw_profile_dockerfile dockerfile;
};

/* The source of the texts of a profile and its parents. */
struct sw_profile_source {
    /* Append the text of the file `path` to `out`. SW_ENOTFOUND if there is no such file, SW_EREFUSED if the profile may not
     * have it. */
    int (*read)(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error);
    const void *self;
};
/* The files of this host, as far as the caller lets a profile have them. */
struct sw_profile_source sw_profile_on_disk(const struct sw_permissions *permissions);

/* Read `path` and its parents from `source`. `extends: NAME` is NAME.yaml beside the file, or a path relative
 * to it. Maps merge, lists append to the parent's, all else replaces it; so do the entry point, the shell, the health check
 * and the user as a whole.
 *
 * A fault in a readable file becomes a finding (SW101, SW102, SW103), and so does a file that the source
 * refuses with SW_EREFUSED (SW104); a file that cannot be read at all is an error. With findings of severity
 * error the profile must not be used further. */
int sw_profile_load(struct sw_profile *profile, const char *path, const struct sw_profile_source *source,
                    struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;
void sw_profile_release(struct sw_profile *profile); /* takes NULL and a zeroed profile */
#define SW_PROFILE_AUTO SW_CLEANUP(sw_profile_release) struct sw_profile

/* A step of a profile's tree, those before the installs first; NULL past the last. */
const struct sw_node *sw_profile_step(const struct sw_node *root, size_t index);

/* The table of fields, from which the JSON Schema is printed too. */
extern const struct sw_schema sw_profile_schema;

/* Give the finding the place of the value at `path`, or of the nearest parent that is there. */
void sw_profile_place(const struct sw_profile *profile, struct sw_findings *findings,
                      struct sw_finding *finding, const char *path);

#endif
