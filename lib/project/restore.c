#include "project/restore.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/yaml.h"
#include "dockerfile/instructions.h"
#include "engine/image.h"
#include "engine/reference.h"
#include "project/profiles.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* ---- the changes that a record may make ---- */

/* A read of one record. */
struct reading {
    struct sw_arena *arena;
    struct sw_history *history;
    const struct sw_record *record;
    const struct sw_record_facts *facts;
    const struct sw_restore_scope *scope;
    int root;
};

/* Refuse 'FIELD[I]', and quote its value. */
static int refuse(const struct reading *reading, struct sw_error *error, const char *field, size_t i,
                  const char *value, const char *what)
{
    char at[64], shown[SW_TEXT_BRIEF], text[SW_MAX_MESSAGE];
    sw_text_brief(shown, sw_str_from(value));
    (void)snprintf(at, sizeof at, "%s[%zu]", field, i);
    (void)snprintf(text, sizeof text, "is '%s', %s", shown, what);
    return sw_record_refuse(error, reading->record, at, text);
}

static bool is_profile(struct sw_str text)
{
    SW_ARENA_AUTO arena;
    const struct sw_node *root = NULL;
    sw_arena_init(&arena, SW_MAX_ARENA);
    return sw_yaml_read(&root, &arena, text, NULL, NULL) == 0 && sw_node_get(root, "slipway") != NULL;
}

static bool is_hidden(const char *path)
{
    return path[0] == '.' || strstr(path, "/.") != NULL;
}

