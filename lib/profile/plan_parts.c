/* The members of a plan, by their names. */
#include "profile/plan.h"

#include "data/path.h"

#define PART(member)                                    \
    {                                                   \
#member, offsetof(struct sw_plan_parts, member) \
    }
#define MAP(member)                                          \
    {                                                        \
#member, offsetof(struct sw_plan_parts, member.node) \
    }

static const struct {
    const char *path; /* in the tree */
    size_t at;        /* in the structure */
} parts[] = {
    PART(name),
    PART(description),
    PART(python),
    PART(installer),
    PART(bytecode),
    PART(uv),
    MAP(dockerfile),
    PART(dockerfile.file),
    PART(dockerfile.path),
    PART(dockerfile.context),
    PART(dockerfile.target),
    PART(dockerfile.arguments),
    PART(dockerfile.prove),
    PART(dockerfile.hold),
    MAP(base),
    PART(base.reference),
    PART(base.key),
    PART(base.bootstrap),
    MAP(interpreter),
    PART(interpreter.folder),
    PART(interpreter.source),
    PART(interpreter.uv),
    PART(interpreter.packages),
    {"system.packages", offsetof(struct sw_plan_parts, system_packages)},
    PART(repositories),
    PART(nvidia),
    PART(accelerators),
    PART(driver),
    MAP(torch),
    PART(torch.version),
    PART(torch.cuda),
    PART(torch.variant),
    PART(torch.local),
    PART(torch.index),
    PART(environment),
    PART(constraints),
    PART(requirements),
    PART(requirement_overrides),
    PART(installs),
    MAP(compile),
    PART(compile.capabilities),
    PART(compile.architectures),
    PART(compile.projects),
    PART(compile.nvcc),
    PART(compile.environment),
    PART(compile.gcc),
    PART(compile.requires),
    PART(compile.packages),
    PART(compile.copies),
    MAP(wheels),
    PART(wheels.registry),
    PART(wheels.folder),
    PART(copies),
    PART(steps_before),
    PART(steps),
    MAP(command),
    PART(command.arguments),
    PART(assertions),
    PART(gpu_memory),
    PART(trim),
    PART(guard),
    MAP(image),
    PART(image.name),
    PART(image.compression),
    PART(image.tags),
    PART(secrets),
    PART(ssh),
    PART(shell),
    PART(arguments),
    PART(labels),
    PART(user),
    PART(workdir),
    PART(stop_signal),
    PART(entrypoint),
    PART(ports),
    PART(volumes),
    MAP(healthcheck),
    PART(healthcheck.command),
    PART(healthcheck.options),
    MAP(lock),
    PART(lock.source),
    PART(lock.layers),
    PART(overrides),
};

_Static_assert(SW_COUNT(parts) * sizeof(const struct sw_node *) == sizeof(struct sw_plan_parts),
               "each member of a plan has its path");

void sw_plan_set_root(struct sw_plan *plan, const struct sw_node *root)
{
    plan->root = root;
    for (size_t i = 0; i < SW_COUNT(parts); i++) {
        const struct sw_node *node = sw_node_at(root, parts[i].path);
        memcpy((char *)&plan->parts + parts[i].at, &node, sizeof node);
    }
}
