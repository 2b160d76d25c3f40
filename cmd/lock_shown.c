#include "lock_shown.h"

#include "output/say.h"
#include "output/table.h"

#include "base/limits.h"
#include "base/text.h"
#include "python/name.h"

/* The package, or NULL for the profile itself, and the text of its requirement. */
static const struct sw_resolved_package *requirer_of(const char **requirement, const struct sw_pylock *lock,
                                                     const struct sw_resolved_requirer *requirer)
{
    bool root = requirer->package == SW_RESOLVED_ROOT;
    const struct sw_resolved_package *by = root ? NULL : &lock->set.packages[requirer->package];
    *requirement =
        root ? lock->requirements[requirer->requirement] : by->dependencies[requirer->requirement].text;
    return by;
}

const struct sw_node *lock_packages(struct sw_builder *b, const struct sw_pylock *lock)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < lock->set.package_count; i++) {
        const struct sw_resolved_package *package = &lock->set.packages[i];
        struct sw_node *row = sw_build_map(b), *requirers = sw_build_list(b);
        for (size_t j = 0; j < package->requirer_count; j++) {
            const char *text;
            const struct sw_resolved_package *by = requirer_of(&text, lock, &package->requirers[j]);
            struct sw_node *entry = sw_build_map(b);
            sw_build_set(b, entry, "by", sw_build_text(b, by == NULL ? NULL : by->name));
            sw_build_set(b, entry, "requirement", sw_build_text(b, text));
            sw_build_append(b, requirers, entry);
        }
        sw_build_set(b, row, "name", sw_build_text(b, package->name));
        sw_build_set(b, row, "version",
                     sw_build_text(b, package->version[0] == '\0' ? NULL : package->version));
        sw_build_set(b, row, "size",
                     package->file.size == 0 ? sw_build_null(b)
                                             : sw_build_int(b, (int64_t)package->file.size));
        sw_build_set(b, row, "sha256",
                     sw_build_text(b, package->file.sha256[0] == '\0' ? NULL : package->file.sha256));
        sw_build_set(b, row, "index",
                     sw_build_text(b, package->file.index[0] == '\0' ? NULL : package->file.index));
        sw_build_set(b, row, "required_by", requirers);
        sw_build_append(b, list, row);
    }
    return list;
}

/* "the profile, torch, vllm" */
static const char *requirers_of(struct sw_arena *arena, const struct sw_pylock *lock,
                                const struct sw_resolved_package *package)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    for (size_t i = 0; i < package->requirer_count; i++) {
        const char *requirement;
        const struct sw_resolved_package *by = requirer_of(&requirement, lock, &package->requirers[i]);
        sw_buffer_addf(&text, "%s%s", i == 0 ? "" : ", ", by == NULL ? "the profile" : by->name);
    }
    return sw_arena_copy(arena, sw_buffer_str(&text));
}

int lock_print(struct session *session, const struct sw_pylock *lock, struct sw_error *error)
{
    enum { COLUMNS = 4 };
    struct sw_arena *arena = &session->arena;
    size_t count = lock->set.package_count, unsized = 0;
    uint64_t total = 0;
    struct table table = {.columns = COLUMNS,
                          .right = {false, false, true, false},
                          .titles = {"PACKAGE", "VERSION", "DOWNLOAD", "REQUIRED BY"},
                          .cells = sw_arena_array(arena, count * COLUMNS + 1, sizeof(const char *)),
                          .rows = count};
    char size[32];
    for (size_t i = 0; table.cells != NULL && i < count; i++) {
        const struct sw_resolved_package *package = &lock->set.packages[i];
        const char **cells = table.cells + i * COLUMNS;
        bool known = package->file.size > 0;
        sw_text_size(size, package->file.size);
        total += package->file.size;
        unsized += !known;
        cells[0] = package->name;
        cells[1] = package->version[0] == '\0' ? "-" : package->version;
        cells[2] = sw_arena_text(arena, known ? size : "-");
        cells[3] = requirers_of(arena, lock, package);
        if (cells[2] == NULL || cells[3] == NULL)
            return sw_fail_memory(error);
    }
    if (table.cells == NULL)
        return sw_fail_memory(error);
    table_print(session, &table);
    sw_text_size(size, total);
    say(session->out, "%zu packages, %s to download", count, size);
    if (unsized > 0)
        say(session->out, ", and %zu of unknown size", unsized);
    say(session->out, "\n");
    return 0;
}

