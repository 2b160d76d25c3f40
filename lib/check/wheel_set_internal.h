/* The wheels that the installer takes: the closed set of the profile's requirements, as files on an index. */
#ifndef SLIPWAY_CHECK_WHEEL_SET_INTERNAL_H
#define SLIPWAY_CHECK_WHEEL_SET_INTERNAL_H

#include "check/candidates.h"

struct sw_set_wheel {
    const char *project; /* normalized */
    const char *version; /* empty: not known */
    /* The profile's pin: of the project itself, or the pin that leads to the project. */
    const struct sw_pin *pin;
    /* "vllm 0.33.0", which requires it; NULL if the profile does. */
    const char *by;
    /* The wheel, or the source distribution; NULL for another kind of file. */
    const struct sw_index_file *file, *source;
    /* False: the file cannot be read, or not before it is built. */
    bool known;
    const char *index; /* its URL, for people */
};

struct sw_wheel_set {
    struct sw_candidates *candidates;
    struct sw_set_wheel *items; /* sorted by project */
    size_t count;
    /* The reason why more may be installed than is known; NULL: the set is closed. Of source distributions it is taken that
     * they bring no libraries of CUDA. */
    const char *open;
};

/* All lies in the stack's arena. A set that cannot be found has the projects alone that the profile leaves one release. */
void sw_wheel_set_read(struct sw_wheel_set *set, struct sw_candidates *candidates);
/* NULL if the project is not in the set. */
const struct sw_set_wheel *sw_wheel_set_find(const struct sw_wheel_set *set, const char *project);

#endif
