#include "build/exporters.h"

#include "engine/call.h"

const char *sw_part_get(const struct sw_build_part *part, const char *name)
{
    for (const struct sw_pair *pair = part->attributes; pair != NULL && pair->name != NULL; pair++) {
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    }
    return NULL;
}

size_t sw_parts_count(const struct sw_build_part *parts)
{
    size_t count = 0;
    while (parts != NULL && parts[count].type != NULL)
        count++;
    return count;
}

bool sw_part_is(const struct sw_build_part *part, const char *type)
{
    return strcmp(part->type, type) == 0;
}

/* For loops; the list may be NULL. */
static const struct sw_build_part *first(const struct sw_build_part *parts)
{
    static const struct sw_build_part none = {0};
    return parts == NULL ? &none : parts;
}

bool sw_part_stays(const struct sw_build_part *output)
{
    return sw_part_is(output, "image") || sw_part_is(output, "registry") ||
           (sw_part_is(output, "docker") && output->path == NULL);
}

bool sw_part_pushes(const struct sw_build_part *output)
{
    const char *push = sw_part_get(output, "push");
    return sw_part_is(output, "registry") || (push != NULL && strcmp(push, "false") != 0);
}

bool sw_parts_stay(const struct sw_build_request *request)
{
    const struct sw_build_part *output = first(request->outputs);
    bool stays = output->type == NULL;
    for (; output->type != NULL; output++)
        stays = stays || sw_part_stays(output);
    return stays;
}

bool sw_engine_keeps_compression(const struct sw_engine_info *info)
{
    return info->builder || info->containerd;
}

bool sw_parts_are_plain(const struct sw_build_request *request, const struct sw_engine_info *info)
{
    if (info->builder || (request->zstd && sw_engine_keeps_compression(info)))
        return false;
    for (const struct sw_build_part *part = first(request->cache_to); part->type != NULL; part++) {
        if (!sw_part_is(part, "inline"))
            return false;
    }
    for (const struct sw_build_part *part = first(request->cache_from); part->type != NULL; part++) {
        const struct sw_pair *pair = part->attributes; /* a reference is all that it can be given */
        if (!sw_part_is(part, "registry") || pair[0].name == NULL || strcmp(pair[0].name, "ref") != 0 ||
            pair[1].name != NULL)
            return false;
    }
    for (const struct sw_build_part *part = first(request->outputs); part->type != NULL; part++) {
        bool more = part->attributes != NULL && part->attributes[0].name != NULL;
        if (!sw_part_is(part, "docker") || part->path != NULL || more)
            return false;
    }
    return first(request->attestations)->type == NULL;
}

/* ---- an engine's abilities ---- */

/* An option as the user wrote it, for messages. */
struct wish {
    const char *option;
    const struct sw_build_part *part;
};

static int refuse(const struct sw_engine_info *info, struct wish wish, struct sw_error *error)
{
    (void)sw_fail(error, SW_ENO,
                  "%s type=%s needs an engine that keeps its images in containerd; %s %s keeps them in %s",
                  wish.option, wish.part->type, info->product, info->version,
                  info->storage[0] == '\0' ? "a store of its own" : info->storage);
    return sw_error_hint(error,
                         "set \"features\": {\"containerd-snapshotter\": true} in the engine's daemon.json "
                         "(Docker 24 or newer)%s",
                         strcmp(wish.option, "--cache-to") == 0 ? ", or use --cache-to type=inline" : "");
}

/* The first wish that an engine cannot fulfil whose images are kept by a graph driver: it exports no image but to itself, no
 * cache but within it, and drops attestations without a word. */
static struct wish find_refused(const struct sw_build_request *request)
{
    for (const struct sw_build_part *part = first(request->cache_to); part->type != NULL; part++) {
        if (!sw_part_is(part, "inline"))
            return (struct wish){"--cache-to", part};
    }
    for (const struct sw_build_part *part = first(request->cache_from); part->type != NULL; part++) {
        if (!sw_part_is(part, "registry"))
            return (struct wish){"--cache-from", part};
    }
    bool stays = sw_parts_stay(request);
    for (const struct sw_build_part *part = first(request->outputs); part->type != NULL; part++) {
        bool known = sw_part_is(part, "local") || sw_part_is(part, "tar") || sw_part_is(part, "cacheonly");
        if (!known &&
            (part->path != NULL || sw_part_is(part, "registry") || sw_part_get(part, "push") != NULL))
            return (struct wish){"--output", part};
    }
    if (stays && first(request->attestations)->type != NULL)
        return (struct wish){"--attest", request->attestations};
    return (struct wish){0};
}

/* A daemon that keeps no images must be told the image's destination. */
static int check_builder(const struct sw_build_request *request, struct sw_error *error)
{
    bool goes = request->outputs != NULL && request->outputs->type != NULL;
    for (const struct sw_build_part *part = first(request->outputs); part->type != NULL; part++)
        goes = goes && (!sw_part_stays(part) || sw_part_pushes(part));
    if (goes)
        return 0;
    (void)sw_fail(error, SW_ENO, "a BuildKit daemon keeps no images: somebody must say where this one goes");
    return sw_error_hint(error, "add --output type=registry to push it, or --output type=docker,dest=FILE");
}

/* Engines before 26, whose BuildKit is older than 0.13, skip several outputs in silence. A daemon's version
 * may be anything. */
static bool takes_one_output(const struct sw_engine_info *info)
{
    struct sw_str rest = sw_str_from(info->version);
    uint64_t major = 0;
    return !info->builder && sw_str_to_u64(sw_str_cut(&rest, '.'), &major) && major < 26;
}

static int refuse_several(const struct sw_engine_info *info, struct sw_error *error)
{
    (void)sw_fail(error, SW_ENO, "%s %s takes one --output at a time", info->product, info->version);
    return sw_error_hint(
        error, "use Docker Engine 26 or newer, or build once for each: the layers come from the cache");
}

static int refuse_all(const struct sw_engine_info *info, struct sw_error *error)
{
    (void)sw_fail(error, SW_ENO,
                  "caches, outputs and attestations need an engine with BuildKit, which %s %s is not",
                  info->product, info->version);
    return sw_error_hint(error, "use Docker Engine 20.10 or newer");
}

int sw_engine_build_check(const struct sw_engine *engine, const struct sw_build_request *request,
                          struct sw_error *error)
{
    const struct sw_engine_info *info = &engine->info;
    bool asks = first(request->cache_from)->type != NULL || first(request->cache_to)->type != NULL ||
                !sw_parts_are_plain(request, info);
    if (info->builder)
        return check_builder(request, error);
    if (asks && !info->buildkit)
        return refuse_all(info, error);
    if (asks && sw_parts_count(request->outputs) > 1 && takes_one_output(info))
        return refuse_several(info, error);
    if (!asks || info->containerd)
        return 0;
    struct wish wish = find_refused(request);
    return wish.part == NULL ? 0 : refuse(info, wish, error);
}
