/* A stack as it stands in the files of others, made from the user's options and a file: a Dockerfile, a requirements
 * file, a pyproject.toml, a lock, a Pipfile, a Truss config, a cog.yaml, a conda environment or a compose file. It becomes a
 * first profile, or is judged as it is.
 *
 * A part of the file that has a place in a profile is carried over, and any other part is listed with its
 * line. Dropped in silence are only the things that every image of slipway does anyway (apt-get update, pip's
 * cache and the like). Every value passes the profile's own checks on its way in, so that the profile that is
 * written can be read. */
#ifndef SLIPWAY_AUTHOR_DRAFT_H
#define SLIPWAY_AUTHOR_DRAFT_H

#include "base/buffer.h"
#include "base/cancel.h"
#include "catalog/torch_builds.h"
#include "profile/profile.h"

/* The Python that is used if no source names another: every torch release of the catalog since 2.0 has wheels
 * for it. */
#define SW_DRAFT_USUAL_PYTHON "3.11"

struct sw_draft;

/* A part that was not carried over. */
struct sw_draft_left {
    const char *file;
    unsigned line;
    const char *text; /* as written, clean and short */
    const char *why;
    /* True for a part that was not judged and that may change the installed set. */
    bool is_unjudged;
    /* True for a part without which the image is another image, or does something else. */
    bool alters;
};

/* `name` is a profile's name; the catalog must outlive the draft. A request to cancel ends every reading: SW_ECANCELED. NULL without
 * memory. */
struct sw_draft *sw_draft_new(const char *name, const struct sw_catalog *catalog,
                              const struct sw_cancel *cancel) SW_NODISCARD;
void sw_draft_free(struct sw_draft *draft); /* takes NULL */

/* Add a GPU that the image must run on; SW_EINPUT if the catalog has none of that name. */
int sw_draft_gpu(struct sw_draft *draft, const char *name, struct sw_error *error) SW_NODISCARD;
/* The Python, "3.12", and the oldest driver of its hosts, "570". */
int sw_draft_python(struct sw_draft *draft, const char *version, struct sw_error *error) SW_NODISCARD;
int sw_draft_driver(struct sw_draft *draft, const char *version, struct sw_error *error) SW_NODISCARD;
/* A requirement (PEP 508); one of torch says which of its builds may be chosen. */
int sw_draft_require(struct sw_draft *draft, const char *text, struct sw_error *error) SW_NODISCARD;
/* Judge the files as they stand: nothing is taken out, moved or left to slipway. Call before a file is read. */
void sw_draft_judge(struct sw_draft *draft);
/* NAME=VALUE of --build-arg, the stage of --target, the folder of --context, an extra, a dependency group. */
int sw_draft_argument(struct sw_draft *draft, const char *text, struct sw_error *error) SW_NODISCARD;
void sw_draft_target(struct sw_draft *draft, const char *stage);
/* The service of a compose file that is read; NULL: the only service that is built. */
void sw_draft_service(struct sw_draft *draft, const char *name);
void sw_draft_context(struct sw_draft *draft, const char *folder);
void sw_draft_extra(struct sw_draft *draft, const char *name);
void sw_draft_group(struct sw_draft *draft, const char *name);
/* The folder that the profile's files come from, and the Dockerfile that was read; NULL if no Dockerfile was read. */
const char *sw_draft_context_folder(const struct sw_draft *draft);
const char *sw_draft_dockerfile(const struct sw_draft *draft);

/* Read a file, whose kind its name and its text tell. Files that it names (-r, -c, COPY) are looked for in its folder, or in
 * the first folder above it, within the project, that has them. Only files that `permissions` have are read:
 * SW_EREFUSED. */
int sw_draft_read(struct sw_draft *draft, const struct sw_permissions *permissions, const char *path,
                  struct sw_error *error) SW_NODISCARD;
/* Read the text of a Dockerfile, which stands in the file `path`, as the draft's first file. */
int sw_draft_read_dockerfile(struct sw_draft *draft, const struct sw_permissions *permissions,
                             const char *path, struct sw_str text, struct sw_error *error) SW_NODISCARD;
/* A package that is installed in an image: its normalized name, and the path of its metadata there. */
struct sw_draft_package {
    const char *name, *version, *path;
};
/* Take the packages of an image as the stack: those of the environment that has torch, else of the largest. */
int sw_draft_read_installed(struct sw_draft *draft, const char *image,
                            const struct sw_draft_package *packages, size_t count,
                            struct sw_error *error) SW_NODISCARD;
/* Return true if the file's name is that of a kind that sw_draft_read() knows: "Dockerfile.web", "uv.lock", "config.yaml". */
bool sw_draft_knows_name(const char *path);
/* Return true if the tree of a YAML file is of such a kind. */
bool sw_draft_is_kind(const struct sw_node *root);

/* Call the functions below after all options were given and all files read. */

/* Return true if torch is still to be chosen: no file mentions it, or an option asks for another release. */
bool sw_draft_is_open(struct sw_draft *draft);
/* Return true if anything is required beside torch. */
bool sw_draft_requires(struct sw_draft *draft);
/* Return true if there is a torch, known or to be chosen, or any requirement. */
bool sw_draft_has_stack(struct sw_draft *draft);
/* Return true if a source names the Python; sw_draft_try_python() sets it if none does. */
bool sw_draft_says_python(const struct sw_draft *draft);
void sw_draft_try_python(struct sw_draft *draft, const char *version);
/* The builds among which it is to be chosen, newest first (catalog/torch_builds.h). */
int sw_draft_builds(struct sw_build **builds, size_t *count, struct sw_draft *draft,
                    struct sw_error *error) SW_NODISCARD;
/* Take one of them, or none (NULL), with no requirement pinned. */
void sw_draft_hold(struct sw_draft *draft, const struct sw_build *build);
/* Hold a requirement to one release of its project. */
void sw_draft_pin(struct sw_draft *draft, const char *project, const char *version);

struct sw_draft_form {
    const char *by; /* who writes it: "slipway init" */
    /* The path of the file that the draft will be, for messages. */
    const char *path;
    /* The paths from the profile's folder to the folder of the files that it copies, "..", and to the Dockerfile that was read;
     * the latter is for sw_draft_write_wrapped() alone. */
    const char *context, *dockerfile;
    /* A folder whose templates come before the built-in templates, or NULL. */
    const char *project;
};
/* Append the profile as it is now as YAML, by templates/profile.yaml. */
int sw_draft_write(struct sw_buffer *out, struct sw_draft *draft, const struct sw_draft_form *form,
                   struct sw_error *error) SW_NODISCARD;

/* Return true if the files are a Dockerfile, and the profile of sw_draft_write() would give another image, or has nothing to
 * install that could be proven. */
bool sw_draft_alters(struct sw_draft *draft);
/* Append a profile that builds the Dockerfile as it is: its key `dockerfile`. */
int sw_draft_write_wrapped(struct sw_buffer *out, const struct sw_draft *draft,
                           const struct sw_draft_form *form, struct sw_error *error) SW_NODISCARD;

/* Make the profile that the files describe: each of its values has the place in its file, so that a finding about it is
 * a finding about that line. The parts that could not be judged are added to `findings`. The draft must outlive the profile. */
int sw_draft_profile(struct sw_profile *profile, struct sw_draft *draft, struct sw_findings *findings,
                     struct sw_error *error) SW_NODISCARD;

/* In the order of the lines; they live as long as the draft. */
const struct sw_draft_left *sw_draft_left(const struct sw_draft *draft, size_t *count);

#endif
