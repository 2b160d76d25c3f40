#include "build/solve_internal.h"

#include "base/file.h"
#include "base/limits.h"
#include "build/exporters.h"
#include "data/json.h"
#include "wire/protobuf.h"

enum {
    SOLVE_REF = 1,
    /* The single exporter, as every version takes it. */
    SOLVE_EXPORTER = 3,
    SOLVE_EXPORTER_ATTRIBUTES = 4,
    SOLVE_SESSION = 5,
    SOLVE_FRONTEND = 6,
    SOLVE_FRONTEND_ATTRIBUTES = 7,
    SOLVE_CACHE = 8,
    SOLVE_ENTITLEMENTS = 9,
    SOLVE_EXPORTERS = 13, /* several, from BuildKit 0.13 on */
};
enum { CACHE_EXPORTS = 4, CACHE_IMPORTS = 5 };
enum { PART_TYPE = 1, PART_ATTRIBUTES = 2 };
enum { MAP_KEY = 1, MAP_VALUE = 2 };
enum { RESPONSE_VALUES = 1 };

static void add_entry(struct sw_buffer *out, uint32_t field, const char *key, const char *value)
{
    SW_BUFFER_AUTO entry;
    sw_buffer_init(&entry, SW_MAX_SOLVE_REQUEST);
    sw_proto_add_bytes(&entry, MAP_KEY, sw_str_from(key));
    sw_proto_add_bytes(&entry, MAP_VALUE, sw_str_from(value));
    sw_proto_add_bytes(out, field, sw_buffer_str(&entry));
}

static void add_entries(struct sw_buffer *out, uint32_t field, const char *prefix,
                        const struct sw_pair *pairs)
{
    for (; pairs != NULL && pairs->name != NULL; pairs++) {
        SW_BUFFER_AUTO key;
        sw_buffer_init(&key, SW_MAX_SOLVE_REQUEST);
        sw_buffer_addf(&key, "%s%s", prefix, pairs->name);
        if (pairs->value != NULL) /* an argument without a value is none */
            add_entry(out, field, key.p, pairs->value);
    }
}

/* ---- caches ---- */

static void add_part(struct sw_buffer *out, uint32_t field, const struct sw_build_part *part)
{
    SW_BUFFER_AUTO message;
    sw_buffer_init(&message, SW_MAX_SOLVE_REQUEST);
    sw_proto_add_bytes(&message, PART_TYPE, sw_str_from(part->type));
    add_entries(&message, PART_ATTRIBUTES, "", part->attributes);
    sw_proto_add_bytes(out, field, sw_buffer_str(&message));
}

static void add_caches(struct sw_buffer *out, const struct sw_build_request *request)
{
    SW_BUFFER_AUTO cache;
    sw_buffer_init(&cache, SW_MAX_SOLVE_REQUEST);
    for (const struct sw_build_part *part = request->cache_to; part != NULL && part->type != NULL; part++)
        add_part(&cache, CACHE_EXPORTS, part);
    for (const struct sw_build_part *part = request->cache_from; part != NULL && part->type != NULL; part++)
        add_part(&cache, CACHE_IMPORTS, part);
    sw_proto_add_bytes(out, SOLVE_CACHE, sw_buffer_str(&cache));
}

/* The frontend imports caches by itself, from JSON in which the fields have their names of Go. */
static int add_cache_imports(struct sw_buffer *out, const struct sw_build_part *caches,
                             struct sw_error *error)
{
    if (caches == NULL || caches->type == NULL)
        return 0;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO text;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&text, SW_MAX_SOLVE_REQUEST);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *list = sw_build_list(&b);
    for (; caches->type != NULL; caches++) {
        struct sw_node *entry = sw_build_map(&b), *attributes = sw_build_map(&b);
        for (const struct sw_pair *pair = caches->attributes; pair != NULL && pair->name != NULL; pair++)
            sw_build_set(&b, attributes, pair->name, sw_build_text(&b, pair->value));
        sw_build_set(&b, entry, "Type", sw_build_text(&b, caches->type));
        sw_build_set(&b, entry, "Attrs", attributes);
        sw_build_append(&b, list, entry);
    }
    if (b.failed)
        return sw_fail_memory(error);
    sw_json_write(&text, list, SW_JSON_COMPACT);
    add_entry(out, SOLVE_FRONTEND_ATTRIBUTES, "cache-imports", text.p);
    return sw_buffer_check(&text, "what is said of caches", error);
}

