#include "project/host_engine.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/variables.h"
#include "engine/container.h"
#include "engine/open.h"

#include <unistd.h>

/* No wait for an engine may be longer than so many milliseconds: for tests with engines that say nothing. */
static int64_t read_patience(const struct sw_project *project)
{
    const char *text = sw_variables_get(project->environment, "SLIPWAY_ENGINE_PATIENCE_MS");
    uint64_t ms = 0;
    bool set = sw_str_to_u64(sw_str_from(text), &ms) && ms < SW_SECOND_NS;
    return set ? (int64_t)ms * SW_MILLISECOND_NS : 0;
}

static void read_wishes(struct sw_endpoint_wishes *wishes, struct sw_project *project)
{
    /* A relative path does not count, as for all of XDG. */
    const char *runtime = sw_variables_get(project->environment, "XDG_RUNTIME_DIR");
    *wishes = (struct sw_endpoint_wishes){
        .host = project->host,
        .builder = project->builder,
        .docker_host = sw_variables_get(project->environment, "DOCKER_HOST"),
        .buildkit_host = sw_variables_get(project->environment, "BUILDKIT_HOST"),
        .docker_context = sw_variables_get(project->environment, "DOCKER_CONTEXT"),
        .docker_config = sw_variables_get(project->environment, "DOCKER_CONFIG"),
        .buildx_config = sw_variables_get(project->environment, "BUILDX_CONFIG"),
        .docker_cert_path = sw_variables_get(project->environment, "DOCKER_CERT_PATH"),
        .docker_tls = sw_variables_get(project->environment, "DOCKER_TLS"),
        .docker_tls_verify = sw_variables_get(project->environment, "DOCKER_TLS_VERIFY"),
        .home = sw_project_home(project),
        .runtime_dir = runtime != NULL && runtime[0] == '/' ? runtime : NULL,
        .uid = (unsigned)getuid(),
        .environment = project->environment,
        .patience_ns = read_patience(project),
    };
}

/* The folder of an engine that slipway starts. Its images are worth more than a cache. */
static const char *engine_folder(struct sw_project *project)
{
    const char *state = sw_project_state(project);
    return state == NULL ? NULL : sw_path_join(project->arena, state, "engine");
}

static int start(struct sw_host_engine *engine, struct sw_project *project, const struct sw_sink *sink,
                 struct sw_error *error)
{
    const struct sw_ondemand_options options = {.state = engine_folder(project),
                                                .uid = (unsigned)getuid(),
                                                .environment = project->environment,
                                                .cancel = project->cancel};
    if (options.state == NULL)
        return sw_fail_memory(error);
    int code = sw_dir_make(options.state, 0777, error);
    if (code != 0)
        return sw_error_hint(
            error, "no engine runs, and one that is started keeps its files there: set XDG_STATE_HOME to a "
                   "folder that can be written, or name an engine with -H");
    code = sw_ondemand_start(&engine->ondemand, &options, sink, error);
    if (code == 0)
        code = sw_engine_open_endpoint(&engine->engine, sw_ondemand_endpoint(engine->ondemand), NULL,
                                       project->cancel, error);
    return code;
}

int sw_host_engine_find(struct sw_host_engine *engine, bool *chosen, struct sw_project *project,
                        const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_engine_options options = {.api_version =
                                            sw_variables_get(project->environment, "DOCKER_API_VERSION"),
                                        .cancel = project->cancel};
    struct sw_endpoints candidates = {0};
    read_wishes(&options.wishes, project);
    int code = sw_endpoints_find(&candidates, project->arena, &options.wishes, error);
    if (chosen != NULL)
        *chosen = candidates.chosen;
    return code == 0 ? sw_engine_open(&engine->engine, &options, sink, error) : code;
}

int sw_host_engine_open(struct sw_host_engine *engine, struct sw_project *project, const struct sw_sink *sink,
                        struct sw_error *error)
{
    bool chosen = false;
    int code = sw_host_engine_find(engine, &chosen, project, sink, error);
    /* Start an engine only if nobody named an engine: the user must know if the named engine does not answer. */
    if (code == SW_EENV && !chosen)
        code = start(engine, project, sink, error);
    if (code == 0)
        sw_container_sweep(engine->engine);
    return code;
}

void sw_host_engine_close(struct sw_host_engine *engine)
{
    sw_engine_close(engine->engine);
    sw_ondemand_stop(engine->ondemand);
    *engine = (struct sw_host_engine){0};
}

int sw_host_logins(struct sw_credentials **out, struct sw_project *project, struct sw_error *error)
{
    const char *folder = sw_variables_get(project->environment, "DOCKER_CONFIG"),
               *home = sw_project_home(project);
    if (folder == NULL || folder[0] == '\0')
        folder = home == NULL ? NULL : sw_path_join(project->arena, home, ".docker");
    return sw_credentials_read(out, folder, project->environment, error);
}
