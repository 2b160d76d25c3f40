/* Prints what uv's configuration says of indexes, for uv_test.py, as a JSON object.
 *
 * usage: uv HOME [NAME=VALUE]...     the user's home, and all of the user's variables */
#include "index/uv.h"
#include "base/limits.h"
#include "data/json.h"

static void add(struct sw_buffer *text, const char *name, const struct sw_setting *setting)
{
    sw_buffer_addf(text, ", \"%s\": ", name);
    if (setting->value == NULL)
        sw_buffer_add_text(text, "null");
    else
        sw_json_quote(text, sw_str_from(setting->value));
}

int main(int argc, char **argv)
{
    struct sw_uv uv = {0};
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    if (argc < 2)
        return 2;
    int code = sw_uv_read(&uv, &arena, (const char *const *)argv + 2, argv[1], &error);
    sw_buffer_add_text(&text, "{\"error\": ");
    sw_json_quote(&text, sw_str_from(code == 0 ? "" : error.text));
    add(&text, "variable", &uv.variable);
    add(&text, "file", &uv.file);
    add(&text, "more", &uv.more);
    add(&text, "no_index", &uv.no_index);
    (void)printf("%s}\n", text.p);
    return 0;
}
