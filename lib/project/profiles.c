#include "project/profiles.h"

#include "author/draft.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"
#include "project/grants.h"

#include <dirent.h>
#include <strings.h>
#include <sys/stat.h>

const char *const sw_profiles_folders[] = {"slipway", "profiles", ".", NULL};

bool sw_profiles_is_path(const char *word)
{
    return strchr(word, '/') != NULL || sw_str_ends(sw_str_from(word), ".yaml") ||
           sw_str_ends(sw_str_from(word), ".yml");
}

static bool exists(const char *path)
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

static int add_folder(struct sw_texts *paths, const struct sw_project *project, const char *directory,
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
        code = directory == NULL ? sw_fail_memory(error) : add_folder(&found, project, directory, error);
    }
    if (code != 0)
        return code;
    if (found.count > 0)
        qsort((void *)found.items, found.count, sizeof(const char *), by_name);
    *paths = found;
    return 0;
}

/* The nearest folder above that has profiles, as a path from here, up to the top of a git checkout; NULL if there is
 * none. */
static const char *project_above(struct sw_project *project)
{
    enum { MOST = 8 };
    const char *above = "..";
    for (int i = 0; i < MOST && above != NULL; i++) {
        const char *full = sw_project_path(project, above), *git = NULL;
        struct sw_texts found = {0};
        for (size_t j = 0; full != NULL && j < 2; j++) { /* not among files of others that lie there */
            const char *folder = sw_path_join(project->arena, full, sw_profiles_folders[j]);
            if (folder == NULL || add_folder(&found, project, folder, NULL) != 0)
                return NULL;
        }
        git = full == NULL ? NULL : sw_path_join(project->arena, full, ".git");
        if (found.count > 0 || git == NULL)
            return git == NULL ? NULL : full;
        if (exists(git))
            return NULL;
        above = sw_path_join(project->arena, above, "..");
    }
    return NULL;
}

static int no_such_profile(struct sw_project *project, const char *name, struct sw_error *error)
{
    struct sw_texts all = {0};
    const char *nearest = NULL;
    struct sw_str wanted = sw_str_from(sw_path_base(name));
    wanted.n -= sw_str_ends(wanted, ".yaml") ? 5 : sw_str_ends(wanted, ".yml") ? 4 : 0;
    unsigned best = (unsigned)wanted.n / 2 + 1;
    if (sw_profiles_list(&all, project, error) != 0)
        return SW_EENV;
    for (size_t i = 0; i < all.count; i++) {
        struct sw_str base = sw_str_from(sw_path_base(all.items[i]));
        base.n -= sw_str_ends(base, ".yaml") ? 5 : 4;
        bool same = base.n == wanted.n && strncasecmp(base.p, wanted.p, base.n) == 0;
        unsigned distance = same ? 0 : sw_str_distance(base, wanted);
        if (distance < best) {
            best = distance;
            nearest = sw_arena_copy(project->arena, base);
        }
    }
    bool is_file = strpbrk(name, "/.") != NULL || sw_draft_knows_name(name);
    (void)sw_fail(error, SW_ENOTFOUND, "no %sprofile '%s' here", is_file ? "file and no " : "", name);
    const char *above = all.count == 0 ? project_above(project) : NULL;
    if (above != NULL)
        return sw_error_hint(error, "the profiles are in '%s': use -C %s", above, above);
    if (nearest != NULL)
        return sw_error_hint(error, "did you mean '%s'?", nearest);
    if (is_file)
        return sw_error_hint(
            error, all.count > 0 ? "'slipway list' lists the profiles; -C DIR goes to another folder"
                                 : "-C DIR goes to another folder; 'slipway init' writes a first profile");
    return sw_error_hint(error, "looked for slipway/%s.yaml, profiles/%s.yaml and %s.yaml", name, name, name);
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
        return no_such_profile(project, name, error);
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
        if (!exists(candidate))
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
    bool looks = found == NULL || (!exists(found) && strchr(word, '/') == NULL);
    int code = looks ? find_file(&elsewhere, project, file, word, error) : 0;
    if (code != 0)
        return code;
    found = elsewhere == NULL ? found : elsewhere;
    if (found == NULL)
        return find_declared(path, project, word, error);
    if (!exists(found) && strchr(word, '/') == NULL)
        return no_such_profile(project, word, error);
    *path = found;
    return sw_grants_add_file(project, found, error);
}

static int no_profile(struct sw_project *project, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "no profile here");
    const char *above = project_above(project);
    if (above != NULL)
        return sw_error_hint(error, "the profiles are in '%s': use -C %s", above, above);
    return sw_error_hint(error,
                         "a profile is slipway/NAME.yaml, profiles/NAME.yaml or NAME.yaml; write a first one "
                         "with 'slipway init --gpu NAME'");
}

int sw_profiles_choose(struct sw_texts *paths, struct sw_project *project, const struct sw_texts *words,
                       bool all, struct sw_error *error)
{
    struct sw_texts chosen = {0};
    if (words->count == 0) {
        int code = sw_profiles_list(&chosen, project, error);
        if (code == 0 && chosen.count == 0) {
            code = no_profile(project, error);
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
