/* The part of stack.json that the guard needs, read strictly and in bounded memory.
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

/* A compute capability of a GPU, or the capability that code is for: then the suffix may be 'a' (for exactly
 * that capability) or 'f' (for its family). */
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
    char name[STACK_NAME_SIZE];  /* the profile's */
    char torch[STACK_NAME_SIZE]; /* "2.8.0+cu128"; empty without torch */
    /* The CUDA that torch is built with, as the driver writes it, 12080 for 12.8; 0 without torch. */
    unsigned cuda;
    /* The oldest driver branch for that CUDA, for messages; may be empty. */
    char driver[STACK_NAME_SIZE];
    /* Gigabytes for each GPU, as sold; 0 if the stack asks for none. */
    unsigned memory;
    /* The machine code in the stack. If `ptx` is empty too, the code is not known and any GPU will do. */
    struct capabilities sass;
    struct capabilities ptx; /* code that the driver compiles */
    /* The GPUs that the image was trimmed for; empty if it was not. */
    struct capabilities trimmed;
    struct neighbour profiles[STACK_MOST_PROFILES];
    size_t profile_count;
};

/* Fill `stack` from JSON text. Return false if the text cannot be used: `*fault` is then a static text that
 * names the fault, and `*at` the offset where reading stopped. */
bool stack_read(struct stack *stack, const char *text, size_t size, const char **fault, size_t *at);

#endif
