#include "parts.h"

enum { MOST_FIELDS = 64 };

/* What an option takes. */
struct grammar {
    const char *option;
    const char *types[8]; /* ends with NULL */
    const char *bare;     /* the type of a value without "type=", whose only field it names in `field` */
    const char *field;
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
        struct sw_str value = sw_str_cut(&rest, ',');
        struct sw_str name = sw_str_trim(sw_str_cut(&value, '='));
        if (value.p == NULL || name.n == 0 || count == MOST_FIELDS)
            return sw_fail(error, SW_EINPUT, "%s '%.200s' is not type=TYPE,NAME=VALUE", grammar->option,
                           text);
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

static const char *get(const struct sw_build_part *part, const char *name)
{
    for (const struct sw_pair *pair = part->attributes; pair->name != NULL; pair++) {
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    }
    return NULL;
}

static int need(const struct sw_build_part *part, const struct grammar *grammar, const char *name,
                struct sw_error *error)
{
    const char *value = get(part, name);
    return value != NULL && value[0] != '\0'
               ? 0
               : sw_fail(error, SW_EINPUT, "%s type=%s wants %s=VALUE", grammar->option, part->type, name);
}

/* ---- caches ---- */

static int check_cache(const struct sw_build_part *part, const struct grammar *grammar,
                       struct sw_error *error)
{
    return strcmp(part->type, "registry") == 0 ? need(part, grammar, "ref", error) : 0;
}

static int read_caches(const struct sw_build_part **out, struct session *session,
                       const struct grammar *grammar, const struct text_list *given, struct sw_error *error)
{
    struct sw_build_part *parts = sw_arena_array(&session->arena, given->count + 1, sizeof *parts);
    int code = parts == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < given->count; i++) {
        code = read_part(&parts[i], &session->arena, grammar, given->items[i], error);
        if (code == 0)
            code = check_cache(&parts[i], grammar, error);
    }
    *out = parts;
    return code;
}

/* ---- attestations ---- */

static const struct grammar attest = {.option = "--attest", .types = {"provenance", "sbom"}};

/* --provenance VALUE is --attest type=provenance,VALUE; "true" and "false" stand alone. */
static int add_short(struct sw_build_part *part, struct session *session, const char *type, const char *value,
                     struct sw_error *error)
{
    bool plain = strcmp(value, "true") == 0;
    if (strcmp(value, "false") == 0)
        return 0;
    const char *text =
        sw_arena_format(&session->arena, "type=%s%s%s", type, plain ? "" : ",", plain ? "" : value);
    return text == NULL ? sw_fail_memory(error) : read_part(part, &session->arena, &attest, text, error);
}

static int read_attestations(const struct sw_build_part **out, struct session *session,
                             struct sw_error *error)
{
    const struct text_list *given = &session->options.attestations;
    const char *const shorts[][2] = {{"provenance", session->options.provenance},
                                     {"sbom", session->options.sbom}};
    struct sw_build_part *parts =
        sw_arena_array(&session->arena, given->count + SW_COUNT(shorts) + 1, sizeof *parts);
    size_t count = 0;
    int code = parts == NULL ? sw_fail_memory(error) : 0;
    for (; code == 0 && count < given->count; count++)
        code = read_part(&parts[count], &session->arena, &attest, given->items[count], error);
    for (size_t i = 0; code == 0 && i < SW_COUNT(shorts); i++) {
        if (shorts[i][1] == NULL)
            continue;
        code = add_short(&parts[count], session, shorts[i][0], shorts[i][1], error);
        count += code == 0 && parts[count].type != NULL;
    }
    *out = parts;
    return code;
}

int parts_read(struct parts *parts, struct session *session, struct sw_error *error)
{
    static const struct grammar from = {
        .option = "--cache-from", .types = {"registry"}, .bare = "registry", .field = "ref"};
    static const struct grammar to = {
        .option = "--cache-to", .types = {"registry", "inline"}, .bare = "registry", .field = "ref"};
    const struct options *options = &session->options;
    int code = read_caches(&parts->cache_from, session, &from, &options->cache_from, error);
    if (code == 0)
        code = read_caches(&parts->cache_to, session, &to, &options->cache_to, error);
    return code == 0 ? read_attestations(&parts->attestations, session, error) : code;
}