/* Find the project, and make room for a way to it. */
static int find_package(const struct sw_resolved_package **package, size_t **way, struct sw_arena *arena,
                        const struct sw_pylock *lock, const char *project, struct sw_error *error)
{
    const char *name = sw_name_normalized(arena, sw_str_from(project));
    *package = name == NULL ? NULL : sw_resolution_find(&lock->set, name);
    *way = sw_arena_array(arena, lock->set.package_count + 1, sizeof **way);
    if (name == NULL || *way == NULL)
        return sw_fail_memory(error);
    if (*package != NULL)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "the set has no '%s'", project);
    return sw_error_hint(error, "'slipway plan' lists what it has");
}

/* The way from the profile to the package that has the requirement: its length, and the text of the requirement. */
static size_t find_way(size_t *way, const char **text, const struct sw_pylock *lock,
                       const struct sw_resolved_requirer *requirer)
{
    const struct sw_resolved_package *by = requirer_of(text, lock, requirer);
    size_t count = lock->set.package_count;
    size_t length =
        by == NULL ? 0 : sw_resolution_why(way, count, &lock->set, (size_t)(by - lock->set.packages));
    return length > count ? 0 : length;
}

int lock_print_why(struct session *session, const struct sw_pylock *lock, const char *project,
                   struct sw_error *error)
{
    const struct sw_resolved_package *package;
    size_t *way;
    int code = find_package(&package, &way, &session->arena, lock, project, error);
    if (code != 0)
        return code;
    say(session->out, "%s %s\n", package->name, package->version);
    for (size_t i = 0; i < package->requirer_count; i++) {
        const char *text;
        size_t length = find_way(way, &text, lock, &package->requirers[i]);
        say(session->out, "  the profile");
        for (size_t j = 0; j < length; j++)
            say(session->out, " > %s %s", lock->set.packages[way[j]].name,
                lock->set.packages[way[j]].version);
        say(session->out, ": %s\n", text);
    }
    return 0;
}

int lock_why(const struct sw_node **out, struct sw_builder *b, const struct sw_pylock *lock,
             const char *project, struct sw_error *error)
{
    const struct sw_resolved_package *package;
    size_t *way;
    int code = find_package(&package, &way, b->arena, lock, project, error);
    if (code != 0)
        return code;
    struct sw_node *root = sw_build_map(b), *requirers = sw_build_list(b);
    sw_build_set(b, root, "name", sw_build_text(b, package->name));
    sw_build_set(b, root, "version", sw_build_text(b, package->version[0] == '\0' ? NULL : package->version));
    for (size_t i = 0; i < package->requirer_count; i++) {
        const char *text;
        size_t length = find_way(way, &text, lock, &package->requirers[i]);
        struct sw_node *entry = sw_build_map(b), *steps = sw_build_list(b);
        for (size_t j = 0; j < length; j++) {
            struct sw_node *step = sw_build_map(b);
            sw_build_set(b, step, "name", sw_build_text(b, lock->set.packages[way[j]].name));
            sw_build_set(b, step, "version", sw_build_text(b, lock->set.packages[way[j]].version));
            sw_build_append(b, steps, step);
        }
        sw_build_set(b, entry, "way", steps);
        sw_build_set(b, entry, "requirement", sw_build_text(b, text));
        sw_build_append(b, requirers, entry);
    }
    sw_build_set(b, root, "required_by", requirers);
    *out = root;
    return 0;
}
