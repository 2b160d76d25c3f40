/* The words of a Python source, and a set of words as bytes. */
#include "base/limits.h"
#include "wheel/words.h"

#include "fuzz.h"

int fuzz_words(const uint8_t *data, size_t size)
{
    SW_WORDS_AUTO words = {NULL, 0, 0};
    SW_WORDS_AUTO again = {NULL, 0, 0};
    SW_WORDS_AUTO foreign = {NULL, 0, 0};
    struct sw_error error;
    const struct sw_str bytes = {(const char *)data, size};
    if (sw_words_read(&words, bytes, &error) == 0) {
        SW_BUFFER_AUTO kept;
        sw_buffer_init(&kept, SW_MAX_ARENA);
        sw_words_write(&words, &kept);
        if (sw_words_parse(&again, sw_buffer_str(&kept), &error) != 0 || again.count != words.count)
            abort();
    }
    if (sw_words_parse(&foreign, bytes, &error) == 0 && foreign.count > size / 8)
        abort();
    return 0;
}
