/* uv.lock: the releases that its projects lead to are the stack. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "data/path.h"
#include "index/own_index.h"

enum { FIRST_LISTS = 64 };
#define UNKNOWN SIZE_MAX

/* A list of dependencies that is followed, and which of them comes next. */
struct followed {
    const struct sw_node *list;
    size_t next;
};

struct lock {
    struct sw_draft *draft;
    const char *path;
    const struct sw_node *packages;
    /* The packages by name, with their versions as details. */
    struct draft_names names;
    /* The answers of find_for_target(), each at the first row of its name; UNKNOWN before. */
    size_t *for_target;
    /* For each package. */
    bool *seen;
    /* For each package a flag for each of its extras; NULL before the first. */
    bool **extras_seen;
    /* The list that is followed stands last, before it stand the lists that lead to it. */
    struct followed *open;
    size_t open_count, open_room;
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

/* Find the first package of a name that is for the target, in the order of the file. */
static size_t find_for_target(struct lock *lock, struct draft_names releases)
{
    size_t *known = &lock->for_target[releases.rows - lock->names.rows];
    if (*known != UNKNOWN)
        return *known;
    *known = sw_node_count(lock->packages);
    for (size_t i = 0; i < releases.count && !draft_is_over(lock->draft); i++) {
        const size_t number = releases.rows[i].number;
        if (number < *known && is_for_target(lock, sw_node_item(lock->packages, number)))
            *known = number;
    }
    return *known;
}

/* The index of the package that a dependency names: by its version and source, else by the markers of the resolution. The count of
 * packages if there is none, which is said unless the package is for other targets. */
static size_t find_package(struct lock *lock, const struct sw_node *dependency)
{
    struct sw_str name = sw_node_str(sw_node_get(dependency, "name"));
    const struct sw_node *version = sw_node_get(dependency, "version"),
                         *source = sw_node_get(dependency, "source");
    const size_t none = sw_node_count(lock->packages);
    const struct sw_str text = sw_node_str(version);
    struct draft_names releases = draft_names_find(&lock->names, name, version == NULL ? NULL : &text);
    if (version == NULL && releases.count > 0)
        return find_for_target(lock, releases);
    for (size_t i = 0; i < releases.count && i < SW_MAX_LOCK_SOURCES; i++) {
        const size_t number = releases.rows[i].number;
        const struct sw_node *package = sw_node_item(lock->packages, number);
        if (source == NULL || sw_node_equal(source, sw_node_get(package, "source")))
            return number;
    }
    draft_leave_unjudged(lock->draft, draft_place_of(dependency), name, "the lock has no such package");
    return none;
}

/* Follow a list after all that is open by now: the list that is opened last is followed first. */
static void open_list(struct lock *lock, const struct sw_node *list)
{
    if (sw_node_count(list) == 0)
        return;
    if (lock->open_count == lock->open_room) {
        const size_t room = lock->open_room == 0 ? FIRST_LISTS : 2 * lock->open_room;
        struct followed *grown = sw_arena_array(&lock->draft->arena, room, sizeof *grown);
        lock->draft->failed = lock->draft->failed || grown == NULL;
        if (grown == NULL)
            return;
        if (lock->open_count > 0)
            memcpy(grown, lock->open, lock->open_count * sizeof *grown);
        lock->open = grown;
        lock->open_room = room;
    }
    lock->open[lock->open_count++] = (struct followed){list, 0};
}

/* Follow the extras of a package that a dependency asks for, each once. */
static void open_extras(struct lock *lock, size_t at, const struct sw_node *extras)
{
    const struct sw_node *optional = sw_node_get(sw_node_item(lock->packages, at), "optional-dependencies");
    const size_t count = sw_node_member_count(optional);
    bool *seen = lock->extras_seen[at];
    if (seen == NULL && sw_node_count(extras) > 0 && count > 0) {
        seen = lock->extras_seen[at] = sw_arena_array(&lock->draft->arena, count, sizeof *seen);
        lock->draft->failed = lock->draft->failed || seen == NULL;
        if (seen != NULL)
            memset(seen, 0, count);
    }
    for (size_t i = sw_node_count(extras); i > 0 && seen != NULL && !draft_is_over(lock->draft); i--) {
        const struct sw_member *member =
            sw_node_member(optional, sw_node_text(sw_node_item(extras, i - 1), ""));
        const size_t number = member == NULL ? count : (size_t)(member - sw_node_member_at(optional, 0));
        if (member != NULL && !seen[number]) {
            seen[number] = true;
            open_list(lock, member->value);
        }
    }
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

static void follow_dependency(struct lock *lock, const struct sw_node *dependency)
{
    if (!draft_marker_holds(lock->draft, sw_node_str(sw_node_get(dependency, "marker"))))
        return;
    const size_t at = find_package(lock, dependency);
    if (at == sw_node_count(lock->packages))
        return;
    const struct sw_node *package = sw_node_item(lock->packages, at);
    open_extras(lock, at, sw_node_get(dependency, "extra"));
    if (lock->seen[at])
        return;
    lock->seen[at] = true;
    take_package(lock, package);
    open_list(lock, sw_node_get(package, "dependencies"));
}

/* Take the packages that a list of dependencies leads to. Each list of the file is followed once, whatever names it how often. */
static void follow(struct lock *lock, const struct sw_node *dependencies)
{
    open_list(lock, dependencies);
    while (lock->open_count > 0 && !draft_is_over(lock->draft)) {
        struct followed *last = &lock->open[lock->open_count - 1];
        if (last->next == sw_node_count(last->list))
            lock->open_count--;
        else
            follow_dependency(lock, sw_node_item(last->list, last->next++));
    }
}

static bool is_root(const struct sw_node *package)
{
    const struct sw_node *source = sw_node_get(package, "source");
    return sw_node_get(source, "virtual") != NULL || sw_node_get(source, "editable") != NULL ||
           sw_node_get(source, "directory") != NULL;
}

/* Ask for the extras "extra-7-service-gpu" that stand in the markers of a lock with conflicting extras or groups, for each that is
 * asked for (uv, crates/uv-pypi-types, "ConflictItem" as an extra: kind, length of the project's name, project, name). */
static void name_asked(struct lock *lock, const struct sw_node *root, const char *kind,
                       const struct sw_node *map, struct draft_asked asked)
{
    struct sw_str project = sw_node_str(sw_node_get(root, "name"));
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        struct sw_str name = sw_node_member_at(map, i)->key;
        if (draft_is_asked(asked.names, asked.count, name))
            sw_draft_extra(lock->draft, draft_format(lock->draft, "%s-%zu-%.*s-%.*s", kind, project.n,
                                                     SW_STR_FORMAT(project), SW_STR_FORMAT(name)));
    }
}

static void follow_root(struct lock *lock, const struct sw_node *root)
{
    struct sw_draft *draft = lock->draft;
    const struct sw_node *extras = sw_node_get(root, "optional-dependencies"),
                         *groups = sw_node_get(root, "dev-dependencies");
    name_asked(lock, root, "extra", extras,
               (struct draft_asked){draft->extras, draft->extra_count, NULL, NULL});
    name_asked(lock, root, "group", groups,
               (struct draft_asked){draft->groups, draft->group_count, NULL, NULL});
    if (sw_node_at(root, "source.virtual") == NULL)
        draft_leave_own_code(draft, sw_node_get(root, "name"));
    follow(lock, sw_node_get(root, "dependencies"));
    for (size_t i = 0; i < sw_node_member_count(extras); i++) {
        const struct sw_member *member = sw_node_member_at(extras, i);
        if (draft_is_asked(draft->extras, draft->extra_count, member->key))
            follow(lock, member->value);
    }
    for (size_t i = 0; i < sw_node_member_count(groups); i++) {
        const struct sw_member *member = sw_node_member_at(groups, i);
        if (draft_is_asked(draft->groups, draft->group_count, member->key))
            follow(lock, member->value);
    }
    const struct draft_asked asked = {draft->extras, draft->extra_count, "--extra", NULL};
    draft_leave_unasked(draft, extras, lock->path, &asked);
}

/* Prepare the look-up of packages; false without memory. */
static bool begin(struct lock *lock)
{
    struct sw_draft *draft = lock->draft;
    const size_t count = sw_node_count(lock->packages);
    lock->names = draft_names_new(draft, count);
    lock->for_target = sw_arena_array(&draft->arena, count + 1, sizeof *lock->for_target);
    lock->seen = sw_arena_array(&draft->arena, count + 1, sizeof *lock->seen);
    lock->extras_seen = sw_arena_array(&draft->arena, count + 1, sizeof *lock->extras_seen);
    draft->failed =
        draft->failed || lock->for_target == NULL || lock->seen == NULL || lock->extras_seen == NULL;
    if (draft->failed)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct sw_node *package = sw_node_item(lock->packages, i);
        lock->for_target[i] = UNKNOWN;
        lock->seen[i] = false;
        lock->extras_seen[i] = NULL;
        lock->names.rows[i] = (struct draft_named){sw_node_str(sw_node_get(package, "name")),
                                                   sw_node_str(sw_node_get(package, "version")), i};
    }
    draft_names_sort(&lock->names);
    return true;
}

void draft_read_uv_lock(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    struct lock lock = {.draft = draft, .path = path, .packages = sw_node_get(root, "package")};
    const struct sw_node *python = sw_node_get(root, "requires-python");
    size_t count = draft_count_packages(draft, sw_node_count(lock.packages), path), roots = 0;
    if (python != NULL && draft->python == NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    if (count == 0 || !begin(&lock))
        return;
    for (size_t i = 0; i < count; i++) {
        if (is_root(sw_node_item(lock.packages, i))) {
            follow_root(&lock, sw_node_item(lock.packages, i));
            roots++;
        }
    }
    for (size_t i = 0; roots == 0 && i < count && !draft_is_over(draft); i++) {
        if (is_for_target(&lock, sw_node_item(lock.packages, i)))
            take_package(&lock, sw_node_item(lock.packages, i));
    }
}
