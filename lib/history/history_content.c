/* The files of a record, as its tree has them.
 *
 * The tree may be anybody's. It is looked through once before anything of it is read: plain files only, names that can be
 * shown and that lead nowhere, none of them twice, and not too many. How large a file is, git tells without reading it. */
#include "history/history_internal.h"

#include "base/limits.h"
#include "base/text.h"

#include <inttypes.h>

struct walk {
    struct sw_history *history;
    const struct sw_record *record;
    struct sw_history_content *content;
    struct sw_error *error;
};

static int refuse(const struct walk *walk, const char *path, const char *what)
{
    char shown[SW_TEXT_BRIEF];
    sw_text_brief(shown, sw_str_from(path));
    return sw_record_refuse(walk->error, walk->record, shown, what);
}

int sw_record_refuse(struct sw_error *error, const struct sw_record *record, const char *field,
                     const char *what)
{
    if (record->number == 0) /* it is to be made yet */
        return sw_fail(error, SW_EINPUT, "the record of '%s' is refused: '%s' %s", record->profile, field,
                       what);
    (void)sw_fail(error, SW_EINPUT, "the record %s@%" PRIu64 " is refused: '%s' %s", record->profile,
                  record->number, field, what);
    return sw_error_hint(error, "slipway does not write such a record: it came from somewhere else");
}

/* A terminal would show every byte of the text as it is. */
static bool is_clean(const char *name)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * SW_MAX_PATH_SIZE);
    sw_text_add_clean(&clean, sw_str_from(name));
    return clean.state == SW_BUFFER_OK && sw_str_is(sw_buffer_str(&clean), name);
}

static bool is_name(const char *name)
{
    return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strcasecmp(name, ".git") != 0 && strpbrk(name, "/\\") == NULL && is_clean(name);
}

static const char *wrong_with(const git_tree_entry *entry, const struct sw_git *git)
{
    if (!is_name(git->tree_entry_name(entry)))
        return "is no name of a file";
    git_filemode_t mode = git->tree_entry_filemode(entry);
    if (mode == GIT_FILEMODE_LINK)
        return "is a symbolic link";
    if (mode == GIT_FILEMODE_COMMIT)
        return "is a submodule";
    bool plain =
        mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE || mode == GIT_FILEMODE_TREE;
    return plain ? NULL : "is no plain file";
}

static int add_folder(struct walk *walk, const char *path, const git_oid *id, unsigned depth);

static int add_entry(struct walk *walk, const char *folder, const git_tree_entry *entry, unsigned depth)
{
    const struct sw_git *git = walk->history->git;
    struct sw_history_content *content = walk->content;
    const char *name = git->tree_entry_name(entry), *wrong = wrong_with(entry, git);
    const char *path = folder[0] == '\0' ? sw_arena_text(&content->arena, name)
                                         : sw_arena_format(&content->arena, "%s/%s", folder, name);
    if (path == NULL)
        return sw_fail_memory(walk->error);
    if (wrong != NULL || strlen(path) > SW_MAX_PATH_SIZE)
        return refuse(walk, path, wrong == NULL ? "is too long" : wrong);
    bool is_folder = git->tree_entry_filemode(entry) == GIT_FILEMODE_TREE;
    for (size_t i = 0; i < content->count; i++) {
        if (strcmp(content->entries[i].path, path) == 0)
            return refuse(walk, path, "is there twice");
    }
    if (content->count == SW_MAX_RECORD_ENTRIES)
        return refuse(walk, path, "is one file too many");
    struct sw_history_entry *entries =
        sw_arena_grow(&content->arena, content->entries, content->count, sizeof *entries);
    if (entries == NULL)
        return sw_fail_memory(walk->error);
    content->entries = entries;
    entries[content->count++] = (struct sw_history_entry){.path = path,
                                                          .id = *git->tree_entry_id(entry),
                                                          .folder = is_folder,
                                                          .executable = git->tree_entry_filemode(entry) ==
                                                                        GIT_FILEMODE_BLOB_EXECUTABLE};
    return is_folder ? add_folder(walk, path, git->tree_entry_id(entry), depth + 1) : 0;
}

static int fail_read(const struct walk *walk, const char *path)
{
    (void)sw_git_fail(walk->error, walk->history->git, "cannot read '%s' of the record %s@%" PRIu64, path,
                      walk->record->profile, walk->record->number);
    return sw_error_hint(walk->error, "'git fsck' shows what is damaged");
}

