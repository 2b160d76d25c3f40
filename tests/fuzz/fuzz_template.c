/* The first line is the data, as JSON; the rest is the template, which is also each partial. Any bytes are rendered
 * within the limits, or give an error with text. */
#include "base/limits.h"
#include "data/json.h"
#include "template/template.h"

#include "fuzz.h"

static int load(void *self, struct sw_str *text, const char **label, const char *name, struct sw_error *error)
{
    if (name[0] == '-')
        return sw_fail(error, SW_ENOTFOUND, "no template '%s'", name);
    *text = *(struct sw_str *)self;
    *label = "template";
    return 0;
}

int fuzz_template(const uint8_t *data, size_t size)
{
    struct sw_str template = {(const char *)data, size};
    struct sw_str line = sw_str_cut(&template, '\n');
    const struct sw_node *root = NULL;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO out;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&out, SW_MAX_RENDERED_SIZE);
    if (sw_json_read(&root, &arena, line, NULL, NULL) != 0)
        return 0;
    const struct sw_template_source source = {load, &template};
    struct sw_error error = {0};
    int code = sw_template_render(&out, &source, "main", root, &error);
    if ((code != 0) != (error.text[0] != '\0') || (code != 0 && out.n > 0))
        abort();
    return 0;
}
