/* Logins at registries, from docker's own places: config.json and the helpers that it names.
 *
 * The order is that of docker's client (docker/cli, cli/config/configfile): DOCKER_AUTH_CONFIG, the helper
 * that `credHelpers` names for a registry, the helper that `credsStore` names for all, and `auths` only if
 * there is neither helper. A helper is the program docker-credential-NAME; it is given the registry on its
 * standard input, never as an argument. */
#ifndef SLIPWAY_ENGINE_CREDENTIALS_H
#define SLIPWAY_ENGINE_CREDENTIALS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/cancel.h"

/* The logins do not change once read: any thread may look up a login. */
struct sw_credentials;

/* Read config.json in `folder` (docker's own: DOCKER_CONFIG, or .docker in HOME) and DOCKER_AUTH_CONFIG of the user's `variables`,
 * of which helpers see a part later: they must outlive the credentials. Either may be NULL or missing; text that cannot be
 * read is SW_EINPUT. */
int sw_credentials_read(struct sw_credentials **out, const char *folder, const char *const *variables,
                        struct sw_error *error) SW_NODISCARD;
void sw_credentials_free(struct sw_credentials *credentials); /* takes NULL */

/* A login; an unknown text is "". It must not outlive the credentials. */
struct sw_login {
    struct sw_arena arena;
    const char *username, *password;
    /* A token that gets a registry's tokens instead of a password. */
    const char *identity_token;
    const char *registry_token; /* a token of the registry */
};

/* Find the login for a registry: the host in an image's name, or the host that an engine talks to
 * ("registry-1.docker.io"). Without a login all texts are "". May take as long as its helper does, at most a
 * minute. A helper that is not installed is SW_ENOTFOUND, a helper that fails SW_EENV. */
int sw_credentials_find(struct sw_login *login, const struct sw_credentials *credentials,
                        const char *registry, const struct sw_cancel *cancel,
                        struct sw_error *error) SW_NODISCARD;
void sw_login_release(struct sw_login *login); /* `login` may be zeroed */
#define SW_LOGIN_AUTO SW_CLEANUP(sw_login_release) struct sw_login

/* Append the value of the header X-Registry-Auth for it. */
int sw_login_header(struct sw_buffer *out, const struct sw_login *login, const char *registry,
                    struct sw_error *error) SW_NODISCARD;

#endif
