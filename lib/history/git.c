#include "history/git_internal.h"

#include "base/library.h"
#include "base/text.h"
#include "history/git.h"

#include <pthread.h>
#include <stdarg.h>

/* Two values that the headers of libgit2 1.1 lack. */
enum { SET_EXTENSIONS = 34, EOWNER = -36 };

static struct sw_git table; /* written once, under `once` */
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* libgit2 1.1 refuses every extension but its own. */
static bool knows_extensions(void)
{
    int major = 0, minor = 0, revision = 0;
    return table.libgit2_version(&major, &minor, &revision) == 0 && (major > 1 || minor > 1);
}

/* Records outlive the machine's next power cut. The extensions change nothing about refs and objects as they are used here;
 * repositories with any other are refused. */
static bool set_up(void)
{
    static const char *const harmless[] = {"worktreeconfig", "partialclone", "preciousobjects"};
    return table.libgit2_init() > 0 && table.libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) == 0 &&
           (table.libgit2_opts(SET_EXTENSIONS, harmless, SW_COUNT(harmless)) == 0 || !knows_extensions());
}

#ifdef SW_LINKED_STATICALLY
static void load(void)
{
#define ROW(name) table.name = git_##name;
    SW_GIT_FUNCTIONS(ROW)
#undef ROW
    loaded = set_up();
}
#else
static void load(void)
{
    const struct sw_library_function functions[] = {
#define ROW(name) {"git_" #name, &table.name},
        SW_GIT_FUNCTIONS(ROW)
#undef ROW
    };
    /* The release that was compiled against comes first; git_internal.h tells why the others do. */
    static const char *const files[] = {("libgit2.so." LIBGIT2_SOVERSION),
                                        "libgit2.so.1.9",
                                        "libgit2.so.1.8",
                                        "libgit2.so.1.7",
                                        "libgit2.so.1.6",
                                        "libgit2.so.1.5",
                                        "libgit2.so.1.4",
                                        "libgit2.so.1.3",
                                        "libgit2.so.1.2",
                                        "libgit2.so.1.1",
                                        NULL};
    (void)sw_library_load(files, functions, SW_COUNT(functions), &loaded); /* kept for good */
    loaded = loaded && set_up();
}
#endif

int sw_git_load(const struct sw_git **git, struct sw_error *error)
{
    (void)pthread_once(&once, load);
    if (!loaded) {
        (void)sw_fail(error, SW_EENV,
                      "cannot load libgit2 (libgit2.so.1.1 to 1.9), which keeps the records of builds");
        return sw_error_hint(error, "install it: apt-get install '^libgit2-1\\.[0-9]$'");
    }
    *git = &table;
    return 0;
}

bool sw_git_release(int *major, int *minor, int *revision)
{
    const struct sw_git *git;
    struct sw_error error = {0};
    return sw_git_load(&git, &error) == 0 && git->libgit2_version(major, minor, revision) == 0;
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
    git_buf found = {0};
    int status = git->repository_open_ext(out, folder, 0, NULL);
    if (status == 0)
        return 0;
    *out = NULL;
    if (status != GIT_ENOTFOUND && status != EOWNER)
        return sw_git_fail(error, git, "cannot read the git repository of '%s'", folder);
    /* libgit2 1.5 takes the repository of another user for none at all, if no safe.directory is configured. */
    int code = 0;
    if (git->repository_discover(&found, folder, 0, NULL) == 0)
        code = fail_foreign(error, found.ptr);
    git->buf_dispose(&found);
    return code;
}
