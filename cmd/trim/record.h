/* RECORD, the list of the files of an installed project: "Recording installed projects" and PEP 376; a CSV with the columns path,
 * hash and size. */
#ifndef SLIPWAY_TRIM_RECORD_H
#define SLIPWAY_TRIM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_PATH_SIZE = 1024, RECORD_DIGEST_SIZE = 96, RECORD_MOST_BYTES = 6 << 20 };

struct record_line {
    char path[RECORD_PATH_SIZE];     /* relative to the folder of the packages */
    char digest[RECORD_DIGEST_SIZE]; /* "sha256=…", or empty */
    uint64_t size;                   /* 0 if the line has none */
    size_t path_bytes;               /* of the path as the line spells it */
};

/* Read a line without its end. Return false for a line that this program leaves alone: it is no three columns, or its path is
 * absolute, leads upwards or is not printable ASCII without quotes and backslashes. */
bool record_read(struct record_line *out, const char *line, size_t size);

#endif
