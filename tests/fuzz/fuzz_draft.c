/* A Dockerfile, carried over into a profile. */
#include "author/draft.h"
#include "base/limits.h"

#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

int fuzz_draft(const uint8_t *data, size_t size)
{
    static struct sw_catalog catalog;
    if (catalog.gpus == NULL && sw_catalog_load(&catalog, NULL, NULL) != 0)
        abort();
    int file = memfd_create("dockerfile", MFD_CLOEXEC);
    if (file < 0 || write(file, data, size) != (ssize_t)size)
        abort();
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct sw_draft *draft = sw_draft_new("fuzz", &catalog);
    const struct sw_draft_form form = {"fuzz", "fuzz.yaml", "..", NULL};
    struct sw_buffer out;
    sw_buffer_init(&out, SW_MAX_RENDERED_SIZE);
    if (draft != NULL && sw_draft_read(draft, path, NULL) == 0 &&
        sw_draft_write(&out, draft, &form, NULL) != 0)
        abort();
    sw_buffer_release(&out);
    sw_draft_free(draft);
    (void)close(file);
    return 0;
}
