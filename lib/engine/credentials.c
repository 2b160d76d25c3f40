#include "engine/credentials.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "data/json.h"

enum { HELPER_SECONDS = 60, HELPER_NAME = 64 };

/* The key of docker's hub in config.json. */
static const char hub[] = "https://index.docker.io/v1/";

/* The variables that helpers see beside the usual variables: places of secrets, the way to ask for a
 * passphrase, and cloud accounts. */
static const struct sw_variable needs[] = {
    {"DOCKER_CONFIG", SW_VARIABLE_FILE},
    {"DOCKER_CERT_PATH", SW_VARIABLE_FILE},
    {"DOCKER_*", SW_VARIABLE_TEXT},
    {"REGISTRY_AUTH_FILE", SW_VARIABLE_FILE},
    {"DBUS_SESSION_BUS_ADDRESS", SW_VARIABLE_TEXT},
    {"DISPLAY", SW_VARIABLE_TEXT},
    {"WAYLAND_DISPLAY", SW_VARIABLE_TEXT},
    {"XAUTHORITY", SW_VARIABLE_FILE},
    {"GNUPGHOME", SW_VARIABLE_FILE},
    {"GPG_TTY", SW_VARIABLE_HOME},
    {"PASSWORD_STORE_DIR", SW_VARIABLE_FILE},
    {"AWS_CONFIG_FILE", SW_VARIABLE_FILE},
    {"AWS_SHARED_CREDENTIALS_FILE", SW_VARIABLE_FILE},
    {"AWS_WEB_IDENTITY_TOKEN_FILE", SW_VARIABLE_FILE},
    {"AWS_*", SW_VARIABLE_TEXT},
    {"GOOGLE_APPLICATION_CREDENTIALS", SW_VARIABLE_FILE},
    {"GOOGLE_*", SW_VARIABLE_TEXT},
    {"CLOUDSDK_CONFIG", SW_VARIABLE_FILE},
    {"CLOUDSDK_PYTHON", SW_VARIABLE_HOME},
    {"CLOUDSDK_*", SW_VARIABLE_TEXT},
    {"AZURE_CONFIG_DIR", SW_VARIABLE_FILE},
    {"AZURE_*", SW_VARIABLE_TEXT},
    {"GITHUB_ACTOR", SW_VARIABLE_TEXT},
    {"GITHUB_TOKEN", SW_VARIABLE_TEXT},
    {"GH_TOKEN", SW_VARIABLE_TEXT},
    {"CI_*", SW_VARIABLE_TEXT},
    {NULL, SW_VARIABLE_TEXT},
};

struct sw_credentials {
    struct sw_arena arena;
    const struct sw_node *config, *environment; /* each NULL if missing */
    const char *const *variables;
};

static int read_config(struct sw_credentials *credentials, const char *folder, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    const char *path = sw_path_join(&credentials->arena, folder, "config.json");
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_file_read(&text, path, error);
    if (code == SW_ENOTFOUND)
        return 0;
    if (code == 0 && sw_str_trim(sw_buffer_str(&text)).n > 0) /* docker takes an empty file */
        code = sw_json_read(&credentials->config, &credentials->arena, sw_buffer_str(&text), path, error);
    return code;
}

int sw_credentials_read(struct sw_credentials **out, const char *folder, const char *const *variables,
                        struct sw_error *error)
{
    const char *environment = sw_variables_get(variables, "DOCKER_AUTH_CONFIG");
    struct sw_credentials *credentials = calloc(1, sizeof *credentials);
    if (credentials == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&credentials->arena, SW_MAX_ARENA);
    credentials->variables = variables;
    int code = folder == NULL ? 0 : read_config(credentials, folder, error);
    if (code == 0 && environment != NULL && environment[0] != '\0')
        code = sw_json_read(&credentials->environment, &credentials->arena, sw_str_from(environment),
                            "DOCKER_AUTH_CONFIG", error);
    if (code != 0) {
        sw_credentials_free(credentials);
        return code;
    }
    *out = credentials;
    return 0;
}

void sw_credentials_free(struct sw_credentials *credentials)
{
    if (credentials == NULL)
        return;
    sw_arena_release(&credentials->arena);
    free(credentials);
}

