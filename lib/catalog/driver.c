#include "catalog/driver.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "catalog/catalog.h"
#include "python/specifier.h"

const char *sw_driver_lowest(struct sw_arena *arena, const char *specifier)
{
    struct sw_specifier_set set;
    const char *lowest = "0";
    if (sw_specifier_set_parse(&set, arena, sw_str_from(specifier), NULL) != 0)
        return specifier; /* the driver itself: "550.54" */
    for (size_t i = 0; i < set.count; i++) {
        const struct sw_specifier *clause = &set.items[i];
        bool bounds =
            clause->comparison == SW_SPECIFIER_EQUAL || clause->comparison == SW_SPECIFIER_COMPATIBLE ||
            clause->comparison == SW_SPECIFIER_GREATER_EQUAL || clause->comparison == SW_SPECIFIER_GREATER;
        const char *bound = clause->is_version ? sw_arena_copy(arena, clause->version.text) : "0";
        if (bounds && bound != NULL && sw_catalog_compare(bound, lowest) > 0)
            lowest = bound;
    }
    return lowest;
}

bool sw_driver_is_older(const char *driver, const char *floor)
{
    struct sw_version have, want;
    if (sw_version_parse(&have, sw_str_from(driver), NULL) != 0 ||
        sw_version_parse(&want, sw_str_from(floor), NULL) != 0)
        return false;
    SW_BUFFER_AUTO cut;
    sw_buffer_init(&cut, SW_MAX_REQUIREMENT_SIZE);
    for (size_t i = 0; i < sw_version_numbers(&have); i++) {
        struct sw_str number = sw_version_number(&want, i);
        sw_buffer_addf(&cut, "%s%.*s", i == 0 ? "" : ".", SW_STR_FORMAT(number));
    }
    return sw_catalog_compare(driver, cut.p) < 0;
}
