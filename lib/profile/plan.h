/* A plan: the profile with nothing left open.
 *
 * A tree that templates render, that JSON shows, that two of which can be compared, and whose digest names the build:
 *
 *   name, description, python, installer        texts
 *   uv          {version} or null               the installer's own release
 *   dockerfile  {file, path, context, target, arguments [{name, value}], digest, prove, hold}, if the profile builds a
 *               Dockerfile of the user's: then the keys of the stack tell the installs of that file
 *   base        {reference, key, bootstrap}     bootstrap: "debian:bookworm" or null; key: for cache names
 *   interpreter {folder, source, uv, packages}, not there unless a build of Python is installed; folder: of the builds
 *               in the user's folder, source: in the build context, or both null; uv: the release that installs it; packages: of the distribution, for that
 *   system      {packages} or null              of the distribution
 *   repositories [{url, suite, components, key}], of packages; not there without any. key: null, or {text}, {from, source},
 *               {url, sha256} or {url, fingerprint}, with file: its path in the image; the last has of: "nvidia", if it is NVIDIA's
 *   nvidia      [packages] of `system` that are of NVIDIA's repository; not there without any
 *   accelerators [{name, compute_capability, truss}]  truss: its name there, or null
 *   driver      text or null
 *   torch       {version, cuda, variant, local, index} or null
 *   environment [{name, value}]
 *   constraints, requirements                   PEP 508 texts; requirements: those not in a pass of `installs`
 *   installs    [{index, dependencies, packages, file, compiled}]   passes of the installer, in order; compiled: true
 *               in the pass that installs the wheels of `compile`, else not there
 *   compile     {capabilities, architectures, projects, nvcc, gcc, requires, environment, packages, copies}, not there
 *               if nothing is compiled; projects: [{project, requirement, by, index, requires, environment}], by:
 *               "profile" or "catalog"; nvcc: {wheels}, {image, folder}, or {} if the base image has it
 *   wheels      {registry, folder}              where the compiled wheels are kept, one of both null; not there without it
 *   copies      [{from, source, to}]            from: in the user's folder, source: in the build context;
 *               or {image, from, to}, {url, sha256, to}, {text, file, executable, to}; file: in the build context
 *   steps       [{command, secrets}]
 *   command     {arguments} or null
 *   assertions  [{at, that, is} or {at, import}] at: the place in the profile that asks for it
 *   gpu_memory  number or null              GB, as sold, of each GPU
 *   trim        {for, cuda, keep, remove, code}   not there without it; for: compute capabilities; cuda: the digits of the CUDAs
 *               whose libraries stay; code: {sass, ptx, of} of torch, of: the number without trimming; or null
 *   guard       {driver, sass, ptx} or null     driver: the oldest that runs torch's CUDA, or null; the rest: its GPU code;
 *               with trim also trimmed: the compute capabilities that the image is for
 *   image       {name, tags}                    tags complete: "name:tag"
 *   secrets     [{id, env}]
 *   ssh         true, or not there
 *   steps_before [{command, secrets}]           before the installs; this key and those up to `healthcheck` are there only if
 *               the profile says something of them
 *   shell       [words]                         that the command of a step stands behind
 *   arguments, labels [{name, value}]
 *   user        {name, id, group}               id and group: text or null; name: an ID, if id is null
 *   workdir, stop_signal                        texts
 *   entrypoint  [words]                         none: the base image's is cleared
 *   ports, volumes [texts]
 *   healthcheck {command, options}              command: [words], or null to clear the base image's
 *   lock        {source, layers}, if the plan is held to a lock, see profile/plan_lock.h
 *   overrides   [{file, sha256}]                the project's own templates, catalog and guard; not there without any
 */
#ifndef SLIPWAY_PROFILE_PLAN_H
#define SLIPWAY_PROFILE_PLAN_H

#include "base/sha256.h"
#include "catalog/catalog.h"
#include "profile/profile.h"

struct sw_plan {
    struct sw_arena arena;
    const struct sw_node *root;
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
