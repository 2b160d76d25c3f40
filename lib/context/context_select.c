#include "context/context_internal.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "context/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

enum match { APART, ABOVE, SAME, BELOW };

static int fail_copy(struct sw_error *error, const struct sw_context_copy *copy, const char *format, ...)
    SW_PRINTF(3, 4);

static int fail_copy(struct sw_error *error, const struct sw_context_copy *copy, const char *format, ...)
{
    char text[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * sizeof text);
    sw_text_add_clean(&clean, sw_str_from(text));
    return sw_fail_at(error, SW_EINPUT, copy->file, copy->line, copy->column, "%s", clean.p);
}

static struct sw_str *split(struct sw_arena *arena, const char *path, size_t *count)
{
    struct sw_str *parts = sw_arena_alloc(arena, sizeof *parts);
    *count = 0;
    struct sw_str rest = sw_str_from(path);
    while (parts != NULL && rest.p != NULL && strcmp(path, ".") != 0) {
        parts = sw_arena_grow(arena, parts, *count, sizeof *parts);
        if (parts != NULL)
            parts[(*count)++] = sw_str_cut(&rest, '/');
    }
    return parts;
}

/* Add an item for the clean path `path`, which lies in the arena. */
static int add_item(struct sw_selection *selection, const struct sw_context_copy *copy, const char *path,
                    size_t origin, struct sw_error *error)
{
    if (selection->count == SW_MAX_CONTEXT_COPIES)
        return fail_copy(error, copy, "too many files to copy one by one, or too many links among them");
    struct sw_selection_item item = {.copy = copy, .path = path, .origin = origin};
    item.wild = !sw_glob_is_literal(sw_str_from(path));
    item.parts = split(selection->arena, path, &item.count);
    struct sw_selection_item *items =
        sw_arena_grow(selection->arena, selection->items, selection->count, sizeof *items);
    if (item.parts == NULL || items == NULL)
        return sw_fail_memory(error);
    selection->items = items;
    items[selection->count++] = item;
    return 0;
}

/* A pattern matches component by component, so each component must be a pattern. */
static bool is_pattern(const char *path)
{
    struct sw_str rest = sw_str_from(path);
    while (rest.p != NULL) {
        if (!sw_glob_valid(sw_str_cut(&rest, '/')))
            return false;
    }
    return true;
}

static int add_copy(struct sw_selection *selection, const struct sw_context_copy *copy,
                    struct sw_error *error)
{
    if (copy->from[0] == '\0')
        return fail_copy(error, copy, "the path to copy from is empty");
    const char *path = sw_path_clean(selection->arena, sw_str_from(copy->from));
    if (path == NULL)
        return sw_fail_memory(error);
    if (!sw_path_is_inside(path)) {
        (void)fail_copy(error, copy, "'%s' leads out of the context", copy->from);
        return sw_error_hint(error,
                             "paths are relative to the context's folder; set context.path to a folder that "
                             "holds all of them");
    }
    if (!is_pattern(path))
        return fail_copy(error, copy, "'%s' is not a pattern that can be read", copy->from);
    return add_item(selection, copy, path, selection->count, error);
}

int sw_selection_init(struct sw_selection *selection, struct sw_arena *arena,
                      const struct sw_context_copy *copies, size_t count, struct sw_error *error)
{
    struct sw_selection made = {.arena = arena};
    for (size_t i = 0; i < count; i++) {
        int code = add_copy(&made, &copies[i], error);
        if (code != 0)
            return code;
    }
    *selection = made;
    return 0;
}

/* Compare a path with an item; `*depth` is the number of the path's components. */
static enum match compare(const struct sw_selection_item *item, struct sw_str path, size_t *depth)
{
    *depth = 0;
    while (path.p != NULL) {
        struct sw_str part = sw_str_cut(&path, '/');
        if (*depth == item->count)
            return BELOW;
        struct sw_str wanted = item->parts[(*depth)++];
        if (item->wild ? !sw_glob_matches(wanted, part) : !sw_str_equal(wanted, part))
            return APART;
    }
    return *depth == item->count ? SAME : ABOVE;
}

/* A path that exists, as the pattern that matches this path only. */
static void add_literal(struct sw_buffer *pattern, struct sw_str path)
{
    const bool literal = sw_glob_is_literal(path);
    for (size_t i = 0; i < path.n; i++) {
        if (!literal && memchr("*?[\\", path.p[i], 4) != NULL)
            sw_buffer_add_char(pattern, '\\');
        sw_buffer_add_char(pattern, path.p[i]);
    }
}

/* The target of an item that meets a link after `depth` components; NULL without memory. */
static const char *resolve(const struct sw_selection *selection, const struct sw_selection_item *item,
                           const struct sw_path_facts *candidate, size_t depth)
{
    struct sw_str folder = candidate->path;
    while (folder.n > 0 && folder.p[folder.n - 1] != '/')
        folder.n--;
    SW_BUFFER_AUTO path;
    sw_buffer_init(&path, (size_t)4 * SW_MAX_CONTEXT_PATH);
    if (candidate->link[0] != '/')
        add_literal(&path, folder);
    add_literal(&path, sw_str_from(candidate->link));
    for (size_t i = depth; i < item->count; i++) {
        sw_buffer_add_char(&path, '/');
        sw_buffer_add_str(&path, item->parts[i]);
    }
    return path.state == SW_BUFFER_OK ? sw_path_clean(selection->arena, sw_buffer_str(&path)) : NULL;
}

