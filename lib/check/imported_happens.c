/* The imports of members that certainly happen. */
#include "check/imported_internal.h"

#include "check/wheel_set_internal.h"
#include "python/name.h"
#include "python/version.h"

const char *sw_imported_release(const struct sw_imported *imported, struct sw_str of)
{
    const struct sw_wheel_set *set = imported->candidates->wheels;
    if (sw_str_is(of, "python"))
        return imported->candidates->stack->python;
    for (size_t i = 0; i < set->count; i++) {
        if (sw_name_equal(of, sw_str_from(set->items[i].project)))
            return set->items[i].version[0] == '\0' ? NULL : set->items[i].version;
    }
    return NULL;
}

/* Return true if the comparison certainly holds: `order` is that of the installed release and the other. Of Python the last number is
 * not known, and torch adds a local version: if both are the same, only two comparisons are certain. */
static bool is_certain(struct sw_str comparison, int order)
{
    bool equal = order == 0;
    if (sw_str_is(comparison, "<") || sw_str_is(comparison, "<="))
        return order < 0;
    if (sw_str_is(comparison, ">"))
        return order > 0;
    return sw_str_is(comparison, ">=") ? order > 0 || equal : sw_str_is(comparison, "!=") && !equal;
}

/* Return true if the release is certainly as the condition wants it: "torch<2.1". */
static bool compares(const struct sw_imported *imported, struct sw_str condition, size_t at)
{
    size_t end = at;
    while (end < condition.n && strchr("<>=!", condition.p[end]) != NULL)
        end++;
    const struct sw_str of = {condition.p, at}, comparison = {condition.p + at, end - at};
    const char *release = sw_imported_release(imported, of);
    struct sw_version installed, wanted;
    struct sw_error ignored;
    if (release == NULL || sw_version_parse(&installed, sw_str_from(release), &ignored) != 0 ||
        sw_version_parse(&wanted, sw_str_drop(condition, end), &ignored) != 0)
        return false;
    int order = sw_version_compare_public(&installed, &wanted);
    bool finer = sw_version_numbers(&wanted) > sw_version_numbers(&installed);
    if (sw_str_is(of, "python") && finer && sw_str_starts(wanted.text, release))
        return false;
    return is_certain(comparison, order);
}

static bool holds(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                  struct sw_str condition)
{
    size_t at = 0;
    while (at < condition.n && strchr("<>=!", condition.p[at]) == NULL)
        at++;
    if (condition.n == 0)
        return true;
    if (condition.p[0] == '!')
        return sw_imported_lacks(imported, importer, sw_str_drop(condition, 1));
    if (at == condition.n)
        return memchr(condition.p, '.', condition.n) == NULL && sw_imported_installed(imported, condition);
    return compares(imported, condition, at);
}

/* Return true if an import of the member in the try `attempt` certainly fails. */
static bool fails(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                  const char *member, unsigned attempt)
{
    for (size_t i = 0; i < imported->loss_count; i++) {
        const struct sw_index_loss *loss = &imported->losses[i];
        if (loss->importer == importer && loss->terms.attempt == attempt && strcmp(loss->member, member) == 0)
            return true;
    }
    for (size_t i = 0; i < importer->found_count; i++) {
        const struct sw_index_import *import = &importer->found[i];
        if (import->terms.attempt == attempt && import->certain && strcmp(import->member, member) == 0 &&
            sw_imported_lacks(imported, importer, sw_str_from(import->module)))
            return true;
    }
    return false;
}

bool sw_imported_happens(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                         const char *member, const struct sw_index_terms *terms)
{
    return terms->attempt == 0 && holds(imported, importer, sw_str_from(terms->condition)) &&
           (terms->instead == 0 || fails(imported, importer, member, terms->instead));
}
