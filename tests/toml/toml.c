/* Reads TOML documents for toml_test.py. Standard input: each document behind its length in bytes and a line end. Standard output:
 * a line for each, its JSON, or "error LINE COLUMN TEXT". */
#include "data/toml.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "data/json.h"

static void answer(struct sw_str text)
{
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO json;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&json, SW_MAX_JSON_SIZE);
    if (sw_toml_read(&root, &arena, text, "a.toml", &error) != 0) {
        (void)printf("error %u %u %s\n", error.line, error.column, error.text);
    } else {
        sw_json_write(&json, root, SW_JSON_COMPACT);
        (void)printf("%s\n", json.p);
    }
    (void)fflush(stdout);
}

int main(void)
{
    size_t size = 0;
    while (scanf("%zu", &size) == 1 && getchar() == '\n') {
        char *text = malloc(size + 1);
        if (text == NULL || fread(text, 1, size, stdin) != size)
            return 1;
        answer((struct sw_str){text, size});
        free(text);
    }
    return 0;
}
