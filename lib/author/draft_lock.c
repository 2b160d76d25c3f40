/* Locks: uv.lock, poetry.lock, pylock.toml (PEP 751) and Pipfile.lock. Their releases are the stack. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "index/own_index.h"
#include "python/name.h"

/* ---- uv.lock ---- */

struct lock {
    struct sw_draft *draft;
    const char *path;
    const struct sw_node *packages;
    bool *seen;
};

/* Return true if any of the package's `resolution-markers` holds, or if it has none. */
static bool is_for_target(struct lock *lock, const struct sw_node *package)
{
    const struct sw_node *markers = sw_node_get(package, "resolution-markers");
    bool any = sw_node_count(markers) == 0;
    for (size_t i = 0; i < sw_node_count(markers); i++)
        any = any || draft_marker_holds(lock->draft, sw_node_str(sw_node_item(markers, i)));
    return any;
}

/* The index of the package that a dependency names: by its version and source, else by the markers of the resolution. */
static size_t find_package(struct lock *lock, const struct sw_node *dependency)
{
    struct sw_str name = sw_node_str(sw_node_get(dependency, "name"));
    const struct sw_node *version = sw_node_get(dependency, "version"),
                         *source = sw_node_get(dependency, "source");
    size_t count = sw_node_count(lock->packages);
    for (size_t i = 0; i < count; i++) {
        const struct sw_node *package = sw_node_item(lock->packages, i);
        if (!sw_str_equal(sw_node_str(sw_node_get(package, "name")), name))
            continue;
        bool is_named = sw_node_equal(version, sw_node_get(package, "version")) &&
                        (source == NULL || sw_node_equal(source, sw_node_get(package, "source")));
        if (version == NULL ? is_for_target(lock, package) : is_named)
            return i;
    }
    return count;
}

static void follow(struct lock *lock, const struct sw_node *dependencies, unsigned depth);

static void follow_extras(struct lock *lock, const struct sw_node *package, const struct sw_node *extras,
                          unsigned depth)
{
    const struct sw_node *optional = sw_node_get(package, "optional-dependencies");
    for (size_t i = 0; i < sw_node_count(extras); i++)
        follow(lock, sw_node_get(optional, sw_node_text(sw_node_item(extras, i), "")), depth + 1);
}

static void take_package(struct lock *lock, const struct sw_node *package)
{
    const struct sw_node *source = sw_node_get(package, "source");
    const struct sw_node *registry = sw_node_get(source, "registry"),
                         *version = sw_node_get(package, "version");
    struct sw_str name = sw_node_str(sw_node_get(package, "name"));
    struct draft_place place = draft_place_of(sw_node_get(package, "name"));
    bool is_default = sw_own_index_is(sw_node_text(registry, ""));
    const char *index = is_default ? NULL : sw_node_text(registry, NULL);
    if (registry == NULL || version == NULL)
        draft_leave_unjudged(lock->draft, place, name, "it comes from elsewhere than a package index");
    else
        draft_lock(lock->draft, name, sw_node_str(version), SW_STR(""), index, place);
}

static void follow(struct lock *lock, const struct sw_node *dependencies, unsigned depth)
{
    for (size_t i = 0; i < sw_node_count(dependencies) && depth < SW_MAX_LOCK_DEPTH; i++) {
        const struct sw_node *dependency = sw_node_item(dependencies, i);
        size_t at = find_package(lock, dependency);
        if (!draft_marker_holds(lock->draft, sw_node_str(sw_node_get(dependency, "marker"))) ||
            at == sw_node_count(lock->packages))
            continue;
        const struct sw_node *package = sw_node_item(lock->packages, at);
        if (!lock->seen[at]) {
            lock->seen[at] = true;
            take_package(lock, package);
            follow(lock, sw_node_get(package, "dependencies"), depth + 1);
        }
        follow_extras(lock, package, sw_node_get(dependency, "extra"), depth);
    }
}

static bool is_root(const struct sw_node *package)
{
    const struct sw_node *source = sw_node_get(package, "source");
    return sw_node_get(source, "virtual") != NULL || sw_node_get(source, "editable") != NULL ||
           sw_node_get(source, "directory") != NULL;
}

static bool is_asked(const char *const *names, size_t count, struct sw_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "*") == 0 || sw_name_equal(sw_str_from(names[i]), name))
            return true;
    }
    return false;
}

/* Ask for the extras "extra-7-service-gpu" that stand in the markers of a lock with conflicting extras or groups, for each that is
 * asked for (uv, crates/uv-pypi-types, "ConflictItem" as an extra: kind, length of the project's name, project, name). */
static void name_asked(struct lock *lock, const struct sw_node *root, const char *kind,
                       const struct sw_node *map, struct draft_asked asked)
{
    struct sw_str project = sw_node_str(sw_node_get(root, "name"));
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        struct sw_str name = sw_node_member_at(map, i)->key;
        if (is_asked(asked.names, asked.count, name))
            sw_draft_extra(lock->draft, draft_format(lock->draft, "%s-%zu-%.*s-%.*s", kind, project.n,
                                                     SW_STR_FORMAT(project), SW_STR_FORMAT(name)));
    }
}

