/* What the guard needs of stack.json, read strictly and in bounded memory.
 *
 *     {"name": "mixtral-rtx5090", "gpu_memory": 24,
 *      "torch": {"local": "2.8.0+cu128", "cuda": "12.8"},
 *      "guard": {"driver": "525", "sass": ["7.5", "8.0"], "ptx": [],
 *                "profiles": [{"name": "orpheus-t4", "capabilities": ["7.5"]}]}}
 *
 * Other keys are read past. RFC 8259; a key that the guard needs may stand there once. */
#ifndef SLIPWAY_GUARD_STACK_H
#define SLIPWAY_GUARD_STACK_H

#include <stdbool.h>
#include <stddef.h>

enum {
    STACK_MOST_BYTES = 4 << 20,
    STACK_MOST_DEPTH = 64,
    STACK_MOST_CAPABILITIES = 32,
    STACK_MOST_PROFILES = 128,
    STACK_NAME_SIZE = 128,
};

/* A compute capability, or the one that code is for: then the suffix may be 'a' (that one alone) or 'f' (its family). */
struct capability {
    unsigned major, minor;
    char suffix;
};

struct capabilities {
    struct capability items[STACK_MOST_CAPABILITIES];
    size_t count;
};

/* Another profile, and the GPUs that it is meant for. */
struct neighbour {
    char name[STACK_NAME_SIZE];
    struct capabilities capabilities;
};

struct stack {
    char name[STACK_NAME_SIZE];   /* the profile's */
    char torch[STACK_NAME_SIZE];  /* "2.8.0+cu128"; empty without torch */
    unsigned cuda;                /* as the driver writes it, 12080 for 12.8; 0 without torch */
    char driver[STACK_NAME_SIZE]; /* the oldest driver branch for that CUDA, for messages; may be empty */
    unsigned memory;              /* GB a GPU, as sold; 0: nothing is asked for */
    struct capabilities sass; /* machine code in the stack; empty with `ptx`: not known, any GPU will do */
    struct capabilities ptx;  /* code that the driver compiles */
    struct neighbour profiles[STACK_MOST_PROFILES];
    size_t profile_count;
};

/* Fill `stack` from JSON text. False where it cannot be used, with what is wrong as a static text in `*fault`, and `*at` the
 * byte where reading stopped. */
bool stack_read(struct stack *stack, const char *text, size_t size, const char **fault, size_t *at);

#endif
