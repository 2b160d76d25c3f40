/* An entry of the store, and within it a kept page and its files. */
#include "http/cache.h"
#include "index/page_internal.h"

#include "fuzz.h"

static void within(struct sw_str text, struct sw_str part)
{
    if (part.n > 0 && (part.p < text.p || part.p + part.n > text.p + text.n))
        abort();
}

int fuzz_store(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size}, content = text;
    struct sw_cache_page page = {.content = text};
    struct sw_page_file file;
    if (sw_store_parse(&content, text, SW_STR("key")))
        within(text, content);
    if (sw_cache_page_parse(&page, content)) {
        within(text, page.etag);
        within(text, page.last_modified);
        within(text, page.content);
    }
    while (sw_page_next(&file, &page.content)) {
        within(text, file.name);
        within(text, file.metadata_sha256);
    }
    return 0;
}
