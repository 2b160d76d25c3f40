#include "profile/plan_lock.h"

#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "data/path.h"
#include "profile/plan_internal.h"
#include "python/name.h"
#include "python/specifier.h"

/* The keys of a plan that decide which releases a set can have. */
static const char *const source_keys[] = {"python",       "accelerators", "driver",  "torch",
                                          "requirements", "constraints",  "installs"};

int sw_plan_lock_source(char digest[SW_SHA256_HEX_SIZE], const struct sw_plan *plan, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *source = sw_build_map(&b);
    for (size_t i = 0; i < SW_COUNT(source_keys); i++)
        sw_build_set(&b, source, source_keys[i], sw_node_get(plan->root, source_keys[i]));
    sw_build_set(&b, source, "base", plan->parts.base.reference);
    const struct sw_node *compiled = plan->parts.compile.projects;
    struct sw_node *requirements = sw_build_list(&b);
    for (size_t i = 0; i < sw_node_count(compiled); i++)
        sw_build_append(&b, requirements, sw_node_get(sw_node_item(compiled, i), "requirement"));
    if (sw_node_count(compiled) > 0)
        sw_build_set(&b, source, "compile", requirements);
    const struct sw_node *overrides = plan->parts.requirement_overrides;
    if (overrides != NULL)
        sw_build_set(&b, source, "requirement_overrides", overrides);
    if (b.failed)
        return sw_fail_memory(error);
    sw_json_write(&text, source, SW_JSON_COMPACT);
    int code = sw_buffer_check(&text, "the plan", error);
    if (code == 0 && !sw_sha256_hex(sw_buffer_str(&text), digest))
        code = sw_fail_memory(error);
    return code;
}

/* ---- which layer, which pass ---- */

enum layer { LAYER_REST, LAYER_TORCH };

/* The ways in which a pass installs its packages. Files by their hashes and repositories by their commits come alone. Packages whose
 * requirements only a build tells come with these requirements. */
enum manner { BY_HASH, BY_COMMIT, WITH_REQUIREMENTS };

struct holding {
    struct sw_builder b;
    const struct sw_plan *plan;
    const struct sw_resolution *set;
    unsigned char *layer; /* of each package: enum layer */
    /* For each package the index of its pass, as the plan names it; NULL: the default index. */
    const char **index;
};

/* Return true for a requirement that leaves no choice: "triton==3.4.0". */
static bool is_pin(const char *text)
{
    SW_ARENA_AUTO arena;
    struct sw_requirement requirement;
    bool pinned = false;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_requirement_parse(&requirement, &arena, sw_str_from(text), NULL) != 0)
        return false;
    for (size_t i = 0; i < requirement.specifiers.count; i++)
        pinned = pinned || requirement.specifiers.items[i].comparison == SW_SPECIFIER_EQUAL;
    return pinned;
}

/* Mark torch, and all packages that a marked package pins. */
static int mark_torch(struct holding *h, struct sw_error *error)
{
    const struct sw_resolved_package *torch = sw_resolution_find(h->set, "torch");
    size_t *queue = sw_arena_array(h->b.arena, h->set->package_count + 1, sizeof *queue), head = 0, tail = 0;
    if (queue == NULL)
        return sw_fail_memory(error);
    if (torch == NULL)
        return 0;
    queue[tail++] = (size_t)(torch - h->set->packages);
    h->layer[queue[0]] = LAYER_TORCH;
    while (head < tail) {
        const struct sw_resolved_package *package = &h->set->packages[queue[head++]];
        for (size_t i = 0; i < package->dependency_count; i++) {
            size_t to = package->dependencies[i].package;
            if (h->layer[to] != LAYER_REST || !h->set->packages[to].known ||
                !is_pin(package->dependencies[i].text))
                continue;
            h->layer[to] = LAYER_TORCH;
            queue[tail++] = to;
        }
    }
    return 0;
}

