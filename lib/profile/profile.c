#include "profile/profile.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"
#include "data/yaml.h"

/* A file of the chain, the child first. */
struct link {
    const struct link *child;
    const char *path;
    unsigned depth;
    const struct sw_profile_source *source;
    struct sw_profile *profile; /* that is being loaded */
};

/* Return true for a key that children inherit: not for keys that belong to the parent alone, or to the
 * reader. */
static bool is_inherited(struct sw_str key)
{
    return !sw_str_is(key, "name") && !sw_str_is(key, "description") && !sw_str_is(key, "extends");
}

static bool is_not_extends(struct sw_str key)
{
    return !sw_str_is(key, "extends");
}

static const char *parent_path(struct sw_arena *arena, const char *child, const char *name)
{
    const char *directory = sw_path_dir(arena, child);
    const char *suffix = strchr(name, '/') == NULL && !sw_str_ends(sw_str_from(name), ".yaml") ? ".yaml" : "";
    const char *file = sw_arena_format(arena, "%s%s", name, suffix);
    return directory == NULL || file == NULL ? NULL : sw_path_join(arena, directory, file);
}

static void bad_extends(struct sw_findings *findings, const struct sw_node *at, const char *what,
                        const char *hint)
{
    struct sw_finding *finding =
        sw_findings_add(findings, "SW103", SW_ERROR, "cannot extend '%s': %s", sw_node_text(at, ""), what);
    sw_finding_place(findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
    sw_finding_hint(findings, finding, "%s", hint);
}

/* A file that the source refuses: the parent that `extends` names, or the profile's own file, if that is NULL. */
static int refused(struct sw_findings *findings, const struct sw_node *extends, const char *path,
                   struct sw_error *error)
{
    const char *word = sw_permission_word(&findings->arena, path, SW_ACCESS_READ);
    if (word == NULL)
        return sw_fail_memory(error);
    struct sw_finding *finding = sw_permission_missing(
        findings, SW_ERROR, extends, word, "%s%s%s%s", extends == NULL ? "" : "cannot extend '",
        extends == NULL ? "" : sw_node_text(extends, ""), extends == NULL ? "" : "': ", error->text);
    if (extends == NULL)
        sw_finding_place(findings, finding, path, 1, 1);
    return 0;
}

static int read_chain(const struct sw_node **out, struct sw_builder *b, const struct link *link,
                      struct sw_findings *findings, struct sw_error *error);

/* Read the parent's merged tree without the keys that belong to it alone; NULL in `out` if there is none or a
 * finding says why. */
static int read_parent(const struct sw_node **out, struct sw_builder *b, const struct link *link,
                       const struct sw_node *extends, struct sw_findings *findings, struct sw_error *error)
{
    const char *path = parent_path(b->arena, link->path, sw_node_text(extends, ""));
    if (path == NULL)
        return sw_fail_memory(error);
    for (const struct link *l = link; l != NULL; l = l->child) {
        if (strcmp(l->path, path) == 0) {
            bad_extends(findings, extends, "it extends itself", "remove one 'extends' of the circle");
            return 0;
        }
    }
    if (link->depth >= SW_MAX_EXTENDS_DEPTH) {
        bad_extends(findings, extends, "too many parents in a chain", "flatten the chain");
        return 0;
    }
    const struct link next = {link, path, link->depth + 1, link->source, link->profile};
    const struct sw_node *parent = NULL;
    int code = read_chain(&parent, b, &next, findings, error);
    if (code == SW_EREFUSED)
        return refused(findings, extends, path, error);
    if (code == SW_ENOTFOUND) {
        const char *hint = sw_arena_format(b->arena, "looked for '%s'", path);
        bad_extends(findings, extends, "no such profile", hint == NULL ? "" : hint);
        return 0;
    }
    bool whole_file = code == SW_EINPUT && error->line == 0; /* then only the child has a place to show */
    if (whole_file) {
        bad_extends(findings, extends, error->text, "name a profile that can be read");
        return 0;
    }
    if (code == 0 && parent != NULL)
        *out = sw_build_filtered(b, parent, is_inherited);
    return code;
}

static int read_text(struct sw_str *out, struct sw_arena *arena, const struct link *link,
                     struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    int code = link->source->read(link->source->self, &text, link->path, error);
    if (code != 0) {
        (void)snprintf(error->file, sizeof error->file, "%s", link->path);
        return code;
    }
    *out = (struct sw_str){sw_arena_copy(arena, sw_buffer_str(&text)), text.n};
    return out->p == NULL ? sw_fail_memory(error) : 0;
}

/* The file's tree; its text is kept too, since the file may be another one when the build is done. */
static int read_file(const struct sw_node **out, struct sw_arena *arena, const struct link *link,
                     struct sw_error *error)
{
    struct sw_profile *profile = link->profile;
    struct sw_profile_file file = {.path = link->path};
    int code = read_text(&file.text, arena, link, error);
    if (code != 0)
        return code;
    struct sw_profile_file *files = sw_arena_grow(arena, profile->files, profile->files_count, sizeof file);
    if (files == NULL)
        return sw_fail_memory(error);
    profile->files = files;
    profile->files[profile->files_count++] = file;
    return sw_yaml_read(out, arena, file.text, link->path, error);
}

/* A list or map that has too many entries now that those of its parents are in it; NULL if there is none. */
static const struct sw_member *find_crowded(const struct sw_node *map, size_t *count)
{
    const struct sw_member *found = NULL;
    for (size_t i = 0; found == NULL && i < sw_node_member_count(map); i++) {
        const struct sw_member *member = sw_node_member_at(map, i);
        *count = sw_node_count(member->value) + sw_node_member_count(member->value);
        found = *count > SW_MAX_PROFILE_ITEMS ? member : find_crowded(member->value, count);
    }
    return found;
}

/* Return true for a key whose value is one thing, whatever its parts: a child's value takes the place of the parent's. */
static bool is_whole(struct sw_str key)
{
    static const char *const keys[] = {"entrypoint", "healthcheck", "shell", "user"};
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        if (sw_str_is(key, keys[i]))
            return true;
    }
    return false;
}

