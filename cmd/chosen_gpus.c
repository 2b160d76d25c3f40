#include "chosen_gpus.h"

#include "catalog/gpu.h"
#include "engine/nvml.h"
#include "engine/pci.h"
#include "project/project.h"

#include <sys/stat.h>

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

/* Give the hint on a value of --gpu that is the name of no GPU: a file, several GPUs, or nothing. */
static int refuse(const char *text, const struct sw_catalog *catalog, struct session *session,
                  struct sw_error *error)
{
    struct sw_str rest = sw_str_from(text);
    struct sw_str first = sw_str_cut(&rest, ',');
    const char *path = sw_project_path(&session->project, text),
               *name = sw_arena_copy(&session->arena, sw_str_trim(first));
    struct stat status;
    if (text[0] == '\0')
        return sw_error_hint(error, "--gpu wants a name, such as rtx-4090; 'slipway gpus' lists those known");
    if (path != NULL && stat(path, &status) == 0)
        return sw_error_hint(error, "the file takes the place of the GPU's name: --gpu NAME %s", text);
    if (rest.p != NULL && name != NULL && sw_gpu_row(catalog, name) != NULL)
        return sw_error_hint(error, "each GPU has an option of its own: --gpu '%s' --gpu '%.*s'", name,
                             SW_STR_FORMAT(sw_str_trim(rest)));
    return SW_EINPUT;
}

static int add_named(struct sw_texts *chosen, struct session *session, const struct sw_catalog *catalog,
                     const char *text, struct sw_error *error)
{
    const struct sw_node *row;
    if (strcmp(text, "local") == 0)
        return add_local(chosen, catalog, error);
    int code = sw_gpu_find(&row, catalog, text, error);
    if (code != 0)
        return refuse(text, catalog, session, error);
    add(chosen, row);
    return 0;
}

int chosen_gpus(struct sw_texts *chosen, struct session *session, const struct sw_catalog *catalog,
                const struct sw_texts *given, struct sw_error *error)
{
    *chosen = (struct sw_texts){
        .items = sw_arena_array(&session->arena, given->count + SW_NVML_MOST_GPUS, sizeof *chosen->items)};
    int code = chosen->items == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < given->count; i++)
        code = add_named(chosen, session, catalog, given->items[i], error);
    return code;
}
