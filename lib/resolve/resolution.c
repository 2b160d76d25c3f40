#include "resolve/resolution.h"

#include <stdlib.h>

static int by_name(const void *name, const void *package)
{
    return strcmp(name, ((const struct sw_resolved_package *)package)->name);
}

const struct sw_resolved_package *sw_resolution_find(const struct sw_resolution *resolution, const char *name)
{
    if (resolution->package_count == 0)
        return NULL;
    return bsearch(name, resolution->packages, resolution->package_count, sizeof *resolution->packages,
                   by_name);
}

/* The package at a place of a set; NULL behind the last. */
static const struct sw_resolved_package *package_at(const struct sw_resolution *set, size_t place)
{
    return place < set->package_count ? &set->packages[place] : NULL;
}

bool sw_resolution_next_move(struct sw_resolution_move *move, const struct sw_resolution *before,
                             const struct sw_resolution *after)
{
    for (;;) {
        const struct sw_resolved_package *old = package_at(before, move->at[0]),
                                         *new = package_at(after, move->at[1]);
        if (old == NULL && new == NULL)
            return false;
        int order = old == NULL ? 1 : new == NULL ? -1 : strcmp(old->name, new->name);
        move->at[0] += order <= 0;
        move->at[1] += order >= 0;
        if (order == 0 && strcmp(old->version, new->version) == 0 &&
            strcmp(old->file.sha256, new->file.sha256) == 0)
            continue;
        move->before = order <= 0 ? old : NULL;
        move->after = order >= 0 ? new : NULL;
        move->name = move->before != NULL ? move->before->name : new->name;
        return true;
    }
}

static bool is_root(const struct sw_resolved_package *package)
{
    return package->requirer_count > 0 && package->requirers[0].package == SW_RESOLVED_ROOT;
}

/* Walk breadth first from the package to those that require it, and note for each the next package of its way. `next` and `queue` have
 * room for all packages. Return the first package on the walk that the caller requires, or SIZE_MAX. */
static size_t walk_back(size_t *next, size_t *queue, const struct sw_resolution *resolution, size_t package)
{
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < resolution->package_count; i++)
        next[i] = SIZE_MAX;
    next[package] = package;
    queue[tail++] = package;
    while (head < tail) {
        size_t at = queue[head++];
        const struct sw_resolved_package *here = &resolution->packages[at];
        if (is_root(here))
            return at;
        for (size_t i = 0; i < here->requirer_count; i++) {
            size_t from = here->requirers[i].package;
            if (next[from] != SIZE_MAX)
                continue;
            next[from] = at;
            queue[tail++] = from;
        }
    }
    return SIZE_MAX;
}

size_t sw_resolution_why(size_t *way, size_t most, const struct sw_resolution *resolution, size_t package)
{
    size_t length = 0;
    size_t *next = calloc(resolution->package_count, sizeof *next);
    size_t *queue = calloc(resolution->package_count, sizeof *queue);
    size_t at = next == NULL || queue == NULL ? SIZE_MAX : walk_back(next, queue, resolution, package);
    while (at != SIZE_MAX) {
        if (length < most)
            way[length] = at;
        length++;
        at = at == package ? SIZE_MAX : next[at];
    }
    free(next);
    free(queue);
    return length;
}
