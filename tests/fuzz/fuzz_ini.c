/* A configuration file: what is read of it can be written as such a file again, and reads the same then. */
#include "base/buffer.h"
#include "base/limits.h"
#include "data/ini.h"

#include "fuzz.h"

/* Whether a value would read the same: its lines are indented, and so none may be taken for a comment or be empty at the end. */
static bool is_plain(const char *value)
{
    return strpbrk(value, "\n\r") == NULL;
}

static void write_all(struct sw_buffer *out, const struct sw_ini *ini)
{
    for (size_t i = 0; i < ini->count; i++) {
        const struct sw_ini_option *option = &ini->options[i];
        if (i == 0 || strcmp(option->section, option[-1].section) != 0)
            sw_buffer_addf(out, "[%s]\n", option->section);
        sw_buffer_addf(out, "%s=%s\n", option->name, is_plain(option->value) ? option->value : "");
    }
}

int fuzz_ini(const uint8_t *data, size_t size)
{
    struct sw_ini ini = {0}, again = {0};
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_CONFIGURATION);
    if (sw_ini_read(&ini, &arena, (struct sw_str){(const char *)data, size}, "pip.conf", NULL) != 0)
        return 0;
    write_all(&text, &ini);
    if (text.state != SW_BUFFER_OK)
        return 0;
    if (sw_ini_read(&again, &arena, sw_buffer_str(&text), "pip.conf", NULL) != 0 || again.count != ini.count)
        abort();
    for (size_t i = 0; i < ini.count; i++) {
        const struct sw_ini_option *a = &ini.options[i], *b = &again.options[i];
        if (strcmp(a->section, b->section) != 0 || strcmp(a->name, b->name) != 0 ||
            (is_plain(a->value) && strcmp(a->value, b->value) != 0))
            abort();
    }
    return 0;
}
