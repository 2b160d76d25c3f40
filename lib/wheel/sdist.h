/* A source distribution as a wheel of its Python sources (PEP 625: a tar.gz with a single folder,
 * NAME-VERSION).
 *
 * The archive is unpacked as a stream into memory, and nothing of it is run. Nobody knows which modules a build
 * would add or leave out, so it shows a package's imports, and not
 * the names that the package has. */
#ifndef SLIPWAY_WHEEL_SDIST_H
#define SLIPWAY_WHEEL_SDIST_H

#include "wheel/wheel.h"

/* Give the sources as the members of a wheel, with their texts, without the archive's folder and without a
 * `src`, `lib` or `python` that holds the packages; all in `arena`. SW_EINPUT, naming the reader, for another
 * kind of file, for a damaged file, and beyond SW_MAX_SDIST_UNPACKED or SW_MAX_ZIP_MEMBERS. */
int sw_sdist_open(struct sw_wheel *out, struct sw_arena *arena, const struct sw_reader *reader,
                  struct sw_error *error) SW_NODISCARD;

#endif
