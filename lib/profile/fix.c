#include "profile/fix.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/diff.h"
#include "data/edit.h"
#include "data/path.h"

/* -- the place of an edit
 * ------------------------------------------------------------------------------------------ */

/* The path as it stands in `file`. */
struct target {
    const char *file;
    struct sw_buffer path;
};

static bool is_of(const struct sw_node *node, const char *file)
{
    return sw_node_file(node) != NULL && strcmp(sw_node_file(node), file) == 0;
}

/* A merged list holds the items of each file together and in order: the place among those of its own file. */
static size_t own_index(const struct sw_node *list, size_t index)
{
    size_t own = 0;
    for (size_t i = 0; i < index; i++)
        own += is_of(sw_node_item(list, i), sw_node_file(sw_node_item(list, index)));
    return own;
}

/* The item at `index`, which is as much as its file knows of the list. */
static const struct sw_node *enter_item(struct target *target, const struct sw_node *list, size_t index)
{
    const struct sw_node *item = sw_node_item(list, index);
    if (sw_node_file(item) == NULL)
        return item;
    target->file = sw_node_file(item);
    sw_path_add_index(&target->path, own_index(list, index));
    return item;
}

/* Follow the path through the merged tree. A part that leads nowhere stays as it is written, for
 * sw_edit_apply() to make or to refuse. False if the path is malformed. */
static bool find_target(struct target *target, const struct sw_node *root, const struct sw_edit *edit)
{
    struct sw_path path;
    if (!sw_path_parse(&path, sw_str_from(edit->path)))
        return false;
    const struct sw_node *node = root;
    for (size_t i = 0; i < path.count; i++) {
        size_t index = 0;
        bool is_key = path.steps[i].kind == SW_PATH_KEY;
        if (node != NULL && !sw_path_find(&index, node, &path.steps[i]))
            node = NULL;
        if (node == NULL && !is_key)
            return false;
        if (is_key) {
            sw_path_add_key(&target->path, path.steps[i].key);
            node = node == NULL ? NULL : sw_node_member_at(node, index)->value;
        } else {
            node = enter_item(target, node, index);
        }
    }
    if (node != NULL && sw_node_file(node) != NULL && edit->op != SW_EDIT_ADD)
        target->file = sw_node_file(node);
    return true;
}

/* -- texts ------------------------------------------------------------------------------------------------------- */

static void release_file(struct sw_fixed_file *file)
{
    free(file->path);
    sw_buffer_release(&file->before);
    sw_buffer_release(&file->after);
    sw_buffer_release(&file->earlier);
    sw_buffer_release(&file->marked);
}

void sw_fix_release(struct sw_fix *fix)
{
    if (fix == NULL)
        return;
    for (size_t i = 0; i < fix->count; i++)
        release_file(&fix->files[i]);
    free(fix->files);
    *fix = (struct sw_fix){.permissions = fix->permissions};
}

static struct sw_fixed_file *find_file(const struct sw_fix *fix, const char *path)
{
    for (size_t i = 0; i < fix->count; i++) {
        if (strcmp(fix->files[i].path, path) == 0)
            return &fix->files[i];
    }
    return NULL;
}

static int assign(struct sw_buffer *to, const struct sw_buffer *from, struct sw_error *error)
{
    sw_buffer_clear(to);
    sw_buffer_add_str(to, sw_buffer_str(from));
    return sw_buffer_check(to, "a profile's text", error);
}

/* Read a file to edit; a file that may not be written is refused first. */
static int read_to_edit(struct sw_buffer *text, const struct sw_fix *fix, const char *path,
                        struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    const char *real = NULL;
    int code = sw_permissions_find(&real, &arena, fix->permissions, path, SW_ACCESS_WRITE, error);
    return code == 0 ? sw_permissions_read(text, fix->permissions, path, error) : code;
}

static int add_file(struct sw_fixed_file **out, struct sw_fix *fix, const char *path, struct sw_error *error)
{
    struct sw_fixed_file file = {.path = strdup(path)};
    struct sw_fixed_file *files = realloc(fix->files, (fix->count + 1) * sizeof *files);
    if (files != NULL)
        fix->files = files;
    sw_buffer_init(&file.before, SW_MAX_YAML_SIZE);
    sw_buffer_init(&file.after, SW_MAX_YAML_SIZE);
    sw_buffer_init(&file.earlier, SW_MAX_YAML_SIZE);
    sw_buffer_init(&file.marked, SW_MAX_YAML_SIZE);
    int code = files == NULL || file.path == NULL ? sw_fail_memory(error)
                                                  : read_to_edit(&file.before, fix, path, error);
    struct sw_buffer *const copies[] = {&file.after, &file.earlier, &file.marked};
    for (size_t i = 0; i < SW_COUNT(copies) && code == 0; i++)
        code = assign(copies[i], &file.before, error);
    if (code != 0) {
        release_file(&file);
        return code;
    }
    *out = &fix->files[fix->count++];
    **out = file;
    return 0;
}

static int edit_file(struct sw_fix *fix, const char *path, const struct sw_edit *edit, struct sw_error *error)
{
    struct sw_fixed_file *file = find_file(fix, path);
    int code = file == NULL ? add_file(&file, fix, path, error) : 0;
    if (code != 0)
        return code;
    SW_BUFFER_AUTO edited;
    sw_buffer_init(&edited, SW_MAX_YAML_SIZE);
    code = sw_edit_apply(&edited, sw_buffer_str(&file->after), edit, 1, error);
    return code == 0 ? assign(&file->after, &edited, error) : code;
}

