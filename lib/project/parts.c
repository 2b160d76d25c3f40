#include "project/parts.h"

#include "base/variables.h"
#include "build/exporters.h"
#include "project/expand.h"
#include "project/grants.h"
#include "session/cache_folder.h"

#include <strings.h>

enum { MOST_FIELDS = 64 };

/* The values that an option takes. */
struct grammar {
    const char *option;
    const char *types[8]; /* ends with NULL */
    /* The type of a value without "type="; such a value is the attribute that `field` names. */
    const char *bare;
    const char *field;
    const char *path; /* the attribute that is a path here */
};

static int refuse_type(const struct grammar *grammar, const char *type, struct sw_error *error)
{
    char known[256] = "";
    for (size_t i = 0; grammar->types[i] != NULL; i++) {
        size_t n = strlen(known);
        (void)snprintf(known + n, sizeof known - n, "%s%s", i == 0 ? "" : ", ", grammar->types[i]);
    }
    if (type == NULL)
        (void)sw_fail(error, SW_EINPUT, "%s wants type=TYPE", grammar->option);
    else
        (void)sw_fail(error, SW_EINPUT, "%s does not know the type '%.100s'", grammar->option, type);
    return sw_error_hint(error, "the types are %s", known);
}

static bool is_known(const struct grammar *grammar, const char *type)
{
    for (size_t i = 0; type != NULL && grammar->types[i] != NULL; i++) {
        if (strcmp(grammar->types[i], type) == 0)
            return true;
    }
    return false;
}

/* "type=TYPE,NAME=VALUE" */
static int read_fields(struct sw_build_part *part, struct sw_arena *arena, const struct grammar *grammar,
                       const char *text, struct sw_error *error)
{
    struct sw_str rest = sw_str_from(text);
    struct sw_pair *pairs = sw_arena_array(arena, MOST_FIELDS + 1, sizeof *pairs);
    if (pairs == NULL)
        return sw_fail_memory(error);
    for (size_t count = 0; rest.p != NULL;) {
        struct sw_str value = sw_str_cut(&rest, ','), field = value;
        struct sw_str name = sw_str_trim(sw_str_cut(&value, '='));
        if (value.p == NULL || name.n == 0 || count == MOST_FIELDS)
            return sw_fail(error, SW_EINPUT, "%s: '%.*s' is not NAME=VALUE", grammar->option,
                           (int)(field.n < 200 ? field.n : 200), field.p); /* the rest may be secret */
        const struct sw_pair pair = {sw_arena_copy(arena, name), sw_arena_copy(arena, value)};
        if (pair.name == NULL || pair.value == NULL)
            return sw_fail_memory(error);
        if (sw_str_is(name, "type"))
            part->type = pair.value;
        else
            pairs[count++] = pair;
    }
    part->attributes = pairs;
    return 0;
}

static int read_part(struct sw_build_part *part, struct sw_arena *arena, const struct grammar *grammar,
                     const char *text, struct sw_error *error)
{
    int code = 0;
    if (grammar->bare != NULL && strchr(text, '=') == NULL) {
        struct sw_pair *pairs = sw_arena_array(arena, 2, sizeof *pairs);
        if (pairs == NULL)
            return sw_fail_memory(error);
        pairs[0] = (struct sw_pair){grammar->field, text};
        *part = (struct sw_build_part){.type = grammar->bare, .attributes = pairs};
    } else {
        code = read_fields(part, arena, grammar, text, error);
    }
    return code != 0 || is_known(grammar, part->type) ? code : refuse_type(grammar, part->type, error);
}

static int need(const struct sw_build_part *part, const struct grammar *grammar, const char *name,
                struct sw_error *error)
{
    const char *value = sw_part_get(part, name);
    return value != NULL && value[0] != '\0'
               ? 0
               : sw_fail(error, SW_EINPUT, "%s type=%s wants %s=VALUE", grammar->option, part->type, name);
}

/* ---- caches ---- */