static int add_folder(struct walk *walk, const char *path, const git_oid *id, unsigned depth)
{
    const struct sw_git *git = walk->history->git;
    const char *shown = path[0] == '\0' ? "the tree" : path;
    git_tree *tree = NULL;
    bool fits = false;
    if (depth > SW_MAX_RECORD_DEPTH)
        return refuse(walk, shown, "lies too deep");
    if (sw_history_measure(&fits, walk->history, id, GIT_OBJECT_TREE, SW_MAX_RECORD_TREE) != 0)
        return fail_read(walk, shown);
    if (!fits)
        return refuse(walk, shown, "is no folder, or too large");
    if (git->tree_lookup(&tree, walk->history->repository, id) != 0)
        return fail_read(walk, shown);
    int code = 0;
    for (size_t i = 0; code == 0 && i < git->tree_entrycount(tree); i++)
        code = add_entry(walk, path, git->tree_entry_byindex(tree, i), depth);
    git->tree_free(tree);
    return code;
}

int sw_history_load_content(const struct sw_history_content **out, struct sw_history *history,
                            const struct sw_record *record, struct sw_error *error)
{
    struct sw_history_content *content = &history->content;
    git_oid id;
    *out = content;
    if (strcmp(content->tree, record->tree) == 0)
        return 0;
    sw_history_content_release(content);
    sw_arena_init(&content->arena, SW_MAX_ARENA);
    struct walk walk = {.history = history, .record = record, .content = content, .error = error};
    if (history->git->oid_fromstr(&id, record->tree) != 0)
        return fail_read(&walk, "the tree");
    int code = add_folder(&walk, "", &id, 0);
    if (code != 0)
        sw_history_content_release(content);
    else
        memcpy(content->tree, record->tree, sizeof content->tree);
    return code;
}

void sw_history_content_release(struct sw_history_content *content)
{
    sw_arena_release(&content->arena);
    *content = (struct sw_history_content){0};
}

static const struct sw_history_entry *find_entry(const struct sw_history_content *content, const char *path,
                                                 bool folder)
{
    for (size_t i = 0; i < content->count; i++) {
        const struct sw_history_entry *entry = &content->entries[i];
        if (entry->folder == folder && strcmp(entry->path, path) == 0)
            return entry;
    }
    return NULL;
}

static int fail_missing(struct sw_error *error, const struct sw_record *record, const char *path)
{
    return sw_fail(error, SW_ENOTFOUND, "the record %s@%" PRIu64 " has no '%s'", record->profile,
                   record->number, path);
}

int sw_history_read(struct sw_buffer *out, struct sw_history *history, const struct sw_record *record,
                    const char *path, struct sw_error *error)
{
    const struct sw_history_content *content = NULL;
    struct walk walk = {.history = history, .record = record, .error = error};
    bool fits = false;
    int code = sw_history_load_content(&content, history, record, error);
    if (code != 0)
        return code;
    const struct sw_history_entry *entry = find_entry(content, path, false);
    if (entry == NULL)
        return fail_missing(error, record, path);
    if (sw_history_measure(&fits, history, &entry->id, GIT_OBJECT_BLOB, out->max - out->n) != 0)
        return fail_read(&walk, path);
    if (!fits)
        return refuse(&walk, path, "is too large");
    return sw_history_add_blob(out, history, &entry->id) == 0 ? sw_buffer_check(out, path, error)
                                                              : fail_read(&walk, path);
}

/* The name below `folder`, or NULL if the entry is no file right in it. */
static const char *name_in(const char *folder, const struct sw_history_entry *entry)
{
    size_t n = strlen(folder);
    bool below = strncmp(entry->path, folder, n) == 0 && entry->path[n] == '/';
    return below && !entry->folder && strchr(entry->path + n + 1, '/') == NULL ? entry->path + n + 1 : NULL;
}

int sw_history_list(const struct sw_record_entry **entries, size_t *count, struct sw_arena *arena,
                    struct sw_history *history, const struct sw_record *record, const char *path,
                    struct sw_error *error)
{
    const struct sw_history_content *content = NULL;
    int code = sw_history_load_content(&content, history, record, error);
    if (code != 0)
        return code;
    if (find_entry(content, path, true) == NULL)
        return fail_missing(error, record, path);
    struct sw_record_entry *found = sw_arena_array(arena, content->count + 1, sizeof *found);
    size_t n = 0;
    for (size_t i = 0; found != NULL && i < content->count; i++) {
        const char *name = name_in(path, &content->entries[i]);
        if (name == NULL)
            continue;
        found[n].executable = content->entries[i].executable;
        found[n].name = sw_arena_text(arena, name);
        if (found[n++].name == NULL)
            return sw_fail_memory(error);
    }
    if (found == NULL)
        return sw_fail_memory(error);
    *entries = found;
    *count = n;
    return 0;
}
