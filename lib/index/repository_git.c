/* A file of a repository, read by the host's git: a commit without its files is fetched, then the objects on the way to the file. */
#include "index/repository_internal.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/temporary.h"
#include "base/text.h"

#include <errno.h>
#include <sys/stat.h>

/* Write a text in the quotes of git's configuration. */
static void add_quoted(struct sw_buffer *out, struct sw_str text)
{
    sw_buffer_add_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            sw_buffer_add_char(out, '\\');
        sw_buffer_add_char(out, text.p[i]);
    }
    sw_buffer_add_char(out, '"');
}

/* Make an empty repository whose remote "o" has the URL. */
static int make_repository(struct sw_arena *arena, const char *folder, struct sw_str url,
                           struct sw_error *error)
{
    static const char *const folders[] = {"objects", "refs"};
    SW_BUFFER_AUTO config;
    sw_buffer_init(&config, SW_MAX_URL_SIZE * 3);
    for (size_t i = 0; i < SW_COUNT(folders); i++) {
        const char *path = sw_path_join(arena, folder, folders[i]);
        if (path == NULL)
            return sw_fail_memory(error);
        if (mkdir(path, 0700) != 0)
            return sw_fail_errno(error, SW_EENV, "cannot make '%s'", path);
    }
    sw_buffer_add_text(&config,
                       "[core]\nrepositoryformatversion = 1\nbare = true\n[extensions]\npartialClone = o\n"
                       "[pack]\nthreads = 1\n[transfer]\nunpackLimit = 1\n[gc]\nauto = 0\n"
                       "[maintenance]\nauto = false\n[remote \"o\"]\npromisor = true\n"
                       "partialCloneFilter = tree:0\nurl = ");
    add_quoted(&config, url);
    sw_buffer_add_char(&config, '\n');
    const char *path = sw_path_join(arena, folder, "config"), *head = sw_path_join(arena, folder, "HEAD");
    if (path == NULL || head == NULL)
        return sw_fail_memory(error);
    int code = sw_buffer_check(&config, "the URL of a repository", error);
    if (code == 0)
        code = sw_file_write(path, sw_buffer_str(&config), 0600, error);
    return code == 0 ? sw_file_write(head, SW_STR("ref: refs/heads/none\n"), 0600, error) : code;
}

/* The user's variables without those that lead git to logins, programs or other repositories. */
static int make_environment(const char *const **out, struct sw_arena *arena, const char *const *variables,
                            struct sw_error *error)
{
    static const char *const own[] = {"GIT_CONFIG_NOSYSTEM=1",  "GIT_CONFIG_GLOBAL=/dev/null",
                                      "GIT_TERMINAL_PROMPT=0",  "GIT_ALLOW_PROTOCOL=http:https",
                                      "GIT_ASKPASS=/bin/false", "LC_ALL=C",
                                      "HOME=/nonexistent"};
    static const char *const dropped[] = {"GIT_", "HOME=", "XDG_", "LC_", "LANG"};
    size_t count = 0, kept = 0;
    while (variables[count] != NULL)
        count++;
    const char **list = sw_arena_array(arena, count + SW_COUNT(own) + 1, sizeof *list);
    if (list == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        bool drop = false;
        for (size_t j = 0; j < SW_COUNT(dropped); j++)
            drop = drop || sw_str_starts(sw_str_from(variables[i]), dropped[j]);
        if (!drop)
            list[kept++] = variables[i];
    }
    memcpy((void *)(list + kept), (const void *)own, sizeof own);
    list[kept + SW_COUNT(own)] = NULL;
    *out = list;
    return 0;
}