static bool is_type(const struct sw_build_part *part, const char *type)
{
    return strcmp(part->type, type) == 0;
}

static int add(struct sw_build_part *part, struct sw_arena *arena, const char *name, const char *value,
               struct sw_error *error)
{
    size_t count = 0;
    while (part->attributes[count].name != NULL)
        count++;
    struct sw_pair *pairs = sw_arena_array(arena, count + 2, sizeof *pairs);
    if (pairs == NULL)
        return sw_fail_memory(error);
    memcpy(pairs, part->attributes, count * sizeof *pairs);
    pairs[count] = (struct sw_pair){name, value};
    part->attributes = pairs;
    return 0;
}

/* Take an attribute that is a path here from the rest; the part's path is then one from here. */
static int take_path(struct sw_build_part *part, const struct sw_project *project, const char *name,
                     struct sw_error *error)
{
    struct sw_pair *pairs = NULL;
    size_t count = 0, kept = 0;
    while (part->attributes[count].name != NULL)
        count++;
    pairs = sw_arena_array(project->arena, count + 1, sizeof *pairs);
    if (pairs == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(part->attributes[i].name, name) == 0)
            part->path = sw_project_path(project, part->attributes[i].value);
        else
            pairs[kept++] = part->attributes[i];
    }
    part->attributes = pairs;
    enum sw_access access = strcmp(name, "src") == 0 ? SW_ACCESS_READ : SW_ACCESS_WRITE;
    return part->path == NULL ? sw_fail_memory(error)
                              : sw_grants_check_file(project, part->path, access, error);
}

/* Add the address and the token of a cache at GitHub, which only the runner's own steps know. */
static int add_github(struct sw_build_part *part, const struct sw_project *project,
                      const struct grammar *grammar, struct sw_error *error)
{
    const char *const *environment = project->environment;
    const char *second = sw_variables_get(environment, "ACTIONS_CACHE_SERVICE_V2");
    const char *first = sw_variables_get(environment, "ACTIONS_CACHE_URL");
    const char *results = sw_variables_get(environment, "ACTIONS_RESULTS_URL");
    const char *token = sw_variables_get(environment, "ACTIONS_RUNTIME_TOKEN");
    bool is_second = second != NULL && (strcmp(second, "1") == 0 || strcasecmp(second, "true") == 0);
    const struct sw_pair found[] = {
        {"token", token}, {"url_v2", is_second ? results : NULL}, {"url", first != NULL ? first : results}};
    int code = 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(found); i++) {
        if (found[i].value != NULL && sw_part_get(part, found[i].name) == NULL)
            code = add(part, project->arena, found[i].name, found[i].value, error);
    }
    if (code != 0 || (sw_part_get(part, "token") != NULL &&
                      (sw_part_get(part, "url") != NULL || sw_part_get(part, "url_v2") != NULL)))
        return code;
    (void)sw_fail(error, SW_EINPUT, "%s type=gha: the address or the token of the runner's cache is missing",
                  grammar->option);
    return sw_error_hint(error, "the step needs ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL, which "
                                "crazy-max/ghaction-github-runtime exports");
}

/* A cache in a folder is known by the path that the engine is told too. */
static int add_folder(struct sw_build_part *part, const struct sw_project *project,
                      const struct grammar *grammar, struct sw_error *error)
{
    int code = need(part, grammar, grammar->path, error);
    if (code == 0)
        code = take_path(part, project, grammar->path, error);
    return code == 0 ? add(part, project->arena, grammar->path, part->path, error) : code;
}

static int finish_cache(struct sw_build_part *part, const struct sw_project *project,
                        const struct grammar *grammar, struct sw_error *error)
{
    if (is_type(part, "registry"))
        return need(part, grammar, "ref", error);
    if (is_type(part, "gha"))
        return add_github(part, project, grammar, error);
    return is_type(part, "local") ? add_folder(part, project, grammar, error) : 0;
}

