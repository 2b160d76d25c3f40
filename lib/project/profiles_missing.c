/* A word that names no profile may be a file, a folder, a requirement or a name mistyped: the error says which it is, and the hint
 * has the words to type. */
#include "author/draft.h"
#include "base/file.h"
#include "project/profiles.h"
#include "project/profiles_internal.h"

#include <dirent.h>
#include <strings.h>
#include <sys/stat.h>

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
            if (folder == NULL || profiles_add_folder(&found, project, folder, NULL) != 0)
                return NULL;
        }
        git = full == NULL ? NULL : sw_path_join(project->arena, full, ".git");
        if (found.count > 0 || git == NULL)
            return git == NULL ? NULL : full;
        if (profiles_exists(git))
            return NULL;
        above = sw_path_join(project->arena, above, "..");
    }
    return NULL;
}

/* ---- files and folders that are no profiles ---- */

/* The names in a folder that are those of a stack's files: Dockerfile, requirements.txt and the like. */
static struct sw_texts list_sources(struct sw_project *project, const char *folder)
{
    struct sw_texts sources = {0};
    DIR *entries = opendir(folder);
    int code = 0;
    for (struct dirent *entry = entries == NULL ? NULL : readdir(entries); code == 0 && entry != NULL;
         entry = readdir(entries)) {
        const char *name =
            sw_draft_knows_name(entry->d_name) ? sw_arena_text(project->arena, entry->d_name) : NULL;
        code = name == NULL ? 0 : sw_texts_add(&sources, project->arena, name, NULL);
    }
    if (entries != NULL)
        (void)closedir(entries);
    return sources;
}

/* The first of the names that are as near to the wanted name as any; NULL if none is near. */
static const char *nearest_of(const struct sw_texts *names, const char *wanted)
{
    enum { MOST = 2 }; /* more changes than that make another name */
    const char *nearest = NULL;
    unsigned best = MOST + 1;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        unsigned distance =
            strcasecmp(name, wanted) == 0 ? 0 : sw_str_distance(sw_str_from(name), sw_str_from(wanted));
        if (distance < best || (distance == best && nearest != NULL && strcmp(name, nearest) < 0)) {
            nearest = name;
            best = distance;
        }
    }
    return nearest;
}

static const char *first_of(const struct sw_texts *names)
{
    const char *first = NULL;
    for (size_t i = 0; i < names->count; i++) {
        if (first == NULL || strcmp(names->items[i], first) < 0)
            first = names->items[i];
    }
    return first;
}

static int refuse_folder(struct sw_project *project, const char *word, const char *path,
                         struct sw_error *error)
{
    struct sw_texts all = {0}, inside = {0}, sources = list_sources(project, path);
    const char *source = first_of(&sources);
    bool is_here = strcmp(word, ".") == 0 || strcmp(word, "./") == 0;
    if (sw_profiles_list(&all, project, error) != 0 ||
        profiles_add_folder(&inside, project, path, error) != 0)
        return SW_EENV;
    (void)sw_fail(error, SW_EINPUT, "'%s' is a folder, not a profile", word);
    if (inside.count > 0 && !is_here)
        return sw_error_hint(error, "name one of its profiles, such as '%s'", inside.items[0]);
    if (all.count > 0)
        return sw_error_hint(error, "name a profile, such as '%s'; 'slipway list' lists them", all.items[0]);
    if (source != NULL)
        return sw_error_hint(
            error, "'slipway check %s' judges it; 'slipway init --from %s%s%s' makes a profile", word,
            is_here ? "" : word, is_here || sw_str_ends(sw_str_from(word), "/") ? "" : "/", source);
    return sw_error_hint(error, "'slipway init' writes a first profile");
}

static int refuse_file(const char *word, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "'%s' is a file, not a profile", word);
    if (sw_draft_knows_name(word))
        return sw_error_hint(error,
                             "'slipway check %s' judges it; 'slipway init --from %s' makes a profile of it",
                             word, word);
    return sw_error_hint(
        error, "a profile is a YAML file that says 'slipway: 1'; 'slipway init' writes a first one");
}

/* ---- words that name nothing ---- */

static bool is_requirement(const char *word)
{
    static const char *const operators[] = {"==", ">=", "<=", "~=", "!="};
    for (size_t i = 0; i < SW_COUNT(operators); i++) {
        if (strstr(word, operators[i]) != NULL)
            return true;
    }
    return false;
}

