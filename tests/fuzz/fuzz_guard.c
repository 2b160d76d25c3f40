/* Any bytes as stack.json: read or refused, and a verdict from what was read always has its end. */
#include "verdict.h"

#include "fuzz.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int fuzz_guard(const uint8_t *data, size_t size)
{
    static struct stack stack;
    static const struct host host = {
        .state = HOST_READY, .cuda = 12080, .count = 2, .gpus = {{"A", 12, 0, 34}, {"B", 7, 5, 16}}};
    char text[VERDICT_SIZE];
    const char *fault = NULL;
    size_t at = 0;
    bool good = stack_read(&stack, (const char *)data, size, &fault, &at);
    if (good != (fault == NULL) || at > size)
        abort();
    if (!good)
        return 0;
    if (!verdict(text, &stack, &host, NULL) && strlen(text) == 0)
        abort();
    (void)verdict_memory(text, &stack, &host);
    return 0;
}
