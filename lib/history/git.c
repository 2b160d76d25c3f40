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
