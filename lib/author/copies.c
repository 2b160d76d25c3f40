#include "author/copies.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/edit.h"

#include <unistd.h>

/* Count the files of the chain that are copied: all up to the farthest file that changes, and the profile
 * itself. */
static size_t count_copied(const struct sw_profile *profile, const struct sw_fix *fix)
{
    size_t count = 1;
    for (size_t i = 1; i < profile->files_count; i++) {
        struct sw_str text;
        if (sw_fix_text(&text, fix, profile->files[i].path) && !sw_str_equal(text, profile->files[i].text))
            count = i + 1;
    }
    return count;
}

static int name_copy(struct sw_copy *copy, struct sw_arena *arena, const struct sw_permissions *permissions,
                     const struct sw_profile *profile, size_t i, const char *name, struct sw_error *error)
{
    char number[32] = "";
    if (i > 1)
        (void)snprintf(number, sizeof number, "%zu", i);
    const char *old = profile->files[i].path;
    const char *folder = sw_path_dir(arena, old);
    const char *above = sw_path_dir(arena, profile->files[i == 0 ? 0 : i - 1].path);
    copy->name = i == 0 ? sw_arena_text(arena, name) : sw_arena_format(arena, "%s-base%s", name, number);
    const char *file = copy->name == NULL ? NULL : sw_arena_format(arena, "%s.yaml", copy->name);
    copy->path = file == NULL || folder == NULL ? NULL : sw_path_join(arena, folder, file);
    if (copy->path == NULL || above == NULL)
        return sw_fail_memory(error);
    const char *real = NULL;
    int code = sw_permissions_find(&real, arena, permissions, copy->path, SW_ACCESS_WRITE, error);
    if (code != 0)
        return code;
    if (access(copy->path, F_OK) == 0) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is there already", copy->path);
        return sw_error_hint(error, "choose another name: --name NAME");
    }
    if (strcmp(folder, above) == 0)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "'%s' would have to change too, and lies in another folder", old);
    return sw_error_hint(error, "change it in the profile itself");
}

/* The text with its own name, and that of the parent's copy. */
static int write_copy(struct sw_copy *copy, const struct sw_profile_file *file, const struct sw_fix *fix,
                      const char *parent, const struct sw_checklist *checklist, struct sw_error *error)
{
    struct sw_str text = file->text;
    const struct sw_edit edits[2] = {{SW_EDIT_SET, "name", copy->name}, {SW_EDIT_SET, "extends", parent}};
    SW_BUFFER_AUTO named;
    sw_buffer_init(&named, SW_MAX_YAML_SIZE);
    if (!sw_fix_text(&text, fix, file->path))
        text = file->text;
    int code = sw_edit_apply(&named, text, edits, parent == NULL ? 1 : 2, error);
    if (code != 0)
        return code;
    sw_upgrade_write_assertions(&copy->text, sw_buffer_str(&named), checklist);
    return sw_buffer_check(&copy->text, "a profile", error);
}

int sw_copies_make(struct sw_copies *out, const struct sw_profile *profile, const struct sw_fix *fix,
                   const char *name, const struct sw_checklist *checklist, struct sw_error *error)
{
    struct sw_copies made = {.count = count_copied(profile, fix), .permissions = fix->permissions};
    sw_arena_init(&made.arena, SW_MAX_ARENA);
    made.items = sw_arena_array(&made.arena, made.count, sizeof *made.items);
    int code = made.items == NULL ? sw_fail_memory(error) : 0;
    made.count = made.items == NULL ? 0 : made.count;
    for (size_t i = 0; i < made.count; i++)
        sw_buffer_init(&made.items[i].text, SW_MAX_YAML_SIZE);
    for (size_t i = 0; code == 0 && i < made.count; i++)
        code = name_copy(&made.items[i], &made.arena, made.permissions, profile, i, name, error);
    for (size_t i = 0; code == 0 && i < made.count; i++)
        code = write_copy(&made.items[i], &profile->files[i], fix,
                          i + 1 < made.count ? made.items[i + 1].name : NULL, checklist, error);
    if (code == 0)
        *out = made;
    else
        sw_copies_release(&made);
    return code;
}

void sw_copies_release(struct sw_copies *copies)
{
    if (copies == NULL)
        return;
    for (size_t i = 0; i < copies->count; i++)
        sw_buffer_release(&copies->items[i].text);
    sw_arena_release(&copies->arena);
    *copies = (struct sw_copies){0};
}

static int read_copy(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    const struct sw_copies *copies = self;
    for (size_t i = 0; i < copies->count; i++) {
        if (strcmp(copies->items[i].path, path) != 0)
            continue;
        sw_buffer_add_str(out, sw_buffer_str(&copies->items[i].text));
        return sw_buffer_check(out, path, error);
    }
    return sw_permissions_read(out, copies->permissions, path, error);
}

struct sw_profile_source sw_copies_source(const struct sw_copies *copies)
{
    return (struct sw_profile_source){read_copy, copies};
}

int sw_copies_write(const struct sw_copies *copies, struct sw_error *error)
{
    int code = 0;
    size_t written = 0;
    for (; code == 0 && written < copies->count; written++)
        code = sw_file_write_new(copies->items[written].path, sw_buffer_str(&copies->items[written].text),
                                 0666, error);
    for (size_t i = 0; code != 0 && i + 1 < written; i++) /* the last one failed */
        (void)unlink(copies->items[i].path);
    return code;
}
