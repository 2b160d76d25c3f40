/* First: libgit2's headers have a member that is called like a banned function. */
#include "history/git_internal.h"

#include "history/ignored.h"

#include "base/buffer.h"
#include "base/limits.h"

#include <limits.h>
#include <stdlib.h>

struct sw_ignored {
    const struct sw_git *git;
    git_repository *repository; /* NULL: none */
    git_index *index;
    /* The folder, below the repository's, with a slash; or empty. */
    char *prefix;
};

void sw_ignored_free(struct sw_ignored *ignored)
{
    if (ignored == NULL)
        return;
    ignored->git->index_free(ignored->index);
    ignored->git->repository_free(ignored->repository);
    free(ignored->prefix);
    free(ignored);
}

/* The folder as its repository knows it; false if it is not below the working tree. */
static bool find_prefix(struct sw_ignored *ignored, const char *folder)
{
    const char *top = ignored->git->repository_workdir(ignored->repository); /* ends with a slash */
    size_t n = top == NULL ? 0 : strlen(top);
    if (n == 0 || strncmp(folder, top, n - 1) != 0 || (folder[n - 1] != '/' && folder[n - 1] != '\0'))
        return false;
    const char *below = folder[n - 1] == '\0' ? "" : folder + n;
    return asprintf(&ignored->prefix, "%s%s", below, below[0] == '\0' ? "" : "/") >= 0;
}

static int open_repository(struct sw_ignored *ignored, const char *folder, struct sw_error *error)
{
    const struct sw_git *git = ignored->git;
    int code = sw_git_open(&ignored->repository, git, folder, error);
    if (code != 0 || ignored->repository == NULL)
        return code;
    if (git->repository_index(&ignored->index, ignored->repository) != 0)
        return sw_git_fail(error, git, "cannot tell what git ignores in '%s'", folder);
    if (find_prefix(ignored, folder))
        return 0;
    return sw_fail(error, SW_EENV, "cannot tell what git ignores in '%s': it is in no working tree", folder);
}

int sw_ignored_open(struct sw_ignored **out, const char *folder, struct sw_error *error)
{
    char real[PATH_MAX];
    const struct sw_git *git = NULL;
    int code = sw_git_load(&git, error);
    if (code != 0)
        return code;
    if (realpath(folder, real) == NULL)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", folder);
    struct sw_ignored *ignored = calloc(1, sizeof *ignored);
    if (ignored == NULL)
        return sw_fail_memory(error);
    ignored->git = git;
    code = open_repository(ignored, real, error);
    if (code != 0)
        sw_ignored_free(ignored);
    else
        *out = ignored;
    return code;
}

static bool is_tracked(const struct sw_ignored *ignored, struct sw_buffer *path, bool is_folder)
{
    size_t n = path->n, at = 0;
    if (!is_folder)
        return ignored->git->index_get_bypath(ignored->index, path->p, 0) != NULL;
    sw_buffer_add_char(path, '/');
    bool tracked = ignored->git->index_find_prefix(&at, ignored->index, path->p) == 0;
    sw_buffer_truncate(path, n);
    return tracked;
}

int sw_ignored_check(bool *out, struct sw_ignored *ignored, const char *path, bool is_folder,
                     struct sw_error *error)
{
    const struct sw_git *git = ignored->git;
    SW_BUFFER_AUTO whole;
    int found = 0;
    sw_buffer_init(&whole, 2 * SW_MAX_PATH_SIZE);
    *out = false;
    if (ignored->repository == NULL)
        return 0;
    sw_buffer_addf(&whole, "%s%s", ignored->prefix, path);
    int code = sw_buffer_check(&whole, "a path", error);
    if (code != 0)
        return code;
    if (is_tracked(ignored, &whole, is_folder))
        return 0;
    if (git->ignore_path_is_ignored(&found, ignored->repository, whole.p) != 0)
        return sw_git_fail(error, git, "cannot tell whether git ignores '%s'", path);
    *out = found != 0;
    return 0;
}

bool sw_is_version_control(const char *path)
{
    static const char *const names[] = {".git", ".hg", ".svn", ".bzr", ".jj", ".pijul", "_darcs"};
    struct sw_str rest = sw_str_from(path);
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '/');
        for (size_t i = 0; i < SW_COUNT(names); i++) {
            if (part.n == strlen(names[i]) && strncasecmp(part.p, names[i], part.n) == 0)
                return true;
        }
    }
    return false;
}
