/* Any bytes as a library: trimmed, it has the length that it had, the plan for the result is empty, and what the result says that it
 * keeps is what was to be kept. A library that is left is not touched. */
#include "trim/trimming.h"

#include "fuzz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int memory_file(const void *data, size_t size)
{
    int fd = memfd_create("trim", MFD_CLOEXEC);
    if (fd >= 0 && size > 0 && write(fd, data, size) != (ssize_t)size)
        abort();
    return fd;
}

static void check_again(const struct sw_trimming *first, int out, size_t size,
                        const struct sw_device_targets *targets)
{
    struct sw_trimming second;
    if (lseek(out, 0, SEEK_END) != (off_t)size)
        abort();
    if (!sw_trimming_plan(&second, out, size, targets) || !second.sound || second.count != 0)
        abort();
    if (second.code_before != first->code_after || second.kept.count != first->kept.count ||
        second.dropped.count != 0 ||
        memcmp(second.kept.items, first->kept.items, first->kept.count * sizeof first->kept.items[0]) != 0)
        abort();
    sw_trimming_release(&second);
}

int fuzz_trim(const uint8_t *data, size_t size)
{
    static const struct sw_device_targets targets = {{89, 120}, 2};
    struct sw_trimming library;
    char digest[SW_TRIMMING_DIGEST_SIZE];
    int fd = memory_file(data, size), out = memory_file(NULL, 0);
    if (fd < 0 || out < 0 || !sw_trimming_plan(&library, fd, size, &targets))
        abort();
    if (!library.sound && (library.count > 0 || library.note[0] == '\0'))
        abort();
    if (library.count > 0) {
        if (!sw_trimming_write(digest, &library, fd, size, out) ||
            strlen(digest) != SW_TRIMMING_DIGEST_SIZE - 1)
            abort();
        check_again(&library, out, size, &targets);
    }
    sw_trimming_release(&library);
    (void)close(fd);
    (void)close(out);
    return 0;
}
