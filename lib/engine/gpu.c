#include "engine/gpu.h"

#include "base/file.h"
#include "base/limits.h"
#include "engine/call.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <unistd.h>

/* The folder of the libraries in the container: no image has files there. */
#define LIBRARIES "/run/slipway/driver"
#define CDI_KIND "nvidia.com/gpu"

enum { MOST_GPUS = 64 };

/* The GPUs of a wish: all, the first `count`, or those named. */
struct wish {
    bool all;
    unsigned count;
    struct sw_str names[MOST_GPUS]; /* if count is 0 */
    size_t name_count;
};

struct grant {
    struct sw_builder b;
    struct sw_engine *engine;
    struct wish wish;
    const struct sw_node *info; /* GET /info */
    struct sw_gpu_access made;
};

static int parse_wish(struct wish *wish, const char *text, struct sw_error *error)
{
    struct sw_str rest = sw_str_from(text);
    uint64_t count = 0;
    *wish = (struct wish){.all = strcmp(text, "all") == 0};
    if (wish->all)
        return 0;
    if (sw_str_to_u64(rest, &count) && count >= 1 && count <= MOST_GPUS) {
        wish->count = (unsigned)count;
        return 0;
    }
    if (sw_str_starts(rest, "device=")) {
        for (rest = sw_str_drop(rest, strlen("device=")); rest.p != NULL && wish->name_count < MOST_GPUS;)
            wish->names[wish->name_count++] = sw_str_cut(&rest, ',');
        bool named = rest.p == NULL;
        for (size_t i = 0; i < wish->name_count; i++)
            named = named && wish->names[i].n > 0;
        if (named)
            return 0;
    }
    (void)sw_fail(error, SW_EINPUT, "'%s' names no GPUs", text);
    return sw_error_hint(error, "all, a number, or device=0,1");
}

static bool is_local(const struct grant *grant)
{
    return sw_engine_endpoint(grant->engine)->kind == SW_ENDPOINT_UNIX;
}

/* The names of the wished GPUs, each after `prefix`; "all" and numbers as CDI and device files call them. */
static struct sw_node *names_of(struct grant *grant, const char *prefix)
{
    struct sw_builder *b = &grant->b;
    const struct wish *wish = &grant->wish;
    struct sw_node *list = sw_build_list(b);
    if (wish->all)
        sw_build_append(b, list, sw_build_format(b, "%sall", prefix));
    for (unsigned i = 0; i < wish->count; i++)
        sw_build_append(b, list, sw_build_format(b, "%s%u", prefix, i));
    for (size_t i = 0; i < wish->name_count; i++)
        sw_build_append(b, list, sw_build_format(b, "%s%.*s", prefix, SW_STR_FORMAT(wish->names[i])));
    return list;
}

static void set_request(struct grant *grant, struct sw_node *request)
{
    struct sw_node *config = sw_build_map(&grant->b), *requests = sw_build_list(&grant->b);
    sw_build_append(&grant->b, requests, request);
    sw_build_set(&grant->b, config, "DeviceRequests", requests);
    grant->made.host_config = config;
}

static bool by_runtime(struct grant *grant)
{
    struct sw_builder *b = &grant->b;
    if (sw_node_get(sw_node_get(grant->info, "Runtimes"), "nvidia") == NULL)
        return false;
    struct sw_node *request = sw_build_map(b), *sets = sw_build_list(b), *capabilities = sw_build_list(b);
    sw_build_append(b, capabilities, sw_build_text(b, "gpu"));
    sw_build_append(b, sets, capabilities);
    sw_build_set(b, request, "Capabilities", sets);
    if (grant->wish.name_count > 0)
        sw_build_set(b, request, "DeviceIDs", names_of(grant, ""));
    else
        sw_build_set(b, request, "Count", sw_build_int(b, grant->wish.all ? -1 : (int64_t)grant->wish.count));
    set_request(grant, request);
    grant->made.way = "the nvidia runtime";
    return true;
}

/* Return true if a folder of CDI specifications has a specification for NVIDIA's GPUs. */
static bool specifies_gpus(struct grant *grant, const char *folder)
{
    DIR *entries = opendir(folder);
    bool found = false;
    if (entries == NULL)
        return false;
    for (struct dirent *entry = readdir(entries); !found && entry != NULL; entry = readdir(entries)) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_YAML_SIZE);
        const char *path = sw_path_join(grant->b.arena, folder, entry->d_name);
        found = path != NULL && entry->d_name[0] != '.' && sw_file_read(&text, path, NULL) == 0 &&
                memmem(text.p, text.n, CDI_KIND, strlen(CDI_KIND)) != NULL;
    }
    (void)closedir(entries);
    return found;
}

static bool has_cdi(struct grant *grant)
{
    static const char *const folders[] = {"/etc/cdi", "/var/run/cdi"};
    const struct sw_node *devices = sw_node_get(grant->info, "DiscoveredDevices");
    for (size_t i = 0; i < sw_node_count(devices); i++) {
        struct sw_str id = sw_str_from(sw_node_text(sw_node_get(sw_node_item(devices, i), "ID"), ""));
        if (sw_str_starts(id, CDI_KIND "="))
            return true;
    }
    /* Before 28.3 docker said only whether it looks for specifications; Podman says nothing and always does. */
    const struct sw_node *own = sw_node_get(grant->info, "CDISpecDirs");
    bool looks = sw_engine_info(grant->engine)->podman || sw_node_count(own) > 0;
    for (size_t i = 0; looks && is_local(grant) && i < SW_COUNT(folders); i++) {
        if (specifies_gpus(grant, folders[i]))
            return true;
    }
    return false;
}