/* The steps of a profile as {after: [...]}, if the other profile of the two has them in that form. */
static const struct sw_node *like(struct sw_builder *b, const struct sw_node *steps,
                                  const struct sw_node *other)
{
    if (sw_node_type(steps) != SW_NODE_LIST || sw_node_type(other) != SW_NODE_MAP)
        return steps;
    struct sw_node *phases = sw_build_map(b);
    sw_build_set(b, phases, "after", steps);
    return sw_build_at(phases, sw_node_file(steps), sw_node_line(steps), sw_node_column(steps));
}

/* The members of a profile as they can be merged with those of the other profile. */
static struct sw_node *mergeable(struct sw_builder *b, const struct sw_node *own, const struct sw_node *other,
                                 bool is_parent)
{
    struct sw_node *map = sw_build_map(b);
    for (size_t i = 0; i < sw_node_member_count(own); i++) {
        const struct sw_member *member = sw_node_member_at(own, i);
        const struct sw_node *others = sw_node_get(other, member->key.p);
        if (is_parent && others != NULL && is_whole(member->key))
            continue;
        bool is_steps = sw_str_is(member->key, "steps");
        sw_build_set(b, map, member->key.p, is_steps ? like(b, member->value, others) : member->value);
    }
    return sw_build_at(map, sw_node_file(own), sw_node_line(own), sw_node_column(own));
}

/* Merge the file with its parents; NULL, with a finding, if the result is too large. */
static const struct sw_node *add_parent(struct sw_builder *b, const struct sw_node *parent,
                                        const struct sw_node *root, struct sw_findings *findings)
{
    size_t count = 0;
    const struct sw_node *merged =
        sw_build_merged(b, mergeable(b, parent, root, true), mergeable(b, root, parent, false));
    const struct sw_member *crowded = b->failed ? NULL : find_crowded(merged, &count);
    if (crowded == NULL)
        return merged;
    const struct sw_node *extends = sw_node_get(root, "extends");
    struct sw_finding *finding = sw_findings_add(
        findings, "SW102", SW_ERROR,
        "'%s' has %zu entries together with those of the profiles that this one extends, more than %d",
        crowded->key.p, count, SW_MAX_PROFILE_ITEMS);
    sw_finding_place(findings, finding, sw_node_file(extends), sw_node_line(extends),
                     sw_node_column(extends));
    return NULL;
}

/* Each file is checked on its own, so that a finding names the file with the fault in it. */
static int read_chain(const struct sw_node **out, struct sw_builder *b, const struct link *link,
                      struct sw_findings *findings, struct sw_error *error)
{
    const struct sw_node *root = NULL;
    int code = read_file(&root, b->arena, link, error);
    if (code != 0)
        return code;
    size_t before = sw_findings_count(findings, SW_ERROR);
    sw_schema_check(&sw_profile_schema, root, findings);
    if (sw_findings_count(findings, SW_ERROR) > before)
        return 0;
    const struct sw_node *extends = sw_node_get(root, "extends");
    const struct sw_node *parent = NULL;
    if (extends != NULL)
        code = read_parent(&parent, b, link, extends, findings, error);
    if (code == 0)
        *out = parent == NULL ? root : add_parent(b, parent, root, findings);
    return code;
}

/* The keys that say something of a Dockerfile of the user's, or of its image. */
static bool goes_with_dockerfile(struct sw_str key)
{
    static const char *const keys[] = {
        "slipway", "name",       "description", "accelerators", "driver",        "gpu_memory",
        "image",   "dockerfile", "prove",       "hold",         "constraints",   "secrets",
        "ssh",     "assertions", "guard",       "ignore",       "python_version"};
    for (size_t i = 0; i < SW_COUNT(keys); i++) {
        if (sw_str_is(key, keys[i]))
            return true;
    }
    return false;
}