/* A URL of an index without its login and the slash at its end. */
static void add_bare(struct sw_buffer *out, const char *url)
{
    struct sw_str text = sw_str_from(url), login;
    if (sw_text_find_login(&login, text)) {
        sw_buffer_add(out, text.p, (size_t)(login.p - text.p));
        text = sw_str_drop(text, (size_t)(login.p - text.p) + login.n + 1);
    }
    while (text.n > 0 && text.p[text.n - 1] == '/')
        text.n--;
    sw_buffer_add_str(out, text);
}

static bool same_index(const char *a, const char *b)
{
    SW_BUFFER_AUTO left;
    SW_BUFFER_AUTO right;
    sw_buffer_init(&left, SW_MAX_URL_SIZE);
    sw_buffer_init(&right, SW_MAX_URL_SIZE);
    add_bare(&left, a);
    add_bare(&right, b);
    return sw_str_equal(sw_buffer_str(&left), sw_buffer_str(&right));
}

/* The plan's own index with the URL, in the plan's spelling; NULL if the plan names none such: the default index of the host gave it. */
static const char *plan_index(const struct holding *h, const char *url)
{
    const struct sw_node *installs = h->plan->parts.installs;
    for (size_t i = 0; url[0] != '\0' && i < sw_node_count(installs); i++) {
        const char *index = sw_node_text(sw_node_get(sw_node_item(installs, i), "index"), NULL);
        if (index != NULL && same_index(index, url))
            return index;
    }
    return NULL;
}

/* ---- compiled packages ---- */

/* The locked package of a project that the plan compiles, or NULL. */
static const struct sw_resolved_package *package_of(const struct holding *h, const struct sw_node *entry)
{
    struct sw_str project = sw_node_str(sw_node_get(entry, "project"));
    for (size_t i = 0; i < h->set->package_count; i++) {
        if (sw_name_equal(sw_str_from(h->set->packages[i].name), project))
            return &h->set->packages[i];
    }
    return NULL;
}

/* Return true for a package whose wheel comes from the stage that compiles. */
static bool is_compiled(const struct holding *h, const struct sw_resolved_package *package)
{
    const struct sw_node *projects = h->plan->parts.compile.projects;
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        if (package_of(h, sw_node_item(projects, i)) == package)
            return true;
    }
    return false;
}

/* ---- the passes ---- */

/* The line of a requirements file that installs the package and nothing else. */
static struct sw_node *line_of(struct holding *h, const struct sw_resolved_package *package)
{
    const struct sw_resolved_file *file = &package->file;
    if (file->kind == SW_RESOLVED_VCS)
        return sw_build_format(&h->b, "%s @ %s", package->name, file->url);
    if (file->kind == SW_RESOLVED_URL_WHEEL || file->kind == SW_RESOLVED_URL_SDIST)
        return sw_build_format(&h->b, "%s @ %s --hash=sha256:%s", package->name, file->url, file->sha256);
    return sw_build_format(&h->b, "%s==%s --hash=sha256:%s", package->name, package->version, file->sha256);
}

/* The release as a requirement; of an archive or repository only the name is known. */
static struct sw_node *pin_of(struct holding *h, const struct sw_resolved_package *package)
{
    if (package->version[0] == '\0')
        return sw_build_text(&h->b, package->name);
    return sw_build_format(&h->b, "%s==%s", package->name, package->version);
}

static enum manner manner_of(const struct sw_resolved_package *package)
{
    return !package->known ? WITH_REQUIREMENTS : package->file.kind == SW_RESOLVED_VCS ? BY_COMMIT : BY_HASH;
}

static bool is_in(const struct holding *h, size_t i, enum layer layer, const char *index, enum manner manner)
{
    const char *own = h->index[i];
    bool same = index == NULL || own == NULL ? index == own : strcmp(index, own) == 0;
    return h->layer[i] == layer && same && manner_of(&h->set->packages[i]) == manner &&
           !is_compiled(h, &h->set->packages[i]);
}

