/* A Dockerfile of the user's in the plan. */
#include "profile/plan_internal.h"

#include "data/path.h"

static struct sw_node *arguments_of(struct resolver *r)
{
    const struct sw_node *map = sw_resolver_get(r, "dockerfile.args");
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        const struct sw_member *member = sw_node_member_at(map, i);
        struct sw_node *pair = sw_build_map(&r->b);
        sw_build_set(&r->b, pair, "name", sw_build_str(&r->b, member->key));
        sw_build_set(&r->b, pair, "value", sw_build_text(&r->b, sw_node_text(member->value, "")));
        sw_build_append(&r->b, list, pair);
    }
    return list;
}

void sw_resolve_dockerfile(struct resolver *r)
{
    const struct sw_profile_dockerfile *dockerfile = &r->profile->dockerfile;
    static const char *const words[] = {"context", "target"};
    char digest[SW_SHA256_HEX_SIZE];
    if (dockerfile->file == NULL)
        return;
    struct sw_node *node = sw_build_map(&r->b);
    const struct sw_node *own = sw_resolver_get(r, "dockerfile");
    r->b.failed = r->b.failed || !sw_sha256_hex(dockerfile->text, digest);
    sw_build_set(&r->b, node, "file", sw_build_text(&r->b, sw_node_text(sw_node_get(own, "path"), "")));
    sw_build_set(&r->b, node, "path", sw_build_text(&r->b, dockerfile->path));
    for (size_t i = 0; i < SW_COUNT(words); i++)
        sw_build_set(&r->b, node, words[i],
                     sw_build_text(&r->b, sw_node_text(sw_node_get(own, words[i]), NULL)));
    sw_build_set(&r->b, node, "arguments", arguments_of(r));
    sw_build_set(&r->b, node, "digest", sw_build_text(&r->b, r->b.failed ? "" : digest));
    sw_build_set(&r->b, node, "prove",
                 sw_build_text(&r->b, sw_node_text(sw_resolver_get(r, "prove"), "inside")));
    sw_build_set(&r->b, node, "hold",
                 sw_build_bool(&r->b, sw_node_boolean(sw_resolver_get(r, "hold"), false)));
    sw_resolver_set(r, "dockerfile", node);
}

bool sw_plan_is_wrapped(const struct sw_plan *plan)
{
    return plan->parts.dockerfile.node != NULL;
}

bool sw_plan_has_layer(const struct sw_plan *plan)
{
    return sw_plan_is_wrapped(plan) && strcmp(sw_node_text(plan->parts.dockerfile.prove, ""), "outside") != 0;
}
