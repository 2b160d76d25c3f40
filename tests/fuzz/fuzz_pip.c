/* pip's configuration: options whose names are whole and unique in their section, or an error at a line of the file; pip's own
 * settings are read from such a file if it can be read, and each says where it comes from. */
#include "base/limits.h"
#include "data/ini.h"
#include "index/pip.h"

#include "fuzz.h"
#include "support.h"

static void check(const struct sw_ini *ini, size_t lines)
{
    for (size_t i = 0; i < ini->count; i++) {
        const struct sw_ini_option *option = &ini->options[i];
        fuzz_claim(option->name[0] != '\0' && option->value != NULL && option->line > 0 &&
                   option->line <= lines);
        for (const char *c = option->name; *c != '\0'; c++)
            fuzz_claim(*c != '\n' && !(*c >= 'A' && *c <= 'Z'));
        for (size_t k = 0; k < i; k++)
            fuzz_claim(strcmp(option->name, ini->options[k].name) != 0 ||
                       strcmp(option->section, ini->options[k].section) != 0);
    }
}

static void read_settings(struct sw_arena *arena, struct sw_str text, bool readable)
{
    const char *const variables[] = {sw_arena_format(arena, "PIP_CONFIG_FILE=%s/pip.conf", fuzz_folder()),
                                     NULL};
    struct sw_pip pip;
    struct sw_error error = {0};
    fuzz_claim(variables[0] != NULL);
    fuzz_write("pip.conf", text);
    int code = sw_pip_read(&pip, arena, variables, "/nonexistent", &error);
    fuzz_claim(code == 0 || (code == SW_EINPUT && error.text[0] != '\0'));
    fuzz_claim(readable || code != 0);
    const struct sw_setting *settings[] = {&pip.index_url, &pip.extra_index_url, &pip.trusted_host,
                                           &pip.proxy};
    for (size_t i = 0; code == 0 && i < SW_COUNT(settings); i++)
        fuzz_claim(settings[i]->value == NULL || settings[i]->origin != NULL);
}

int fuzz_pip(const uint8_t *data, size_t size)
{
    const struct sw_str text = {(const char *)data, size};
    struct sw_ini ini;
    struct sw_error error = {0};
    size_t lines = 1;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' || data[i] == '\r';
    int code = sw_ini_read(&ini, &arena, text, "pip.conf", &error);
    if (code == 0)
        check(&ini, lines);
    else
        fuzz_claim(code == SW_EINPUT && error.line <= lines && error.text[0] != '\0');
    read_settings(&arena, text, code == 0);
    return 0;
}
