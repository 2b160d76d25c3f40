#include "tried.h"

#include "output/format.h"
#include "output/say.h"

#include "data/finding_json.h"

void tried_tell(const struct session *session, const struct sw_fixing *fixing, size_t first)
{
    for (size_t i = first; i < fixing->count; i++) {
        const struct sw_tried_fix *tried = &fixing->tried[i];
        format_finding_text(session->err, tried->finding, session->color);
        if (tried->why_not != NULL)
            say(session->err, "not applied: %s\n", tried->why_not);
        for (size_t j = 0; tried->why_not == NULL && j < tried->files.count; j++) {
            bool own = strcmp(tried->files.items[j], fixing->path) == 0;
            say(session->err, "applied to %s%s\n", tried->files.items[j],
                own ? "" : ", which other profiles may extend too");
        }
    }
}

struct sw_node *tried_json(struct sw_builder *b, const struct sw_fixing *fixing, size_t first)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = first; i < fixing->count; i++) {
        const struct sw_tried_fix *tried = &fixing->tried[i];
        struct sw_node *row = sw_build_map(b), *files = sw_build_list(b);
        for (size_t j = 0; tried->why_not == NULL && j < tried->files.count; j++)
            sw_build_append(b, files, sw_build_text(b, tried->files.items[j]));
        sw_build_set(b, row, "finding", sw_finding_json(b, tried->finding));
        sw_build_set(b, row, "applied", sw_build_bool(b, tried->why_not == NULL));
        sw_build_set(b, row, "files", files);
        sw_build_set(b, row, "why_not", sw_build_text(b, tried->why_not));
        sw_build_append(b, list, row);
    }
    return list;
}