static int read_caches(const struct sw_build_part **out, const struct sw_project *project,
                       const struct grammar *grammar, const struct sw_texts *given, struct sw_error *error)
{
    struct sw_build_part *parts = sw_arena_array(project->arena, given->count + 1, sizeof *parts);
    int code = parts == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < given->count; i++) {
        code = read_part(&parts[i], project->arena, grammar, given->items[i], error);
        if (code == 0)
            code = finish_cache(&parts[i], project, grammar, error);
    }
    *out = parts;
    return code;
}

int sw_parts_find_caches(struct sw_parts *parts, const struct sw_project *project, const struct sw_sink *sink,
                         struct sw_error *error)
{
    const struct sw_build_part *given = parts->cache_from;
    size_t count = sw_parts_count(given), kept = 0;
    struct sw_build_part *found = sw_arena_array(project->arena, count + 1, sizeof *found);
    int code = found == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        const char *tag = sw_part_get(&given[i], "tag"), *digest = NULL;
        struct sw_build_part part = given[i];
        if (part.path != NULL)
            code =
                sw_cache_folder_find(&digest, project->arena, part.path, tag == NULL ? "latest" : tag, error);
        if (code == 0 && digest != NULL)
            code = add(&part, project->arena, "digest", digest, error);
        if (code == 0)
            found[kept++] = part;
        if (code == SW_ENOTFOUND) {
            sw_emit(sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(error->text)});
            code = 0;
        }
    }
    if (code == 0)
        parts->cache_from = found;
    return code;
}

/* ---- outputs ---- */

static int finish_output(struct sw_build_part *part, const struct sw_project *project,
                         const struct grammar *grammar, struct sw_error *error)
{
    bool keeps = is_type(part, "image") || is_type(part, "registry");
    const char *path = sw_part_get(part, grammar->path), *tar = sw_part_get(part, "tar");
    if (keeps && path != NULL)
        return sw_fail(error, SW_EINPUT, "%s type=%s takes no %s", grammar->option, part->type,
                       grammar->path);
    if (tar != NULL && strcmp(tar, "true") != 0)
        return sw_fail(error, SW_EINPUT, "%s type=%s writes a tar only", grammar->option, part->type);
    if (keeps || (is_type(part, "docker") && path == NULL))
        return 0;
    int code = need(part, grammar, grammar->path, error);
    if (code == 0 && strcmp(path, "-") == 0)
        return sw_fail(error, SW_EINPUT, "%s type=%s cannot write to standard output", grammar->option,
                       part->type);
    return code == 0 ? take_path(part, project, grammar->path, error) : code;
}

static int read_outputs(const struct sw_build_part **out, const struct sw_project *project,
                        const struct sw_texts *given, struct sw_error *error)
{
    static const struct grammar grammar = {.option = "--output",
                                           .types = {"docker", "image", "registry", "oci", "tar", "local"},
                                           .bare = "local",
                                           .field = "dest",
                                           .path = "dest"};
    struct sw_build_part *parts = sw_arena_array(project->arena, given->count + 1, sizeof *parts);
    int code = parts == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < given->count; i++) {
        code = read_part(&parts[i], project->arena, &grammar, given->items[i], error);
        if (code == 0)
            code = finish_output(&parts[i], project, &grammar, error);
    }
    *out = parts;
    return code;
}

/* "name=A,B" of the outputs that the engine keeps. */
static int read_names(struct sw_parts *parts, const struct sw_project *project, struct sw_error *error)
{
    struct sw_arena *arena = project->arena;
    for (const struct sw_build_part *part = parts->outputs; part->type != NULL; part++) {
        const char *names = sw_part_stays(part) ? sw_part_get(part, "name") : NULL;
        struct sw_str rest = sw_str_from(names == NULL ? "" : names);
        parts->push = parts->push || (sw_part_stays(part) && sw_part_pushes(part));
        while (rest.n > 0) {
            const char *name = sw_arena_copy(arena, sw_str_trim(sw_str_cut(&rest, ',')));
            int code = name == NULL ? sw_fail_memory(error) : sw_texts_add(&parts->names, arena, name, error);
            if (code != 0)
                return code;
        }
    }
    return 0;
}

