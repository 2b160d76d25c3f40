/* A Dockerfile as its instructions (Dockerfile reference: "Format", "Parser directives", "Here-documents").
 *
 * Lines that go on are joined as an engine joins them, with comments and empty lines between them left out; the
 * directive `escape` and heredocs are understood. Nothing is expanded and no instruction is judged. */
#ifndef SLIPWAY_DOCKERFILE_INSTRUCTIONS_H
#define SLIPWAY_DOCKERFILE_INSTRUCTIONS_H

#include "base/arena.h"

/* A place in an instruction's text at which one of its lines begins. */
struct sw_line_start {
    size_t offset;
    unsigned line;
};

struct sw_instruction {
    unsigned line;         /* its first, from 1 */
    struct sw_str keyword; /* as written */
    /* The text behind the keyword, joined, without white space around it; NUL-terminated. */
    struct sw_str text;
    /* The instruction's heredocs, one after the other, without the words that end them. */
    struct sw_str body;
    /* The first line of `body`; 0 if there is none. */
    unsigned body_line;
    /* The starts of the lines of `text`, in order; at least one start. */
    struct sw_line_start *starts;
    size_t start_count;
};

struct sw_instructions {
    struct sw_arena arena;
    struct sw_instruction *items;
    size_t count;
};

/* The first SW_MAX_BUILD_STEPS instructions of `text`, as far as memory reaches. All lies in `arena`. */
void sw_instructions_init(struct sw_instructions *out, struct sw_str text);
void sw_instructions_release(struct sw_instructions *instructions); /* takes NULL and a zeroed structure */
#define SW_INSTRUCTIONS_AUTO SW_CLEANUP(sw_instructions_release) struct sw_instructions

/* Return true if a file of this name is a Dockerfile: Dockerfile, Containerfile, Dockerfile.NAME, NAME.Dockerfile. */
bool sw_dockerfile_is_name(struct sw_str name);
/* Return true if the text has a FROM. */
bool sw_dockerfile_is_text(struct sw_str text);

bool sw_instruction_is(const struct sw_instruction *instruction, const char *keyword); /* in any case */
/* The line of the file that the byte of `text` at `offset` stands on. */
unsigned sw_instruction_line(const struct sw_instruction *instruction, size_t offset);

#endif
