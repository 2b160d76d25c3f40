#include "project/profiles.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"
#include "project/grants.h"
#include "project/profiles_internal.h"

#include <dirent.h>
#include <sys/stat.h>

const char *const sw_profiles_folders[] = {"slipway", "profiles", ".", NULL};

bool sw_profiles_is_path(const char *word)
{
    return strchr(word, '/') != NULL || sw_str_ends(sw_str_from(word), ".yaml") ||
           sw_str_ends(sw_str_from(word), ".yml");
}

bool profiles_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

/* Return true if the file can be a profile: broken profiles and links that lead out of the project count, so
 * that `check` reports them; other YAML does not. */
static bool looks_like_profile(const struct sw_project *project, const char *path)
{
    SW_BUFFER_AUTO head;
    sw_buffer_init(&head, 1 << 20);
    /* A read from a pipe would wait, so that only regular files are read. */
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    int code = sw_permissions_read(&head, &project->permissions, path, NULL);
    if (code != 0)
        return code == SW_EREFUSED;
    struct sw_str rest = sw_buffer_str(&head);
    while (rest.p != NULL) {
        struct sw_str line = sw_str_cut(&rest, '\n');
        if (sw_str_starts(line, "slipway:"))
            return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int profiles_add_folder(struct sw_texts *paths, const struct sw_project *project, const char *directory,
                        struct sw_error *error)
{
    DIR *entries = opendir(directory);
    if (entries == NULL)
        return 0;
    int code = 0;
    for (struct dirent *entry = readdir(entries); code == 0 && entry != NULL; entry = readdir(entries)) {
        struct sw_str name = sw_str_from(entry->d_name);
        if (!sw_str_ends(name, ".yaml") && !sw_str_ends(name, ".yml"))
            continue;
        const char *path = sw_path_join(project->arena, directory, entry->d_name);
        if (path == NULL)
            code = sw_fail_memory(error);
        else if (looks_like_profile(project, path))
            code = sw_texts_add(paths, project->arena, path, error);
    }
    (void)closedir(entries);
    return code;
}

int sw_profiles_list(struct sw_texts *paths, const struct sw_project *project, struct sw_error *error)
{
    struct sw_texts found = {0};
    int code = 0;
    for (size_t i = 0; code == 0 && sw_profiles_folders[i] != NULL; i++) {
        const char *directory = sw_project_path(project, sw_profiles_folders[i]);
        code = directory == NULL ? sw_fail_memory(error)
                                 : profiles_add_folder(&found, project, directory, error);
    }
    if (code != 0)
        return code;
    if (found.count > 0)
        qsort((void *)found.items, found.count, sizeof(const char *), by_name);
    *paths = found;
    return 0;
}

/* The `name` that a profile's file says; NULL if it says none. */
static const char *declared_name(struct sw_project *project, const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    const struct sw_node *root = NULL;
    if (sw_permissions_read(&text, &project->permissions, path, NULL) != 0 ||
        sw_yaml_read(&root, project->arena, sw_buffer_str(&text), path, NULL) != 0)
        return NULL;
    return sw_node_text(sw_node_get(root, "name"), NULL);
}

/* The profile that calls itself so in a file of another name. */
static int find_declared(const char **path, struct sw_project *project, const char *name,
                         struct sw_error *error)
{
    struct sw_texts all = {0};
    const char *found = NULL;
    int code = sw_profiles_list(&all, project, error);
    for (size_t i = 0; code == 0 && i < all.count; i++) {
        const char *declared = declared_name(project, all.items[i]);
        if (declared == NULL || strcmp(declared, name) != 0)
            continue;
        if (found != NULL) {
            (void)sw_fail(error, SW_EINPUT, "'%s' and '%s' are both the profile '%s'", found, all.items[i],
                          name);
            return sw_error_hint(error, "name the file instead");
        }
        found = all.items[i];
    }
    if (code == 0 && found == NULL)
        return profiles_no_such(project, name, error);
    if (code != 0)
        return code;
    *path = found;
    return sw_grants_add_file(project, found, error);
}

/* The file FOLDER/BASE of each profile folder that has it. Two of them are an error: which is meant? */
static int find_file(const char **path, struct sw_project *project, const char *base, const char *name,
                     struct sw_error *error)
{
    const char *found = NULL;
    for (size_t i = 0; sw_profiles_folders[i] != NULL; i++) {
        const char *directory = sw_project_path(project, sw_profiles_folders[i]);
        const char *candidate = directory == NULL ? NULL : sw_path_join(project->arena, directory, base);
        if (candidate == NULL)
            return sw_fail_memory(error);
        if (!profiles_exists(candidate))
            continue;
        if (found != NULL) {
            (void)sw_fail(error, SW_EINPUT, "'%s' and '%s' are both the profile '%s'", found, candidate,
                          name);
            return sw_error_hint(error, "name the file instead, or remove one of them");
        }
        found = candidate;
    }
    *path = found;
    return 0;
}

int sw_profiles_find(const char **path, struct sw_project *project, const char *word, struct sw_error *error)
{
    const char *found = NULL, *file = word;
    if (sw_profiles_is_path(word)) {
        found = sw_project_path(project, word);
        if (found == NULL)
            return sw_fail_memory(error);
    } else {
        file = sw_arena_format(project->arena, "%s.yaml", word);
        if (file == NULL)
            return sw_fail_memory(error);
    }
    /* "good.yaml" may lie in a folder of profiles too. */
    const char *elsewhere = NULL;
    bool looks = found == NULL || (!profiles_exists(found) && strchr(word, '/') == NULL);
    int code = looks ? find_file(&elsewhere, project, file, word, error) : 0;
    if (code != 0)
        return code;
    found = elsewhere == NULL ? found : elsewhere;
    if (found == NULL)
        return find_declared(path, project, word, error);
    if (!profiles_exists(found))
        return profiles_no_such(project, word, error);
    struct stat status;
    if (stat(found, &status) == 0 && S_ISDIR(status.st_mode))
        return profiles_no_such(project, word, error);
    *path = found;
    return sw_grants_add_file(project, found, error);
}

int sw_profiles_choose(struct sw_texts *paths, struct sw_project *project, const struct sw_texts *words,
                       bool all, struct sw_error *error)
{
    struct sw_texts chosen = {0};
    if (words->count == 0) {
        int code = sw_profiles_list(&chosen, project, error);
        if (code == 0 && chosen.count == 0) {
            code = profiles_none(project, error);
        } else if (code == 0 && chosen.count > 1 && !all) {
            (void)sw_fail(error, SW_EINPUT, "which profile? there are %zu here", chosen.count);
            code = sw_error_hint(error, "name one; 'slipway list' shows them");
        }
        if (code == 0)
            *paths = chosen;
        return code;
    }
    chosen.items = sw_arena_array(project->arena, words->count, sizeof(const char *));
    if (chosen.items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < words->count; i++) {
        int code = sw_profiles_find(&chosen.items[i], project, words->items[i], error);
        if (code != 0)
            return code;
    }
    chosen.count = words->count;
    *paths = chosen;
    return 0;
}