/* ---- outputs ---- */

/* Add the image's names for an exporter that hands an image on. */
static void add_names(struct sw_buffer *names, const struct sw_build_part *output, const char *const *tags)
{
    bool named = sw_part_is(output, "docker") || sw_part_is(output, "oci") || sw_part_is(output, "image") ||
                 sw_part_is(output, "registry");
    if (!named || sw_part_get(output, "name") != NULL)
        return;
    for (; tags != NULL && *tags != NULL; tags++)
        sw_buffer_addf(names, "%s%s", names->n == 0 ? "" : ",", *tags);
}

/* An image that stays is, in a Docker Engine, the exporter "moby"; a folder travels as a tar. */
static const char *exporter_of(const struct sw_build_part *output, bool builder)
{
    if (sw_part_stays(output))
        return builder ? "image" : "moby";
    return sw_part_is(output, "local") ? "tar" : output->type;
}

/* An image that a Docker Engine keeps is exported without a name, and not pushed: both are for the time after it has been judged
 * (build/build.h). */
static void add_kept(struct sw_buffer *out, uint32_t field, const struct sw_build_part *output)
{
    for (const struct sw_pair *pair = output->attributes; pair != NULL && pair->name != NULL; pair++) {
        const struct sw_pair one[] = {*pair, {NULL, NULL}};
        if (strcmp(pair->name, "name") != 0 && strcmp(pair->name, "push") != 0)
            add_entries(out, field, "", one);
    }
}

/* The base image's layers are compressed again; zstd has no name among Docker's own media types. An output that says how it
 * is compressed keeps its word. */
static void add_compression(struct sw_buffer *out, uint32_t field, const struct sw_build_part *output)
{
    static const struct sw_pair zstd[] = {
        {"compression", "zstd"}, {"force-compression", "true"}, {"oci-mediatypes", "true"}, {NULL, NULL}};
    bool layered = sw_part_stays(output) || sw_part_is(output, "oci");
    if (layered && sw_part_get(output, "compression") == NULL)
        add_entries(out, field, "", zstd);
}

static void add_exporter(struct sw_buffer *out, uint32_t field, const struct sw_build_part *output,
                         const struct sw_build_request *request, const struct sw_engine_info *info)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_SOLVE_REQUEST);
    if (request->zstd && sw_engine_keeps_compression(info))
        add_compression(out, field, output);
    if (!info->builder && sw_part_stays(output)) {
        add_kept(out, field, output);
        return;
    }
    add_names(&names, output, request->tags);
    add_entries(out, field, "", output->attributes);
    if (names.n > 0)
        add_entry(out, field, "name", names.p);
    if (sw_part_is(output, "registry"))
        add_entry(out, field, "push", "true");
}

static void add_outputs(struct sw_buffer *out, const struct sw_build_request *request,
                        const struct sw_engine_info *info)
{
    static const struct sw_build_part stays[] = {{.type = "docker"}, {0}};
    const struct sw_build_part *outputs = request->outputs;
    if (outputs == NULL || outputs->type == NULL)
        outputs = stays;
    if (outputs[1].type == NULL) {
        if (sw_part_is(outputs, "cacheonly"))
            return;
        sw_proto_add_bytes(out, SOLVE_EXPORTER, sw_str_from(exporter_of(outputs, info->builder)));
        add_exporter(out, SOLVE_EXPORTER_ATTRIBUTES, outputs, request, info);
        return;
    }
    for (; outputs->type != NULL; outputs++) {
        SW_BUFFER_AUTO message;
        sw_buffer_init(&message, SW_MAX_SOLVE_REQUEST);
        sw_proto_add_bytes(&message, PART_TYPE, sw_str_from(exporter_of(outputs, info->builder)));
        add_exporter(&message, PART_ATTRIBUTES, outputs, request, info);
        sw_proto_add_bytes(out, SOLVE_EXPORTERS, sw_buffer_str(&message));
    }
}

