/* The rights and limits of a container. */
#include "base/limits.h"
#include "engine/call.h"
#include "engine/container_internal.h"

#include <sys/resource.h>

#define HOME "HOME=/tmp"
/* Libraries compile code at their first use, keep it below the home folder and load it from there. */
#define TMPFS "rw,exec,nosuid,nodev,mode=1777,size=" SW_CONTAINER_TMP

static struct sw_node *list_of(struct sw_builder *b, const char *const *texts)
{
    struct sw_node *list = sw_build_list(b);
    for (; texts != NULL && *texts != NULL; texts++)
        sw_build_append(b, list, sw_build_text(b, *texts));
    return list;
}

/* Enough for a verification, and no more than the limits of this process: Podman fails with its own defaults (2^20 open files for
 * root) if it may not raise its limits that far. */
static const struct sw_node *make_limits(struct sw_builder *b)
{
    enum { ENOUGH = 32768 };
    static const char *const names[] = {"nofile", "nproc"};
    struct rlimit ours[] = {{ENOUGH, ENOUGH}, {ENOUGH, ENOUGH}};
    struct sw_node *list = sw_build_list(b);
    (void)getrlimit(RLIMIT_NOFILE, &ours[0]);
    (void)getrlimit(RLIMIT_NPROC, &ours[1]);
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        int64_t most = ours[i].rlim_max < ENOUGH ? (int64_t)ours[i].rlim_max : ENOUGH;
        struct sw_node *item = sw_build_map(b);
        sw_build_set(b, item, "Name", sw_build_text(b, names[i]));
        sw_build_set(b, item, "Soft", sw_build_int(b, most));
        sw_build_set(b, item, "Hard", sw_build_int(b, most));
        sw_build_append(b, list, item);
    }
    return list;
}

static void add_rights(struct sw_builder *b, struct sw_node *config)
{
    static const char *const all[] = {"ALL", NULL}, *const no_new[] = {"no-new-privileges", NULL};
    struct sw_node *tmpfs = sw_build_map(b);
    sw_build_set(b, tmpfs, "/tmp", sw_build_text(b, TMPFS));
    sw_build_set(b, config, "CapDrop", list_of(b, all));
    sw_build_set(b, config, "SecurityOpt", list_of(b, no_new));
    sw_build_set(b, config, "ReadonlyRootfs", sw_build_bool(b, true));
    sw_build_set(b, config, "Tmpfs", tmpfs);
}

/* The output is read as it comes: a log of it would fill the engine's disk. */
static void add_bounds(struct sw_builder *b, struct sw_node *config,
                       const struct sw_container_request *request)
{
    struct sw_node *log = sw_build_map(b);
    uint64_t memory = request->memory > 0 ? request->memory : SW_MAX_CONTAINER_MEMORY;
    sw_build_set(b, log, "Type", sw_build_text(b, "none"));
    sw_build_set(b, config, "LogConfig", log);
    sw_build_set(b, config, "PidsLimit", sw_build_int(b, SW_MAX_CONTAINER_PROCESSES));
    sw_build_set(b, config, "Memory", sw_build_int(b, (int64_t)memory));
    sw_build_set(b, config, "MemorySwap", sw_build_int(b, (int64_t)memory)); /* no swap on top */
}

static struct sw_node *make_host_config(struct sw_builder *b, const struct sw_engine *engine,
                                        const struct sw_container_request *request)
{
    struct sw_node *config = sw_build_map(b);
    const struct sw_node *more = request->host_config;
    add_rights(b, config);
    add_bounds(b, config, request);
    if (engine->info.podman && engine->endpoint.kind == SW_ENDPOINT_UNIX)
        sw_build_set(b, config, "Ulimits", make_limits(b));
    if (request->network != NULL)
        sw_build_set(b, config, "NetworkMode", sw_build_text(b, request->network));
    for (size_t i = 0; i < sw_node_member_count(more); i++)
        sw_build_set(b, config, sw_node_member_at(more, i)->key.p, sw_node_member_at(more, i)->value);
    return config;
}

/* The image's own health check asks for a service that does not run here. */
static struct sw_node *make_healthcheck(struct sw_builder *b)
{
    static const char *const none[] = {"NONE", NULL};
    struct sw_node *check = sw_build_map(b);
    sw_build_set(b, check, "Test", list_of(b, none));
    return check;
}

const struct sw_node *sw_container_config(struct sw_builder *b, const struct sw_engine *engine,
                                          const struct sw_container_request *request)
{
    char owner[SW_OWNER_SIZE];
    struct sw_node *labels = sw_build_map(b), *config = sw_build_map(b), *environment = sw_build_list(b);
    const char *const entry_point[] = {request->command[0], NULL};
    sw_container_owner(owner);
    sw_build_set(b, labels, SW_CONTAINER_LABEL, sw_build_text(b, owner));
    sw_build_append(b, environment, sw_build_text(b, HOME));
    for (const char *const *text = request->environment; text != NULL && *text != NULL; text++)
        sw_build_append(b, environment, sw_build_text(b, *text));
    sw_build_set(b, config, "Image", sw_build_text(b, request->image));
    sw_build_set(b, config, "Entrypoint", list_of(b, entry_point));
    sw_build_set(b, config, "Cmd", list_of(b, request->command + 1));
    sw_build_set(b, config, "Env", environment);
    sw_build_set(b, config, "Healthcheck", make_healthcheck(b));
    sw_build_set(b, config, "Labels", labels);
    sw_build_set(b, config, "HostConfig", make_host_config(b, engine, request));
    return config;
}
