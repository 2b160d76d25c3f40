#include "project/locked_base.h"

#include "data/path.h"
#include "engine/image.h"
#include "engine/reference.h"
#include "project/host_engine.h"

/* The digest of the image in the repository that the reference names, or NULL. */
static const char *digest_of(const struct sw_node *image, const char *reference)
{
    const struct sw_node *list = sw_node_get(image, "RepoDigests");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const char *entry = sw_node_text(sw_node_item(list, i), "");
        const char *at = strchr(entry, '@');
        if (at != NULL && sw_is_sha256_digest(sw_str_from(at + 1)) &&
            sw_reference_same_repository(entry, reference))
            return at + 1;
    }
    return NULL;
}

/* Ask an engine that runs. */
static int ask_engine(const char **digest, struct sw_arena *arena, struct sw_project *project,
                      const char *reference, struct sw_error *error)
{
    const struct sw_sink silent = {0};
    SW_HOST_ENGINE_AUTO engine = {0};
    const struct sw_node *image = NULL;
    struct sw_error failure;
    int code = sw_host_engine_find(&engine, NULL, project, &silent, &failure);
    if (code == 0 && !sw_engine_info(engine.engine)->builder)
        code = sw_image_inspect(&image, arena, engine.engine, reference, &failure);
    if (code == SW_ECANCELED) {
        *error = failure;
        return code;
    }
    *digest = code == 0 ? digest_of(image, reference) : NULL;
    return 0;
}

int sw_lock_base(struct sw_pylock *lock, struct sw_arena *arena, struct sw_project *project,
                 const struct sw_plan *plan, const struct sw_pylock *former, struct sw_error *error)
{
    const struct sw_node *base = plan->parts.base.node;
    const char *reference = sw_node_text(sw_node_get(base, "reference"), ""), *digest = NULL;
    lock->base = reference;
    if (sw_node_text(sw_node_get(base, "bootstrap"), NULL) != NULL || sw_plan_is_wrapped(plan)) {
        lock->base = "";
        return 0;
    }
    if (lock->base_digest[0] != '\0')
        return 0;
    if (former != NULL && strcmp(former->base, reference) == 0 && former->base_digest[0] != '\0') {
        lock->base_digest = former->base_digest;
        return 0;
    }
    int code = ask_engine(&digest, arena, project, reference, error);
    lock->base_digest = digest == NULL ? "" : digest;
    return code;
}
