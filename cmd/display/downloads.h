/* The chatter of pip and uv about their downloads, folded into one line. */
#ifndef SLIPWAY_DISPLAY_DOWNLOADS_H
#define SLIPWAY_DISPLAY_DOWNLOADS_H

#include "base/str.h"

struct downloads {
    size_t count;   /* files announced, metadata not counted */
    uint64_t bytes; /* their sizes as announced */
    char name[160]; /* the last of them */
    /* The progress of that file: "100.5/768.4 MB 25.1 MB/s eta 0:00:27"; may be empty. */
    char state[96];
};

/* Take a line, free of control characters, into `downloads` and return true if pip or uv tells of a download
 * in it. */
bool downloads_take(struct downloads *downloads, struct sw_str line);

/* "downloading torch-2.6.0 100.5/766.7 MB 25.1 MB/s (2 files, 783 MB)". */
enum { DOWNLOADS_TEXT = 320 };
void downloads_text(char out[DOWNLOADS_TEXT], const struct downloads *downloads);

#endif
