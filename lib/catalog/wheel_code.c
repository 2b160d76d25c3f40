#include "catalog/wheel_code.h"

#include "python/version.h"

bool sw_wheel_code_same_minor(const char *a, const char *b)
{
    struct sw_version left, right;
    if (sw_version_parse(&left, sw_str_from(a), NULL) != 0 ||
        sw_version_parse(&right, sw_str_from(b), NULL) != 0)
        return false;
    bool same = sw_str_equal(left.epoch, right.epoch);
    /* Releases of 0.0 count by their third number. */
    size_t numbers =
        sw_str_is(sw_version_number(&left, 0), "0") && sw_str_is(sw_version_number(&left, 1), "0") ? 3 : 2;
    for (size_t i = 0; same && i < numbers; i++)
        same = sw_str_equal(sw_version_number(&left, i), sw_version_number(&right, i));
    return same;
}

const struct sw_node *sw_wheel_code_row(const struct sw_catalog *catalog, const char *project,
                                        const char *version)
{
    const struct sw_node *rows = catalog->wheel_code, *best = NULL;
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *row = sw_node_item(rows, i);
        if (strcmp(sw_node_text(sw_node_get(row, "project"), ""), project) != 0)
            continue;
        const char *release = sw_node_text(sw_node_get(row, "version"), "");
        if (sw_catalog_compare(release, version) == 0)
            return row;
        if (sw_wheel_code_same_minor(release, version))
            best = row;
    }
    return best;
}

bool sw_wheel_code_has_any(const struct sw_node *row)
{
    return sw_node_count(sw_node_get(row, "sass")) + sw_node_count(sw_node_get(row, "ptx")) > 0;
}

static unsigned number_of(struct sw_architecture architecture)
{
    return architecture.major * 100 + architecture.minor;
}

/* The lowest architecture of a list, as a number; 0 for an empty list. */
static unsigned lowest_of(const struct sw_node *list)
{
    unsigned lowest = 0;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_architecture architecture;
        if (sw_architecture_parse(&architecture, sw_node_str(sw_node_item(list, i))) &&
            (lowest == 0 || number_of(architecture) < lowest))
            lowest = number_of(architecture);
    }
    return lowest;
}

static bool compiles(const struct sw_node *row, struct sw_architecture gpu)
{
    const struct sw_node *ptx = sw_node_get(row, "ptx");
    unsigned lowest = lowest_of(sw_node_get(row, "sass"));
    for (size_t i = 0; i < sw_node_count(ptx); i++) {
        struct sw_architecture code;
        if (sw_architecture_parse(&code, sw_node_str(sw_node_item(ptx, i))) && number_of(code) >= lowest &&
            sw_architecture_compiles(code, gpu))
            return true;
    }
    return false;
}

enum sw_served sw_wheel_code_serves(const struct sw_node *row, const struct sw_node *gpu)
{
    struct sw_architecture architecture;
    const struct sw_node *sass = sw_node_get(row, "sass"),
                         *capability = sw_node_get(gpu, "compute_capability");
    if (!sw_architecture_parse(&architecture, sw_node_str(capability)))
        return SW_NOT_SERVED;
    bool own = sw_node_boolean(sw_node_get(gpu, "own_code"), false) &&
               !sw_catalog_lists(sass, sw_node_text(capability, ""));
    if (sw_architectures_serve(own ? NULL : sass, NULL, architecture) == SW_SERVED)
        return SW_SERVED;
    return compiles(row, architecture) ? SW_SERVED_BY_PTX : SW_NOT_SERVED;
}

static bool refuses(const struct sw_node *floor, struct sw_architecture gpu)
{
    struct sw_architecture bound;
    const struct sw_node *least = sw_node_get(floor, "least"), *most = sw_node_get(floor, "most");
    if (least != NULL && sw_architecture_parse(&bound, sw_node_str(least)) &&
        number_of(gpu) < number_of(bound))
        return true;
    return most != NULL && sw_architecture_parse(&bound, sw_node_str(most)) &&
           number_of(gpu) > number_of(bound);
}

const struct sw_node *sw_wheel_floor(const struct sw_catalog *catalog, size_t *at, const char *project,
                                     const char *version, const struct sw_node *gpu)
{
    struct sw_architecture architecture;
    const struct sw_node *row;
    if (!sw_architecture_parse(&architecture, sw_node_str(sw_node_get(gpu, "compute_capability"))))
        return NULL;
    while ((row = sw_catalog_next(catalog->wheel_floors, at, project, version)) != NULL) {
        if (refuses(row, architecture))
            return row;
    }
    return NULL;
}
