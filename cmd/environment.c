#include "environment.h"

#include "base/macros.h"

const char *environment_first(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

const char *environment_certificates(void)
{
    static const char *const names[] = {"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"};
    return environment_first(names, SW_COUNT(names));
}
