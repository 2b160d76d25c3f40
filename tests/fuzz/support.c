#include "support.h"

#include "base/file.h"

#include <unistd.h>

static char folder[64];

void fuzz_claim(bool holds)
{
    if (!holds)
        abort();
}

bool fuzz_within(struct sw_str whole, struct sw_str part)
{
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void remove_folder(void)
{
    if (sw_dir_remove(folder, NULL) != 0)
        perror(folder);
}

const char *fuzz_folder(void)
{
    if (folder[0] != '\0')
        return folder;
    const bool in_memory = access("/dev/shm", W_OK) == 0;
    (void)snprintf(folder, sizeof folder, "%s/slipway-fuzz-XXXXXX", in_memory ? "/dev/shm" : "/tmp");
    fuzz_claim(mkdtemp(folder) != NULL && atexit(remove_folder) == 0);
    return folder;
}

void fuzz_write(const char *name, struct sw_str content)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    fuzz_claim(sw_file_write(path, content, 0644, NULL) == 0);
}

const char *fuzz_text(struct sw_arena *arena, struct sw_str text)
{
    const char *copy = sw_arena_copy(arena, text);
    fuzz_claim(copy != NULL);
    return copy;
}
