/* The image's own words: its user, its ports, its entry point. */
#include "profile/plan_internal.h"

#include "base/limits.h"
#include "data/path.h"

#include <inttypes.h>

/* A value that may be a number, in the spelling of engines. */
static struct sw_node *scalar(struct resolver *r, const struct sw_node *value)
{
    return sw_node_type(value) == SW_NODE_INT
               ? sw_build_format(&r->b, "%lld", (long long)sw_node_integer(value, 0))
               : sw_build_str(&r->b, sw_node_str(value));
}

/* A map of the profile as [{name, value}]. */
static void resolve_pairs(struct resolver *r, const char *key)
{
    const struct sw_node *map = sw_resolver_get(r, key);
    struct sw_node *list = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        struct sw_node *pair = sw_build_map(&r->b);
        sw_build_set(&r->b, pair, "name", sw_build_str(&r->b, sw_node_member_at(map, i)->key));
        sw_build_set(&r->b, pair, "value",
                     sw_build_str(&r->b, sw_node_str(sw_node_member_at(map, i)->value)));
        sw_build_append(&r->b, list, pair);
    }
    if (sw_node_count(list) > 0)
        sw_resolver_set(r, key, list);
}

/* {name, id, group} with text or null: "service:staff" and {name: service, group: staff} are the same user. */
static void resolve_user(struct resolver *r)
{
    const struct sw_node *user = sw_resolver_get(r, "user"), *id = sw_node_get(user, "id"),
                         *group = sw_node_get(user, "group");
    if (user == NULL)
        return;
    struct sw_node *resolved = sw_build_map(&r->b);
    if (sw_node_type(user) == SW_NODE_MAP) {
        sw_build_set(&r->b, resolved, "name", scalar(r, sw_node_get(user, "name")));
        sw_build_set(&r->b, resolved, "id", id == NULL ? sw_build_null(&r->b) : scalar(r, id));
        sw_build_set(&r->b, resolved, "group", group == NULL ? sw_build_null(&r->b) : scalar(r, group));
    } else {
        struct sw_node *whole = scalar(r, user);
        struct sw_str rest = sw_node_str(whole), name = sw_str_cut(&rest, ':');
        sw_build_set(&r->b, resolved, "name", sw_build_str(&r->b, name));
        sw_build_set(&r->b, resolved, "id", sw_build_null(&r->b));
        sw_build_set(&r->b, resolved, "group",
                     rest.p == NULL ? sw_build_null(&r->b) : sw_build_str(&r->b, rest));
    }
    sw_resolver_set(r, "user", resolved);
}

/* The engine runs the entry point's first word, and the guard would take an option there for its own. */
static void check_program(struct resolver *r, const char *key, const struct sw_node *words)
{
    struct sw_str first = sw_node_str(sw_node_item(words, 0));
    if (sw_node_count(words) == 0 || (first.n > 0 && first.p[0] != '-'))
        return;
    char at[32];
    (void)snprintf(at, sizeof at, "%s[0]", key);
    (void)sw_resolver_find(r, "SW102", SW_ERROR, at, "'%s' is no program that could be run",
                           sw_node_text(sw_node_item(words, 0), ""));
}

static void resolve_entrypoint(struct resolver *r)
{
    const struct sw_node *entry = sw_resolver_get(r, "entrypoint");
    bool keeps = sw_str_is(sw_node_str(entry), "base");
    if (keeps && sw_node_boolean(sw_resolver_get(r, "guard"), false)) {
        struct sw_finding *finding = sw_resolver_find(
            r, "SW102", SW_ERROR, "entrypoint",
            "the guard takes the place of the entry point, so that the base image's cannot stay");
        sw_finding_hint(r->findings, finding, "write the words of the base image's: entrypoint: [...]");
    }
    if (entry == NULL || keeps)
        return;
    struct sw_node *words = sw_resolver_texts(r, entry);
    check_program(r, "entrypoint", words);
    sw_resolver_set(r, "entrypoint", words);
}

