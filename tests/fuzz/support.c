#include "support.h"

#include "base/descriptor.h"
#include "base/folder.h"

#include <fcntl.h>
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

/* A plain write into memory: the safe replacement of a user's file takes half of the time of a short target. */
void fuzz_write(const char *name, struct sw_str content)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    fuzz_claim(file >= 0 && sw_fd_write(file, content) == 0 && close(file) == 0);
}

void fuzz_remove(const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
    fuzz_claim(unlink(path) == 0);
}

const char *fuzz_text(struct sw_arena *arena, struct sw_str text)
{
    const char *copy = sw_arena_copy(arena, text);
    fuzz_claim(copy != NULL);
    return copy;
}
