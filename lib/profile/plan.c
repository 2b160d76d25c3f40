#include "profile/plan.h"

#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "profile/plan_internal.h"
#include "python/name.h"
#include "python/requirement.h"

#include <stdarg.h>

struct sw_finding *sw_resolver_find(struct resolver *r, const char *code, enum sw_severity severity,
                                    const char *path, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct sw_finding *finding = sw_findings_add(r->findings, code, severity, "%s", text);
    sw_profile_place(r->profile, r->findings, finding, path);
    return finding;
}

const struct sw_node *sw_resolver_get(const struct resolver *r, const char *path)
{
    return sw_node_at(r->profile->root, path);
}

void sw_resolver_set(struct resolver *r, const char *key, const struct sw_node *value)
{
    sw_build_set(&r->b, r->root, key, value);
}

struct sw_str sw_requirement_project(struct sw_str requirement)
{
    struct sw_str trimmed = sw_str_trim(requirement);
    return (struct sw_str){trimmed.p, sw_name_length(trimmed)};
}

const struct sw_node *sw_requirement_find(const struct sw_node *list, const char *project)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (sw_name_equal(sw_requirement_project(sw_node_str(sw_node_item(list, i))), sw_str_from(project)))
            return sw_node_item(list, i);
    }
    return NULL;
}

const char *sw_resolver_fill(struct resolver *r, const char *pattern, const char *name, const char *value)
{
    const char *at = strstr(pattern, name);
    if (at == NULL)
        return pattern;
    const char *filled =
        sw_arena_format(r->b.arena, "%.*s%s%s", (int)(at - pattern), pattern, value, at + strlen(name));
    if (filled == NULL)
        r->b.failed = true;
    return filled == NULL ? pattern : filled;
}

const char *sw_resolver_join(struct resolver *r, const struct sw_node *list, const char *key)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *item =
            key == NULL ? sw_node_item(list, i) : sw_node_get(sw_node_item(list, i), key);
        sw_buffer_addf(&text, "%s%s",
                       i == 0                         ? ""
                       : i + 1 == sw_node_count(list) ? " and "
                                                      : ", ",
                       sw_node_text(item, ""));
    }
    const char *copy = sw_arena_copy(r->b.arena, sw_buffer_str(&text));
    return copy == NULL ? "" : copy;
}

static void resolve_head(struct resolver *r)
{
    const struct sw_node *installer = sw_resolver_get(r, "installer");
    const char *name = sw_node_text(installer, "uv");
    r->python = sw_node_text(sw_resolver_get(r, "python_version"), "3.11");
    sw_resolver_set(r, "name", sw_build_text(&r->b, r->profile->name));
    sw_resolver_set(r, "description",
                    sw_build_text(&r->b, sw_node_text(sw_resolver_get(r, "description"), NULL)));
    sw_resolver_set(r, "python", sw_build_text(&r->b, r->python));
    sw_resolver_set(r, "installer", sw_build_text(&r->b, name));
    if (sw_resolver_get(r, "bytecode") != NULL)
        sw_resolver_set(r, "bytecode",
                        sw_build_bool(&r->b, sw_node_boolean(sw_resolver_get(r, "bytecode"), false)));
    struct sw_node *uv = NULL;
    if (strcmp(name, "uv") == 0) {
        uv = sw_build_map(&r->b);
        sw_build_set(&r->b, uv, "version",
                     sw_build_text(&r->b, sw_node_text(sw_node_at(r->catalog->images, "uv.version"), NULL)));
    }
    sw_resolver_set(r, "uv", uv == NULL ? sw_build_null(&r->b) : uv);
    sw_resolver_set(r, "driver", sw_build_text(&r->b, sw_node_text(sw_resolver_get(r, "driver"), NULL)));
}

static struct sw_node *new_assertion(struct resolver *r, const char *at, const char *that, const char *is)
{
    struct sw_node *assertion = sw_build_map(&r->b);
    sw_build_set(&r->b, assertion, "at", sw_build_text(&r->b, at));
    sw_build_set(&r->b, assertion, is == NULL ? "import" : "that", sw_build_text(&r->b, that));
    if (is != NULL)
        sw_build_set(&r->b, assertion, "is", sw_build_text(&r->b, is));
    return assertion;
}

