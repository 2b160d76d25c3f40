/* The installed projects of a folder of packages (site-packages), trimmed by their RECORDs. */
#ifndef SLIPWAY_TRIM_SITE_H
#define SLIPWAY_TRIM_SITE_H

#include "journal.h"

enum { REQUEST_MOST_NAMES = 256, SITE_MOST_PROJECTS = 8192, PROJECT_SIZE = 128 };

struct request {
    struct sw_device_targets targets;
    /* The CUDAs whose libraries stay, "128" for 12.8, beside that of the torch in the folder. If there is none at all, all stay. */
    const char *cudas[REQUEST_MOST_NAMES];
    size_t cuda_count;
    /* Projects that stay as they are; "nvidia" stands for all of NVIDIA's. */
    const char *keep[REQUEST_MOST_NAMES];
    size_t keep_count;
    unsigned remove; /* the kinds of rules.h */
};

struct totals {
    size_t changed, removed, left, kept_projects;
    uint64_t code_before, code_after, removed_bytes;
};

/* Trim every project of the folder. Print each file that is left although it could hold GPU code. Return NULL, or the
 * text of a fault after which the folder is not as it has to be. */
const char *site_trim(struct totals *totals, struct journal *journal, const char *path,
                      const struct request *request);

/* The project of "nvidia_cublas_cu12-12.8.4.1.dist-info": "nvidia-cublas-cu12"; false if the name is none. */
bool site_project(char out[PROJECT_SIZE], const char *name);

#endif
