#include "catalog/torch_builds.h"

/* Return true if a clause, such as ==2.8.0+cu128, names this very build. */
static bool names_build(const struct sw_specifier *clause, const struct sw_version *version,
                        const char *variant)
{
    return clause->comparison == SW_SPECIFIER_EQUAL && clause->is_version &&
           sw_str_is(clause->version.local, variant) &&
           sw_version_compare_public(&clause->version, version) == 0;
}

static bool is_asked_for(const struct sw_specifier_set *releases, const char *version, const char *variant)
{
    struct sw_version parsed;
    if (releases == NULL)
        return true;
    if (variant == NULL || sw_version_parse(&parsed, sw_str_from(version), NULL) != 0)
        return false;
    return sw_specifier_set_contains(releases, &parsed, SW_PRERELEASES_AUTO) ||
           (releases->count == 1 && names_build(&releases->items[0], &parsed, variant));
}

static bool has_python(const struct sw_node *release, const char *python)
{
    const struct sw_node *range = sw_node_get(release, "python");
    return python == NULL || (sw_node_count(range) == 2 &&
                              sw_catalog_compare(sw_node_text(sw_node_item(range, 0), ""), python) <= 0 &&
                              sw_catalog_compare(python, sw_node_text(sw_node_item(range, 1), "")) <= 0);
}

static struct sw_build judge(const struct sw_catalog *catalog, const struct sw_node *release,
                             const char *cuda, const struct sw_build_query *query)
{
    struct sw_build build = {.version = sw_node_text(sw_node_get(release, "version"), ""),
                             .cuda = cuda,
                             .known = true,
                             .served = SW_SERVED,
                             .has_python = has_python(release, query->python)};
    for (size_t i = 0; i < query->gpus_count; i++) {
        const struct sw_node *gpu = query->gpus[i];
        const struct sw_node *code =
            sw_catalog_code(catalog->torch_code, build.version, cuda, sw_catalog_machine(gpu));
        enum sw_served served = sw_catalog_serves(code, gpu);
        build.known = build.known && code != NULL;
        build.served = served < build.served ? served : build.served;
    }
    return build;
}

static size_t count_variants(const struct sw_node *releases)
{
    size_t count = 0;
    for (size_t i = 0; i < sw_node_count(releases); i++)
        count += sw_node_count(sw_node_get(sw_node_item(releases, i), "cuda"));
    return count;
}

int sw_catalog_builds(struct sw_build **builds, size_t *count, struct sw_arena *arena,
                      const struct sw_catalog *catalog, const struct sw_build_query *query,
                      struct sw_error *error)
{
    struct sw_build *found = sw_arena_array(arena, count_variants(catalog->torch) + 1, sizeof *found);
    size_t n = 0;
    if (found == NULL)
        return sw_fail_memory(error);
    for (size_t i = sw_node_count(catalog->torch); i-- > 0;) {
        const struct sw_node *release = sw_node_item(catalog->torch, i),
                             *variants = sw_node_get(release, "cuda");
        const char *preset = sw_node_text(sw_node_get(release, "default"), "");
        const char *version = sw_node_text(sw_node_get(release, "version"), "");
        size_t first = n;
        for (size_t j = sw_node_count(variants); j-- > 0;) {
            const char *cuda = sw_node_text(sw_node_item(variants, j), "");
            if (!is_asked_for(query->releases, version, sw_catalog_variant(arena, cuda)))
                continue;
            found[n++] = judge(catalog, release, cuda, query);
            if (strcmp(cuda, preset) != 0)
                continue;
            /* The build of the default index goes before the others of its release. */
            struct sw_build own = found[n - 1];
            memmove(&found[first + 1], &found[first], (n - 1 - first) * sizeof *found);
            found[first] = own;
        }
    }
    *builds = found;
    *count = n;
    return 0;
}

bool sw_build_fits(const struct sw_build *build)
{
    return build->known && build->served == SW_SERVED && build->has_python;
}