/* The name of the profile that is nearest to the wanted name, whatever its case; NULL if none is near. */
static const char *nearest_profile(struct sw_project *project, const struct sw_texts *all, const char *name)
{
    const char *nearest = NULL;
    struct sw_str wanted = sw_str_from(sw_path_base(name));
    wanted.n -= sw_str_ends(wanted, ".yaml") ? 5 : sw_str_ends(wanted, ".yml") ? 4 : 0;
    unsigned best = (unsigned)wanted.n / 2 + 1;
    for (size_t i = 0; i < all->count; i++) {
        struct sw_str base = sw_str_from(sw_path_base(all->items[i]));
        base.n -= sw_str_ends(base, ".yaml") ? 5 : 4;
        bool same = base.n == wanted.n && strncasecmp(base.p, wanted.p, base.n) == 0;
        unsigned distance = same ? 0 : sw_str_distance(base, wanted);
        if (distance < best) {
            best = distance;
            nearest = sw_arena_copy(project->arena, base);
        }
    }
    return nearest;
}

/* The hint for a word that names nothing at all. */
static int hint_missing(struct sw_project *project, const struct sw_texts *all, const char *name,
                        bool is_file, struct sw_error *error)
{
    const char *above = all->count == 0 ? project_above(project) : NULL;
    const char *folder = sw_path_dir(project->arena, name),
               *path = folder == NULL ? NULL : sw_project_path(project, folder);
    struct sw_texts sources = {0};
    if (path != NULL)
        sources = list_sources(project, path);
    const char *source = nearest_of(&sources, sw_path_base(name)),
               *nearest = nearest_profile(project, all, name);
    if (source != NULL)
        return sw_error_hint(error, "did you mean '%.*s%s'?", (int)(sw_path_base(name) - name), name, source);
    if (above != NULL)
        return sw_error_hint(error, "the profiles are in '%s': use -C %s", above, above);
    if (nearest != NULL)
        return sw_error_hint(error, "did you mean '%s'?", nearest);
    if (is_file)
        return sw_error_hint(
            error, all->count > 0 ? "'slipway list' lists the profiles; -C DIR goes to another folder"
                                  : "-C DIR goes to another folder; 'slipway init' writes a first profile");
    return sw_error_hint(error, "looked for slipway/%s.yaml, profiles/%s.yaml and %s.yaml", name, name, name);
}

int profiles_no_such(struct sw_project *project, const char *name, struct sw_error *error)
{
    struct sw_texts all = {0};
    struct stat status;
    const char *path = sw_project_path(project, name);
    if (path == NULL)
        return sw_fail_memory(error);
    if (stat(path, &status) == 0) {
        if (S_ISDIR(status.st_mode))
            return refuse_folder(project, name, path, error);
        return S_ISREG(status.st_mode) ? refuse_file(name, error)
                                       : sw_fail(error, SW_EINPUT, "'%s' is no regular file", name);
    }
    if (sw_profiles_list(&all, project, error) != 0)
        return SW_EENV;
    if (is_requirement(name)) {
        (void)sw_fail(error, SW_ENOTFOUND, "'%s' is a requirement, not a profile", name);
        return sw_error_hint(
            error,
            "write it into a file, such as requirements.txt; or: slipway suggest --gpu NAME --with '%s'",
            name);
    }
    bool is_file = strpbrk(name, "/.") != NULL || sw_draft_knows_name(name);
    if (strchr(name, '/') != NULL)
        (void)sw_fail_at(error, SW_ENOTFOUND, path, 0, 0, "no file '%s'", name);
    else
        (void)sw_fail(error, SW_ENOTFOUND, "no %sprofile '%s' here", is_file ? "file and no " : "", name);
    return hint_missing(project, &all, name, is_file, error);
}

int profiles_none(struct sw_project *project, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "no profile here");
    const char *above = project_above(project), *here = sw_project_path(project, ".");
    if (above != NULL)
        return sw_error_hint(error, "the profiles are in '%s': use -C %s", above, above);
    struct sw_texts sources = {0};
    if (here != NULL)
        sources = list_sources(project, here);
    if (sources.count > 0)
        return sw_error_hint(
            error,
            "'slipway check .' judges the files here; 'slipway init --from %s --gpu NAME' makes a profile",
            first_of(&sources));
    return sw_error_hint(error,
                         "a profile is slipway/NAME.yaml, profiles/NAME.yaml or NAME.yaml; write a first one "
                         "with 'slipway init --gpu NAME'");
}
