#include "context/manifest_internal.h"

#include "base/beneath.h"

static const char first_line[] =
    "# written by slipway render; what is listed here and no longer rendered is removed\n";

static int hex_value(char c)
{
    if (sw_is_digit(c))
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The path that a line stands for, or NULL if slipway writes no such line. */
static const char *decode(struct sw_arena *arena, struct sw_str line)
{
    char *path = sw_arena_alloc(arena, line.n + 1);
    size_t n = 0;
    for (size_t i = 0; path != NULL && i < line.n; i++) {
        char c = line.p[i];
        if (c == '%') {
            bool whole = i + 2 < line.n;
            int high = whole ? hex_value(line.p[i + 1]) : -1, low = whole ? hex_value(line.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return NULL;
        path[n++] = c;
    }
    if (path == NULL)
        return NULL;
    const char *clean = sw_path_clean(arena, (struct sw_str){path, n});
    bool ours =
        clean != NULL && strcmp(clean, path) == 0 && sw_path_is_inside(clean) && strcmp(clean, ".") != 0;
    return ours ? clean : NULL;
}

int sw_manifest_read(struct sw_manifest *manifest, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error)
{
    struct sw_manifest read = {NULL, 0};
    if (!sw_str_starts(text, first_line))
        text = (struct sw_str){NULL, 0};
    while (text.p != NULL) {
        struct sw_str line = sw_str_cut(&text, '\n');
        const char *path = line.n == 0 || line.p[0] == '#' ? NULL : decode(arena, line);
        if (path == NULL)
            continue;
        read.paths = sw_arena_grow(arena, read.paths, read.count, sizeof *read.paths);
        if (read.paths == NULL)
            return sw_fail_memory(error);
        read.paths[read.count++] = path;
    }
    *manifest = read;
    return 0;
}

void sw_manifest_begin(struct sw_buffer *out)
{
    sw_buffer_add_text(out, first_line);
}

void sw_manifest_add(struct sw_buffer *out, const char *path)
{
    for (const char *c = path; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte < ' ' || byte == 0x7F || byte == '%' || (byte == '#' && c == path))
            sw_buffer_addf(out, "%%%02X", byte);
        else
            sw_buffer_add_char(out, *c);
    }
    sw_buffer_add_char(out, '\n');
}