static void follow_root(struct lock *lock, const struct sw_node *root)
{
    struct sw_draft *draft = lock->draft;
    const struct sw_node *extras = sw_node_get(root, "optional-dependencies"),
                         *groups = sw_node_get(root, "dev-dependencies");
    name_asked(lock, root, "extra", extras, (struct draft_asked){draft->extras, draft->extra_count, NULL});
    name_asked(lock, root, "group", groups, (struct draft_asked){draft->groups, draft->group_count, NULL});
    follow(lock, sw_node_get(root, "dependencies"), 0);
    for (size_t i = 0; i < sw_node_member_count(extras); i++) {
        const struct sw_member *member = sw_node_member_at(extras, i);
        if (is_asked(draft->extras, draft->extra_count, member->key))
            follow(lock, member->value, 0);
    }
    for (size_t i = 0; i < sw_node_member_count(groups); i++) {
        const struct sw_member *member = sw_node_member_at(groups, i);
        if (is_asked(draft->groups, draft->group_count, member->key))
            follow(lock, member->value, 0);
    }
    const struct draft_asked asked = {draft->extras, draft->extra_count, "--extra"};
    draft_leave_unasked(draft, extras, lock->path, &asked);
}

void draft_read_uv_lock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    struct lock lock = {draft, path, sw_node_get(root, "package"), NULL};
    const struct sw_node *python = sw_node_get(root, "requires-python");
    size_t count = sw_node_count(lock.packages), roots = 0;
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    lock.seen = sw_arena_array(&draft->arena, count + 1, sizeof *lock.seen);
    if (lock.seen == NULL || count > SW_MAX_LOCK_PACKAGES) {
        draft_leave_unjudged(draft, (struct draft_place){path, 1, 1}, SW_STR("package"),
                             "more packages than a lock may have");
        return;
    }
    memset(lock.seen, 0, (count + 1) * sizeof *lock.seen);
    for (size_t i = 0; i < count; i++) {
        if (is_root(sw_node_item(lock.packages, i))) {
            follow_root(&lock, sw_node_item(lock.packages, i));
            roots++;
        }
    }
    for (size_t i = 0; roots == 0 && i < count; i++) {
        if (is_for_target(&lock, sw_node_item(lock.packages, i)))
            take_package(&lock, sw_node_item(lock.packages, i));
    }
}

/* ---- poetry.lock ---- */

/* Return true if the package belongs to the main group, or to a group that is asked for. */
static bool is_installed(const struct sw_draft *draft, const struct sw_node *package)
{
    const struct sw_node *groups = sw_node_get(package, "groups");
    bool any = sw_node_count(groups) == 0;
    for (size_t i = 0; i < sw_node_count(groups); i++) {
        struct sw_str name = sw_node_str(sw_node_item(groups, i));
        any = any || sw_str_is(name, "main") || is_asked(draft->groups, draft->group_count, name);
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

/* Return true if the release is taken: it is the only release of its project that may be installed here, or the best of several, which is
 * said. pyproject.toml alone knows which of them an extra means. */
static bool is_chosen(struct sw_draft *draft, const struct sw_node *packages, const struct sw_node *package)
{
    struct sw_str name = sw_node_str(sw_node_get(package, "name"));
    size_t count = 0;
    bool is_before = false, is_best = true;
    for (size_t i = 0; i < sw_node_count(packages) && i < SW_MAX_LOCK_PACKAGES; i++) {
        const struct sw_node *other = sw_node_item(packages, i);
        if (!sw_str_equal(sw_node_str(sw_node_get(other, "name")), name) || !is_installed(draft, other) ||
            !draft_marker_holds(draft, markers_of(other)))
            continue;
        int order = rank_of(other) - rank_of(package);
        is_before = is_before || other == package;
        is_best = is_best && (order < 0 || other == package || (order == 0 && is_before));
        count++;
    }
    if (is_best && count > 1)
        draft_leave_unjudged(draft, draft_place_of(sw_node_get(package, "version")),
                             sw_node_str(sw_node_get(package, "version")),
                             "the lock has %zu releases of %.*s for here; this release is judged", count,
                             SW_STR_FORMAT(name));
    return is_best;
}

void draft_read_poetry_lock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *packages = sw_node_get(root, "package");
    const struct sw_node *python = sw_node_get(sw_node_get(root, "metadata"), "python-versions");
    (void)path;
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    for (size_t i = 0; i < sw_node_count(packages) && i < SW_MAX_LOCK_PACKAGES; i++) {
        const struct sw_node *package = sw_node_item(packages, i), *source = sw_node_get(package, "source");
        const char *type = sw_node_text(sw_node_get(source, "type"), "legacy");
        struct sw_str name = sw_node_str(sw_node_get(package, "name"));
        struct draft_place place = draft_place_of(sw_node_get(package, "name"));
        if (!is_installed(draft, package))
            continue;
        if (strcmp(type, "legacy") != 0)
            draft_leave_unjudged(draft, place, name, "it comes from elsewhere than a package index");
        else if (is_chosen(draft, packages, package))
            draft_lock(draft, name, sw_node_str(sw_node_get(package, "version")), markers_of(package),
                       sw_node_text(sw_node_get(source, "url"), NULL), place);
    }
}

/* ---- pylock.toml ---- */

void draft_read_pylock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *packages = sw_node_get(root, "packages");
    const struct sw_node *python = sw_node_get(root, "requires-python");
    (void)path;
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    for (size_t i = 0; i < sw_node_count(packages) && i < SW_MAX_LOCK_PACKAGES; i++) {
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
    if (python != NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    for (size_t i = 0; i < sw_node_member_count(packages) && i < SW_MAX_LOCK_PACKAGES; i++) {
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
