/* Header lines of an answer: what is found in them lies in them, and a range of bytes lies in the whole. */
#include "http/header.h"

#include "fuzz.h"
#include "support.h"

int fuzz_header(const uint8_t *data, size_t size)
{
    const struct sw_str lines = {(const char *)data, size};
    struct sw_str control = sw_header_find(lines, "Cache-Control"), value = {NULL, 0};
    fuzz_claim(fuzz_within(lines, control));
    if (sw_header_directive(control, "max-age", &value))
        fuzz_claim(fuzz_within(control, value));
    for (size_t i = 0; i < control.n; i++)
        fuzz_claim(control.p[i] != '\n');
    uint64_t first = 0, total = 0;
    const struct sw_str range = sw_header_find(lines, "Content-Range");
    if (sw_header_content_range(range, &first, &total))
        fuzz_claim(fuzz_within(lines, range) && first < total);
    (void)sw_header_content_range(lines, &first, &total);
    return 0;
}
