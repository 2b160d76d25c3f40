#include "version.h"

#include "output/say.h"
#include "program_version.h"

#include <archive.h>
#include <dlfcn.h>
#include <git2/version.h>
#include <jansson.h>
#include <openssl/crypto.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <yaml.h>
#include <zlib.h>

/* A symbol of a library that is loaded when it is needed; NULL if the library is missing. */
static void *symbol_of(const char *library, const char *name)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return handle == NULL ? NULL : dlsym(handle, name);
}

static void print_curl(FILE *to)
{
    const char *(*version)(void) = NULL;
    void *symbol = symbol_of("libcurl.so.4", "curl_version");
    memcpy(&version, &symbol, sizeof symbol);
    if (version == NULL)
        say(to, "libcurl: not installed, and needed for every connection\n");
    else
        say(to, "%s\n", version());
}

static void print_git(FILE *to)
{
    int (*version)(int *major, int *minor, int *revision) = NULL;
    int major = 0, minor = 0, revision = 0;
    void *symbol = symbol_of("libgit2.so." LIBGIT2_SOVERSION, "git_libgit2_version");
    memcpy(&version, &symbol, sizeof symbol);
    if (version != NULL)
        (void)version(&major, &minor, &revision);
    if (version == NULL)
        say(to, "libgit2: not installed, and needed for the history\n");
    else
        say(to, "libgit2 %d.%d.%d\n", major, minor, revision);
}

enum status version_print(struct session *session)
{
    char pcre2[64] = "";
    say(session->out, "slipway %s\n", SLIPWAY_VERSION);
    if (!session->options.verbose)
        return STATUS_DONE;
    (void)pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    say(session->out, "%s\nlibyaml %s\njansson %s\npcre2 %s\n%s\nzlib %s\n", archive_version_string(),
        yaml_get_version_string(), jansson_version_str(), pcre2, OpenSSL_version(OPENSSL_VERSION),
        zlibVersion());
    print_curl(session->out);
    print_git(session->out);
    return STATUS_DONE;
}
