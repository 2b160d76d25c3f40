/* An address of an engine, read again from what it was written as. Behind a NUL stands docker's config.json, and behind another
 * one the meta.json of a docker context. */
#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "engine/endpoint.h"

#include "fuzz.h"
#include "support.h"

#define CONTEXT "x"

/* Nothing of an address over ssh may be taken for an option or for syntax of a shell. */
static void check(struct sw_arena *arena, const struct sw_endpoint *endpoint)
{
    const char *parts[] = {endpoint->host, endpoint->user, endpoint->port, endpoint->socket};
    struct sw_endpoint again;
    fuzz_claim(endpoint->url != NULL && endpoint->base != NULL);
    fuzz_claim((endpoint->kind == SW_ENDPOINT_UNIX) <= (endpoint->socket != NULL));
    for (size_t i = 0; endpoint->kind == SW_ENDPOINT_CHILD && i < SW_COUNT(parts); i++) {
        if (parts[i] != NULL)
            fuzz_claim(parts[i][0] != '-' && sw_str_is_plain(sw_str_from(parts[i]), "._-:%+/@=,"));
    }
    if (sw_endpoint_parse(&again, arena, endpoint->url, "again", NULL) == 0)
        fuzz_claim(again.kind == endpoint->kind && strcmp(again.url, endpoint->url) == 0);
    else
        fuzz_claim(strlen(endpoint->url) > SW_MAX_URL_SIZE);
}

static void make_folders(void)
{
    static bool made;
    char hash[SW_SHA256_HEX_SIZE], path[256];
    if (made)
        return;
    fuzz_claim(sw_sha256_hex(SW_STR(CONTEXT), hash));
    (void)snprintf(path, sizeof path, "%s/contexts/meta/%s", fuzz_folder(), hash);
    fuzz_claim(sw_dir_make(path, 0777, NULL) == 0);
    made = true;
}

static void find(struct sw_arena *arena, const struct sw_endpoint_wishes *wishes)
{
    struct sw_endpoints found = {0};
    struct sw_error error = {0};
    if (sw_endpoints_find(&found, arena, wishes, &error) != 0) {
        fuzz_claim(error.text[0] != '\0');
        return;
    }
    for (size_t i = 0; i < found.count; i++)
        check(arena, &found.items[i]);
}

static void find_contexts(struct sw_arena *arena, struct sw_str config, struct sw_str meta)
{
    char hash[SW_SHA256_HEX_SIZE], name[256];
    make_folders();
    fuzz_claim(sw_sha256_hex(SW_STR(CONTEXT), hash));
    (void)snprintf(name, sizeof name, "contexts/meta/%s/meta.json", hash);
    fuzz_write("config.json", config);
    fuzz_write(name, meta);
    const struct sw_endpoint_wishes current = {.docker_config = fuzz_folder()};
    const struct sw_endpoint_wishes named = {.docker_config = fuzz_folder(), .docker_context = CONTEXT};
    find(arena, &current);
    find(arena, &named);
}

int fuzz_endpoint(const uint8_t *data, size_t size)
{
    struct sw_str rest = {(const char *)data, size};
    struct sw_str address = sw_str_cut(&rest, '\0'), config = sw_str_cut(&rest, '\0');
    struct sw_endpoint endpoint;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_endpoint_parse(&endpoint, &arena, fuzz_text(&arena, address), "-H", &error) == 0)
        check(&arena, &endpoint);
    else
        fuzz_claim(error.code == SW_EINPUT && error.hint[0] != '\0');
    if (config.p != NULL)
        find_contexts(&arena, config, rest.p == NULL ? SW_STR("") : rest);
    return 0;
}
