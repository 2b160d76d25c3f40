/* Locks: poetry.lock, pylock.toml (PEP 751) and Pipfile.lock. Their releases are the stack. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"

size_t draft_count_packages(struct sw_draft *draft, size_t count, const char *path)
{
    if (count <= SW_MAX_LOCK_PACKAGES)
        return count;
    draft_leave_unjudged(draft, (struct draft_place){path, 1, 1}, sw_str_from(sw_path_base(path)),
                         "it has %zu packages; a lock of more than %d is not read", count,
                         SW_MAX_LOCK_PACKAGES);
    return 0;
}

/* ---- poetry.lock ---- */

/* Return true if the package belongs to the main group, or to a group that is asked for. */
static bool is_installed(const struct sw_draft *draft, const struct sw_node *package)
{
    const struct sw_node *groups = sw_node_get(package, "groups");
    bool any = sw_node_count(groups) == 0;
    for (size_t i = 0; i < sw_node_count(groups); i++) {
        struct sw_str name = sw_node_str(sw_node_item(groups, i));
        any = any || sw_str_is(name, "main") || draft_is_asked(draft->groups, draft->group_count, name);
    }
    return any && !sw_node_boolean(sw_node_get(package, "optional"), false);
}

/* `markers` is a text, or a text for each group. */
static struct sw_str markers_of(const struct sw_node *package)
{
    const struct sw_node *markers = sw_node_get(package, "markers");
    return sw_node_type(markers) == SW_NODE_MAP ? sw_node_str(sw_node_get(markers, "main"))
                                                : sw_node_str(markers);
}

/* The rank of a release among several of one project: a build for CUDA, then one without a local version, then all others. */
static int rank_of(const struct sw_node *package)
{
    struct sw_str local = sw_node_str(sw_node_get(package, "version"));
    (void)sw_str_cut(&local, '+');
    return local.p == NULL ? 1 : sw_str_starts(local, "cu") ? 2 : 0;
}

/* Choose among the releases of one project that may be installed here the best, and say so if there are several: pyproject.toml alone
 * knows which of them an extra means. `applies` and `chosen` have a flag for each package. */
static void choose(struct sw_draft *draft, const struct sw_node *packages, struct draft_names releases,
                   const bool *applies, bool *chosen)
{
    const struct sw_node *best = NULL;
    size_t count = 0, at = 0;
    for (size_t i = 0; i < releases.count; i++) {
        const size_t number = releases.rows[i].number;
        const struct sw_node *package = sw_node_item(packages, number);
        if (!applies[number])
            continue;
        int order = best == NULL ? 1 : rank_of(package) - rank_of(best);
        if (order > 0 || (order == 0 && number < at)) {
            best = package;
            at = number;
        }
        count++;
    }
    if (best == NULL)
        return;
    chosen[at] = true;
    if (count > 1)
        draft_leave_unjudged(draft, draft_place_of(sw_node_get(best, "version")),
                             sw_node_str(sw_node_get(best, "version")),
                             "the lock has %zu releases of %.*s for here; this release is judged", count,
                             SW_STR_FORMAT(releases.rows[0].name));
}

/* A flag for each package: it is the release of its project that is installed. NULL without memory. */
static const bool *choose_all(struct sw_draft *draft, const struct sw_node *packages, size_t count)
{
    struct draft_names names = draft_names_new(draft, count);
    bool *flags = sw_arena_array(&draft->arena, 2 * count + 1, sizeof *flags);
    draft->failed = draft->failed || flags == NULL;
    if (draft->failed)
        return NULL;
    memset(flags, 0, 2 * count + 1);
    for (size_t i = 0; i < count && !draft_is_over(draft); i++) {
        const struct sw_node *package = sw_node_item(packages, i);
        names.rows[i] = (struct draft_named){.name = sw_node_str(sw_node_get(package, "name")), .number = i};
        flags[i] = is_installed(draft, package) && draft_marker_holds(draft, markers_of(package));
    }
    draft_names_sort(&names);
    for (size_t i = 0; i < count; i += draft_names_find(&names, names.rows[i].name, NULL).count)
        choose(draft, packages, draft_names_find(&names, names.rows[i].name, NULL), flags, flags + count);
    return flags + count;
}

