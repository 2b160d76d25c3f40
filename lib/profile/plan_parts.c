/* The members of a plan, by their names. The structure of a map begins with the map itself. */
#include "profile/plan.h"

#include "data/path.h"

#define PART(member)                                    \
    {                                                   \
#member, offsetof(struct sw_plan_parts, member) \
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
    PART(dockerfile),
    PART(dockerfile.file),
    PART(dockerfile.path),
    PART(dockerfile.context),
    PART(dockerfile.target),
    PART(dockerfile.arguments),
    PART(dockerfile.prove),
    PART(dockerfile.hold),
    PART(base),
    PART(base.reference),
    PART(base.key),
    PART(base.bootstrap),
    PART(interpreter),
    PART(interpreter.folder),
    PART(interpreter.source),
    PART(interpreter.uv),
    PART(interpreter.packages),
    {"system.packages", offsetof(struct sw_plan_parts, system_packages)},
    PART(repositories),
    PART(nvidia),
    PART(accelerators),
    PART(driver),
    PART(torch),
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
    PART(compile),
    PART(compile.capabilities),
    PART(compile.architectures),
    PART(compile.projects),
    PART(compile.nvcc),
    PART(compile.environment),
    PART(compile.gcc),
    PART(compile.requires),
    PART(compile.packages),
    PART(compile.copies),
    PART(wheels),
    PART(wheels.registry),
    PART(wheels.folder),
    PART(copies),
    PART(steps_before),
    PART(steps),
    PART(command),
    PART(command.arguments),
    PART(assertions),
    PART(gpu_memory),
    PART(trim),
    PART(guard),
    PART(image),
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
    PART(healthcheck),
    PART(healthcheck.command),
    PART(healthcheck.options),
    PART(lock),
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
