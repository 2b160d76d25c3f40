#include "index/metadata.h"

#include "base/limits.h"

#include "python/version.h"

#include <strings.h>

enum field { NAME, VERSION, REQUIRES_PYTHON, REQUIRES_DIST, PROVIDES_EXTRA, FIELDS };

static const char *const names[FIELDS] = {"Name", "Version", "Requires-Python", "Requires-Dist",
                                          "Provides-Extra"};

/* The next line of the header with those that continue it; false at the empty line that ends it. */
static bool next_line(struct sw_str *rest, struct sw_str *line)
{
    if (rest->n == 0 || rest->p[0] == '\n' || sw_str_starts(*rest, "\r\n"))
        return false;
    const char *start = rest->p;
    struct sw_str part = sw_str_cut(rest, '\n');
    while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
        part = sw_str_cut(rest, '\n');
    *line = (struct sw_str){start, (size_t)(part.p + part.n - start)};
    return true;
}

/* Control characters become blanks, so that at the ends they go as well. */
static struct sw_str trim(struct sw_str text)
{
    while (text.n > 0 && (unsigned char)text.p[0] <= ' ')
        text = sw_str_drop(text, 1);
    while (text.n > 0 && (unsigned char)text.p[text.n - 1] <= ' ')
        text.n--;
    return text;
}

/* The next field that is read, of its name and value. */
static bool next_field(struct sw_str *rest, enum field *field, struct sw_str *value)
{
    struct sw_str line;
    while (next_line(rest, &line)) {
        struct sw_str name = sw_str_cut(&line, ':');
        for (size_t i = 0; line.p != NULL && i < FIELDS; i++) {
            if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0) {
                *field = (enum field)i;
                *value = trim(line);
                return true;
            }
        }
    }
    return false;
}

/* A value that was continued becomes one line. */
static void add_unfolded(struct sw_buffer *out, struct sw_str value)
{
    for (size_t i = 0; i < value.n; i++)
        sw_buffer_add_char(out, (unsigned char)value.p[i] < 0x20 ? ' ' : value.p[i]);
}

void sw_metadata_keep(struct sw_buffer *out, struct sw_str text)
{
    enum field field;
    struct sw_str value;
    while (next_field(&text, &field, &value)) {
        sw_buffer_addf(out, "%s: ", names[field]);
        add_unfolded(out, value);
        sw_buffer_add_char(out, '\n');
    }
}

static bool has_name(struct sw_str text, const char *name)
{
    return text.n == strlen(name) && strncasecmp(text.p, name, text.n) == 0;
}

bool sw_metadata_is_static(struct sw_str text)
{
    struct sw_version version, first;
    struct sw_str line;
    bool is_new = false;
    if (sw_version_parse(&first, SW_STR("2.2"), NULL) != 0)
        return false;
    while (next_line(&text, &line)) {
        struct sw_str name = sw_str_cut(&line, ':'), value = line.p == NULL ? SW_STR("") : trim(line);
        if (has_name(name, "Metadata-Version"))
            is_new =
                sw_version_parse(&version, value, NULL) == 0 && sw_version_compare(&version, &first) >= 0;
        for (size_t i = REQUIRES_PYTHON; i < FIELDS && has_name(name, "Dynamic"); i++) {
            if (has_name(value, names[i]))
                return false;
        }
    }
    return is_new;
}

static struct sw_str copy(struct sw_arena *arena, struct sw_str value)
{
    char *text = sw_arena_copy(arena, value);
    for (size_t i = 0; text != NULL && i < value.n; i++)
        text[i] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
    return (struct sw_str){text, value.n};
}

static bool add_requirement(struct sw_metadata *out, struct sw_arena *arena, struct sw_str text)
{
    struct sw_metadata_requirement *items =
        sw_arena_grow(arena, (void *)(uintptr_t)out->requirements, out->requirement_count, sizeof *items);
    if (items == NULL)
        return false;
    struct sw_metadata_requirement *item = &items[out->requirement_count++];
    *item = (struct sw_metadata_requirement){.text = text};
    item->valid = sw_requirement_parse(&item->requirement, arena, text, NULL) == 0;
    out->requirements = items;
    return true;
}

static bool add_extra(struct sw_metadata *out, struct sw_arena *arena, struct sw_str text)
{
    struct sw_str *items =
        sw_arena_grow(arena, (void *)(uintptr_t)out->extras, out->extra_count, sizeof *items);
    if (items == NULL)
        return false;
    items[out->extra_count++] = text;
    out->extras = items;
    return true;
}

static bool take(struct sw_metadata *out, struct sw_arena *arena, enum field field, struct sw_str text)
{
    struct sw_str *const single[FIELDS] = {&out->name, &out->version, &out->requires_python};
    if (field == REQUIRES_DIST)
        return add_requirement(out, arena, text);
    if (field == PROVIDES_EXTRA)
        return add_extra(out, arena, text);
    if (single[field]->n == 0) /* the first counts */
        *single[field] = text;
    return true;
}

int sw_metadata_read(struct sw_metadata *out, struct sw_arena *arena, struct sw_str text,
                     struct sw_error *error)
{
    struct sw_metadata found = {.name = SW_STR(""), .version = SW_STR(""), .requires_python = SW_STR("")};
    enum field field;
    struct sw_str value;
    for (size_t count = 0; next_field(&text, &field, &value); count++) {
        struct sw_str owned = copy(arena, value);
        if (count == SW_MAX_METADATA_FIELDS)
            return sw_fail(error, SW_EINPUT, "its metadata has more than %d fields", SW_MAX_METADATA_FIELDS);
        if (owned.p == NULL || !take(&found, arena, field, owned))
            return sw_fail_memory(error);
    }
    if (found.name.n == 0 || found.version.n == 0)
        return sw_fail(error, SW_EINPUT, "it is no distribution's metadata: it has no %s",
                       found.name.n == 0 ? "Name" : "Version");
    *out = found;
    return 0;
}