/* ---- attestations ---- */

static const struct grammar attest = {.option = "--attest", .types = {"provenance", "sbom"}};

/* --provenance VALUE is --attest type=provenance,VALUE; "true" and "false" stand alone. */
static int add_short(struct sw_build_part *part, const struct sw_project *project, const char *type,
                     const char *value, struct sw_error *error)
{
    bool plain = strcmp(value, "true") == 0;
    if (strcmp(value, "false") == 0)
        return 0;
    const char *text =
        sw_arena_format(project->arena, "type=%s%s%s", type, plain ? "" : ",", plain ? "" : value);
    return text == NULL ? sw_fail_memory(error) : read_part(part, project->arena, &attest, text, error);
}

static int read_attestations(const struct sw_build_part **out, const struct sw_project *project,
                             const struct sw_parts_given *all, struct sw_error *error)
{
    const struct sw_texts *given = &all->attestations;
    const char *const shorts[][2] = {{"provenance", all->provenance}, {"sbom", all->sbom}};
    struct sw_build_part *parts =
        sw_arena_array(project->arena, given->count + SW_COUNT(shorts) + 1, sizeof *parts);
    size_t count = 0;
    int code = parts == NULL ? sw_fail_memory(error) : 0;
    for (; code == 0 && count < given->count; count++)
        code = read_part(&parts[count], project->arena, &attest, given->items[count], error);
    for (size_t i = 0; code == 0 && i < SW_COUNT(shorts); i++) {
        if (shorts[i][1] == NULL)
            continue;
        code = add_short(&parts[count], project, shorts[i][0], shorts[i][1], error);
        count += code == 0 && parts[count].type != NULL;
    }
    *out = parts;
    return code;
}

/* The list with the profile's name in place of {profile}. */
static int name_all(struct sw_texts *out, const struct sw_project *project, const struct sw_texts *given,
                    const char *profile, struct sw_error *error)
{
    out->count = given->count;
    out->items = sw_arena_array(project->arena, given->count + 1, sizeof *out->items);
    for (size_t i = 0; out->items != NULL && i < given->count; i++) {
        out->items[i] = sw_expand_profile(project->arena, given->items[i], profile);
        if (out->items[i] == NULL)
            return sw_fail_memory(error);
    }
    return out->items == NULL ? sw_fail_memory(error) : 0;
}

int sw_parts_read(struct sw_parts *parts, const struct sw_project *project,
                  const struct sw_parts_given *given, const char *profile, struct sw_error *error)
{
    static const struct grammar from = {.option = "--cache-from",
                                        .types = {"registry", "local", "gha"},
                                        .bare = "registry",
                                        .field = "ref",
                                        .path = "src"};
    static const struct grammar to = {.option = "--cache-to",
                                      .types = {"registry", "inline", "local", "gha"},
                                      .bare = "registry",
                                      .field = "ref",
                                      .path = "dest"};
    const struct sw_texts *const lists[] = {&given->cache_from, &given->cache_to, &given->outputs};
    struct sw_texts named[SW_COUNT(lists)];
    int code = 0;
    for (size_t i = 0; code == 0 && i < SW_COUNT(lists); i++)
        code = name_all(&named[i], project, lists[i], profile, error);
    if (code == 0)
        code = read_caches(&parts->cache_from, project, &from, &named[0], error);
    if (code == 0)
        code = read_caches(&parts->cache_to, project, &to, &named[1], error);
    if (code == 0)
        code = read_outputs(&parts->outputs, project, &named[2], error);
    if (code == 0)
        code = read_names(parts, project, error);
    return code == 0 ? read_attestations(&parts->attestations, project, given, error) : code;
}
