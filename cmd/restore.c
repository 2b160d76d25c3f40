#include "restore.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"
#include "engine/image.h"

#include <sys/stat.h>
#include <unistd.h>

/* A path that stays below the folder it is relative to, and out of git's own. */
static bool stays_below(const char *path)
{
    struct sw_str rest = sw_str_from(path);
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '/');
        if (part.n == 0 || sw_str_is(part, ".") || sw_str_is(part, "..") || sw_str_is(part, ".git"))
            return false;
    }
    return true;
}

static int read_now(struct restore_file *file, struct sw_arena *arena, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    int code = sw_file_read(&text, file->path, error);
    if (code == SW_ENOTFOUND)
        return 0;
    if (code != 0)
        return code;
    file->exists = true;
    file->now = (struct sw_str){sw_arena_copy(arena, sw_buffer_str(&text)), text.n};
    return file->now.p == NULL ? sw_fail_memory(error) : 0;
}

static int read_file(struct restore_file *out, struct sw_arena *arena, struct sw_history *history,
                     const struct sw_record *record, const char *name, const char *root,
                     struct sw_error *error)
{
    if (!stays_below(name))
        return sw_fail(error, SW_EINPUT, "a record of '%s' names the file '%s', which is outside of '%s'",
                       record->profile, name, root);
    struct restore_file file = {.name = name, .path = sw_path_join(arena, root, name)};
    const char *recorded = sw_arena_format(arena, "profile/%s", name);
    if (file.path == NULL || recorded == NULL)
        return sw_fail_memory(error);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    int code = sw_history_read(&text, history, record, recorded, error);
    if (code == 0)
        code = read_now(&file, arena, error);
    if (code != 0)
        return code;
    file.then = (struct sw_str){sw_arena_copy(arena, sw_buffer_str(&text)), text.n};
    if (file.then.p == NULL)
        return sw_fail_memory(error);
    *out = file;
    return 0;
}

int restore_read(struct restore *out, struct sw_arena *arena, struct sw_history *history,
                 const struct sw_record *record, const struct sw_node *said, const char *root,
                 struct sw_error *error)
{
    const struct sw_node *names = sw_node_get(said, "files"), *tags = sw_node_at(said, "image.tags");
    size_t names_count = sw_node_count(names), tags_count = sw_node_count(tags);
    struct restore restore = {
        .tags = sw_arena_array(arena, tags_count + 1, sizeof *restore.tags),
        .files = sw_arena_array(arena, names_count + 1, sizeof *restore.files),
    };
    if (restore.tags == NULL || restore.files == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < tags_count; i++)
        restore.tags[restore.tags_count++] =
            (struct restore_tag){sw_node_text(sw_node_item(tags, i), ""), NULL};
    int code = 0;
    for (size_t i = 0; code == 0 && i < names_count; i++) {
        const char *name = sw_node_text(sw_node_item(names, i), "");
        if (name[0] != '/')
            code =
                read_file(&restore.files[restore.files_count++], arena, history, record, name, root, error);
    }
    if (code == 0)
        *out = restore;
    return code;
}

int restore_look(struct restore *restore, struct sw_arena *arena, struct sw_engine *engine,
                 struct sw_error *error)
{
    for (size_t i = 0; i < restore->tags_count; i++) {
        const struct sw_node *image = NULL;
        struct sw_error failure;
        int code = sw_image_inspect(&image, arena, engine, restore->tags[i].name, &failure);
        if (code != 0 && code != SW_ENOTFOUND) {
            *error = failure;
            return code;
        }
        restore->tags[i].now = code == 0 ? sw_node_text(sw_node_get(image, "Id"), NULL) : NULL;
    }
    return 0;
}

static bool is_same(const char *id, const char *other)
{
    return id != NULL && other != NULL && strcmp(id, other) == 0;
}

static bool is_restored(const struct restore_file *file)
{
    return file->exists && sw_str_equal(file->now, file->then);
}

bool restore_is_done(const struct restore *restore, const char *image)
{
    bool done = true;
    for (size_t i = 0; done && i < restore->tags_count; i++)
        done = is_same(restore->tags[i].now, image);
    for (size_t i = 0; done && i < restore->files_count; i++)
        done = is_restored(&restore->files[i]);
    return done;
}

int restore_check(const struct restore *restore, struct sw_history *history, const char *profile,
                  struct sw_error *error)
{
    for (size_t i = 0; i < restore->files_count; i++) {
        const struct restore_file *file = &restore->files[i];
        bool held = !file->exists || is_restored(file);
        int code = held ? 0 : sw_history_holds(&held, history, profile, file->name, file->now, error);
        if (code != 0)
            return code;
        if (!held) {
            (void)sw_fail(error, SW_EINPUT, "'%s' has changes that are neither committed nor built",
                          file->name);
            return sw_error_hint(error, "commit them, or give them up: --force");
        }
    }
    return 0;
}

/* As it was before; a tag that nothing had is taken away. */
static bool take_back(const struct restore *restore, size_t tags, size_t files, struct sw_engine *engine)
{
    bool whole = true;
    for (size_t i = 0; i < files; i++) {
        const struct restore_file *file = &restore->files[i];
        if (is_restored(file))
            continue;
        whole =
            (file->exists ? sw_file_rewrite(file->path, file->now, NULL) : unlink(file->path)) == 0 && whole;
    }
    for (size_t i = 0; i < tags; i++) {
        const struct restore_tag *tag = &restore->tags[i];
        whole = (tag->now == NULL ? sw_image_remove(engine, tag->name, NULL)
                                  : sw_image_tag(engine, tag->now, tag->name, NULL)) == 0 &&
                whole;
    }
    return whole;
}

static int write_file(const struct restore_file *file, struct sw_error *error)
{
    struct stat status;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *folder = sw_path_dir(&arena, file->path);
    if (folder == NULL)
        return sw_fail_memory(error);
    if (file->exists)
        return sw_file_rewrite(file->path, file->then, error);
    int code = stat(folder, &status) == 0 ? 0 : sw_dir_make(folder, 0777, error);
    return code != 0 ? code : sw_file_write(file->path, file->then, 0666, error);
}

int restore_apply(bool *undone, const struct restore *restore, struct sw_engine *engine, const char *image,
                  struct sw_error *error)
{
    size_t tags = 0, files = 0;
    int code = 0;
    for (; code == 0 && tags < restore->tags_count; tags += code == 0) {
        if (!is_same(restore->tags[tags].now, image))
            code = sw_image_tag(engine, image, restore->tags[tags].name, error);
    }
    for (; code == 0 && files < restore->files_count; files += code == 0) {
        if (!is_restored(&restore->files[files]))
            code = write_file(&restore->files[files], error);
    }
    *undone = code != 0 && take_back(restore, tags, files, engine);
    return code;
}