/* ---- the whole ---- */

static void add_attestations(struct sw_buffer *out, const struct sw_build_part *attestation)
{
    for (; attestation != NULL && attestation->type != NULL; attestation++) {
        SW_BUFFER_AUTO key, value;
        sw_buffer_init(&key, SW_MAX_SOLVE_REQUEST);
        sw_buffer_init(&value, SW_MAX_SOLVE_REQUEST);
        sw_buffer_addf(&key, "attest:%s", attestation->type);
        for (const struct sw_pair *pair = attestation->attributes; pair != NULL && pair->name != NULL; pair++)
            sw_buffer_addf(&value, "%s%s=%s", value.n == 0 ? "" : ",", pair->name, pair->value);
        add_entry(out, SOLVE_FRONTEND_ATTRIBUTES, key.p, value.p);
    }
}

static void add_frontend(struct sw_buffer *out, const struct sw_build_request *request)
{
    const struct sw_pair attributes[] = {
        {"filename", request->dockerfile == NULL ? "Dockerfile" : sw_path_base(request->dockerfile)},
        {"platform", request->platform},
        {"target", request->target},
        {"force-network-mode", request->network},
        {"no-cache", request->no_cache ? "" : NULL},
        {"image-resolve-mode", request->pull ? "pull" : "default"},
        {NULL, NULL},
    };
    sw_proto_add_bytes(out, SOLVE_FRONTEND, SW_STR("dockerfile.v0"));
    add_entries(out, SOLVE_FRONTEND_ATTRIBUTES, "", attributes);
    add_entries(out, SOLVE_FRONTEND_ATTRIBUTES, "build-arg:", request->arguments);
    add_entries(out, SOLVE_FRONTEND_ATTRIBUTES, "label:", request->labels);
    add_attestations(out, request->attestations);
    if (request->network != NULL && strcmp(request->network, "host") == 0)
        sw_proto_add_bytes(out, SOLVE_ENTITLEMENTS, SW_STR("network.host"));
}

int sw_solve_write(struct sw_buffer *out, const struct sw_build_request *request,
                   const struct sw_engine_info *info, const char *ref, const char *session,
                   struct sw_error *error)
{
    sw_proto_add_bytes(out, SOLVE_REF, sw_str_from(ref));
    sw_proto_add_bytes(out, SOLVE_SESSION, sw_str_from(session));
    add_frontend(out, request);
    add_outputs(out, request, info);
    add_caches(out, request);
    int code = add_cache_imports(out, request->cache_from, error);
    return code == 0 ? sw_buffer_check(out, "the build request", error) : code;
}

static void read_entry(struct sw_str *key, struct sw_str *value, struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    *key = *value = (struct sw_str){"", 0};
    while (sw_proto_next(&reader, &field)) {
        if (field.number == MAP_KEY)
            *key = sw_proto_str(&field);
        else if (field.number == MAP_VALUE)
            *value = sw_proto_str(&field);
    }
}

struct sw_str sw_solve_value(struct sw_str message, const char *key)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    while (sw_proto_next(&reader, &field)) {
        struct sw_str name, value;
        read_entry(&name, &value, sw_proto_str(&field));
        if (field.number == RESPONSE_VALUES && sw_str_is(name, key))
            return value;
    }
    return (struct sw_str){"", 0};
}
