/* A project's page: the first byte says whether as JSON ('{') or as HTML. Whatever comes out is whole files, and can be read as
 * releases. */
#include "base/limits.h"
#include "http/uri.h"
#include "index/index_internal.h"
#include "index/page_internal.h"

#include "fuzz.h"

static void check(struct sw_str page)
{
    struct sw_page_file file;
    size_t lines = 0, files = 0;
    for (size_t i = 0; i < page.n; i++)
        lines += page.p[i] == '\n';
    for (struct sw_str rest = page; sw_page_next(&file, &rest); files++) {
        const struct sw_uri uri = sw_uri_split(file.url);
        if (!sw_uri_is_web(&uri) || uri.user.p != NULL || (file.sha256.n != 0 && file.sha256.n != 64))
            abort();
    }
    if (lines != files)
        abort();
}

/* The tree gives the same words for each page that the plain way takes, unless the tree refuses the page: a key stands twice, or there
 * are too many values. */
static void check_ways(struct sw_str text, struct sw_str base)
{
    SW_BUFFER_AUTO plain;
    SW_BUFFER_AUTO tree;
    sw_buffer_init(&plain, SW_MAX_STORE_ENTRY);
    sw_buffer_init(&tree, SW_MAX_STORE_ENTRY);
    bool taken = sw_page_convert_plain(&plain, text, base);
    if ((!taken && plain.n > 0) || (taken && sw_page_convert_tree(&tree, text, base, NULL) == 0 &&
                                    !sw_str_equal(sw_buffer_str(&plain), sw_buffer_str(&tree))))
        abort();
}

int fuzz_index_page(const uint8_t *data, size_t size)
{
    struct sw_str text = {(const char *)data, size}, base = SW_STR("https://me@host/simple/a/");
    struct sw_error error = {0};
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_STORE_ENTRY);
    int code = sw_str_starts(text, "{") ? sw_page_convert_json(&out, text, base, &error)
                                        : sw_page_convert_html(&out, text, base, &error);
    if (sw_str_starts(text, "{"))
        check_ways(text, base);
    if (code != 0 && error.text[0] == '\0')
        abort();
    if (code != 0)
        return 0;
    check(sw_buffer_str(&out));
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_index_project project = {.name = "a"};
    if (sw_index_read_page(&project, &arena, sw_buffer_str(&out), &error) != 0)
        abort();
    for (size_t i = 0; i < project.release_count; i++) {
        const struct sw_index_release *release = &project.releases[i];
        if (release->file_count == 0 || sw_index_release(&project, &release->version) != release)
            abort();
    }
    return 0;
}
