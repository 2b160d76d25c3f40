#include "project/locked_commits.h"

#include "base/limits.h"
#include "index/repository.h"
#include "lock/git_refs.h"
#include "project/web.h"

/* The commit of the former lock, or empty. */
static struct sw_str former_commit(const struct sw_resolved_package *former,
                                   const struct sw_repository_url *repository)
{
    if (former == NULL || former->file.kind != SW_RESOLVED_VCS)
        return SW_STR("");
    struct sw_repository_url before = sw_repository_url_read(sw_str_from(former->file.url));
    bool same = sw_str_equal(before.url, repository->url) &&
                sw_str_equal(sw_str_from(former->file.revision), repository->revision);
    return same ? before.revision : SW_STR("");
}

/* Ask the server for the commit of the revision. */
static int ask(struct sw_str *commit, struct sw_arena *arena, struct sw_fetcher *fetcher,
               const struct sw_repository_url *repository, const char *project, struct sw_error *error)
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

/* The commit of the revision: that of the former lock, that of an earlier round, or that which the server names. `*fresh` is true unless an
 * earlier round had it. */
static int find_commit(struct sw_str *commit, bool *fresh, struct sw_arena *arena, struct sw_project *project,
                       const struct sw_locking *locking, const struct sw_resolved_package *package,
                       const struct sw_repository_url *repository, struct sw_error *error)
{
    const char *named = sw_index_named_commit(locking->input->index, package->file.url);
    *fresh = named == NULL;
    *commit = named != NULL ? sw_str_from(named)
                            : former_commit(sw_locking_former(locking, package->name), repository);
    if (commit->n > 0)
        return 0;
    if (!project->offline)
        return ask(commit, arena, project->web->fetcher, repository, package->name, error);
    (void)sw_fail(error, SW_EENV, "the repository of '%s' cannot be asked for its commit offline",
                  package->name);
    return sw_error_hint(error, "end its URL with '@' and all 40 digits of the commit");
}

/* Name the commit of a repository in its URL. `*fresh` becomes true if the index did not know that commit. */
static int name_commit(struct sw_resolved_package *package, bool *fresh, struct sw_arena *arena,
                       struct sw_project *project, const struct sw_locking *locking, struct sw_error *error)
{
    const struct sw_repository_url repository = sw_repository_url_read(sw_str_from(package->file.url));
    bool asked = sw_str_starts(repository.url, "https://") || sw_str_starts(repository.url, "http://"), own;
    if (!asked || repository.revision.n > SW_MAX_REVISION ||
        !sw_str_starts(sw_str_from(package->file.url), "git+"))
        return 0;
    struct sw_str commit;
    int code = find_commit(&commit, &own, arena, project, locking, package, &repository, error);
    const char *text = code == 0 ? sw_arena_copy(arena, commit) : NULL;
    if (code == 0 && text == NULL)
        code = sw_fail_memory(error);
    if (code == 0 && own)
        code = sw_index_name_commit(locking->input->index, package->file.url, text, error);
    if (code != 0)
        return code;
    *fresh = *fresh || own;
    package->file.revision = sw_arena_copy(arena, repository.revision);
    package->file.url = sw_arena_format(arena, "git+%.*s@%s%.*s", SW_STR_FORMAT(repository.url), text,
                                        SW_STR_FORMAT(repository.fragment));
    return package->file.revision == NULL || package->file.url == NULL ? sw_fail_memory(error) : 0;
}

/* Name the commits of all repositories of the lock. */
static int name_commits(struct sw_pylock *lock, bool *fresh, struct sw_arena *arena,
                        struct sw_project *project, const struct sw_locking *locking, struct sw_error *error)
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
            code = name_commit(&packages[i], fresh, arena, project, locking, error);
    }
    lock->set.packages = packages;
    return code;
}

int sw_lock_by_commits(struct sw_pylock *lock, struct sw_arena *arena, struct sw_project *project,
                       const struct sw_locking *locking, struct sw_findings *findings, struct sw_error *error)
{
    size_t errors = sw_findings_count(findings, SW_ERROR);
    bool fresh = true;
    int code = 0;
    sw_index_forget_commits(locking->input->index);
    for (unsigned round = 0; code == 0 && fresh && round < SW_MAX_REPOSITORY_ROUNDS; round++) {
        fresh = false;
        code = sw_check_lock(lock, arena, locking, findings, error);
        if (code == 0 && sw_findings_count(findings, SW_ERROR) > errors)
            return 0;
        if (code == 0)
            code = name_commits(lock, &fresh, arena, project, locking, error);
    }
    if (code == 0 && fresh)
        return sw_fail(error, SW_EINPUT, "the repositories require each other too deeply to be locked");
    return code;
}
