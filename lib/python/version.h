/* Versions (PEP 440, "Public version identifiers", "Local version identifiers", "Normalization", and
 * "Summary of permitted suffixes and relative ordering").
 *
 * A version is a value that points into the text it was read from and owns nothing: the text must outlive it.
 * Numbers stay decimal digits and may have any length. */
#ifndef SLIPWAY_PYTHON_VERSION_H
#define SLIPWAY_PYTHON_VERSION_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "python/scanner.h"

enum sw_version_pre { SW_PRE_NONE, SW_PRE_ALPHA, SW_PRE_BETA, SW_PRE_CANDIDATE };

/* Numbers are digits without leading zeros ("0" if the text leaves the number out), and empty if that part of
 * the version is absent. */
struct sw_version {
    /* The version as written, without white space around it. */
    struct sw_str text;
    struct sw_str epoch; /* "0" if absent */
    /* The release as written: numbers, perhaps with leading zeros, and dots between them. */
    struct sw_str release;
    enum sw_version_pre pre;
    struct sw_str pre_number;
    struct sw_str post;
    struct sw_str dev;
    struct sw_str local; /* as written, without the '+' */
};

/* The whole of `text`, ASCII white space around it ignored. Every spelling that PEP 440 normalizes is
 * understood. SW_EINPUT with the column of the first byte that does not fit. */
int sw_version_parse(struct sw_version *out, struct sw_str text, struct sw_error *error) SW_NODISCARD;
/* Read the longest version that comes next. Return false, with the scanner untouched, if no version comes
 * next. */
bool sw_version_scan(struct sw_version *out, struct sw_scanner *s) SW_NODISCARD;

/* PEP 440's order: <0, 0, >0. The second ignores local version labels, the third all but epoch and release.
 */
int sw_version_compare(const struct sw_version *a, const struct sw_version *b);
int sw_version_compare_public(const struct sw_version *a, const struct sw_version *b);
int sw_version_compare_base(const struct sw_version *a, const struct sw_version *b);

/* A pre-release or developmental release. */
bool sw_version_is_prerelease(const struct sw_version *version);
/* Number `index` of the release, from 0, without leading zeros; "0" past the last number. */
struct sw_str sw_version_number(const struct sw_version *version, size_t index);
/* The count of the numbers that the release is written with. */
size_t sw_version_numbers(const struct sw_version *version);

/* Append the normalized form. */
void sw_version_write(struct sw_buffer *out, const struct sw_version *version);
/* The normalized version as new text in `arena`; NULL without memory. */
char *sw_version_normalized(struct sw_arena *arena, const struct sw_version *version) SW_NODISCARD;

#endif
