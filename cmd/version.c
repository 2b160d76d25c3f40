#include "version.h"

#include "history/git.h"
#include "http/curl.h"
#include "output/say.h"
#include "project/program_version.h"

#include <archive.h>
#include <jansson.h>
#include <openssl/crypto.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <yaml.h>
#include <zlib.h>

static void print_curl(FILE *to)
{
    const struct sw_curl *curl;
    struct sw_error error = {0};
    if (sw_curl_load(&curl, &error) != 0)
        say(to, "libcurl: not installed, and needed for every connection\n");
    else
        say(to, "%s\n", curl->version());
}

static void print_git(FILE *to)
{
    int major = 0, minor = 0, revision = 0;
    if (sw_git_release(&major, &minor, &revision))
        say(to, "libgit2 %d.%d.%d\n", major, minor, revision);
    else
        say(to, "libgit2: not installed, and needed for the history\n");
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
