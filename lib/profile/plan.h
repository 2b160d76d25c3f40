/* A plan: the profile with nothing left open.
 *
 * A tree that templates render, that JSON shows, that two of which can be compared, and whose digest names the build. The
 * structures below have its members, so that the compiler knows the name of each. */
#ifndef SLIPWAY_PROFILE_PLAN_H
#define SLIPWAY_PROFILE_PLAN_H

#include "base/sha256.h"
#include "catalog/catalog.h"
#include "profile/profile.h"

/* A map of the plan: `node` is the map itself. */
struct sw_plan_dockerfile {
    const struct sw_node *node;
    const struct sw_node *file, *path, *context, *target;
    const struct sw_node *arguments; /* [{name, value}] */
    const struct sw_node *prove, *hold;
};
struct sw_plan_base {
    const struct sw_node *node;
    const struct sw_node *reference;
    const struct sw_node *key;       /* text, for the names of caches */
    const struct sw_node *bootstrap; /* "debian:bookworm" or null */
};
struct sw_plan_interpreter {
    const struct sw_node *node;
    /* The builds of Python in the user's folder and in the build context, or both null. */
    const struct sw_node *folder, *source;
    const struct sw_node *uv;       /* the release that installs the build */
    const struct sw_node *packages; /* of the distribution, for that */
};
struct sw_plan_torch {
    const struct sw_node *node;
    const struct sw_node *version, *cuda, *variant, *local, *index; /* texts */
};
struct sw_plan_compile {
    const struct sw_node *node;
    const struct sw_node *capabilities, *architectures;
    /* [{project, requirement, by, index, requires, environment}], by: "profile" or "catalog" */
    const struct sw_node *projects;
    /* {wheels}, {image, folder}, or {} if the base image has nvcc */
    const struct sw_node *nvcc;
    const struct sw_node *environment, *gcc, *requires, *packages, *copies;
};
struct sw_plan_wheels {
    const struct sw_node *node;
    const struct sw_node *registry, *folder; /* one of both is null */
};
struct sw_plan_command {
    const struct sw_node *node;
    const struct sw_node *arguments;
};
struct sw_plan_image {
    const struct sw_node *node;
    const struct sw_node *name, *compression;
    const struct sw_node *tags; /* complete: "name:tag" */
};
struct sw_plan_healthcheck {
    const struct sw_node *node;
    /* [words], or null to clear the base image's */
    const struct sw_node *command;
    const struct sw_node *options;
};
/* See profile/plan_lock.h. */
struct sw_plan_held {
    const struct sw_node *node;
    const struct sw_node *source, *layers;
};

