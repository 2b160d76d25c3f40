/* The guard of an image: starts its service only on a GPU and driver that the stack in the image can use.
 *
 *     guard [--stack FILE] COMMAND...      check, then run COMMAND
 *     guard [--stack FILE] --read          only read FILE, to see at build time that the guard runs in the image
 *
 * As the first process of a container it stays, passes signals on and reaps zombies (init.h); otherwise it becomes COMMAND.
 * SLIPWAY_GUARD=warn lets a service start all the same.
 *
 * Exit status: that of COMMAND; 78 refused; 126 or 127 COMMAND cannot be run; 2 usage. */
#include "driver.h"
#include "init.h"
#include "stack.h"
#include "verdict.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STACK "/opt/slipway/stack.json"

enum { STATUS_USAGE = 2, STATUS_REFUSED = 78 };

static int refuse_stack(const char *path, const char *fault)
{
    (void)fprintf(stderr, "slipway guard: refused: cannot use '%s': %s\n", path, fault);
    return STATUS_REFUSED;
}

/* 0, or the status to exit with. */
static int load_stack(struct stack *stack, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        return refuse_stack(path, strerror(errno));
    if (!S_ISREG(status.st_mode) || status.st_size <= 0 || status.st_size > STACK_MOST_BYTES)
        return refuse_stack(path, "it is no file of a sensible size");
    size_t size = (size_t)status.st_size, at = 0;
    const char *fault = NULL;
    char *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    (void)close(fd);
    if (text == MAP_FAILED)
        return refuse_stack(path, strerror(errno));
    bool good = stack_read(stack, text, size, &fault, &at);
    (void)munmap(text, size);
    if (good)
        return 0;
    (void)fprintf(stderr, "slipway guard: refused: cannot use '%s': byte %zu: %s\n", path, at, fault);
    return STATUS_REFUSED;
}

/* Return 0 if the service may start, else the status to exit with. */
static int check(const struct stack *stack, bool first)
{
    static struct host host;
    char text[VERDICT_SIZE];
    const char *policy = getenv("SLIPWAY_GUARD");
    host_ask_apart(&host, first);
    if (verdict(text, stack, &host, getenv("CUDA_VISIBLE_DEVICES"))) {
        if (verdict_memory(text, stack, &host))
            (void)fprintf(stderr, "slipway guard: warning: %s\n", text);
        return 0;
    }
    if (policy != NULL && strcmp(policy, "warn") == 0) {
        (void)fprintf(stderr, "slipway guard: warning: %s\n", text);
        return 0;
    }
    (void)fprintf(stderr, "slipway guard: refused: %s\n", text);
    return STATUS_REFUSED;
}

int main(int argc, char **argv)
{
    static struct stack stack;
    sigset_t before;
    const char *path = STACK;
    int at = 1;
    bool first = getpid() == 1;
    if (at + 1 < argc && strcmp(argv[at], "--stack") == 0) {
        path = argv[at + 1];
        at += 2;
    }
    if (at >= argc) {
        (void)fputs("slipway guard: no command to start\n", stderr);
        return STATUS_USAGE;
    }
    if (strcmp(argv[at], "--read") == 0)
        return load_stack(&stack, path);
    if (first)
        init_block(&before);
    int status = load_stack(&stack, path);
    if (status == 0)
        status = check(&stack, first);
    if (status != 0)
        return status;
    return first ? init_run(argv + at, &before) : init_become(argv + at);
}