/* The path below the project's folder; NULL if it is not there. */
static const char *in_project(const struct sw_restore_scope *scope, const char *path)
{
    size_t n = strlen(scope->folder);
    if (n == 0)
        return path;
    return strncmp(path, scope->folder, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/* Return true if a name without folders is the name of a profile or a lock; of this profile, unless `profile`
 * is NULL. */
static bool is_name(const char *name, const char *profile)
{
    char own[NAME_MAX + 1];
    struct sw_str text = sw_str_from(name);
    bool lock = sw_str_starts(text, "pylock.") && sw_str_ends(text, ".toml");
    if (strchr(name, '/') != NULL || !(lock || sw_str_ends(text, ".yaml")))
        return false;
    (void)snprintf(own, sizeof own, lock ? "pylock.%.200s.toml" : "%.200s.yaml",
                   profile == NULL ? "" : profile);
    return profile == NULL || strcmp(name, own) == 0;
}

/* A place that holds nothing but profiles and locks: slipway/ and profiles/ of the project; in the project's folder itself, which
 * holds much else, only the profile of that name. */
static bool is_place_of_profiles(const struct reading *reading, const char *path)
{
    const char *below = in_project(reading->scope, path);
    for (size_t i = 0; below != NULL && sw_profiles_folders[i] != NULL; i++) {
        const char *folder = sw_profiles_folders[i];
        size_t n = strlen(folder);
        bool here = strcmp(folder, ".") == 0;
        if (here ? is_name(below, reading->record->profile)
                 : strncmp(below, folder, n) == 0 && below[n] == '/' && is_name(below + n + 1, NULL))
            return true;
    }
    return false;
}

static int read_now(struct sw_restore_file *file, const struct reading *reading, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    struct sw_error failure;
    int code = sw_read_beneath(&text, reading->root, file->name, &failure);
    if (code == SW_ENOTFOUND)
        return 0;
    if (code != 0) {
        *error = failure;
        return code;
    }
    file->exists = true;
    file->now = (struct sw_str){sw_arena_copy(reading->arena, sw_buffer_str(&text)), text.n};
    return file->now.p == NULL ? sw_fail_memory(error) : 0;
}

static bool is_dockerfile(const struct sw_restore_file *file)
{
    return sw_dockerfile_is_name(sw_str_from(sw_path_base(file->name))) && sw_dockerfile_is_text(file->then);
}

/* The reason why the record must not bring back the file; NULL if it may. Outside the places of profiles,
 * only a file that is a profile now is replaced by a profile, and a Dockerfile by a Dockerfile. */
static const char *wrong_with(const struct reading *reading, const struct sw_restore_file *file)
{
    if (is_hidden(file->name))
        return "which is hidden";
    if (is_dockerfile(file) && file->exists && sw_dockerfile_is_text(file->now))
        return NULL;
    if (!is_place_of_profiles(reading, file->name) && !(file->exists && is_profile(file->now)))
        return "where no profile and no lock of this project lies";
    if (!sw_str_ends(sw_str_from(file->name), ".toml") && !is_profile(file->then))
        return "and does not hold a profile";
    return NULL;
}

static int read_file(struct sw_restore_file *out, const struct reading *reading, size_t i,
                     struct sw_error *error)
{
    struct sw_restore_file file = {.name = reading->facts->files.items[i]};
    const char *recorded = sw_arena_format(reading->arena, "profile/%s", file.name);
    if (recorded == NULL)
        return sw_fail_memory(error);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    int code = sw_history_read(&text, reading->history, reading->record, recorded, error);
    if (code == 0 && !is_hidden(file.name))
        code = read_now(&file, reading, error);
    if (code != 0)
        return code == SW_ENOTFOUND ? refuse(reading, error, "files", i, file.name, "which it does not hold")
                                    : code;
    file.then = (struct sw_str){sw_arena_copy(reading->arena, sw_buffer_str(&text)), text.n};
    if (file.then.p == NULL)
        return sw_fail_memory(error);
    const char *wrong = wrong_with(reading, &file);
    if (wrong != NULL)
        return refuse(reading, error, "files", i, file.name, wrong);
    *out = file;
    return 0;
}

static int check_tag(const struct reading *reading, size_t i, struct sw_error *error)
{
    const char *tag = reading->facts->image.tags.items[i], *image = reading->scope->image;
    if (image != NULL && sw_reference_same_repository(tag, image))
        return 0;
    if (image != NULL)
        (void)refuse(reading, error, "image.tags", i, tag, "which is no name of the profile's own images");
    else
        (void)sw_fail(error, SW_EINPUT, "no profile '%s' is here to say what its images are called",
                      reading->record->profile);
    return sw_error_hint(error, "name the image yourself: -t NAME:TAG");
}

static int read_tags(struct sw_restore *restore, const struct reading *reading, struct sw_error *error)
{
    bool given = reading->scope->tags.count > 0;
    struct sw_texts tags = given ? reading->scope->tags : reading->facts->image.tags;
    restore->tags = sw_arena_array(reading->arena, tags.count + 1, sizeof *restore->tags);
    if (restore->tags == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < tags.count; i++) {
        int code = given ? 0 : check_tag(reading, i, error);
        if (code != 0)
            return code;
        restore->tags[restore->tags_count++] = (struct sw_restore_tag){tags.items[i], NULL};
    }
    return 0;
}

int sw_restore_read(struct sw_restore *out, struct sw_arena *arena, struct sw_history *history,
                    const struct sw_record *record, const struct sw_record_facts *facts,
                    const struct sw_restore_scope *scope, struct sw_error *error)
{
    SW_FD_AUTO root = open(scope->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    const struct reading reading = {arena, history, record, facts, scope, root};
    struct sw_restore restore = {
        .root = scope->root, .files = sw_arena_array(arena, facts->files.count + 1, sizeof *restore.files)};
    if (root < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", scope->root);
    if (restore.files == NULL)
        return sw_fail_memory(error);
    int code = read_tags(&restore, &reading, error);
    for (size_t i = 0; code == 0 && i < facts->files.count; i++) {
        if (facts->files.items[i][0] != '/')
            code = read_file(&restore.files[restore.files_count++], &reading, i, error);
    }
    if (code == 0)
        *out = restore;
    return code;
}

int sw_restore_look(struct sw_restore *restore, struct sw_arena *arena, struct sw_engine *engine,
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

static bool is_restored(const struct sw_restore_file *file)
{
    return file->exists && sw_str_equal(file->now, file->then);
}

bool sw_restore_is_done(const struct sw_restore *restore, const char *image)
{
    bool done = true;
    for (size_t i = 0; done && i < restore->tags_count; i++)
        done = is_same(restore->tags[i].now, image);
    for (size_t i = 0; done && i < restore->files_count; i++)
        done = is_restored(&restore->files[i]);
    return done;
}

int sw_restore_check(const struct sw_restore *restore, struct sw_history *history, const char *profile,
                     struct sw_error *error)
{
    for (size_t i = 0; i < restore->files_count; i++) {
        const struct sw_restore_file *file = &restore->files[i];
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

/* Restore the state before sw_restore_apply(); a tag that named no image is removed. Return false if anything
 * could not be restored. */
static bool take_back(const struct sw_restore *restore, int root, size_t tags, size_t files,
                      struct sw_engine *engine)
{
    bool whole = true;
    for (size_t i = 0; i < files; i++) {
        const struct sw_restore_file *file = &restore->files[i];
        if (is_restored(file))
            continue;
        whole = (file->exists ? sw_write_beneath(root, file->name, file->now, NULL)
                              : sw_remove_beneath(root, file->name, NULL)) == 0 &&
                whole;
    }
    for (size_t i = 0; i < tags; i++) {
        const struct sw_restore_tag *tag = &restore->tags[i];
        whole = (tag->now == NULL ? sw_image_remove(engine, tag->name, NULL)
                                  : sw_image_tag(engine, tag->now, tag->name, NULL)) == 0 &&
                whole;
    }
    return whole;
}

/* Refuse to replace a file that was changed after it was read, such as while the image was built again. */
static int check_unchanged(const struct sw_restore_file *file, int root, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    int code = sw_read_beneath(&text, root, file->name, error);
    bool same =
        file->exists ? code == 0 && sw_str_equal(sw_buffer_str(&text), file->now) : code == SW_ENOTFOUND;
    if (same)
        return 0;
    if (code != 0 && code != SW_ENOTFOUND)
        return code;
    (void)sw_fail(error, SW_EINPUT, "'%s' was changed in the meantime, and is left as it is", file->name);
    return sw_error_hint(error, "look at it, and try again");
}

int sw_restore_apply(bool *undone, const struct sw_restore *restore, struct sw_engine *engine,
                     const char *image, struct sw_error *error)
{
    size_t tags = 0, files = 0;
    SW_FD_AUTO root = restore->files_count == 0 ? -1 : open(restore->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int code = restore->files_count > 0 && root < 0
                   ? sw_fail_errno(error, SW_EENV, "cannot read '%s'", restore->root)
                   : 0;
    for (; code == 0 && tags < restore->tags_count; tags += code == 0) {
        if (!is_same(restore->tags[tags].now, image))
            code = sw_image_tag(engine, image, restore->tags[tags].name, error);
    }
    for (; code == 0 && files < restore->files_count; files += code == 0) {
        if (is_restored(&restore->files[files]))
            continue;
        code = check_unchanged(&restore->files[files], root, error);
        if (code == 0)
            code = sw_write_beneath(root, restore->files[files].name, restore->files[files].then, error);
    }
    /* An engine that did not answer in time may still do its task: nothing of that is taken back. */
    *undone = code != 0 && code != SW_ECANCELED && take_back(restore, root, tags, files, engine);
    return code;
}

bool sw_restore_undo(const struct sw_restore *restore, struct sw_engine *engine)
{
    SW_FD_AUTO root = restore->files_count == 0 ? -1 : open(restore->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return take_back(restore, root, restore->tags_count, restore->files_count, engine);
}
