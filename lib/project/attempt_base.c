#include "project/attempt.h"

#include "base/descriptor.h"
#include "base/file.h"
#include "bootstrap/bootstrap.h"
#include "data/path.h"
#include "engine/image.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The image says of which archive it is. */
static int import_archive(struct sw_attempt *attempt, const char *reference, struct sw_bootstrap *made,
                          struct sw_error *error)
{
    char id[SW_IMAGE_ID_SIZE];
    const struct sw_source source = {sw_fd_read_source, &made->fd};
    const char *change =
        sw_arena_format(attempt->project->arena, "LABEL " SW_BASE_ARCHIVE_LABEL "=sha256:%s", made->digest);
    if (change == NULL)
        return sw_fail_memory(error);
    return sw_image_import(id, attempt->engine.engine, reference, change, &source, &attempt->sink, error);
}

static int make_base_in(struct sw_attempt *attempt, const char *folder, const char *name,
                        const char *reference, struct sw_error *error)
{
    static const char *const packages[] = {"ca-certificates", "python3", "python3-venv", NULL};
    struct sw_project *project = attempt->project;
    const struct sw_bootstrap_options options = {
        .name = name,
        .packages = packages,
        .architecture = sw_engine_info(attempt->engine.engine)->architecture, /* Go's word is dpkg's */
        .apt_directory = "/etc/apt",
        .environment = project->environment,
        .cache = folder,
        .sink = &attempt->sink,
        .cancel = project->cancel,
    };
    struct sw_bootstrap made = {.fd = -1};
    int code = sw_bootstrap_make(&made, project->arena, &options, error);
    if (code == 0)
        code = import_archive(attempt, reference, &made, error);
    sw_fd_close(&made.fd);
    return code;
}

/* Make the base image with debootstrap, once for all engines: the archive stays in the cache, if there is a
 * cache. */
static int make_base(struct sw_attempt *attempt, const char *name, const char *reference,
                     struct sw_error *error)
{
    const char *cache = sw_project_writable_cache(attempt->project);
    if (cache != NULL)
        return make_base_in(attempt, cache, name, reference, error);
    struct sw_temporary temporary;
    const char *folder = NULL;
    int code = sw_project_temporary(&temporary, &folder, attempt->project, error);
    if (code != 0)
        return code;
    code = make_base_in(attempt, folder, name, reference, error);
    sw_temporary_drop(&temporary);
    return code;
}

/* Make the base image, unless the engine has it by now. If several builds miss the same image, the lock lets
 * a single build make it; the others find it then. */
static int bootstrap(struct sw_attempt *attempt, const char *name, const char *reference,
                     struct sw_error *error)
{
    SW_FD_AUTO lock = -1;
    bool exists = false;
    int code = sw_project_lock(&lock, attempt->project, "bootstrap.lock", error);
    if (code == 0)
        code = sw_image_exists(&exists, attempt->engine.engine, reference, error);
    return code != 0 || exists ? code : make_base(attempt, name, reference, error);
}

/* Refuse a base image that is made here: a BuildKit daemon pulls its base images by itself, with the
 * client's logins, and takes no others. */
static int check_builder(const struct sw_attempt *attempt, const char *bootstrap, struct sw_error *error)
{
    if (bootstrap == NULL)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "a BuildKit daemon cannot be given a base system made here");
    sw_error_place(error, sw_node_at(attempt->prepared.profile.root, "base_image"));
    return sw_error_hint(error, "name a base image in a registry, or build with a Docker Engine");
}

int sw_attempt_base(struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_node *base = attempt->prepared.plan.parts.base.node;
    const char *reference = sw_node_text(sw_node_get(base, "reference"), "");
    const char *name = sw_node_text(sw_node_get(base, "bootstrap"), NULL);
    const struct sw_attempt_choices *choices = attempt->choices;
    bool exists = false;
    /* The engine finds the images that the user's Dockerfile names. */
    if (sw_plan_is_wrapped(&attempt->prepared.plan))
        return 0;
    if (sw_engine_info(attempt->engine.engine)->builder)
        return check_builder(attempt, name, error);
    int code = sw_image_exists(&exists, attempt->engine.engine, reference, error);
    if (code != 0 || (exists && (name != NULL || !choices->pull)))
        return code;
    if (attempt->project->offline) {
        return sw_fail(error, SW_EENV, "the engine has no image '%s', and --offline forbids to get it",
                       reference);
    }
    if (name != NULL)
        return bootstrap(attempt, name, reference, error);
    code = sw_image_pull(attempt->engine.engine, reference, choices->platform, attempt->credentials,
                         &attempt->sink, error);
    if (code == SW_ENOTFOUND)
        sw_error_place(error, sw_node_at(attempt->prepared.profile.root, "base_image"));
    return code;
}
