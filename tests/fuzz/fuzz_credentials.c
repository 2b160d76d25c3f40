/* docker's config.json, in the variable that holds one and in the file: a login from it is a header in base64 that holds the
 * login, and no error quotes a secret. */
#include "base/base64.h"
#include "base/limits.h"
#include "data/json.h"
#include "engine/credentials.h"

#include "fuzz.h"
#include "support.h"

/* Stands in the corpus wherever a password may stand. No helper can have such a name. */
#define SECRET "S3:CR3T"
/* What JSON has for bytes that are not UTF-8 (docker's client sends the same). */
#define REPLACEMENT "\xEF\xBF\xBD"

static void check_error(const struct sw_error *error)
{
    fuzz_claim(error->text[0] != '\0');
    fuzz_claim(strstr(error->text, SECRET) == NULL && strstr(error->hint, SECRET) == NULL &&
               strstr(error->file, SECRET) == NULL);
}

static void check_header(struct sw_arena *arena, const struct sw_login *login)
{
    const struct sw_node *root = NULL;
    SW_BUFFER_AUTO header, text;
    sw_buffer_init(&header, 4 * SW_MAX_HTTP_HEADERS);
    sw_buffer_init(&text, 4 * SW_MAX_HTTP_HEADERS);
    if (sw_login_header(&header, login, "docker.io", NULL) != 0)
        return;
    for (size_t i = 0; i < header.n; i++) {
        const char c = header.p[i];
        fuzz_claim(sw_is_alnum((unsigned char)c) || strchr("-_=", c) != NULL);
        sw_buffer_add_char(&text, c == '-' ? '+' : c == '_' ? '/' : c);
    }
    SW_BUFFER_AUTO json;
    sw_buffer_init(&json, 4 * SW_MAX_HTTP_HEADERS);
    fuzz_claim(sw_base64_decode(&json, sw_buffer_str(&text)));
    fuzz_claim(sw_json_read(&root, arena, sw_buffer_str(&json), NULL, NULL) == 0);
    const char *password = sw_node_text(sw_node_get(root, "password"), "");
    fuzz_claim(strcmp(password, login->password) == 0 || strstr(password, REPLACEMENT) != NULL);
}

static void look_up(struct sw_arena *arena, const struct sw_credentials *credentials)
{
    static const char *const registries[] = {"docker.io", "ghcr.io", "localhost:5000"};
    for (size_t i = 0; i < SW_COUNT(registries); i++) {
        struct sw_error error = {0};
        SW_LOGIN_AUTO login = {0};
        if (sw_credentials_find(&login, credentials, registries[i], NULL, &error) == 0)
            check_header(arena, &login);
        else
            check_error(&error);
    }
}

static void read_them(const char *folder, const char *const *variables)
{
    struct sw_credentials *credentials = NULL;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_credentials_read(&credentials, folder, variables, &error) == 0)
        look_up(&arena, credentials);
    else
        check_error(&error);
    sw_credentials_free(credentials);
}

int fuzz_credentials(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_str text = {(const char *)data, size};
    /* A helper that the text names is looked for in PATH, where there is none. */
    const char *const none[] = {"PATH=/nonexistent", NULL};
    const char *const given[] = {sw_arena_format(&arena, "DOCKER_AUTH_CONFIG=%s", fuzz_text(&arena, text)),
                                 NULL};
    fuzz_write("config.json", text);
    read_them(fuzz_folder(), none);
    read_them(NULL, given);
    return 0;
}
