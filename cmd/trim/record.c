#include "record.h"

#include <string.h>

/* Return the size of the path's column as it is spelled; 0 if the column is malformed. */
static size_t take_path(char path[RECORD_PATH_SIZE], const char *line, size_t size)
{
    bool quoted = size > 0 && line[0] == '"';
    size_t at = quoted, n = 0;
    while (at < size && line[at] != (quoted ? '"' : ',')) {
        char c = line[at++];
        if (c < 0x20 || c > 0x7E || c == '"' || c == '\\' || n + 1 == RECORD_PATH_SIZE)
            return 0;
        path[n++] = c;
    }
    path[n] = '\0';
    at += quoted;
    return n > 0 && at < size && line[at] == ',' ? at : 0;
}

static bool leads_inside(const char *path)
{
    if (path[0] == '/')
        return false;
    for (const char *at = path; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        size_t n = strcspn(at, "/");
        if (n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
            return false;
    }
    return true;
}

static bool is_digest(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '=';
}

bool record_read(struct record_line *out, const char *line, size_t size)
{
    size_t at = take_path(out->path, line, size), n = 0;
    out->path_bytes = at;
    out->size = 0;
    if (at == 0 || !leads_inside(out->path))
        return false;
    for (at++; at < size && line[at] != ','; at++) {
        if (!is_digest(line[at]) || n + 1 == RECORD_DIGEST_SIZE)
            return false;
        out->digest[n++] = line[at];
    }
    out->digest[n] = '\0';
    if (at == size)
        return false;
    for (at++; at < size; at++) {
        if (line[at] < '0' || line[at] > '9' || out->size > UINT64_MAX / 16)
            return false;
        out->size = out->size * 10 + (uint64_t)(line[at] - '0');
    }
    return true;
}
