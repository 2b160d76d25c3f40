#include "http/curl.h"

#include "base/library.h"

#include <pthread.h>

static struct sw_curl table; /* written once, under `once` */
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#ifdef SW_LINKED_STATICALLY
static void load(void)
{
#define ROW(name) table.name = curl_##name;
    SW_CURL_FUNCTIONS(ROW)
#undef ROW
    loaded = true;
}
#else
static void load(void)
{
    const struct sw_library_function functions[] = {
#define ROW(name) {"curl_" #name, &table.name},
        SW_CURL_FUNCTIONS(ROW)
#undef ROW
    };
    /* Debian names the library by the TLS that it uses: OpenSSL, GnuTLS or NSS. */
    static const char *const files[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4", NULL};
    (void)sw_library_load(files, functions, SW_COUNT(functions), &loaded); /* kept for good */
}
#endif

int sw_curl_load(const struct sw_curl **curl, struct sw_error *error)
{
    (void)pthread_once(&once, load);
    if (!loaded) {
        (void)sw_fail(error, SW_EENV, "cannot load libcurl (libcurl.so.4), which every connection needs");
        return sw_error_hint(error, "install it: apt-get install libcurl4");
    }
    *curl = &table;
    return 0;
}