/* Resolve an assertion of the profile: `that` with `is`, or `import`. */
static void resolve_assertion(struct resolver *r, struct sw_node *assertions, const struct sw_node *row,
                              size_t index)
{
    const char *that = sw_node_text(sw_node_get(row, "that"), NULL),
               *is = sw_node_text(sw_node_get(row, "is"), NULL);
    const char *module = sw_node_text(sw_node_get(row, "import"), NULL);
    char at[64];
    (void)snprintf(at, sizeof at, "assertions[%zu]%s", index, module == NULL ? ".is" : ".import");
    bool compares = that != NULL && is != NULL && module == NULL;
    bool imports = that == NULL && is == NULL && module != NULL;
    if (!compares && !imports) {
        struct sw_finding *finding = sw_resolver_find(
            r, "SW102", SW_ERROR, at, "an assertion is {that: ..., is: ...} or {import: ...}");
        sw_finding_hint(r->findings, finding, "for example {that: torch.version.cuda, is: \">=12.4,<12.9\"}");
        return;
    }
    sw_build_append(&r->b, assertions, new_assertion(r, at, compares ? that : module, is));
}

/* Resolve the profile's assertions, after those that the plan itself implies. */
static void resolve_assertions(struct resolver *r)
{
    struct sw_node *assertions = sw_build_list(&r->b);
    const struct sw_node *torch = sw_node_get(r->root, "torch");
    /* A Dockerfile of the user's is judged as far as it can be read, so that its pins hold only for projects in the image. */
    if (sw_node_type(torch) == SW_NODE_MAP && r->profile->dockerfile.file == NULL) {
        const char *version =
            sw_arena_format(r->b.arena, "==%s", sw_node_text(sw_node_get(torch, "version"), ""));
        const char *cuda = sw_arena_format(r->b.arena, "==%s", r->cuda);
        sw_build_append(&r->b, assertions,
                        new_assertion(r, "torch.version", "torch.version.__version__", version));
        sw_build_append(&r->b, assertions, new_assertion(r, "torch.cuda", "torch.version.cuda", cuda));
    }
    const struct sw_node *list = sw_resolver_get(r, "assertions");
    for (size_t i = 0; i < sw_node_count(list); i++)
        resolve_assertion(r, assertions, sw_node_item(list, i), i);
    sw_resolver_set(r, "assertions", assertions);
}

int sw_plan_digest(struct sw_plan *plan, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    sw_json_write(&text, plan->root, SW_JSON_COMPACT);
    int code = sw_buffer_check(&text, "the plan", error);
    if (code == 0 && !sw_sha256_hex(sw_buffer_str(&text), plan->digest))
        code = sw_fail_memory(error);
    return code;
}

int sw_plan_resolve(struct sw_plan *plan, const struct sw_profile *profile, const struct sw_catalog *catalog,
                    struct sw_findings *findings, struct sw_error *error)
{
    struct sw_plan made = {0};
    sw_arena_init(&made.arena, SW_MAX_ARENA);
    struct resolver r = {
        .profile = profile, .catalog = catalog, .findings = findings, .b = {.arena = &made.arena}};
    r.root = sw_build_map(&r.b);
    r.facts = sw_build_map(&r.b);
    resolve_head(&r);
    sw_resolve_dockerfile(&r);
    sw_resolve_accelerators(&r);
    sw_resolve_installs(&r);
    sw_resolve_base(&r);
    sw_resolve_repositories(&r);
    sw_resolve_environment(&r);
    sw_resolve_copies(&r);
    sw_resolve_compile(&r);
    sw_resolve_steps(&r);
    sw_resolve_words(&r);
    resolve_assertions(&r);
    sw_resolve_image(&r);
    sw_resolve_trim(&r);
    sw_resolve_guard(&r);
    if (sw_node_count(catalog->overrides) > 0)
        sw_build_set(&r.b, r.root, "overrides", sw_build_copy(&r.b, catalog->overrides));
    sw_plan_set_root(&made, r.root);
    made.facts = r.facts;
    made.dockerfile = profile->dockerfile.text;
    int code = r.b.failed ? sw_fail_memory(error) : sw_plan_digest(&made, error);
    if (code != 0) {
        sw_arena_release(&made.arena);
        return code;
    }
    *plan = made;
    return 0;
}

void sw_plan_release(struct sw_plan *plan)
{
    if (plan == NULL)
        return;
    sw_arena_release(&plan->arena);
    *plan = (struct sw_plan){0};
}
