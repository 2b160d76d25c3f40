#include "project/certificates.h"

#include "base/macros.h"

#include <dirent.h>
#include <stddef.h>
#include <unistd.h>

const char *sw_certificates_of_system(void)
{
    static const char *const files[] = {"/etc/ssl/certs/ca-certificates.crt", /* Debian, Arch */
                                        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora */
                                        "/etc/pki/tls/certs/ca-bundle.crt", /* older Fedora */
                                        "/etc/ssl/ca-bundle.pem",           /* SUSE */
                                        "/etc/ssl/cert.pem"};               /* Alpine */
    for (size_t i = 0; i < SW_COUNT(files); i++) {
        if (access(files[i], R_OK) == 0)
            return files[i];
    }
    return NULL;
}

bool sw_certificates_are_added(const char *const *folders)
{
    bool added = false;
    for (; *folders != NULL && !added; folders++) {
        DIR *entries = opendir(*folders);
        if (entries == NULL)
            continue;
        for (struct dirent *entry = readdir(entries); entry != NULL && !added; entry = readdir(entries))
            added = entry->d_name[0] != '.';
        (void)closedir(entries);
    }
    return added;
}

const char *sw_certificates_of_site(void)
{
    static const char *const folders[] = {"/usr/local/share/ca-certificates",          /* Debian, Alpine */
                                          "/etc/pki/ca-trust/source/anchors",          /* Fedora */
                                          "/etc/pki/trust/anchors",                    /* SUSE */
                                          "/etc/ca-certificates/trust-source/anchors", /* Arch */
                                          NULL};
    return sw_certificates_are_added(folders) ? sw_certificates_of_system() : NULL;
}
