/* Any bytes are read as TOML within the limits: a tree that can be written as JSON and read again, or an error with text and place. */
#include "base/limits.h"
#include "data/json.h"
#include "data/toml.h"

#include "fuzz.h"

int fuzz_toml(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    const struct sw_node *root = NULL, *again = NULL;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, 16 * SW_MAX_TOML_SIZE);
    int code = sw_toml_read(&root, &arena, (struct sw_str){(const char *)data, size}, "input", &error);
    if (code != 0) {
        if (root != NULL || error.text[0] == '\0')
            abort();
        return 0;
    }
    sw_json_write(&text, root, SW_JSON_COMPACT);
    if (sw_json_read(&again, &arena, sw_buffer_str(&text), NULL, NULL) != 0 ||
        sw_node_member_count(again) != sw_node_member_count(root))
        abort();
    return 0;
}
