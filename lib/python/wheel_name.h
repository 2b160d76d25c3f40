/* File names of wheels (PEP 427, "File name convention"; PEP 425, "Compressed Tag Sets") and of source
 * distributions (PEP 625, and the .zip files before it).
 *
 * Names are values that point into the text they were read from. */
#ifndef SLIPWAY_PYTHON_WHEEL_NAME_H
#define SLIPWAY_PYTHON_WHEEL_NAME_H

#include "python/tag.h"
#include "python/version.h"

struct sw_wheel_name {
    /* The name as written: compare it with sw_name_equal(). */
    struct sw_str distribution;
    struct sw_version version;
    /* The digits of the build tag; empty if there is no build tag. */
    struct sw_str build_number;
    /* The rest of the build tag, behind its digits. */
    struct sw_str build_suffix;
    struct sw_str interpreters, abis, platforms; /* sets with dots between, any letter case */
};

struct sw_sdist_name {
    struct sw_str distribution;
    struct sw_version version;
};

/* A file name without folders and without URL quoting. SW_EINPUT has the column of the fault and a hint. */
int sw_wheel_name_parse(struct sw_wheel_name *out, struct sw_str file_name,
                        struct sw_error *error) SW_NODISCARD;
int sw_sdist_name_parse(struct sw_sdist_name *out, struct sw_str file_name,
                        struct sw_error *error) SW_NODISCARD;

/* Set `rank` to the place in `tags`, from 0, of the most preferred tag that the wheel has. Return false if
 * the wheel has none of them. The wheel with the smaller rank is the better wheel. */
bool sw_wheel_name_rank(size_t *rank, const struct sw_wheel_name *wheel, const struct sw_tag_list *tags);
/* The order of build tags, none coming first: <0, 0, >0. Of wheels with one version and rank, the greatest is
 * preferred. */
int sw_wheel_name_compare_build(const struct sw_wheel_name *a, const struct sw_wheel_name *b);

#endif
