/* NVIDIA's GPUs among the kernel's list of PCI devices. */
#include "unit.h"

#include "engine/pci.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

static void put(const char *folder, const char *device, const char *name, const char *value)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, device);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/%s/%s", folder, device, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(value, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void add(const char *folder, const char *device, const char *vendor, const char *class, const char *id)
{
    put(folder, device, "vendor", vendor);
    put(folder, device, "class", class);
    put(folder, device, "device", id);
}

static void display_controllers_of_nvidia(void **state)
{
    (void)state;
    char folder[] = "/tmp/slipway-pci-XXXXXX", command[64];
    assert_non_null(mkdtemp(folder));
    add(folder, "0000:01:00.0", "0x10de\n", "0x030000\n", "0x2684\n");
    add(folder, "0000:01:00.1", "0x10de\n", "0x040300\n", "0x22ba\n"); /* its sound */
    add(folder, "0000:02:00.0", "0x1002\n", "0x030000\n", "0x744c\n"); /* another vendor */
    add(folder, "0000:03:00.0", "0x10de\n", "0x030200\n", "nonsense that is far too long\n");
    put(folder, "0000:04:00.0", "vendor", "");
    struct sw_pci_gpus gpus;
    sw_pci_read(&gpus, folder);
    assert_int_equal(gpus.count, 1);
    assert_string_equal(gpus.devices[0], "2684");
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    sw_pci_read(&gpus, folder);
    assert_int_equal(gpus.count, 0);
}

int suite_pci(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(display_controllers_of_nvidia)};
    return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