/* Run git in the folder. */
static int run_git(struct sw_buffer *out, const struct sw_index_git *git, const char *folder,
                   const char *const *argv, struct sw_str input, struct sw_error *error)
{
    static const struct sw_variable needs[] = {{"GIT_*", SW_VARIABLE_TEXT}, {NULL, SW_VARIABLE_TEXT}};
    const char *const *environment = NULL;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO said;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&said, SW_MAX_MESSAGE);
    int code = make_environment(&environment, &arena, git->environment, error);
    if (code != 0)
        return code;
    struct sw_process_result result = {0};
    const struct sw_process_options options = {.argv = argv,
                                               .environment = environment,
                                               .needs = needs,
                                               .directory = folder,
                                               .file_max = SW_MAX_REPOSITORY_FILE,
                                               .memory_max = SW_MAX_REPOSITORY_MEMORY,
                                               .input = input,
                                               .timeout_ns = SW_MAX_REPOSITORY_SECONDS * SW_SECOND_NS,
                                               .cancel = git->cancel};
    code = sw_process_run(&result, &options, out, &said, error);
    if (code != 0 || result.status == 0)
        return code == SW_ENOTFOUND ? sw_fail(error, SW_EENV, "this host has no git") : code;
    struct sw_str rest = sw_buffer_str(&said), line = sw_str_cut(&rest, '\n');
    const char *clean = sw_text_clean(&arena, line);
    return sw_fail(error, SW_EENV, "%s", clean == NULL || clean[0] == '\0' ? "git failed" : clean);
}

/* Take the content out of the answer of `git cat-file --batch`: "ID blob SIZE\nCONTENT\n", or "... missing\n". */
static int take_content(struct sw_buffer *out, bool *found, struct sw_str answer, struct sw_error *error)
{
    struct sw_str rest = answer, line = sw_str_cut(&rest, '\n');
    uint64_t size = 0;
    *found = false;
    if (sw_str_ends(line, " missing"))
        return 0;
    (void)sw_str_cut(&line, ' ');
    struct sw_str kind = line.p == NULL ? SW_STR("") : sw_str_cut(&line, ' ');
    if (!sw_str_is(kind, "blob"))
        return 0;
    if (line.p == NULL || !sw_str_to_u64(line, &size) || size > SW_MAX_PYPROJECT || rest.p == NULL ||
        rest.n < size)
        return sw_fail(error, SW_EENV, "its pyproject.toml is too large");
    *found = true;
    sw_buffer_add(out, rest.p, (size_t)size);
    return sw_buffer_check(out, "pyproject.toml", error);
}

static int read_in(struct sw_buffer *out, bool *found, const struct sw_index_git *git, const char *folder,
                   struct sw_str commit, struct sw_str path, struct sw_error *error)
{
    SW_BUFFER_AUTO answer;
    SW_ARENA_AUTO arena;
    sw_buffer_init(&answer, SW_MAX_PYPROJECT + SW_KIB);
    sw_arena_init(&arena, SW_MAX_ARENA);
    const char *own = sw_arena_copy(&arena, commit);
    const char *object = sw_arena_format(&arena, "%.*s:%.*s\n", SW_STR_FORMAT(commit), SW_STR_FORMAT(path));
    if (own == NULL || object == NULL)
        return sw_fail_memory(error);
    const char *const fetch[] = {"git",       "--git-dir=.",     "fetch", "--quiet", "--no-tags",
                                 "--depth=1", "--filter=tree:0", "o",     own,       NULL};
    const char *const show[] = {"git", "--git-dir=.", "cat-file", "--batch", NULL};
    int code = run_git(NULL, git, folder, fetch, SW_STR(""), error);
    if (code == 0)
        code = run_git(&answer, git, folder, show, sw_str_from(object), error);
    return code == 0 ? take_content(out, found, sw_buffer_str(&answer), error) : code;
}

int sw_git_read_file(struct sw_buffer *out, bool *found, const struct sw_index_git *git, struct sw_str url,
                     struct sw_str commit, struct sw_str path, struct sw_error *error)
{
    struct sw_temporary temporary = SW_TEMPORARY_NONE;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_temporary_folder(&temporary, git->folder, 0700) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write to '%s'", git->folder);
    const char *folder = sw_path_join(&arena, git->folder, temporary.name);
    int code = folder == NULL ? sw_fail_memory(error) : make_repository(&arena, folder, url, error);
    if (code == 0)
        code = read_in(out, found, git, folder, commit, path, error);
    sw_temporary_drop(&temporary);
    return code;
}
