/* A source distribution as a wheel of its Python sources (PEP 625: a tar.gz with a single folder,
 * NAME-VERSION; before PEP 625 also a zip).
 *
 * The archive is unpacked as a stream into memory, and nothing of it is run. Nobody knows which modules a build
 * would add or leave out, so it shows a package's imports, and not
 * the names that the package has. */
#ifndef SLIPWAY_WHEEL_SDIST_H
#define SLIPWAY_WHEEL_SDIST_H

#include "wheel/wheel.h"

/* Files of a source distribution that a reader wants, in the order of the archive. Names are paths below the archive's folder. */
struct sw_sdist_visitor {
    bool (*wants)(void *self, struct sw_str name);
    /* Take a file, whose name and text end with the call; `*enough` ends the reading. */
    int (*take)(void *self, struct sw_str name, struct sw_str text, bool *enough, struct sw_error *error);
    void *self;
    uint64_t most;   /* the bytes that may be unpacked */
    size_t file_max; /* larger files are passed over */
};

/* Unpack the archive as a stream, in the memory of one file. SW_EINPUT, naming the reader, for another kind of file, for a damaged file, and
 * beyond `most` or SW_MAX_ZIP_MEMBERS; else the reader's or the visitor's failure. */
int sw_sdist_visit(const struct sw_reader *reader, const struct sw_sdist_visitor *visitor,
                   struct sw_error *error) SW_NODISCARD;

/* Give the sources as the members of a wheel, with their texts, without the archive's folder and without a
 * `src`, `lib` or `python` that holds the packages; all in `arena`. SW_EINPUT, naming the reader, for another
 * kind of file, for a damaged file, and beyond SW_MAX_SDIST_UNPACKED or SW_MAX_ZIP_MEMBERS. */
int sw_sdist_open(struct sw_wheel *out, struct sw_arena *arena, const struct sw_reader *reader,
                  struct sw_error *error) SW_NODISCARD;

#endif