/* A range is every port in it: Podman takes the text of a range for one port. */
static void resolve_ports(struct resolver *r)
{
    const struct sw_node *list = sw_resolver_get(r, "ports");
    struct sw_node *ports = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_str protocol = sw_node_str(scalar(r, sw_node_item(list, i)));
        struct sw_str last = sw_str_cut(&protocol, '/'), first = sw_str_cut(&last, '-');
        uint64_t port = 0, end = 0;
        bool is_range = sw_str_to_u64(first, &port) && last.p != NULL && sw_str_to_u64(last, &end);
        const char *slash = protocol.p == NULL ? "" : "/";
        protocol = protocol.p == NULL ? sw_str_from("") : protocol;
        for (end = is_range ? end : port; port <= end && sw_node_count(ports) <= SW_MAX_PROFILE_ITEMS; port++)
            sw_build_append(
                &r->b, ports,
                sw_build_format(&r->b, "%" PRIu64 "%s%.*s", port, slash, SW_STR_FORMAT(protocol)));
    }
    if (sw_node_count(ports) > SW_MAX_PROFILE_ITEMS)
        (void)sw_resolver_find(r, "SW102", SW_ERROR, "ports", "'ports' has more than %d ports",
                               SW_MAX_PROFILE_ITEMS);
    if (sw_node_count(ports) > 0)
        sw_resolver_set(r, "ports", ports);
}

static void resolve_list(struct resolver *r, const char *key)
{
    const struct sw_node *list = sw_resolver_get(r, key);
    struct sw_node *copy = sw_build_list(&r->b);
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_build_append(&r->b, copy, scalar(r, sw_node_item(list, i)));
    if (sw_node_count(copy) > 0)
        sw_resolver_set(r, key, copy);
}

static void resolve_scalar(struct resolver *r, const char *key)
{
    const struct sw_node *value = sw_resolver_get(r, key);
    if (value != NULL)
        sw_resolver_set(r, key, scalar(r, value));
}

/* The words of the check; a text is for the shell of the steps. */
static struct sw_node *healthcheck_words(struct resolver *r, const struct sw_node *command)
{
    const struct sw_node *shell = sw_node_get(r->root, "shell");
    if (sw_node_type(command) == SW_NODE_LIST) {
        if (sw_node_count(command) == 0)
            (void)sw_resolver_find(r, "SW102", SW_ERROR, "healthcheck.command",
                                   "the health check names no program; 'healthcheck: none' is to have none");
        return sw_resolver_texts(r, command);
    }
    struct sw_node *words = sw_resolver_texts(r, shell);
    if (shell == NULL) {
        sw_build_append(&r->b, words, sw_build_text(&r->b, "/bin/sh"));
        sw_build_append(&r->b, words, sw_build_text(&r->b, "-c"));
    }
    sw_build_append(&r->b, words, sw_build_str(&r->b, sw_node_str(command)));
    return words;
}

static void resolve_healthcheck(struct resolver *r)
{
    static const struct {
        const char *key, *option, *unit;
    } options[] = {
        {"interval", "interval", "s"},
        {"timeout", "timeout", "s"},
        {"start_period", "start-period", "s"},
        {"retries", "retries", ""},
    };
    const struct sw_node *check = sw_resolver_get(r, "healthcheck");
    if (check == NULL)
        return;
    struct sw_node *resolved = sw_build_map(&r->b), *list = sw_build_list(&r->b);
    bool none = sw_node_type(check) == SW_NODE_TEXT;
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        const struct sw_node *value = sw_node_get(check, options[i].key);
        if (value != NULL)
            sw_build_append(&r->b, list,
                            sw_build_format(&r->b, "--%s=%s%s", options[i].option,
                                            sw_node_text(scalar(r, value), ""),
                                            sw_node_type(value) == SW_NODE_INT ? options[i].unit : ""));
    }
    sw_build_set(&r->b, resolved, "command",
                 none ? sw_build_null(&r->b) : healthcheck_words(r, sw_node_get(check, "command")));
    sw_build_set(&r->b, resolved, "options", list);
    sw_resolver_set(r, "healthcheck", resolved);
}

void sw_resolve_words(struct resolver *r)
{
    resolve_pairs(r, "arguments");
    resolve_scalar(r, "workdir");
    resolve_user(r);
    resolve_entrypoint(r);
    resolve_ports(r);
    resolve_list(r, "volumes");
    resolve_pairs(r, "labels");
    resolve_scalar(r, "stop_signal");
    resolve_healthcheck(r);
}
