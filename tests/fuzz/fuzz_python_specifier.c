/* The first line is a specifier set, the others versions: what is written again means the same, and the filter
 * keeps exactly what the set contains. */
#include "base/limits.h"
#include "python/specifier.h"

#include "fuzz.h"

enum { MOST_VERSIONS = 32 };

static void check(const struct sw_specifier_set *set, const struct sw_specifier_set *again,
                  const struct sw_version *versions, size_t count, enum sw_prereleases prereleases)
{
    size_t kept[MOST_VERSIONS], contained = 0;
    for (size_t i = 0; i < count; i++) {
        bool contains = sw_specifier_set_contains(set, &versions[i], prereleases);
        if (contains != sw_specifier_set_contains(again, &versions[i], prereleases))
            abort();
        contained += contains;
    }
    size_t n = sw_specifier_set_filter(kept, set, versions, count, prereleases);
    bool fallback = contained == 0 && set->count == 0 && prereleases == SW_PRERELEASES_AUTO;
    if (n != (fallback ? count : contained))
        abort();
    if (sw_specifier_sets_meet(NULL, set, again, versions, count, prereleases) != (contained > 0))
        abort();
}

int fuzz_python_specifier(const uint8_t *data, size_t size)
{
    struct sw_str rest = {(const char *)data, size}, first = sw_str_cut(&rest, '\n');
    struct sw_version versions[MOST_VERSIONS];
    struct sw_specifier_set set, again;
    struct sw_error error;
    size_t count = 0;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    while (rest.p != NULL && count < MOST_VERSIONS)
        count += sw_version_parse(&versions[count], sw_str_cut(&rest, '\n'), NULL) == 0;
    if (sw_specifier_set_parse(&set, &arena, first, &error) != 0)
        return 0;
    sw_specifier_set_write(&text, &set);
    if (sw_specifier_set_parse(&again, &arena, sw_buffer_str(&text), NULL) != 0 || again.count != set.count)
        abort();
    check(&set, &again, versions, count, SW_PRERELEASES_AUTO);
    check(&set, &again, versions, count, SW_PRERELEASES_ALLOW);
    check(&set, &again, versions, count, SW_PRERELEASES_REFUSE);
    return 0;
}