/* The line of a package that is installed with its requirements: these have no hashes, and pip takes hashes for all lines or for none. */
static struct sw_node *open_line_of(struct holding *h, const struct sw_resolved_package *package)
{
    bool by_url = package->file.kind != SW_RESOLVED_WHEEL && package->file.kind != SW_RESOLVED_SDIST;
    return by_url ? sw_build_format(&h->b, "%s @ %s", package->name, package->file.url) : pin_of(h, package);
}

/* Name all other packages of the set in a pass that installs requirements which nobody knows: they are in the image by then, and keep their
 * releases. */
static void add_installed(struct holding *h, struct sw_node *lines)
{
    for (size_t i = 0; i < h->set->package_count; i++) {
        const struct sw_resolved_package *package = &h->set->packages[i];
        if (package->known && package->version[0] != '\0')
            sw_build_append(&h->b, lines, pin_of(h, package));
    }
}

/* The pass of a layer that has the package `first` and all packages of its kind; nothing if an earlier package began that pass. */
static void add_pass(struct holding *h, struct sw_node *passes, struct sw_node *installs, enum layer layer,
                     size_t first)
{
    enum manner manner = manner_of(&h->set->packages[first]);
    struct sw_node *lines = sw_build_list(&h->b), *pins = sw_build_list(&h->b), *pass = sw_build_map(&h->b),
                   *install = sw_build_map(&h->b);
    for (size_t i = 0; i < h->set->package_count; i++) {
        if (!is_in(h, i, layer, h->index[first], manner))
            continue;
        if (i < first)
            return;
        sw_build_append(&h->b, lines,
                        manner == WITH_REQUIREMENTS ? open_line_of(h, &h->set->packages[i])
                                                    : line_of(h, &h->set->packages[i]));
        sw_build_append(&h->b, pins, pin_of(h, &h->set->packages[i]));
    }
    if (manner == WITH_REQUIREMENTS)
        add_installed(h, lines);
    const char *stem = layer == LAYER_TORCH ? "torch" : "requirements";
    size_t number = sw_node_count(passes);
    struct sw_node *file = number == 0 ? sw_build_format(&h->b, "%s.txt", stem)
                                       : sw_build_format(&h->b, "%s-%zu.txt", stem, number + 1);
    sw_build_set(&h->b, pass, "index", sw_build_text(&h->b, h->index[first]));
    sw_build_set(&h->b, pass, "file", file);
    sw_build_set(&h->b, pass, "hashes", sw_build_bool(&h->b, manner == BY_HASH));
    sw_build_set(&h->b, pass, "dependencies", sw_build_bool(&h->b, manner == WITH_REQUIREMENTS));
    sw_build_set(&h->b, pass, "lines", lines);
    sw_build_append(&h->b, passes, pass);
    sw_build_set(&h->b, install, "index", sw_build_text(&h->b, h->index[first]));
    sw_build_set(&h->b, install, "dependencies", sw_build_bool(&h->b, manner == WITH_REQUIREMENTS));
    sw_build_set(&h->b, install, "packages", pins);
    sw_build_set(&h->b, install, "file", sw_build_null(&h->b));
    sw_build_append(&h->b, installs, install);
}

static void add_layer(struct holding *h, struct sw_node *layers, struct sw_node *installs, enum layer layer)
{
    struct sw_node *entry = sw_build_map(&h->b), *passes = sw_build_list(&h->b);
    for (int known = 1; known >= 0; known--) {
        for (size_t i = 0; i < h->set->package_count; i++) {
            if (h->layer[i] == layer && h->set->packages[i].known == known &&
                !is_compiled(h, &h->set->packages[i]))
                add_pass(h, passes, installs, layer, i);
        }
    }
    sw_build_set(&h->b, entry, "passes", passes);
    if (sw_node_count(passes) > 0)
        sw_build_append(&h->b, layers, entry);
}

static struct sw_node *whole_set(struct holding *h)
{
    struct sw_node *list = sw_build_list(&h->b);
    for (size_t i = 0; i < h->set->package_count; i++) {
        if (h->set->packages[i].version[0] != '\0')
            sw_build_append(&h->b, list, pin_of(h, &h->set->packages[i]));
    }
    return list;
}

