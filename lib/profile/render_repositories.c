/* The package repositories as the templates read them, and their files. */
#include "profile/render_internal.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"

/* The build context's name of a key that the profile holds as text; "" for any other. */
static struct sw_node *context_file(struct sw_builder *b, const struct sw_node *key, size_t number)
{
    const struct sw_node *source = sw_node_get(key, "source");
    if (source != NULL)
        return sw_build_str(b, sw_node_str(source));
    return sw_node_get(key, "text") == NULL ? NULL : sw_build_format(b, SW_REPOSITORY_KEY, number);
}

/* {list}; null for a flat repository. */
static struct sw_node *components_of(struct sw_builder *b, const struct sw_node *list)
{
    struct sw_node *components = sw_build_map(b);
    sw_build_set(b, components, "list", list);
    return sw_node_count(list) == 0 ? sw_build_null(b) : components;
}

/* The file of a key and, if apt holds signatures to it, its fingerprint. */
static const struct sw_node *signed_by(struct sw_builder *b, const struct sw_node *key)
{
    const struct sw_node *file = sw_node_get(key, "file"), *fingerprint = sw_node_get(key, "fingerprint");
    if (file == NULL)
        return sw_build_null(b);
    return fingerprint == NULL
               ? file
               : sw_build_format(b, "%s %s", sw_node_text(file, ""), sw_node_text(fingerprint, ""));
}

/* The arguments of repositories.sh: whether certificates are needed, and the keys that are downloaded. */
static struct sw_node *arguments_of(struct sw_builder *b, const struct sw_node *list)
{
    static const char *const words[] = {"url", "sha256", "file"};
    struct sw_node *arguments = sw_build_list(b);
    bool https = false;
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *row = sw_node_item(list, i), *key = sw_node_get(row, "key");
        https = https || sw_str_starts(sw_node_str(sw_node_get(row, "url")), "https") ||
                sw_str_starts(sw_node_str(sw_node_get(key, "url")), "https");
    }
    sw_build_append(b, arguments, sw_build_text(b, https ? "true" : "false"));
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *key = sw_node_get(sw_node_item(list, i), "key");
        for (size_t j = 0; sw_node_get(key, "url") != NULL && j < SW_COUNT(words); j++)
            sw_build_append(b, arguments, sw_build_text(b, sw_node_text(sw_node_get(key, words[j]), "")));
    }
    return arguments;
}

/* Apt falls back to the lists of before if new lists are not signed, so that builds which name other keys have another cache. */
struct sw_node *sw_render_apt_key(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *list = plan->parts.repositories;
    const char *base = sw_node_text(plan->parts.base.key, "");
    SW_BUFFER_AUTO text;
    char digest[SW_SHA256_HEX_SIZE];
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    if (sw_node_count(list) == 0)
        return sw_build_text(b, base);
    sw_json_write(&text, list, SW_JSON_COMPACT);
    b->failed = b->failed || text.state != SW_BUFFER_OK || !sw_sha256_hex(sw_buffer_str(&text), digest);
    return b->failed ? sw_build_text(b, "") : sw_build_format(b, "%s-%.16s", base, digest);
}

struct sw_node *sw_render_repositories(struct sw_builder *b, const struct sw_plan *plan)
{
    const struct sw_node *list = plan->parts.repositories;
    struct sw_node *view = sw_build_map(b), *rows = sw_build_list(b), *keys = sw_build_list(b);
    if (sw_node_count(list) == 0)
        return sw_build_null(b);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *row = sw_node_item(list, i), *key = sw_node_get(row, "key"),
                             *file = sw_node_get(key, "file");
        struct sw_node *shown = sw_build_map(b), *source = context_file(b, key, i + 1);
        sw_build_set(b, shown, "url", sw_node_get(row, "url"));
        sw_build_set(b, shown, "suite", sw_node_get(row, "suite"));
        sw_build_set(b, shown, "components", components_of(b, sw_node_get(row, "components")));
        sw_build_set(b, shown, "key", signed_by(b, key));
        sw_build_append(b, rows, shown);
        if (source == NULL)
            continue;
        struct sw_node *copy = sw_build_map(b);
        sw_build_set(b, copy, "source", source);
        sw_build_set(b, copy, "to", file);
        sw_build_append(b, keys, copy);
    }
    sw_build_set(b, view, "list", rows);
    sw_build_set(b, view, "keys", keys);
    sw_build_set(b, view, "arguments", arguments_of(b, list));
    return view;
}