/* The members of a plan. Each is NULL if the plan has no such member; a null node says that nothing was asked for. */
struct sw_plan_parts {
    const struct sw_node *name, *description, *python, *installer; /* texts */
    const struct sw_node *bytecode;                                /* true or false */
    /* {version}, the release of the installer uv; or null */
    const struct sw_node *uv;
    /* The Dockerfile of the user's that the profile builds: then the members of the stack tell the installs of that file. */
    struct sw_plan_dockerfile dockerfile;
    struct sw_plan_base base;
    /* A build of Python that is installed. */
    struct sw_plan_interpreter interpreter;
    /* "system.packages": of the distribution; NULL without any */
    const struct sw_node *system_packages;
    /* [{url, suite, components, key}], of packages. key: null, or {text}, {from, source}, {url, sha256} or {url, fingerprint},
     * with file: its path in the image; the last has of: "nvidia", if it is NVIDIA's. */
    const struct sw_node *repositories;
    /* [packages] of `system` that are of NVIDIA's repository */
    const struct sw_node *nvidia;
    /* [{name, compute_capability, truss}], truss: its name there, or null */
    const struct sw_node *accelerators;
    const struct sw_node *driver;      /* text or null */
    struct sw_plan_torch torch;        /* or null */
    const struct sw_node *environment; /* [{name, value}] */
    /* PEP 508 texts; requirements: those not in a pass of `installs`. */
    const struct sw_node *constraints, *requirements, *requirement_overrides;
    /* [{index, dependencies, packages, file, compiled}], passes of the installer, in order; compiled: true in the pass that
     * installs the wheels of `compile`, else not there. */
    const struct sw_node *installs;
    struct sw_plan_compile compile; /* not there if nothing is compiled */
    struct sw_plan_wheels wheels;   /* the place of the compiled wheels */
    /* [{from, source, to}], from: in the user's folder, source: in the build context; or {image, from, to}, {url, sha256, to},
     * {text, file, executable, to}; file: in the build context. */
    const struct sw_node *copies;
    /* [{command, secrets}], before and after the installs */
    const struct sw_node *steps_before, *steps;
    struct sw_plan_command command; /* or null */
    /* [{at, that, is} or {at, import}], at: the place in the profile that asks for it. */
    const struct sw_node *assertions;
    const struct sw_node *gpu_memory; /* number or null: GB, as sold, of each GPU */
    /* {for, cuda, keep, remove, code}. for: compute capabilities; cuda: the digits of the CUDAs whose libraries stay;
     * code: {sass, ptx, of} of torch, of: the number without trimming; or null. */
    const struct sw_node *trim;
    /* {driver, sass, ptx} or null. driver: the oldest that runs torch's CUDA, or null; the rest: its GPU code; with `trim` also
     * trimmed: the compute capabilities that the image is for. */
    const struct sw_node *guard;
    struct sw_plan_image image;
    const struct sw_node *secrets; /* [{id, env}] */
    const struct sw_node *ssh;     /* true */
    /* [words] that the command of a step stands behind */
    const struct sw_node *shell;
    const struct sw_node *arguments, *labels; /* [{name, value}] */
    /* {name, id, group}, id and group: text or null; name: an ID, if id is null */
    const struct sw_node *user;
    const struct sw_node *workdir, *stop_signal;
    /* [words]; none: the base image's is cleared */
    const struct sw_node *entrypoint;
    const struct sw_node *ports, *volumes;
    struct sw_plan_healthcheck healthcheck;
    struct sw_plan_held lock; /* if the plan is held to a lock */
    /* [{file, sha256}], the project's own templates, catalog and guard */
    const struct sw_node *overrides;
};

struct sw_plan {
    struct sw_arena arena;
    const struct sw_node *root;      /* the tree */
    struct sw_plan_parts parts;      /* its members */
    char digest[SW_SHA256_HEX_SIZE]; /* of the tree as compact JSON */
    /* [{name, capabilities}], the profiles beside this profile; no part of the plan; or NULL. */
    struct sw_node *neighbours;
    /* {base, driver}, for other targets than an image; no part of the plan. base: the image that the profile names, if it
     * brings the Python, else null; driver: the oldest that runs torch's CUDA, or null. */
    const struct sw_node *facts;
    /* The text of the user's Dockerfile, the profile's own; or empty. */
    struct sw_str dockerfile;
};

/* Resolve a profile that loaded without a finding of severity error. Profile and catalog must outlive the
 * plan. A part that cannot be resolved becomes a finding; with new findings of severity error the plan must
 * not be used. */
int sw_plan_resolve(struct sw_plan *plan, const struct sw_profile *profile, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error) SW_NODISCARD;
/* Make a tree the plan's, without its digest. The tree must outlive the plan. */
void sw_plan_set_root(struct sw_plan *plan, const struct sw_node *root);
/* Add another profile and its GPUs, which a guard may then name to a user who has such a GPU. */
int sw_plan_add_neighbour(struct sw_plan *plan, const struct sw_profile *profile,
                          const struct sw_catalog *catalog, struct sw_error *error) SW_NODISCARD;
/* Return true if the plan builds a Dockerfile of the user's; if so, whether its image gets a last layer. */
bool sw_plan_is_wrapped(const struct sw_plan *plan);
bool sw_plan_has_layer(const struct sw_plan *plan);
void sw_plan_release(struct sw_plan *plan); /* takes NULL and a zeroed plan */
#define SW_PLAN_AUTO SW_CLEANUP(sw_plan_release) struct sw_plan

/* Whatever says that a requirement is compiled from source with nvcc: "profile" by its key `compile`, "catalog"; NULL if
 * neither does. */
const char *sw_plan_compiler(const struct sw_profile *profile, const struct sw_catalog *catalog,
                             struct sw_str requirement);

/* The project that a valid requirement names; "" otherwise. */
struct sw_str sw_requirement_project(struct sw_str requirement);
/* The first of a list of requirements that names the project, or NULL. */
const struct sw_node *sw_requirement_find(const struct sw_node *list, const char *project);

#endif