/* A copy of a map with another value for one of its keys. */
static struct sw_node *with(struct holding *h, const struct sw_node *map, const char *key,
                            const struct sw_node *value)
{
    struct sw_node *copy = sw_build_map(&h->b);
    for (size_t i = 0; i < sw_node_member_count(map); i++)
        sw_build_set(&h->b, copy, sw_node_member_at(map, i)->key.p, sw_node_member_at(map, i)->value);
    sw_build_set(&h->b, copy, key, value);
    return copy;
}

/* The plan's `compile`, with the locked file as the requirement of each project. */
static struct sw_node *held_compile(struct holding *h)
{
    const struct sw_node *compile = h->plan->parts.compile.node, *projects = sw_node_get(compile, "projects");
    struct sw_node *held = sw_build_list(&h->b);
    for (size_t i = 0; i < sw_node_count(projects); i++) {
        const struct sw_node *entry = sw_node_item(projects, i);
        const struct sw_resolved_package *package = package_of(h, entry);
        sw_build_append(&h->b, held,
                        package == NULL ? entry : with(h, entry, "requirement", line_of(h, package)));
    }
    return with(h, compile, "projects", held);
}

/* The plan's `base`, with the digest of the lock behind its reference. */
static const struct sw_node *held_base(struct holding *h, const struct sw_pylock *lock)
{
    const struct sw_node *base = h->plan->parts.base.node;
    const char *reference = sw_node_text(sw_node_get(base, "reference"), "");
    if (lock->base_digest[0] == '\0' || strchr(reference, '@') != NULL || strcmp(lock->base, reference) != 0)
        return base;
    return with(h, base, "reference", sw_build_format(&h->b, "%s@%s", reference, lock->base_digest));
}

/* The plan's members in their order, with the lock's in place of those that it replaces, and `lock` at the end. */
static struct sw_node *held_root(struct holding *h, const struct sw_pylock *lock)
{
    struct sw_node *root = sw_build_map(&h->b), *held = sw_build_map(&h->b), *layers = sw_build_list(&h->b),
                   *installs = sw_build_list(&h->b);
    add_layer(h, layers, installs, LAYER_TORCH);
    add_layer(h, layers, installs, LAYER_REST);
    sw_build_set(&h->b, held, "source", sw_build_text(&h->b, lock->source));
    sw_build_set(&h->b, held, "layers", layers);
    for (size_t i = 0; i < sw_node_member_count(h->plan->root); i++) {
        const struct sw_member *member = sw_node_member_at(h->plan->root, i);
        sw_build_set(&h->b, root, member->key.p, member->value);
    }
    sw_build_set(&h->b, root, "base", held_base(h, lock));
    sw_build_set(&h->b, root, "constraints", whole_set(h));
    if (sw_node_get(root, "compile") != NULL)
        sw_build_set(&h->b, root, "compile", held_compile(h));
    sw_build_set(&h->b, root, "installs", installs);
    sw_build_set(&h->b, root, "lock", held);
    return root;
}

int sw_plan_hold(struct sw_plan *plan, const struct sw_pylock *lock, struct sw_error *error)
{
    size_t count = lock->set.package_count;
    struct holding h = {.b = {.arena = &plan->arena}, .plan = plan, .set = &lock->set};
    h.layer = sw_arena_alloc(&plan->arena, count + 1);
    h.index = sw_arena_array(&plan->arena, count + 1, sizeof *h.index);
    int code = h.layer == NULL || h.index == NULL ? sw_fail_memory(error) : mark_torch(&h, error);
    if (code != 0)
        return code;
    for (size_t i = 0; i < count; i++)
        h.index[i] = plan_index(&h, lock->set.packages[i].file.index);
    struct sw_plan held = {.root = held_root(&h, lock)};
    code = h.b.failed ? sw_fail_memory(error) : sw_plan_digest(&held, error);
    if (code != 0)
        return code;
    sw_plan_set_root(plan, held.root);
    memcpy(plan->digest, held.digest, sizeof held.digest);
    return 0;
}
