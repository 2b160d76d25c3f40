/* The CUDA of torch if the profile leaves it out: that of the default index's build if it serves the GPUs and the hosts' driver, else the
 * newest that does. */
#include "base/limits.h"
#include "catalog/driver.h"
#include "catalog/gpu.h"
#include "catalog/torch_builds.h"
#include "profile/plan_internal.h"

/* The rows of the profile's GPUs. */
static const struct sw_node **gpu_rows(struct resolver *r, size_t *count)
{
    const struct sw_node *gpus = sw_node_get(r->root, "accelerators");
    const struct sw_node **rows = sw_arena_array(r->b.arena, sw_node_count(gpus) + 1, sizeof *rows);
    *count = 0;
    for (size_t i = 0; rows != NULL && i < sw_node_count(gpus); i++) {
        const struct sw_node *row =
            sw_gpu_row(r->catalog, sw_node_text(sw_node_get(sw_node_item(gpus, i), "name"), ""));
        if (row != NULL)
            rows[(*count)++] = row;
    }
    return rows;
}

/* Return true if a driver that the profile allows runs the CUDA. */
static bool has_driver(struct resolver *r, const char *cuda)
{
    const struct sw_node *toolkit = sw_catalog_row(r->catalog->toolkits, "version", cuda);
    const char *floor = sw_node_text(sw_node_get(toolkit, "floor"), NULL);
    const char *driver = sw_node_text(sw_resolver_get(r, "driver"), NULL);
    return driver == NULL || floor == NULL ||
           !sw_driver_is_older(sw_driver_lowest(r->b.arena, driver), floor);
}

static void report_unknown(struct resolver *r, const char *version)
{
    struct sw_finding *finding =
        sw_resolver_find(r, "SW102", SW_ERROR, "torch.version",
                         "torch.cuda is left out, and the catalog does not know torch %s", version);
    sw_finding_hint(r->findings, finding, "write the CUDA of its build: torch: {version: \"%s\", cuda: ...}",
                    version);
}

/* Say which build was taken, and why another than that of the default index. */
static void report_choice(struct resolver *r, const struct sw_build *chosen, const struct sw_build *usual)
{
    const char *why = chosen == usual        ? "the default of the release"
                      : sw_build_fits(usual) ? "the hosts' driver runs it"
                                             : "it is the newest build that serves the accelerators";
    struct sw_finding *finding = sw_resolver_find(r, "SW212", SW_NOTE, "torch.version",
                                                  "torch.cuda is left out: torch %s is taken for CUDA %s, %s",
                                                  chosen->version, chosen->cuda, why);
    if (chosen != usual)
        sw_finding_hint(r->findings, finding, "the default index has it for CUDA %s", usual->cuda);
}

const char *sw_resolve_torch_cuda(struct resolver *r, bool *usual)
{
    const char *version = sw_node_text(sw_resolver_get(r, "torch.version"), NULL);
    const char *cuda = sw_node_text(sw_resolver_get(r, "torch.cuda"), NULL);
    *usual = false;
    if (version == NULL || cuda != NULL)
        return cuda;
    const char *exact = sw_arena_format(r->b.arena, "==%s", version);
    struct sw_specifier_set releases;
    struct sw_build_query query = {.python = r->python, .releases = &releases};
    struct sw_build *builds = NULL;
    size_t count = 0;
    query.gpus = gpu_rows(r, &query.gpus_count);
    if (exact == NULL || query.gpus == NULL ||
        sw_specifier_set_parse(&releases, r->b.arena, sw_str_from(exact), NULL) != 0 ||
        sw_catalog_builds(&builds, &count, r->b.arena, r->catalog, &query, NULL) != 0) {
        r->b.failed = true;
        return NULL;
    }
    if (count == 0) {
        report_unknown(r, version);
        return NULL;
    }
    size_t chosen = 0;
    while (chosen < count && !(sw_build_fits(&builds[chosen]) && has_driver(r, builds[chosen].cuda)))
        chosen++;
    chosen = chosen == count ? 0 : chosen; /* SW201 and SW203 refuse it */
    report_choice(r, &builds[chosen], &builds[0]);
    *usual = chosen == 0;
    for (size_t i = 0; i < query.gpus_count; i++)
        *usual = *usual && strcmp(sw_catalog_machine(query.gpus[i]), SW_CATALOG_MACHINE) == 0;
    return builds[chosen].cuda;
}
