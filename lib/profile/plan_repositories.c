/* The package repositories of the profile, and NVIDIA's: each is held to its own key, and nothing is trusted without a key. */
#include "profile/plan_internal.h"

#include "catalog/base_libc.h"
#include "data/path.h"

/* The key of a repository with its path in the image; null without a key. */
static struct sw_node *key_of(struct resolver *r, const struct sw_node *key, size_t number)
{
    static const char *const words[] = {"url", "sha256", "fingerprint"};
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

/* ---- NVIDIA's repository ---- */

/* Return true if the image of the base has the repository. */
static bool has_repository(const struct sw_node *known, const char *reference)
{
    const struct sw_node *images = sw_node_get(known, "images");
    if (strncmp(reference, "docker.io/", 10) == 0)
        reference += 10;
    for (size_t i = 0; i < sw_node_count(images); i++) {
        struct sw_str image = sw_node_str(sw_node_item(images, i));
        if (strncmp(reference, image.p, image.n) == 0 && strchr(":@", reference[image.n]) != NULL)
            return true;
    }
    return false;
}

/* The catalog's row of the key that signs the repository of a distribution, or NULL. */
static const struct sw_node *signing_key(const struct sw_node *known, const char *distribution)
{
    const struct sw_node *rows = sw_node_get(known, "keys");
    for (size_t i = 0; i < sw_node_count(rows); i++) {
        const struct sw_node *names = sw_node_get(sw_node_item(rows, i), "distributions");
        if (names == NULL || sw_catalog_lists(names, distribution))
            return sw_node_item(rows, i);
    }
    return NULL;
}

/* Report a base image for whose distribution no repository of NVIDIA's is known. */
static void refuse_base(struct resolver *r, const char *reference)
{
    struct sw_finding *finding =
        sw_resolver_find(r, "SW102", SW_ERROR, "nvidia",
                         "no repository of NVIDIA's is known for the distribution of '%s'", reference);
    sw_finding_hint(
        r->findings, finding,
        "name the repository and its key in 'repositories', and the packages in 'system_packages'");
}

/* Append NVIDIA's repository, if the profile wants packages of it and the base image lacks it. */
static void add_nvidia(struct resolver *r, struct sw_node *repositories)
{
    const struct sw_node *packages = sw_resolver_get(r, "nvidia"),
                         *known = sw_node_get(r->catalog->images, "nvidia_packages");
    const char *bootstrap = sw_node_text(sw_node_at(r->root, "base.bootstrap"), NULL),
               *reference = sw_node_text(sw_node_at(r->root, "base.reference"), "");
    if (sw_node_count(packages) == 0)
        return;
    sw_resolver_set(r, "nvidia", sw_resolver_texts(r, packages));
    if (has_repository(known, reference))
        return;
    struct sw_base_libc base = sw_catalog_base_libc(r->catalog, bootstrap == NULL ? reference : bootstrap);
    const char *distribution = sw_node_text(sw_node_get(base.row, "nvidia"), NULL);
    const struct sw_node *row = signing_key(known, distribution == NULL ? "" : distribution);
    if (distribution == NULL || row == NULL) {
        refuse_base(r, reference);
        return;
    }
    const char *url =
        sw_resolver_fill(r, sw_node_text(sw_node_get(known, "url"), ""), "{{distribution}}", distribution);
    struct sw_node *resolved = sw_build_map(&r->b), *key = sw_build_map(&r->b);
    sw_build_set(&r->b, key, "url",
                 sw_build_format(&r->b, "%s%s", url, sw_node_text(sw_node_get(row, "file"), "")));
    sw_build_set(&r->b, key, "fingerprint", sw_node_get(row, "fingerprint"));
    sw_build_set(&r->b, resolved, "of", sw_build_text(&r->b, "nvidia"));
    sw_build_set(&r->b, resolved, "url", sw_build_text(&r->b, url));
    sw_build_set(&r->b, resolved, "suite", sw_build_text(&r->b, "/"));
    sw_build_set(&r->b, resolved, "components", sw_build_list(&r->b));
    sw_build_set(&r->b, resolved, "key", key_of(r, key, sw_node_count(repositories) + 1));
    sw_build_append(&r->b, repositories, resolved);
}

/* ---- the profile's own ---- */

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
    add_nvidia(r, repositories);
    if (sw_node_count(repositories) > 0)
        sw_resolver_set(r, "repositories", repositories);
}
