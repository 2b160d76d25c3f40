/* Numbers that look random and are the same in each run (xorshift, by Marsaglia). */
#ifndef SLIPWAY_TESTS_RANDOM_H
#define SLIPWAY_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Each suite has a sequence of its own, so that no test depends on another. */
struct test_random {
    uint64_t state;
};
#define TEST_RANDOM_START    \
    {                        \
        88172645463325252ULL \
    }

uint64_t test_random_next(struct test_random *random);
size_t test_random_below(struct test_random *random, size_t limit);

#endif