void draft_read_poetry_lock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *packages = sw_node_get(root, "package");
    const struct sw_node *python = sw_node_get(sw_node_get(root, "metadata"), "python-versions");
    const size_t count = draft_count_packages(draft, sw_node_count(packages), path);
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    const bool *chosen = choose_all(draft, packages, count);
    for (size_t i = 0; i < count && chosen != NULL && !draft_is_over(draft); i++) {
        const struct sw_node *package = sw_node_item(packages, i), *source = sw_node_get(package, "source");
        const char *type = sw_node_text(sw_node_get(source, "type"), "legacy");
        struct sw_str name = sw_node_str(sw_node_get(package, "name"));
        struct draft_place place = draft_place_of(sw_node_get(package, "name"));
        if (!is_installed(draft, package))
            continue;
        if (strcmp(type, "legacy") != 0)
            draft_leave_unjudged(draft, place, name, "it comes from elsewhere than a package index");
        else if (chosen[i])
            draft_lock(draft, name, sw_node_str(sw_node_get(package, "version")), markers_of(package),
                       sw_node_text(sw_node_get(source, "url"), NULL), place);
    }
}

/* ---- pylock.toml ---- */

void draft_read_pylock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *packages = sw_node_get(root, "packages");
    const struct sw_node *python = sw_node_get(root, "requires-python");
    const size_t count = draft_count_packages(draft, sw_node_count(packages), path);
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    for (size_t i = 0; i < count && !draft_is_over(draft); i++) {
        const struct sw_node *package = sw_node_item(packages, i), *version = sw_node_get(package, "version");
        struct sw_str name = sw_node_str(sw_node_get(package, "name"));
        struct draft_place place = draft_place_of(sw_node_get(package, "name"));
        const char *index = sw_node_text(sw_node_get(package, "index"), NULL);
        bool is_torchs = index != NULL && draft_variant(draft, index) != NULL;
        if (version == NULL)
            draft_leave_unjudged(draft, place, name, "it comes from elsewhere than a package index");
        else
            draft_lock(draft, name, sw_node_str(version), sw_node_str(sw_node_get(package, "marker")),
                       is_torchs ? index : NULL, place);
    }
}

/* ---- Pipfile.lock ---- */

static const char *source_url(const struct sw_node *root, const char *name)
{
    const struct sw_node *sources = sw_node_get(sw_node_get(root, "_meta"), "sources");
    for (size_t i = 1; name != NULL && i < sw_node_count(sources); i++) { /* the first is the default */
        const struct sw_node *row = sw_node_item(sources, i);
        if (sw_str_is(sw_node_str(sw_node_get(row, "name")), name))
            return sw_node_text(sw_node_get(row, "url"), NULL);
    }
    return NULL;
}

void draft_read_pipfile_lock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *packages = sw_node_get(root, "default");
    const struct sw_node *requires = sw_node_get(sw_node_get(root, "_meta"), "requires");
    const struct sw_node *python = sw_node_get(requires, "python_version");
    const size_t count = draft_count_packages(draft, sw_node_member_count(packages), path);
    if (python != NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    for (size_t i = 0; i < count && !draft_is_over(draft); i++) {
        const struct sw_member *member = sw_node_member_at(packages, i);
        const struct sw_node *version = sw_node_get(member->value, "version");
        struct draft_place place = {path, member->line, 1};
        struct sw_str exact = sw_node_str(version);
        const char *index = source_url(root, sw_node_text(sw_node_get(member->value, "index"), NULL));
        if (!sw_str_starts(exact, "=="))
            draft_leave_unjudged(draft, place, member->key, "it comes from elsewhere than a package index");
        else
            draft_lock(draft, member->key, sw_str_drop(exact, 2),
                       sw_node_str(sw_node_get(member->value, "markers")), index, place);
    }
}
