/* Any bytes are a name, valid or not: normalizing is stable and equal to what it came from. */
#include "base/limits.h"
#include "python/name.h"

#include "fuzz.h"

int fuzz_python_name(const uint8_t *data, size_t size)
{
    struct sw_str name = {(const char *)data, size};
    SW_BUFFER_AUTO once;
    SW_BUFFER_AUTO twice;
    sw_buffer_init(&once, SW_MAX_YAML_SIZE);
    sw_buffer_init(&twice, SW_MAX_YAML_SIZE);
    sw_name_normalize(&once, name);
    sw_name_normalize(&twice, sw_buffer_str(&once));
    if (!sw_str_equal(sw_buffer_str(&once), sw_buffer_str(&twice)) ||
        !sw_name_equal(name, sw_buffer_str(&once)))
        abort();
    if (sw_name_valid(name) != (size > 0 && sw_name_length(name) == size) || sw_name_length(name) > size)
        abort();
    return 0;
}
