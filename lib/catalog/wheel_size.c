#include "catalog/wheel_size.h"

#include "catalog/wheel_code.h"

static bool is_for(const struct sw_node *row, const char *project, const char *cuda)
{
    const char *own = sw_node_text(sw_node_get(row, "cuda"), NULL);
    return strcmp(sw_node_text(sw_node_get(row, "project"), ""), project) == 0 &&
           (own == NULL || (cuda != NULL && sw_catalog_compare(own, cuda) == 0));
}

const struct sw_node *sw_wheel_size_row(const struct sw_catalog *catalog, const char *project,
                                        const char *version, const char *cuda)
{
    const struct sw_node *best = NULL;
    for (size_t i = 0; i < sw_node_count(catalog->wheel_sizes); i++) {
        const struct sw_node *row = sw_node_item(catalog->wheel_sizes, i);
        const char *release = sw_node_text(sw_node_get(row, "version"), "");
        if (!is_for(row, project, cuda))
            continue;
        if (sw_catalog_compare(release, version) == 0)
            return row;
        if (sw_wheel_code_same_minor(release, version) &&
            (best == NULL || sw_catalog_compare(sw_node_text(sw_node_get(best, "version"), ""), release) < 0))
            best = row;
    }
    return best;
}

bool sw_wheel_size_kept(uint64_t *kept, const struct sw_node *row, const struct sw_node *capabilities)
{
    uint64_t code = (uint64_t)sw_node_integer(sw_node_get(row, "code"), 0), sum = 0;
    for (size_t i = 0; i < sw_node_count(capabilities); i++) {
        const struct sw_node *bytes =
            sw_node_get(sw_node_get(row, "kept"), sw_node_text(sw_node_item(capabilities, i), ""));
        if (bytes == NULL)
            return false;
        uint64_t own = (uint64_t)sw_node_integer(bytes, 0);
        sum = own < code - sum ? sum + own : code;
    }
    *kept = sum;
    return true;
}
