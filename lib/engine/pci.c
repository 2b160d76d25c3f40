#include "engine/pci.h"

#include "base/str.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

/* An attribute of a device: "0x10de" and a line end. */
static bool read_attribute(char out[16], int folder, const char *device, const char *name)
{
    char path[512];
    int n = snprintf(path, sizeof path, "%s/%s", device, name);
    int fd = n > 0 && (size_t)n < sizeof path ? openat(folder, path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    ssize_t got = read(fd, out, 15);
    (void)close(fd);
    while (got > 0 && sw_is_space((unsigned char)out[got - 1]))
        got--;
    out[got > 0 ? got : 0] = '\0';
    return got > 0;
}

/* Display controllers of the vendor 10de: class 0x03, whatever the rest of the class says. */
static void look(struct sw_pci_gpus *out, int folder, const char *device)
{
    char vendor[16], class[16], id[16];
    if (out->count < SW_PCI_MOST_GPUS && read_attribute(vendor, folder, device, "vendor") &&
        strcmp(vendor, "0x10de") == 0 && read_attribute(class, folder, device, "class") &&
        strncmp(class, "0x03", 4) == 0 && read_attribute(id, folder, device, "device") &&
        strncmp(id, "0x", 2) == 0 && strlen(id) == 6)
        memcpy(out->devices[out->count++], id + 2, 5);
}

void sw_pci_read(struct sw_pci_gpus *out, const char *folder)
{
    *out = (struct sw_pci_gpus){0};
    DIR *devices = opendir(folder);
    if (devices == NULL)
        return;
    for (const struct dirent *entry = readdir(devices); entry != NULL; entry = readdir(devices)) {
        if (entry->d_name[0] != '.')
            look(out, dirfd(devices), entry->d_name);
    }
    (void)closedir(devices);
}
