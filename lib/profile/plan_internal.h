/* The parts that the files of the plan's resolver share. */
#ifndef SLIPWAY_PROFILE_PLAN_INTERNAL_H
#define SLIPWAY_PROFILE_PLAN_INTERNAL_H

#include "profile/plan.h"
#include "python/requirement.h"

struct resolver {
    const struct sw_profile *profile;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    struct sw_builder b;   /* into the plan's arena */
    struct sw_node *root;  /* the plan as it grows */
    struct sw_node *facts; /* see struct sw_plan */
    const char *python;    /* "3.11" */
    const char *cuda;      /* torch's, "12.8"; NULL without torch */
    /* The image's Python is its distribution's. */
    bool distribution_python;
    /* The image's Python is a build that is installed, see `interpreter`. */
    bool managed;
};

/* Each adds its keys to the root. */
void sw_resolve_accelerators(struct resolver *r);
void sw_resolve_base(struct resolver *r);
/* `interpreter`, only if the base image has another Python. Return true if packages must bring the base image's own Python.
 * `bootstrap` is NULL unless the base system is made here. */
bool sw_resolve_interpreter(struct resolver *r, const char *bootstrap, const char *reference);
void sw_resolve_environment(struct resolver *r);
void sw_resolve_guard(struct resolver *r);
void sw_resolve_image(struct resolver *r);
/* `trim`, only if the profile asks for it; after the accelerators, the environment and the installs. */
void sw_resolve_trim(struct resolver *r);
/* `dockerfile`, only if the profile builds a Dockerfile of the user's. */
void sw_resolve_dockerfile(struct resolver *r);
/* `torch`, `installs`, `requirements`, `constraints`. */
void sw_resolve_installs(struct resolver *r);
/* The CUDA of the key `torch`, chosen and said if the profile leaves it out; `*usual` then tells if the build is that of the default index and
 * can come from there. NULL without the key. */
const char *sw_resolve_torch_cuda(struct resolver *r, bool *usual);
/* `compile`, only if a project must be compiled; after the accelerators, the base, the copies and the installs. */
void sw_resolve_compile(struct resolver *r);
/* Whatever says that a requirement is compiled, see sw_plan_compiler(); NULL also without a torch to compile against. */
const char *sw_resolver_compiler(struct resolver *r, struct sw_str requirement);
/* Return true if the plan compiles a project. */
bool sw_resolver_compiles(struct resolver *r);
/* The profile's index for a project, or NULL. */
const struct sw_node *sw_resolver_index(const struct resolver *r, const char *project);

/* `repositories`, only if the profile has them. */
void sw_resolve_repositories(struct resolver *r);
/* `copies`, in the order of the profile. */
void sw_resolve_copies(struct resolver *r);
/* `secrets`, `ssh`, `steps`, `command`; `shell` and `steps_before` only if the profile has them. */
void sw_resolve_steps(struct resolver *r);
/* The image's own words, each only if the profile has it: `arguments`, `user`, `workdir`, `entrypoint`,
 * `ports`, `volumes`, `labels`, `stop_signal`, `healthcheck`. */
void sw_resolve_words(struct resolver *r);

/* Set the digest of the plan's tree. */
int sw_plan_digest(struct sw_plan *plan, struct sw_error *error) SW_NODISCARD;

/* A new finding at the profile's value at `path`. */
struct sw_finding *sw_resolver_find(struct resolver *r, const char *code, enum sw_severity severity,
                                    const char *path, const char *format, ...) SW_PRINTF(5, 6);
const struct sw_node *sw_resolver_get(const struct resolver *r, const char *path);
/* "context/handler.py" for "./handler.py": the path of the user's files in the build context. */
struct sw_node *sw_resolver_source(struct resolver *r, const char *from);
void sw_resolver_set(struct resolver *r, const char *key, const struct sw_node *value);
/* The pattern with its one {{name}} replaced, as text in the arena. */
const char *sw_resolver_fill(struct resolver *r, const char *pattern, const char *name, const char *value);
/* A copy of a list of texts of the profile, empty if `list` is absent. */
struct sw_node *sw_resolver_texts(struct resolver *r, const struct sw_node *list);
/* Items "a, b and c" as text in the arena; never NULL. */
const char *sw_resolver_join(struct resolver *r, const struct sw_node *list, const char *key);

#endif
