#include "project/locked_commits.h"

#include "base/limits.h"
#include "lock/git_refs.h"
#include "project/web.h"

/* The parts of "git+https://host/path@revision#fragment". */
struct repository {
    /* The URL without "git+", revision and fragment, perhaps with a login. */
    struct sw_str url;
    struct sw_str revision; /* empty: the default branch */
    struct sw_str fragment; /* with its "#", or empty */
};

static struct repository read_url(const char *text)
{
    struct sw_str whole = sw_str_from(text);
    size_t end = sw_str_find(whole, SW_STR("#"));
    struct repository repository = {.url = {whole.p, end}, .fragment = sw_str_drop(whole, end)};
    if (sw_str_starts(repository.url, "git+"))
        repository.url = sw_str_drop(repository.url, strlen("git+"));
    /* An "@" before the path belongs to a login. */
    size_t scheme = sw_str_find(repository.url, SW_STR("://")), path = 0;
    if (scheme < repository.url.n)
        path = scheme + 3 + sw_str_find(sw_str_drop(repository.url, scheme + 3), SW_STR("/"));
    for (size_t i = repository.url.n; i > path; i--) {
        if (repository.url.p[i - 1] == '@') {
            repository.revision = sw_str_drop(repository.url, i);
            repository.url.n = i - 1;
            break;
        }
    }
    return repository;
}

/* The commit of the former lock, or empty. */
static struct sw_str former_commit(const struct sw_resolved_package *former,
                                   const struct repository *repository)
{
    if (former == NULL || former->file.kind != SW_RESOLVED_VCS)
        return SW_STR("");
    struct repository before = read_url(former->file.url);
    bool same = sw_str_equal(before.url, repository->url) &&
                sw_str_equal(sw_str_from(former->file.revision), repository->revision);
    return same ? before.revision : SW_STR("");
}

/* Ask the server for the commit of the revision. */
static int ask(struct sw_str *commit, struct sw_arena *arena, struct sw_fetcher *fetcher,
               const struct repository *repository, const char *project, struct sw_error *error)
{
    SW_FETCH_RESPONSE_AUTO response;
    sw_fetch_response_init(&response);
    struct sw_str url = repository->url;
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    const char *refs = sw_arena_format(arena, "%.*s/info/refs?service=git-upload-pack", SW_STR_FORMAT(url));
    if (refs == NULL)
        return sw_fail_memory(error);
    int code = sw_fetch(&response, fetcher, &(struct sw_fetch_request){.url = refs}, error);
    if (code == SW_ECANCELED)
        return code;
    if (code != 0)
        return sw_error_hint(
            error, "without its server, end the URL of '%s' with '@' and all 40 digits of the commit",
            project);
    *commit = sw_git_refs_find(sw_buffer_str(&response.body), repository->revision);
    *commit = (struct sw_str){sw_arena_copy(arena, *commit), commit->n};
    if (commit->p == NULL)
        return sw_fail_memory(error);
    if (commit->n > 0)
        return 0;
    if (repository->revision.n == 0)
        (void)sw_fail(error, SW_EINPUT, "the server of the repository of '%s' names no default branch",
                      project);
    else
        (void)sw_fail(error, SW_EINPUT, "the repository of '%s' has no branch and no tag '%.*s'", project,
                      SW_STR_FORMAT(repository->revision));
    return sw_error_hint(error, "a commit is named with all its 40 digits");
}

/* Name the commit of a repository in its URL. */
static int name_commit(struct sw_resolved_package *package, struct sw_arena *arena,
                       struct sw_project *project, const struct sw_locking *locking, struct sw_error *error)
{
    const struct repository repository = read_url(package->file.url);
    bool asked = sw_str_starts(repository.url, "https://") || sw_str_starts(repository.url, "http://");
    if (!asked || repository.revision.n > SW_MAX_REVISION ||
        !sw_str_starts(sw_str_from(package->file.url), "git+"))
        return 0;
    struct sw_str commit = former_commit(sw_locking_former(locking, package->name), &repository);
    if (commit.n == 0 && project->offline) {
        (void)sw_fail(error, SW_EENV, "the repository of '%s' cannot be asked for its commit offline",
                      package->name);
        return sw_error_hint(error, "end its URL with '@' and all 40 digits of the commit");
    }
    int code =
        commit.n > 0 ? 0 : ask(&commit, arena, project->web->fetcher, &repository, package->name, error);
    if (code != 0)
        return code;
    package->file.revision = sw_arena_copy(arena, repository.revision);
    package->file.url = sw_arena_format(arena, "git+%.*s@%.*s%.*s", SW_STR_FORMAT(repository.url),
                                        SW_STR_FORMAT(commit), SW_STR_FORMAT(repository.fragment));
    return package->file.revision == NULL || package->file.url == NULL ? sw_fail_memory(error) : 0;
}

int sw_lock_commits(struct sw_pylock *lock, struct sw_arena *arena, struct sw_project *project,
                    const struct sw_locking *locking, struct sw_error *error)
{
    size_t count = lock->set.package_count;
    struct sw_resolved_package *packages = sw_arena_array(arena, count + 1, sizeof *packages);
    if (packages == NULL)
        return sw_fail_memory(error);
    if (count > 0)
        memcpy(packages, lock->set.packages, count * sizeof *packages);
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const struct sw_resolved_file *file = &packages[i].file;
        if (file->kind == SW_RESOLVED_VCS && sw_pylock_commit(sw_str_from(file->url)).n == 0)
            code = name_commit(&packages[i], arena, project, locking, error);
    }
    lock->set.packages = packages;
    return code;
}