static bool is_hub(const char *registry)
{
    static const char *const names[] = {"docker.io", "index.docker.io", "registry-1.docker.io", hub};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (strcmp(registry, names[i]) == 0)
            return true;
    }
    return false;
}

/* "https://host:5000/v2/" is of "host:5000". */
static struct sw_str host_of(struct sw_str key)
{
    size_t scheme = sw_str_starts(key, "https://") ? 8 : sw_str_starts(key, "http://") ? 7 : 0;
    key = sw_str_drop(key, scheme);
    return sw_str_cut(&key, '/');
}

/* The entry of `auths`: by the very key, else by any of the same host. */
static const struct sw_node *find_entry(const struct sw_node *root, const char *key)
{
    const struct sw_node *auths = sw_node_get(root, "auths");
    const struct sw_node *exact = sw_node_get(auths, key);
    for (size_t i = 0; exact == NULL && i < sw_node_member_count(auths); i++) {
        if (sw_str_is(host_of(sw_node_member_at(auths, i)->key), key))
            return sw_node_member_at(auths, i)->value;
    }
    return exact;
}

/* "auth" is base64 of NAME:PASSWORD. */
static int read_pair(struct sw_login *login, const char *text, const char *key, struct sw_error *error)
{
    SW_BUFFER_AUTO bytes;
    sw_buffer_init(&bytes, SW_MAX_PROCESS_ARGUMENT);
    bool whole = sw_base64_decode(&bytes, sw_str_trim(sw_str_from(text)));
    while (bytes.n > 0 && bytes.p[bytes.n - 1] == '\0')
        sw_buffer_truncate(&bytes, bytes.n - 1);
    struct sw_str password = sw_buffer_str(&bytes);
    struct sw_str username = sw_str_cut(&password, ':');
    if (!whole || password.p == NULL)
        return sw_fail(error, SW_EINPUT, "the login for '%.200s' in docker's config.json is malformed", key);
    login->username = sw_arena_copy(&login->arena, username);
    login->password = sw_arena_copy(&login->arena, password);
    return login->username == NULL || login->password == NULL ? sw_fail_memory(error) : 0;
}

static int read_entry(struct sw_login *login, const struct sw_node *entry, const char *key,
                      struct sw_error *error)
{
    const char *pair = sw_node_text(sw_node_get(entry, "auth"), "");
    login->username = sw_node_text(sw_node_get(entry, "username"), "");
    login->password = sw_node_text(sw_node_get(entry, "password"), "");
    login->identity_token = sw_node_text(sw_node_get(entry, "identitytoken"), "");
    login->registry_token = sw_node_text(sw_node_get(entry, "registrytoken"), "");
    return pair[0] == '\0' ? 0 : read_pair(login, pair, key, error);
}

/* Read a helper's answer: {"ServerURL", "Username", "Secret"}. */
static int read_answer(struct sw_login *login, const char *helper, struct sw_str answer,
                       struct sw_error *error)
{
    const struct sw_node *root = NULL;
    if (sw_json_read(&root, &login->arena, answer, NULL, NULL) != 0)
        return sw_fail(error, SW_EENV, "the credential helper '%s' gave no JSON", helper);
    const char *username = sw_node_text(sw_node_get(root, "Username"), "");
    const char *secret = sw_node_text(sw_node_get(root, "Secret"), "");
    if (strcmp(username, "<token>") == 0) {
        login->identity_token = secret;
    } else {
        login->username = username;
        login->password = secret;
    }
    return 0;
}

/* A name that may be run and shown; anything else in its place could be a login. */
static bool is_helper(const char *name)
{
    return strlen(name) <= HELPER_NAME && sw_str_is_plain(sw_str_from(name), "-_.");
}