static int apply_edit(struct sw_fix *fix, const struct sw_node *root, const char *own,
                      const struct sw_edit *edit, struct sw_error *error)
{
    if (root == NULL)
        return edit_file(fix, own, edit, error);
    struct target target = {.file = own};
    sw_buffer_init(&target.path, SW_MAX_PATH_SIZE);
    int code = 0;
    if (!find_target(&target, root, edit))
        code = sw_fail(error, SW_ENOTFOUND, "'%s' is not there", edit->path);
    if (code == 0)
        code = sw_buffer_check(&target.path, "a path", error);
    if (code == 0) {
        const struct sw_edit there = {edit->op, target.path.p, edit->value};
        code = edit_file(fix, target.file, &there, error);
    }
    sw_buffer_release(&target.path);
    return code;
}

int sw_fix_apply(struct sw_fix *fix, const struct sw_node *root, const char *own,
                 const struct sw_finding *finding, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < fix->count && code == 0; i++)
        code = assign(&fix->files[i].earlier, &fix->files[i].after, error);
    if (code != 0)
        return code;
    const char *file = root == NULL && finding->file != NULL ? finding->file : own;
    for (size_t i = 0; i < finding->fix_count && code == 0; i++)
        code = apply_edit(fix, root, file, &finding->fix[i], error);
    if (code != 0)
        sw_fix_undo(fix);
    return code;
}

void sw_fix_undo(struct sw_fix *fix)
{
    for (size_t i = 0; i < fix->count; i++) {
        struct sw_buffer taken_back = fix->files[i].after;
        fix->files[i].after = fix->files[i].earlier;
        fix->files[i].earlier = taken_back;
    }
}

int sw_fix_mark(struct sw_fix *fix, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < fix->count && code == 0; i++)
        code = assign(&fix->files[i].marked, &fix->files[i].after, error);
    return code;
}

bool sw_fix_text(struct sw_str *text, const struct sw_fix *fix, const char *path)
{
    const struct sw_fixed_file *file = find_file(fix, path);
    if (file != NULL)
        *text = sw_buffer_str(&file->after);
    return file != NULL;
}

static int read_fixed(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    const struct sw_fix *fix = self;
    struct sw_str text;
    if (!sw_fix_text(&text, fix, path))
        return sw_permissions_read(out, fix->permissions, path, error);
    sw_buffer_add_str(out, text);
    return sw_buffer_check(out, "a profile", error);
}

struct sw_profile_source sw_fix_source(const struct sw_fix *fix)
{
    return (struct sw_profile_source){read_fixed, fix};
}

static bool is_same(const struct sw_buffer *a, const struct sw_buffer *b)
{
    return sw_str_equal(sw_buffer_str(a), sw_buffer_str(b));
}

bool sw_fixed_file_moved(const struct sw_fixed_file *file)
{
    return !is_same(&file->earlier, &file->after);
}

bool sw_fixed_file_differs(const struct sw_fixed_file *file)
{
    return !is_same(&file->before, &file->after);
}

static bool any(const struct sw_fix *fix, bool (*is)(const struct sw_fixed_file *file))
{
    for (size_t i = 0; i < fix->count; i++) {
        if (is(&fix->files[i]))
            return true;
    }
    return false;
}

bool sw_fix_moved(const struct sw_fix *fix)
{
    return any(fix, sw_fixed_file_moved);
}

bool sw_fix_differs(const struct sw_fix *fix)
{
    return any(fix, sw_fixed_file_differs);
}

static int add_diff(struct sw_buffer *out, const struct sw_fix *fix, bool marked, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < fix->count && code == 0; i++) {
        const struct sw_fixed_file *file = &fix->files[i];
        const struct sw_buffer *before = marked ? &file->marked : &file->before;
        code = sw_diff(out, sw_buffer_str(before), sw_buffer_str(&file->after), file->path, error);
    }
    return code;
}

int sw_fix_diff(struct sw_buffer *out, const struct sw_fix *fix, struct sw_error *error)
{
    return add_diff(out, fix, false, error);
}

int sw_fix_diff_marked(struct sw_buffer *out, const struct sw_fix *fix, struct sw_error *error)
{
    return add_diff(out, fix, true, error);
}

/* -- writing ----------------------------------------------------------------------------------------------------- */

/* Find out if the file is to be written: it differs, and nobody else has made the same edit. */
static int check_unchanged(bool *ours, const struct sw_fix *fix, const struct sw_fixed_file *file,
                           struct sw_error *error)
{
    SW_BUFFER_AUTO now;
    sw_buffer_init(&now, SW_MAX_YAML_SIZE);
    *ours = false;
    if (!sw_fixed_file_differs(file))
        return 0;
    int code = sw_permissions_read(&now, fix->permissions, file->path, error);
    *ours = code == 0 && !is_same(&now, &file->after);
    if (!*ours || is_same(&now, &file->before))
        return code;
    (void)sw_fail(error, SW_ENO, "'%s' was changed in the meantime, and is left as it is", file->path);
    return sw_error_hint(error, "try again, or apply the diff by hand");
}

int sw_fix_write(struct sw_fix *fix, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < fix->count && code == 0; i++)
        code = check_unchanged(&fix->files[i].ours, fix, &fix->files[i], error);
    size_t written = 0;
    for (; written < fix->count && code == 0; written++) {
        const struct sw_fixed_file *file = &fix->files[written];
        if (file->ours)
            code = sw_permissions_rewrite(fix->permissions, file->path, sw_buffer_str(&file->after), error);
    }
    if (code == 0)
        return 0;
    for (size_t i = 0; i + 1 < written; i++) { /* the last one failed */
        const struct sw_fixed_file *file = &fix->files[i];
        if (file->ours &&
            sw_permissions_rewrite(fix->permissions, file->path, sw_buffer_str(&file->before), NULL) != 0)
            (void)sw_error_context(code, error, "'%s' is written, but not all", file->path);
    }
    return code;
}
