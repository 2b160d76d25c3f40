/* NVIDIA's GPUs on the PCI bus, as the kernel lists them (Linux, Documentation/ABI/testing/sysfs-bus-pci). They
 * are there without a driver too. */
#ifndef SLIPWAY_ENGINE_PCI_H
#define SLIPWAY_ENGINE_PCI_H

#include <stddef.h>

#define SW_PCI_DEVICES "/sys/bus/pci/devices"

enum { SW_PCI_MOST_GPUS = 32 };

struct sw_pci_gpus {
    char devices[SW_PCI_MOST_GPUS][5]; /* "2684", devices of the vendor 10de */
    size_t count;
};

/* Read the folder of devices; a folder that is missing has none. */
void sw_pci_read(struct sw_pci_gpus *out, const char *folder);

#endif
