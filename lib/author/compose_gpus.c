/* The GPUs that a service of a compose file is given (compose-spec, "gpus", "Compose Deploy Specification": devices; NVIDIA Container
 * Toolkit: the runtime and its variables). */
#include "author/compose.h"

#include "data/path.h"

static void add_fault(struct sw_compose_service *service, struct sw_arena *arena, const struct sw_node *at,
                      const char *text, const char *hint)
{
    struct sw_compose_fault *grown =
        sw_arena_grow(arena, service->faults, service->fault_count, sizeof *grown);
    if (grown == NULL)
        return;
    service->faults = grown;
    grown[service->fault_count++] = (struct sw_compose_fault){at, text, hint};
}

static bool asks_for_gpu(struct sw_str capability)
{
    return sw_str_is(capability, "gpu") || sw_str_is(capability, "nvidia");
}

/* Take a grant of GPUs: NVIDIA's are given, others are not judged. */
static void grant(struct sw_compose_service *service, const struct sw_node *driver)
{
    static const char *const own[] = {"", "nvidia", "cdi"};
    struct sw_str name = driver == NULL ? SW_STR("") : sw_node_str(driver);
    bool is_own = false;
    for (size_t i = 0; i < SW_COUNT(own); i++)
        is_own = is_own || sw_str_is(name, own[i]);
    service->gpus = is_own || service->gpus == SW_GPUS_GIVEN ? SW_GPUS_GIVEN : SW_GPUS_UNKNOWN;
}

/* Docker gives the capabilities of a device to the container as the value of a variable, but for those that ask for a GPU. */
static const char *capabilities_of(struct sw_arena *arena, const struct sw_node *list)
{
    const char *all = "";
    for (size_t i = 0; all != NULL && i < sw_node_count(list); i++) {
        struct sw_str word = sw_node_str(sw_node_item(list, i));
        if (!asks_for_gpu(word))
            all = sw_arena_format(arena, "%s%s%.*s", all, all[0] == '\0' ? "" : ",", SW_STR_FORMAT(word));
    }
    return all == NULL ? "" : all;
}

/* The devices of `gpus`, or of a reservation, whose capabilities must be told. */
static void read_devices(struct sw_compose_service *service, struct sw_arena *arena,
                         const struct sw_node *list, bool is_reservation)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *device = sw_node_item(list, i), *words = sw_node_get(device, "capabilities");
        const struct sw_node *ids = sw_node_get(device, "device_ids");
        if (is_reservation && words == NULL)
            add_fault(service, arena, device,
                      "a reserved device has no 'capabilities', without which compose refuses the file",
                      "add capabilities: [gpu]");
        if (ids != NULL && sw_node_get(device, "count") != NULL)
            add_fault(service, arena, ids,
                      "'count' and 'device_ids' exclude each other: compose refuses the file",
                      "leave one of them out");
        bool is_gpu = !is_reservation;
        for (size_t k = 0; k < sw_node_count(words); k++)
            is_gpu = is_gpu || asks_for_gpu(sw_node_str(sw_node_item(words, k)));
        if (is_gpu)
            grant(service, sw_node_get(device, "driver"));
        const char *parts = is_gpu ? capabilities_of(arena, words) : "";
        if (parts[0] != '\0' && service->capabilities.text == NULL)
            service->capabilities = (struct sw_compose_value){parts, words};
    }
}

/* The value of a variable in `environment`, a map or a list of NAME=VALUE; no text if the service does not set it, or if the value is known
 * only when the service starts. */
static struct sw_compose_value variable(struct sw_arena *arena, const struct sw_node *environment,
                                        const char *name)
{
    const struct sw_node *at = sw_node_get(environment, name);
    struct sw_str value = sw_node_str(at);
    for (size_t i = 0; at == NULL && i < sw_node_count(environment); i++) {
        value = sw_node_str(sw_node_item(environment, i));
        if (sw_str_is(sw_str_cut(&value, '='), name) && value.p != NULL)
            at = sw_node_item(environment, i);
    }
    bool is_known = at != NULL && sw_str_find(value, SW_STR("$")) == value.n;
    return (struct sw_compose_value){is_known ? sw_arena_copy(arena, value) : NULL, at};
}

/* `runtime: nvidia` gives the GPUs that NVIDIA_VISIBLE_DEVICES names, in the service or in the image. */
static void read_runtime(struct sw_compose_service *service, const struct sw_compose_value *visible)
{
    service->gpus = SW_GPUS_UNKNOWN;
    if (visible->text == NULL)
        return;
    bool is_none =
        visible->text[0] == '\0' || strcmp(visible->text, "void") == 0 || strcmp(visible->text, "none") == 0;
    service->gpus = is_none ? SW_GPUS_NONE : SW_GPUS_GIVEN;
    service->gpus_at = is_none ? visible->at : NULL;
}

void sw_compose_gpus(struct sw_compose_service *service, struct sw_arena *arena, const struct sw_node *node)
{
    const struct sw_node *gpus = sw_node_get(node, "gpus"), *devices = sw_node_get(node, "devices");
    const struct sw_node *environment = sw_node_get(node, "environment");
    struct sw_compose_value parts = variable(arena, environment, "NVIDIA_DRIVER_CAPABILITIES");
    struct sw_compose_value visible = variable(arena, environment, "NVIDIA_VISIBLE_DEVICES");
    if (service->gpus == SW_GPUS_NONE && sw_str_is(sw_node_str(sw_node_get(node, "runtime")), "nvidia"))
        read_runtime(service, &visible);
    if (sw_str_is(sw_node_str(gpus), "all"))
        grant(service, NULL);
    read_devices(service, arena, gpus, false);
    read_devices(service, arena, sw_node_at(node, "deploy.resources.reservations.devices"), true);
    for (size_t i = 0; i < sw_node_count(devices); i++) {
        if (sw_str_starts(sw_node_str(sw_node_item(devices, i)), "nvidia.com/gpu"))
            grant(service, NULL);
    }
    if (parts.text != NULL && service->capabilities.text == NULL)
        service->capabilities = parts;
}
