/* Any bytes are read as JSON within the limits: a tree that is written and read back the same, or an error
 * with text. */
#include "base/limits.h"
#include "data/json.h"

#include "fuzz.h"

static void write_and_read_back(struct sw_arena *arena, const struct sw_node *root, enum sw_json_style style)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 16 * SW_MAX_JSON_SIZE);
    sw_json_write(&text, root, style);
    const struct sw_node *again = NULL;
    if (sw_json_read(&again, arena, sw_buffer_str(&text), NULL, NULL) != 0 || !sw_node_equal(root, again))
        abort();
}

int fuzz_json(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    int code = sw_json_read(&root, &arena, (struct sw_str){(const char *)data, size}, "input", &error);
    if (code == 0) {
        write_and_read_back(&arena, root, SW_JSON_COMPACT);
        write_and_read_back(&arena, root, SW_JSON_PRETTY);
    } else if (root != NULL || error.text[0] == '\0') {
        abort();
    }
    return 0;
}
