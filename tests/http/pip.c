/* Prints what pip's configuration says, for pip_test.py: a JSON object of each setting's value.
 *
 * usage: pip HOME [NAME=VALUE]...     the user's home, and all of the user's variables */
#include "index/pip.h"
#include "base/limits.h"
#include "data/json.h"

int main(int argc, char **argv)
{
    struct sw_pip pip;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    if (argc < 2)
        return 2;
    int code = sw_pip_read(&pip, &arena, (const char *const *)argv + 2, argv[1], &error);
    const struct {
        const char *name;
        const struct sw_setting *setting;
    } rows[] = {
        {"index_url", &pip.index_url},     {"extra_index_urls", &pip.extra_index_url},
        {"find_links", &pip.find_links},   {"trusted_hosts", &pip.trusted_host},
        {"no_index", &pip.no_index},       {"cert", &pip.cert},
        {"client_cert", &pip.client_cert}, {"proxy", &pip.proxy},
    };
    sw_buffer_add_text(&text, "{\"error\": ");
    sw_json_quote(&text, sw_str_from(code == 0 ? "" : error.text));
    for (size_t i = 0; code == 0 && i < SW_COUNT(rows); i++) {
        sw_buffer_addf(&text, ", \"%s\": ", rows[i].name);
        if (rows[i].setting->value == NULL)
            sw_buffer_add_text(&text, "null");
        else
            sw_json_quote(&text, sw_str_from(rows[i].setting->value));
    }
    (void)printf("%s}\n", text.p);
    return 0;
}
