#include "random.h"

uint64_t test_random_next(struct test_random *random)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return random->state;
}

size_t test_random_below(struct test_random *random, size_t limit)
{
    return (size_t)(test_random_next(random) % limit);
}
