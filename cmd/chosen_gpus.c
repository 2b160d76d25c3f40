#include "chosen_gpus.h"

#include "catalog/gpu.h"
#include "engine/nvml.h"
#include "engine/pci.h"

static void add(struct sw_texts *chosen, const struct sw_node *row)
{
    const char *name = sw_node_text(sw_node_get(row, "name"), "");
    for (size_t i = 0; i < chosen->count; i++) {
        if (strcmp(chosen->items[i], name) == 0)
            return;
    }
    chosen->items[chosen->count++] = name;
}

/* The card that the driver names, else any card of its architecture. */
static const struct sw_node *row_of(const struct sw_catalog *catalog, const struct sw_nvml_gpu *gpu)
{
    char capability[32];
    (void)snprintf(capability, sizeof capability, "%u.%u", gpu->major, gpu->minor);
    const struct sw_node *row = sw_gpu_row(catalog, gpu->name);
    return row != NULL && strcmp(sw_node_text(sw_node_get(row, "compute_capability"), ""), capability) == 0
               ? row
               : sw_gpu_row(catalog, capability);
}

static int add_of_driver(struct sw_texts *chosen, const struct sw_catalog *catalog,
                         const struct sw_nvml *host, struct sw_error *error)
{
    for (size_t i = 0; i < host->count; i++) {
        const struct sw_node *row = row_of(catalog, &host->gpus[i]);
        if (row == NULL)
            return sw_fail(error, SW_EINPUT, "the catalog does not know this machine's %s (%u.%u)",
                           host->gpus[i].name, host->gpus[i].major, host->gpus[i].minor);
        add(chosen, row);
    }
    return 0;
}

static int add_of_bus(struct sw_texts *chosen, const struct sw_catalog *catalog, struct sw_error *error)
{
    struct sw_pci_gpus bus;
    sw_pci_read(&bus, SW_PCI_DEVICES);
    for (size_t i = 0; i < bus.count; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "10de:%s", bus.devices[i]);
        const struct sw_node *row = sw_gpu_row(catalog, id);
        if (row == NULL) {
            (void)sw_fail(error, SW_EINPUT, "the catalog does not know this machine's GPU with the PCI id %s",
                          id);
            return sw_error_hint(error, "name it with --gpu; 'slipway gpus' lists those known");
        }
        add(chosen, row);
    }
    if (bus.count > 0)
        return 0;
    (void)sw_fail(error, SW_EENV,
                  "this machine has no NVIDIA GPU: no driver answers, and none is on the PCI bus");
    return sw_error_hint(error, "name the GPU of the hosts with --gpu; 'slipway gpus' lists those known");
}

static int add_local(struct sw_texts *chosen, const struct sw_catalog *catalog, struct sw_error *error)
{
    struct sw_nvml host = {0};
    if (sw_nvml_read(&host, NULL) == 0 && host.count > 0)
        return add_of_driver(chosen, catalog, &host, error);
    return add_of_bus(chosen, catalog, error);
}

int chosen_gpus(struct sw_texts *chosen, struct session *session, const struct sw_catalog *catalog,
                const struct sw_texts *given, struct sw_error *error)
{
    *chosen = (struct sw_texts){
        .items = sw_arena_array(&session->arena, given->count + SW_NVML_MOST_GPUS, sizeof *chosen->items)};
    int code = chosen->items == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < given->count; i++) {
        const struct sw_node *row;
        if (strcmp(given->items[i], "local") == 0)
            code = add_local(chosen, catalog, error);
        else if ((code = sw_gpu_find(&row, catalog, given->items[i], error)) == 0)
            add(chosen, row);
    }
    return code;
}
