/* The package repositories of the profile: each is held to its own key, and nothing is trusted without a key. */
#include "profile/plan_internal.h"

#include "data/path.h"

/* The key of a repository with its path in the image; null without a key. */
static struct sw_node *key_of(struct resolver *r, const struct sw_node *key, size_t number)
{
    static const char *const words[] = {"url", "sha256"};
    if (key == NULL)
        return sw_build_null(&r->b);
    struct sw_node *resolved = sw_build_map(&r->b);
    const struct sw_node *from = sw_node_get(key, "file");
    if (sw_node_type(key) == SW_NODE_TEXT)
        sw_build_set(&r->b, resolved, "text", sw_build_str(&r->b, sw_node_str(key)));
    if (from != NULL) {
        sw_build_set(&r->b, resolved, "from", sw_build_str(&r->b, sw_node_str(from)));
        sw_build_set(&r->b, resolved, "source", sw_resolver_source(r, sw_node_text(from, "")));
    }
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (sw_node_get(key, words[i]) != NULL)
            sw_build_set(&r->b, resolved, words[i],
                         sw_build_str(&r->b, sw_node_str(sw_node_get(key, words[i]))));
    }
    sw_build_set(&r->b, resolved, "file",
                 sw_build_format(&r->b, "/etc/apt/keyrings/slipway-%zu.asc", number));
    return resolved;
}

/* Report components that are missing, or that a flat repository cannot have. */
static void check_components(struct resolver *r, const struct sw_node *row, size_t index)
{
    char at[48];
    bool is_flat = sw_str_ends(sw_node_str(sw_node_get(row, "suite")), "/");
    bool has = sw_node_count(sw_node_get(row, "components")) > 0;
    (void)snprintf(at, sizeof at, "repositories[%zu].suite", index);
    if (is_flat && has)
        (void)sw_resolver_find(r, "SW102", SW_ERROR, at,
                               "'%s' ends in '/': such a flat repository has no components",
                               sw_node_text(sw_node_get(row, "suite"), ""));
    if (!is_flat && !has) {
        struct sw_finding *finding =
            sw_resolver_find(r, "SW102", SW_ERROR, at, "the suite '%s' needs components",
                             sw_node_text(sw_node_get(row, "suite"), ""));
        sw_finding_hint(r->findings, finding,
                        "add components: [main]; the suite of a flat repository ends in '/'");
    }
}

void sw_resolve_repositories(struct resolver *r)
{
    static const char *const words[] = {"url", "suite"};
    const struct sw_node *list = sw_resolver_get(r, "repositories");
    struct sw_node *repositories = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *row = sw_node_item(list, i);
        struct sw_node *resolved = sw_build_map(&r->b);
        for (size_t j = 0; j < SW_COUNT(words); j++)
            sw_build_set(&r->b, resolved, words[j],
                         sw_build_str(&r->b, sw_node_str(sw_node_get(row, words[j]))));
        sw_build_set(&r->b, resolved, "components", sw_resolver_texts(r, sw_node_get(row, "components")));
        sw_build_set(&r->b, resolved, "key", key_of(r, sw_node_get(row, "key"), i + 1));
        sw_build_append(&r->b, repositories, resolved);
        check_components(r, row, i);
    }
    if (sw_node_count(repositories) > 0)
        sw_resolver_set(r, "repositories", repositories);
}
