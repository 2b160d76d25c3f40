#include "project/trim_estimate.h"

#include "catalog/wheel_code.h"
#include "catalog/wheel_size.h"
#include "data/path.h"

/* The CUDA of torch: the plan's, else the CUDA of the default build, which a requirement brings. */
static const char *find_cuda(const struct sw_catalog *catalog, const struct sw_plan *plan,
                             const struct sw_resolution *set)
{
    const char *cuda = sw_node_text(plan->parts.torch.cuda, NULL);
    const struct sw_resolved_package *torch = sw_resolution_find(set, "torch");
    if (cuda != NULL || torch == NULL || strchr(torch->version, '+') != NULL)
        return cuda;
    return sw_node_text(sw_node_get(sw_catalog_version(catalog->torch, torch->version), "default"), NULL);
}

/* Return true if trim.keep names the project, or all of NVIDIA's. */
static bool is_kept(const struct sw_node *keep, const char *project)
{
    return sw_catalog_lists(keep, project) ||
           (sw_catalog_lists(keep, "nvidia") && strncmp(project, "nvidia-", strlen("nvidia-")) == 0);
}

/* Return true if the catalog says that the project's wheels have GPU code, or does not say that they have none. */
static bool may_have_code(const struct sw_catalog *catalog, const char *project, const char *version)
{
    const struct sw_node *row = sw_wheel_code_row(catalog, project, version);
    if (row != NULL)
        return sw_wheel_code_has_any(row);
    return strcmp(project, "torch") == 0 || strcmp(project, "bitsandbytes") == 0 ||
           sw_catalog_lists(sw_node_get(catalog->wheel_projects, "projects"), project);
}

int sw_trim_estimate(struct sw_trim_estimate *out, struct sw_arena *arena, const struct sw_catalog *catalog,
                     const struct sw_plan *plan, const struct sw_resolution *set, struct sw_error *error)
{
    const struct sw_node *trim = plan->parts.trim, *targets = sw_node_get(trim, "for");
    const char *cuda = find_cuda(catalog, plan, set);
    struct sw_trim_estimate found = {.at_most = sw_node_count(targets) > 1};
    found.unknown = sw_arena_array(arena, set->package_count + 1, sizeof *found.unknown);
    if (found.unknown == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < set->package_count; i++) {
        const char *project = set->packages[i].name;
        char *version = sw_arena_text(arena, set->packages[i].version);
        if (version == NULL)
            return sw_fail_memory(error);
        version[strcspn(version, "+")] = '\0';
        const struct sw_node *row = sw_wheel_size_row(catalog, project, version, cuda);
        uint64_t code = (uint64_t)sw_node_integer(sw_node_get(row, "code"), 0), kept = code;
        if (row == NULL ||
            (!is_kept(sw_node_get(trim, "keep"), project) && !sw_wheel_size_kept(&kept, row, targets))) {
            if (may_have_code(catalog, project, version))
                found.unknown[found.unknown_count++] = project;
            continue;
        }
        found.code += code;
        found.kept += kept;
        found.wheels += code > 0;
    }
    *out = found;
    return 0;
}