static bool by_cdi(struct grant *grant)
{
    struct sw_builder *b = &grant->b;
    if (!has_cdi(grant))
        return false;
    struct sw_node *request = sw_build_map(b);
    sw_build_set(b, request, "Driver", sw_build_text(b, "cdi"));
    sw_build_set(b, request, "DeviceIDs", names_of(grant, CDI_KIND "="));
    set_request(grant, request);
    grant->made.way = "CDI";
    return true;
}

static void add_device(struct grant *grant, struct sw_node *devices, const char *path)
{
    struct sw_builder *b = &grant->b;
    if (path == NULL || access(path, F_OK) != 0)
        return;
    struct sw_node *device = sw_build_map(b);
    sw_build_set(b, device, "PathOnHost", sw_build_text(b, path));
    sw_build_set(b, device, "PathInContainer", sw_build_text(b, path));
    sw_build_set(b, device, "CgroupPermissions", sw_build_text(b, "rwm"));
    sw_build_append(b, devices, device);
}

/* The device files that all GPUs share, and those of the GPUs wished for. */
static struct sw_node *device_files(struct grant *grant)
{
    static const char *const shared[] = {"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"};
    struct sw_node *devices = sw_build_list(&grant->b);
    for (size_t i = 0; i < SW_COUNT(shared); i++)
        add_device(grant, devices, shared[i]);
    size_t before = sw_node_count(devices);
    struct wish every = {.count = MOST_GPUS}, wished = grant->wish;
    if (wished.all)
        grant->wish = every;
    struct sw_node *names = names_of(grant, "/dev/nvidia");
    grant->wish = wished;
    for (size_t i = 0; i < sw_node_count(names); i++)
        add_device(grant, devices, sw_node_text(sw_node_item(names, i), NULL));
    return devices == NULL || sw_node_count(devices) == before ? NULL : devices;
}

static bool is_driver_library(const char *name)
{
    /* The libraries that CUDA loads: itself, its compiler for PTX, and the libraries that those two load. */
    static const char *const beginnings[] = {"libcuda.so.", "libnvidia-ptxjitcompiler.so.", "libnvidia-nvvm",
                                             "libnvidia-gpucomp.so.", "libnvidia-ml.so."};
    for (size_t i = 0; i < SW_COUNT(beginnings); i++) {
        if (sw_str_starts(sw_str_from(name), beginnings[i]))
            return true;
    }
    return false;
}

/* A bind for each of the driver's libraries in a folder. The folder as a whole is not bound, since it may
 * hold the host's libc too, which must not hide the image's. */
static struct sw_node *library_binds(struct grant *grant, const char *folder)
{
    DIR *entries = opendir(folder);
    struct sw_node *binds = sw_build_list(&grant->b);
    if (entries == NULL)
        return NULL;
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        char real[PATH_MAX];
        const char *path = sw_path_join(grant->b.arena, folder, entry->d_name);
        if (path == NULL || !is_driver_library(entry->d_name) || realpath(path, real) == NULL)
            continue;
        sw_build_append(&grant->b, binds,
                        sw_build_format(&grant->b, "%s:" LIBRARIES "/%s:ro", real, entry->d_name));
    }
    (void)closedir(entries);
    return binds;
}

/* The folder of the libcuda that programs of this host load, or the folder that drivers use on hosts that
 * only run containers. */
static const char *driver_folder(struct sw_arena *arena)
{
    static const char *const folders[] = {"/usr/local/nvidia/lib64", "/usr/local/nvidia/lib"};
    struct link_map *map = NULL;
    const char *folder = NULL;
    void *library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (library != NULL && dlinfo(library, RTLD_DI_LINKMAP, &map) == 0)
        folder = sw_path_dir(arena, map->l_name);
    for (size_t i = 0; folder == NULL && i < SW_COUNT(folders); i++) {
        const char *path = sw_path_join(arena, folders[i], "libcuda.so.1");
        if (path != NULL && access(path, R_OK) == 0)
            folder = folders[i];
    }
    if (library != NULL)
        (void)dlclose(library);
    return folder;
}

static struct sw_node *driver_libraries(struct grant *grant)
{
    const char *folder = driver_folder(grant->b.arena);
    return folder == NULL ? NULL : library_binds(grant, folder);
}

static bool by_devices(struct grant *grant)
{
    struct sw_node *devices = is_local(grant) ? device_files(grant) : NULL;
    struct sw_node *binds = devices == NULL ? NULL : driver_libraries(grant);
    if (binds == NULL)
        return false;
    struct sw_node *config = sw_build_map(&grant->b);
    sw_build_set(&grant->b, config, "Devices", devices);
    sw_build_set(&grant->b, config, "Binds", binds);
    grant->made = (struct sw_gpu_access){"plain devices", config, LIBRARIES};
    return true;
}

int sw_gpu_access(struct sw_gpu_access *out, struct sw_arena *arena, struct sw_engine *engine,
                  const char *wish, struct sw_error *error)
{
    struct grant grant = {.b = {.arena = arena}, .engine = engine};
    int code = parse_wish(&grant.wish, wish, error);
    if (code == 0)
        code = sw_call_info(&grant.info, arena, engine, error);
    if (code != 0)
        return code;
    bool found = by_runtime(&grant) || by_cdi(&grant) || by_devices(&grant);
    if (grant.b.failed)
        return sw_fail_memory(error);
    if (!found)
        return sw_fail(error, SW_ENO,
                       "the engine has neither the nvidia runtime nor a CDI device " CDI_KIND
                       ", and its host shows no /dev/nvidia0 with the driver's libraries");
    *out = grant.made;
    return 0;
}