static struct sw_finding *refuse_key(const struct sw_profile *profile, struct sw_findings *findings,
                                     const char *key, const char *why)
{
    struct sw_finding *finding = sw_findings_add(findings, "SW102", SW_ERROR, "'%s': %s", key, why);
    sw_profile_place(profile, findings, finding, key);
    return finding;
}

/* Find keys that contradict `dockerfile`, or that say nothing without it. */
static void check_dockerfile(const struct sw_profile *profile, struct sw_findings *findings)
{
    const struct sw_node *root = profile->root;
    bool builds = sw_node_get(root, "dockerfile") != NULL;
    bool holds = sw_node_boolean(sw_node_get(root, "hold"), false);
    bool outside = strcmp(sw_node_text(sw_node_get(root, "prove"), ""), "outside") == 0;
    for (size_t i = 0; builds && i < sw_node_member_count(root); i++) {
        const struct sw_member *member = sw_node_member_at(root, i);
        if (!goes_with_dockerfile(member->key))
            sw_finding_hint(
                findings,
                refuse_key(profile, findings, member->key.p, "the Dockerfile of 'dockerfile' says that"),
                "write it in the Dockerfile, or let slipway render one: without 'dockerfile'");
    }
    if (builds && !holds && sw_node_get(root, "constraints") != NULL)
        sw_finding_hint(
            findings, refuse_key(profile, findings, "constraints", "nothing is held to them without 'hold'"),
            "add hold: true");
    if (outside && (holds || sw_node_boolean(sw_node_get(root, "guard"), false)))
        (void)refuse_key(profile, findings, "prove",
                         "'outside' adds nothing to the image, and 'guard' and 'hold' are added to it");
    if (!builds && (holds || sw_node_get(root, "prove") != NULL))
        (void)refuse_key(profile, findings, holds ? "hold" : "prove",
                         "it is for a profile with 'dockerfile', and this profile has none");
}

int sw_profile_load(struct sw_profile *profile, const char *path, const struct sw_profile_source *source,
                    struct sw_findings *findings, struct sw_error *error)
{
    struct sw_profile loaded = {0};
    struct sw_error unasked = {0}; /* parents are judged by their errors */
    error = error == NULL ? &unasked : error;
    sw_arena_init(&loaded.arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &loaded.arena};
    loaded.path = sw_arena_text(&loaded.arena, path);
    const struct link first = {NULL, loaded.path, 1, source, &loaded};
    if (loaded.path == NULL)
        return sw_fail_memory(error);
    int code = read_chain(&loaded.root, &b, &first, findings, error);
    if (code == SW_EREFUSED)
        code = refused(findings, NULL, path, error);
    if (code == 0 && loaded.root != NULL && !b.failed) {
        loaded.root = sw_build_filtered(&b, loaded.root, is_not_extends);
        loaded.name = sw_node_text(sw_node_get(loaded.root, "name"), NULL);
        check_dockerfile(&loaded, findings);
    }
    if (code == 0 && b.failed)
        code = sw_fail_memory(error);
    if (code != 0) {
        sw_arena_release(&loaded.arena);
        return code;
    }
    *profile = loaded;
    return 0;
}

static int read_from_disk(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    return sw_permissions_read(out, self, path, error);
}

struct sw_profile_source sw_profile_on_disk(const struct sw_permissions *permissions)
{
    return (struct sw_profile_source){read_from_disk, permissions};
}

const struct sw_node *sw_profile_step(const struct sw_node *root, size_t index)
{
    static const char *const phases[] = {"steps.before", "steps.after", "steps"};
    for (size_t i = 0; i < SW_COUNT(phases); i++) {
        const struct sw_node *steps = sw_node_at(root, phases[i]);
        if (index < sw_node_count(steps))
            return sw_node_item(steps, index);
        index -= sw_node_count(steps);
    }
    return NULL;
}

void sw_profile_release(struct sw_profile *profile)
{
    if (profile == NULL)
        return;
    sw_arena_release(&profile->arena);
    *profile = (struct sw_profile){0};
}

void sw_profile_place(const struct sw_profile *profile, struct sw_findings *findings,
                      struct sw_finding *finding, const char *path)
{
    char part[256];
    (void)snprintf(part, sizeof part, "%s", path);
    const struct sw_node *node = sw_node_at(profile->root, part);
    while (node == NULL && part[0] != '\0') {
        char *cut = strrchr(part, '.');
        char *bracket = strrchr(part, '[');
        if (cut == NULL || (bracket != NULL && bracket > cut))
            cut = bracket;
        if (cut == NULL)
            break;
        *cut = '\0';
        node = sw_node_at(profile->root, part);
    }
    if (node == NULL)
        node = profile->root;
    if (node != NULL && sw_node_file(node) != NULL)
        sw_finding_place(findings, finding, sw_node_file(node), sw_node_line(node), sw_node_column(node));
    else
        sw_finding_place(findings, finding, profile->path, 1, 1);
}
