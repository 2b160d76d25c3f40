/* A library's GPU code: in one piece and in small ones it is the same. */
#include "wheel/fatbin.h"

#include "fuzz.h"

static int read_in(struct sw_gpu_codes *codes, const uint8_t *data, size_t size, size_t chunk)
{
    struct sw_fatbin *fatbin = sw_fatbin_new();
    struct sw_error error;
    bool again = true;
    int code = 0;
    if (fatbin == NULL)
        return 0;
    for (int round = 0; again && code == 0; round++) {
        if (round > 1)
            abort();
        for (size_t i = 0; i < size; i += chunk) {
            size_t n = size - i < chunk ? size - i : chunk;
            sw_fatbin_add(fatbin, (struct sw_str){(const char *)data + i, n});
        }
        code = sw_fatbin_finish(codes, fatbin, &again, &error);
    }
    sw_fatbin_free(fatbin);
    return code;
}

int fuzz_fatbin(const uint8_t *data, size_t size)
{
    struct sw_gpu_codes whole = {.count = 0}, pieces = {.count = 0};
    int code = read_in(&whole, data, size, size + 1);
    if (read_in(&pieces, data, size, 7) != code || whole.count != pieces.count ||
        whole.fatbins != pieces.fatbins)
        abort();
    return 0;
}
