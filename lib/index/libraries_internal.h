/* The libraries of one wheel, read from a server in rounds, to the text that is kept. */
#ifndef SLIPWAY_INDEX_LIBRARIES_INTERNAL_H
#define SLIPWAY_INDEX_LIBRARIES_INTERNAL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/reader.h"

/* A library that is being read. */
struct sw_member_reading {
    unsigned level; /* how much of it is read */
    bool done;
    /* The earlier library with the same bytes, which is read in place of this; NULL: none. */
    const struct sw_member_reading *original;
    struct sw_str text;                  /* its lines, without those of its symbols */
    struct sw_str *undefined, *exported; /* symbols of torch */
    size_t undefined_count, exported_count;
};

struct sw_wheel_reading {
    /* The memory of all that lives from round to round. */
    struct sw_arena arena;
    /* NULL before the first round. */
    struct sw_member_reading *members;
    /* The place of each member in the wheel's directory, in the order of their offsets. */
    size_t *places;
    size_t count;
    /* The bytes that are read beyond the first of each member. */
    uint64_t bytes;
    /* The kept form: a line for each fact, a letter and its fields, with tabs between. */
    struct sw_buffer text;
};

void sw_wheel_reading_init(struct sw_wheel_reading *reading);
void sw_wheel_reading_release(struct sw_wheel_reading *reading); /* takes a zeroed reading */
/* A `look` for struct sw_inside, with a struct sw_wheel_reading. */
int sw_wheel_reading_look(void *self, const struct sw_reader *reader, struct sw_error *error);

#endif
