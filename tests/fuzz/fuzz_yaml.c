/* Any bytes are read as YAML within the limits: a tree whose every node has its place, or an error with text.
 */
#include "base/limits.h"
#include "data/yaml.h"

#include "fuzz.h"

static size_t check(const struct sw_node *node)
{
    const struct sw_str text = sw_node_str(node);
    if (sw_node_line(node) == 0 || sw_node_column(node) == 0 || text.p[text.n] != '\0')
        abort();
    size_t values = 1;
    for (size_t i = 0; i < sw_node_count(node) + sw_node_member_count(node); i++)
        values += check(sw_node_type(node) == SW_NODE_MAP ? sw_node_member_at(node, i)->value
                                                          : sw_node_item(node, i));
    return values;
}

int fuzz_yaml(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    int code = sw_yaml_read(&root, &arena, (struct sw_str){(const char *)data, size}, "input", &error);
    if (code == 0 && check(root) > SW_MAX_YAML_NODES)
        abort();
    if (code != 0 && (root != NULL || error.text[0] == '\0'))
        abort();
    return 0;
}
