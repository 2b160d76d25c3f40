#include "output/page.h"

#include "base/text.h"

struct sw_node *page_size(struct sw_builder *b, uint64_t bytes)
{
    char text[16];
    sw_text_size(text, bytes);
    return sw_build_text(b, text);
}

struct sw_node *page_rows(struct sw_builder *b, struct sw_node *list)
{
    struct sw_node *map = sw_build_map(b);
    sw_build_set(b, map, "rows", list);
    return sw_node_count(list) == 0 ? sw_build_null(b) : map;
}
