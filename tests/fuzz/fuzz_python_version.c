/* Two lines, each a version or not: order has two sides, and the normalized form is the same version. */
#include "base/limits.h"
#include "python/version.h"

#include "fuzz.h"

static void check_normalized(const struct sw_version *version)
{
    SW_BUFFER_AUTO once;
    SW_BUFFER_AUTO twice;
    struct sw_version again;
    sw_buffer_init(&once, SW_MAX_YAML_SIZE);
    sw_buffer_init(&twice, SW_MAX_YAML_SIZE);
    sw_version_write(&once, version);
    if (sw_version_parse(&again, sw_buffer_str(&once), NULL) != 0 || sw_version_compare(&again, version) != 0)
        abort();
    sw_version_write(&twice, &again);
    if (!sw_str_equal(sw_buffer_str(&once), sw_buffer_str(&twice)))
        abort();
}

static void check_order(const struct sw_version *a, const struct sw_version *b)
{
    int there = sw_version_compare(a, b), back = sw_version_compare(b, a);
    if ((there > 0) != (back < 0) || (there < 0) != (back > 0))
        abort();
    int public = sw_version_compare_public(a, b), base = sw_version_compare_base(a, b);
    if ((public != 0 && (public > 0) != (there > 0)) || (base != 0 && (base > 0) != (public > 0)))
        abort();
}

int fuzz_python_version(const uint8_t *data, size_t size)
{
    struct sw_str second = {(const char *)data, size}, first = sw_str_cut(&second, '\n');
    struct sw_version a, b;
    struct sw_error error;
    bool has_a = sw_version_parse(&a, first, &error) == 0, has_b = sw_version_parse(&b, second, &error) == 0;
    if (has_a)
        check_normalized(&a);
    if (has_a && has_b)
        check_order(&a, &b);
    return 0;
}
