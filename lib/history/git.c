#include "history/git_internal.h"

#include "base/library.h"
#include "base/text.h"

#include <pthread.h>
#include <stdarg.h>

#define LIBRARY "libgit2.so." LIBGIT2_SOVERSION

static struct sw_git table; /* written once, under `once` */
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Records outlive the machine's next power cut. The extensions change nothing about refs and objects as they are used here;
 * repositories with any other are refused. */
static bool set_up(void)
{
    static const char *const harmless[] = {"worktreeconfig", "partialclone", "preciousobjects"};
    return table.libgit2_init() > 0 && table.libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) == 0 &&
           table.libgit2_opts(GIT_OPT_SET_EXTENSIONS, harmless, SW_COUNT(harmless)) == 0;
}

static void load(void)
{
    const struct sw_library_function functions[] = {
#define ROW(name) {"git_" #name, &table.name},
        SW_GIT_FUNCTIONS(ROW)
#undef ROW
    };
    (void)sw_library_load(LIBRARY, functions, SW_COUNT(functions), &loaded); /* kept for good */
    loaded = loaded && set_up();
}

int sw_git_load(const struct sw_git **git, struct sw_error *error)
{
    (void)pthread_once(&once, load);
    if (!loaded) {
        (void)sw_fail(error, SW_EENV, "cannot load " LIBRARY ", which keeps the records of builds");
        return sw_error_hint(error, "install it: apt-get install libgit2-" LIBGIT2_SOVERSION);
    }
    *git = &table;
    return 0;
}

int sw_git_fail(struct sw_error *error, const struct sw_git *git, const char *format, ...)
{
    char what[256], said[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    const git_error *last = git->error_last();
    (void)snprintf(said, sizeof said, "%s",
                   last == NULL || last->message == NULL ? "no reason given" : last->message);
    for (char *p = said; *p != '\0'; p++)
        *p = *p == '\n' ? ' ' : *p;
    return sw_fail(error, SW_EENV, "%s: %s", what, said);
}

/* A repository of another user's, as libgit2 finds it: its folder may decide which programs git runs, so that git and libgit2 refuse
 * it until its user says otherwise. */
static int fail_foreign(struct sw_error *error, const char *git_folder)
{
    struct sw_str top = sw_str_from(git_folder);
    top.n -= sw_str_ends(top, "/");
    top.n -= sw_str_ends(top, "/.git") ? strlen("/.git") : 0;
    (void)sw_fail(error, SW_EENV, "the git repository '%.*s' belongs to another user", SW_STR_FORMAT(top));
    return sw_error_hint(error, "if you trust it: git config --global --add safe.directory '%.*s'",
                         SW_STR_FORMAT(top));
}

int sw_git_open(git_repository **out, const struct sw_git *git, const char *folder, struct sw_error *error)
{
    git_buf found = GIT_BUF_INIT;
    int status = git->repository_open_ext(out, folder, 0, NULL);
    if (status == 0)
        return 0;
    *out = NULL;
    if (status != GIT_ENOTFOUND && status != GIT_EOWNER)
        return sw_git_fail(error, git, "cannot read the git repository of '%s'", folder);
    /* libgit2 1.5 takes the repository of another user for none at all, if no safe.directory is configured. */
    int code = 0;
    if (git->repository_discover(&found, folder, 0, NULL) == 0)
        code = fail_foreign(error, found.ptr);
    git->buf_dispose(&found);
    return code;
}