/* Take the link's target as well. */
static int follow(struct sw_selection *selection, size_t index, const struct sw_path_facts *candidate,
                  size_t depth, struct sw_error *error)
{
    const struct sw_selection_item *item = &selection->items[index];
    const char *path = resolve(selection, item, candidate, depth);
    if (path == NULL)
        return sw_fail_memory(error);
    if (!sw_path_is_inside(path)) {
        if (item->wild)
            return 0;
        (void)fail_copy(error, item->copy, "'%s' is a symbolic link to '%s', which is not in the context",
                        candidate->path.p, candidate->link);
        return sw_error_hint(error, "copy the real file, or move it below the context's folder");
    }
    for (size_t i = 0; i < selection->count; i++)
        if (strcmp(selection->items[i].path, path) == 0)
            return 0;
    return add_item(selection, item->copy, path, item->origin, error);
}

static int note_excluded(struct sw_selection *selection, struct sw_selection_item *item,
                         const struct sw_path_facts *candidate, struct sw_error *error)
{
    item->excluded_line = candidate->verdict.line;
    item->excluded_path = sw_arena_copy(selection->arena, candidate->path);
    return item->excluded_path == NULL ? sw_fail_memory(error) : 0;
}

int sw_selection_match(struct sw_selection *selection, enum sw_selected *selected,
                       const struct sw_path_facts *candidate, struct sw_error *error)
{
    enum sw_selected result = SW_SELECTED_NOT;
    size_t count = selection->count;
    for (size_t i = 0; i < count; i++) {
        size_t depth;
        int code = 0;
        enum match match = compare(&selection->items[i], candidate->path, &depth);
        if (match == APART)
            continue;
        if (result == SW_SELECTED_NOT)
            result = SW_SELECTED_ABOVE;
        bool linked = candidate->link != NULL && match != BELOW;
        if (match != ABOVE || linked)
            result = SW_SELECTED;
        if (candidate->verdict.excluded)
            code = note_excluded(selection, &selection->items[i], candidate, error);
        else if (linked)
            code = follow(selection, i, candidate, depth, error);
        if (code != 0)
            return code;
        if (match != ABOVE && !candidate->verdict.excluded && !candidate->unusable) {
            selection->items[i].found = true;
            selection->items[selection->items[i].origin].found = true;
        }
    }
    *selected = result;
    return 0;
}

/* The name in `folder` that is nearest to `name`, or an empty name. */
static void find_nearest(char nearest[256], int folder, struct sw_str name)
{
    nearest[0] = '\0';
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        sw_fd_close(&fd);
        return;
    }
    unsigned best = (unsigned)(name.n / 3) + 1; /* more changes than that make another word */
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        unsigned distance = sw_str_distance(name, sw_str_from(entry->d_name));
        if (entry->d_name[0] == '.' && name.n > 0 && name.p[0] != '.')
            continue;
        if (distance < best ||
            (distance == best && nearest[0] != '\0' && strcmp(entry->d_name, nearest) < 0)) {
            best = distance;
            (void)snprintf(nearest, 256, "%s", entry->d_name);
        }
    }
    (void)closedir(stream);
}

/* Name the component of a path without wildcards that is missing, and the nearest name that is there. */
static int explain_missing(const struct sw_selection_item *item, int root, struct sw_error *error)
{
    SW_BUFFER_AUTO path;
    sw_buffer_init(&path, SW_MAX_CONTEXT_PATH);
    for (size_t i = 0; i < item->count; i++) {
        SW_FD_AUTO folder = sw_open_beneath(root, path.n == 0 ? "." : path.p, O_PATH | O_DIRECTORY, 0);
        size_t folder_n = path.n;
        if (path.n > 0)
            sw_buffer_add_char(&path, '/');
        size_t start = path.n;
        sw_buffer_add_str(&path, item->parts[i]);
        struct stat status;
        if (folder >= 0 && fstatat(folder, path.p + start, &status, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        char nearest[256];
        find_nearest(nearest, folder, item->parts[i]);
        bool derived = strcmp(item->copy->from, item->path) != 0;
        (void)fail_copy(error, item->copy, "'%s' does not exist%s%s%s", item->path,
                        derived ? " (copied as '" : "", derived ? item->copy->from : "", derived ? "')" : "");
        if (nearest[0] == '\0')
            return sw_error_hint(error, "paths to copy are relative to the context's folder");
        return sw_error_hint(error, "did you mean '%.*s%s%s'?", (int)folder_n, path.p,
                             folder_n > 0 ? "/" : "", nearest);
    }
    return fail_copy(error, item->copy, "'%s' is neither a file nor a folder nor a link", item->path);
}

static int explain(const struct sw_selection_item *item, int root, const char *ignore_file,
                   struct sw_error *error)
{
    if (item->excluded_line != 0) {
        (void)fail_copy(error, item->copy, "'%s' is left out by %s:%u", item->excluded_path, ignore_file,
                        item->excluded_line);
        return sw_error_hint(error, "add '!%s' below that line, or do not copy it", item->path);
    }
    if (!item->wild)
        return explain_missing(item, root, error);
    return fail_copy(error, item->copy, "nothing matches '%s'", item->path);
}

int sw_selection_check(const struct sw_selection *selection, int root, const char *ignore_file,
                       struct sw_error *error)
{
    /* Items that links led to come first: they tell more than the item that met the link. */
    for (size_t i = selection->count; i-- > 0;) {
        const struct sw_selection_item *item = &selection->items[i];
        bool optional = item->origin != i && selection->items[item->origin].wild;
        if (!item->found && !optional && item->count > 0)
            return explain(item, root, ignore_file, error);
    }
    return 0;
}
