#include "http/curl.h"

#include "base/library.h"

#include <pthread.h>

static struct sw_curl table; /* written once, under `once` */
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    const struct sw_library_function functions[] = {
        {"curl_easy_cleanup", &table.easy_cleanup},
        {"curl_easy_getinfo", &table.easy_getinfo},
        {"curl_easy_init", &table.easy_init},
        {"curl_easy_recv", &table.easy_recv},
        {"curl_easy_send", &table.easy_send},
        {"curl_easy_setopt", &table.easy_setopt},
        {"curl_easy_strerror", &table.easy_strerror},
        {"curl_multi_add_handle", &table.multi_add_handle},
        {"curl_multi_cleanup", &table.multi_cleanup},
        {"curl_multi_info_read", &table.multi_info_read},
        {"curl_multi_init", &table.multi_init},
        {"curl_multi_perform", &table.multi_perform},
        {"curl_multi_poll", &table.multi_poll},
        {"curl_multi_remove_handle", &table.multi_remove_handle},
        {"curl_multi_setopt", &table.multi_setopt},
        {"curl_multi_strerror", &table.multi_strerror},
        {"curl_slist_append", &table.slist_append},
        {"curl_slist_free_all", &table.slist_free_all},
        {"curl_version", &table.version},
    };
    /* Debian names the library by the TLS that it uses: OpenSSL, GnuTLS or NSS. */
    static const char *const files[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4", NULL};
    (void)sw_library_load(files, functions, SW_COUNT(functions), &loaded); /* kept for good */
}

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