static int ask_helper(struct sw_login *login, const char *const *variables, const char *name, const char *key,
                      const struct sw_cancel *cancel, struct sw_error *error)
{
    const char *helper = sw_arena_format(&login->arena, "docker-credential-%s", name);
    if (helper == NULL)
        return sw_fail_memory(error);
    if (!is_helper(name)) {
        (void)sw_fail(
            error, SW_EINPUT,
            "docker's config.json names a credential helper for '%.200s' with other characters than "
            "letters, digits, '-', '_' and '.'",
            key);
        return sw_error_hint(error, "a helper 'x' is the program docker-credential-x in PATH");
    }
    const char *const argv[] = {helper, "get", NULL};
    const struct sw_process_options options = {.argv = argv,
                                               .environment = variables,
                                               .needs = needs,
                                               .input = sw_str_from(key),
                                               .timeout_ns = HELPER_SECONDS * SW_SECOND_NS,
                                               .cancel = cancel};
    struct sw_process_result result = {0};
    SW_BUFFER_AUTO answer;
    sw_buffer_init(&answer, SW_MAX_PROCESS_OUTPUT);
    int code = sw_process_run(&result, &options, &answer, NULL, error);
    if (code == SW_ENOTFOUND) {
        (void)sw_fail(error, SW_ENOTFOUND, "the credential helper '%s' is not installed", helper);
        return sw_error_hint(error, "install it, or take it out of docker's config.json");
    }
    if (code != 0)
        return code;
    if (result.status == 0)
        return read_answer(login, helper, sw_buffer_str(&answer), error);
    /* The words by which every helper says so (docker/docker-credential-helpers). */
    if (strstr(answer.p, "credentials not found in native keychain") != NULL)
        return 0;
    (void)sw_fail(error, SW_EENV, "the credential helper '%s' failed with status %d", helper, result.status);
    return sw_error_hint(error, "try it: echo %.100s | %s get", key, helper);
}

static int find(struct sw_login *login, const struct sw_credentials *credentials, const char *key,
                const struct sw_cancel *cancel, struct sw_error *error)
{
    const struct sw_node *entry = find_entry(credentials->environment, key);
    if (entry != NULL)
        return read_entry(login, entry, key, error);
    const struct sw_node *helpers = sw_node_get(credentials->config, "credHelpers");
    const char *helper = sw_node_text(sw_node_get(helpers, key), "");
    if (helper[0] == '\0')
        helper = sw_node_text(sw_node_get(credentials->config, "credsStore"), "");
    if (helper[0] != '\0')
        return ask_helper(login, credentials->variables, helper, key, cancel, error);
    return read_entry(login, find_entry(credentials->config, key), key, error);
}

int sw_credentials_find(struct sw_login *login, const struct sw_credentials *credentials,
                        const char *registry, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_login found = {.username = "", .password = "", .identity_token = "", .registry_token = ""};
    sw_arena_init(&found.arena, SW_MAX_ARENA);
    int code = find(&found, credentials, is_hub(registry) ? hub : registry, cancel, error);
    if (code == 0)
        *login = found;
    else
        sw_login_release(&found);
    return code;
}

void sw_login_release(struct sw_login *login)
{
    sw_arena_release(&login->arena);
    *login = (struct sw_login){0};
}

int sw_login_header(struct sw_buffer *out, const struct sw_login *login, const char *registry,
                    struct sw_error *error)
{
    const struct {
        const char *key, *value;
    } fields[] = {
        {"username", login->username},
        {"password", login->password},
        {"identitytoken", login->identity_token},
        {"registrytoken", login->registry_token},
    };
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO json;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&json, SW_MAX_HTTP_HEADERS);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *map = sw_build_map(&b);
    bool known = false;
    for (size_t i = 0; i < SW_COUNT(fields); i++) {
        if (fields[i].value[0] == '\0')
            continue;
        known = true;
        sw_build_set(&b, map, fields[i].key, sw_build_text(&b, fields[i].value));
    }
    if (known)
        sw_build_set(&b, map, "serveraddress", sw_build_text(&b, is_hub(registry) ? hub : registry));
    if (b.failed)
        return sw_fail_memory(error);
    sw_json_write(&json, map, SW_JSON_COMPACT);
    int code = sw_buffer_check(&json, "a login", error);
    if (code == 0)
        sw_base64_encode_url(out, sw_buffer_str(&json));
    return code != 0 ? code : sw_buffer_check(out, "a login", error);
}
