#include "bootstrap/apt_internal.h"

#include "base/file.h"
#include "base/limits.h"

#include <dirent.h>

/* A source of packages, its fields as lists of words. */
struct source {
    struct sw_str types, uris, suites, components;
    bool disabled;
};

/* Take the next word off a list; empty at its end. */
static struct sw_str take_word(struct sw_str *list)
{
    *list = sw_str_trim(*list);
    struct sw_str word = {list->p, 0};
    while (word.n < list->n && !sw_is_space((unsigned char)list->p[word.n]))
        word.n++;
    *list = sw_str_drop(*list, word.n);
    return word;
}

static bool has_word(struct sw_str list, const char *wanted)
{
    for (struct sw_str word = take_word(&list); word.n > 0; word = take_word(&list))
        if (sw_str_is(word, wanted))
            return true;
    return false;
}

/* Return true if a list names a whole release, not its updates or security fixes, from which no system can be
 * made. */
static bool has_release(struct sw_str suites)
{
    for (struct sw_str word = take_word(&suites); word.n > 0; word = take_word(&suites))
        if (memchr(word.p, '-', word.n) == NULL && memchr(word.p, '/', word.n) == NULL)
            return true;
    return false;
}

static int consider(struct sw_apt_archive *archive, struct sw_arena *arena, const struct source *source,
                    struct sw_error *error)
{
    struct sw_str uris = source->uris;
    struct sw_str uri = take_word(&uris);
    bool known =
        sw_str_starts(uri, "http://") || sw_str_starts(uri, "https://") || sw_str_starts(uri, "file:");
    bool exact = has_word(source->suites, archive->suite);
    if (!known || source->disabled || !has_word(source->types, "deb") ||
        !has_word(source->components, "main"))
        return 0;
    if (archive->exact || !(exact || (archive->uri == NULL && has_release(source->suites))))
        return 0;
    while (uri.n > 0 && uri.p[uri.n - 1] == '/')
        uri.n--;
    const char *copy = sw_arena_copy(arena, uri);
    if (copy == NULL)
        return sw_fail_memory(error);
    archive->uri = copy;
    archive->exact = exact;
    return 0;
}

/* "deb [option=value …] uri suite component…" */
static int read_line(struct sw_apt_archive *archive, struct sw_arena *arena, struct sw_str line,
                     struct sw_error *error)
{
    struct source source = {0};
    struct sw_str rest = line;
    line = sw_str_cut(&rest, '#');
    source.types = take_word(&line);
    line = sw_str_trim(line);
    if (sw_str_starts(line, "[")) {
        (void)sw_str_cut(&line, ']');
        if (line.p == NULL)
            return 0;
    }
    source.uris = take_word(&line);
    source.suites = take_word(&line);
    source.components = line;
    return consider(archive, arena, &source, error);
}

/* Take over a field of a deb822 stanza, continuation lines included. */
static void set_field(struct source *source, struct sw_str field)
{
    struct sw_str value = field;
    struct sw_str name = sw_str_cut(&value, ':');
    static const struct {
        const char *name;
        size_t offset;
    } lists[] = {
        {"types", offsetof(struct source, types)},
        {"uris", offsetof(struct source, uris)},
        {"suites", offsetof(struct source, suites)},
        {"components", offsetof(struct source, components)},
    };
    char lower[16] = "";
    for (size_t i = 0; i < name.n && i < sizeof lower - 1; i++)
        lower[i] = (char)sw_lower((unsigned char)name.p[i]);
    for (size_t i = 0; i < SW_COUNT(lists); i++)
        if (strcmp(lower, lists[i].name) == 0)
            memcpy((char *)source + lists[i].offset, &value, sizeof value);
    if (strcmp(lower, "enabled") == 0)
        source->disabled = has_word(value, "no") || has_word(value, "false") || has_word(value, "off");
}

/* A copy of the text without comment lines, which may stand amid a field. */
static int strip_comments(struct sw_buffer *out, struct sw_str text, struct sw_error *error)
{
    while (text.p != NULL) {
        struct sw_str line = sw_str_cut(&text, '\n');
        if (sw_str_starts(line, "#"))
            continue;
        sw_buffer_add_str(out, line);
        sw_buffer_add_char(out, '\n');
    }
    return sw_buffer_check(out, "a list of package sources", error);
}

static int read_stanzas(struct sw_apt_archive *archive, struct sw_arena *arena, struct sw_str text,
                        struct sw_error *error)
{
    struct source source = {0};
    struct sw_str field = {text.p, 0};
    while (text.p != NULL) {
        struct sw_str line = sw_str_cut(&text, '\n');
        bool continued = line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t') && sw_str_trim(line).n > 0;
        if (continued) {
            field.n = (size_t)(line.p + line.n - field.p);
            continue;
        }
        set_field(&source, field);
        field = line;
        if (sw_str_trim(line).n > 0 && text.p != NULL)
            continue;
        set_field(&source, field);
        int code = consider(archive, arena, &source, error);
        if (code != 0)
            return code;
        source = (struct source){0};
    }
    return 0;
}

int sw_apt_read(struct sw_apt_archive *archive, struct sw_arena *arena, struct sw_str text,
                enum sw_apt_style style, struct sw_error *error)
{
    if (style == SW_APT_DEB822) {
        SW_BUFFER_AUTO plain;
        sw_buffer_init(&plain, SW_MAX_APT_SOURCES);
        int code = strip_comments(&plain, text, error);
        return code != 0 ? code : read_stanzas(archive, arena, sw_buffer_str(&plain), error);
    }
    int code = 0;
    while (code == 0 && text.p != NULL)
        code = read_line(archive, arena, sw_str_cut(&text, '\n'), error);
    return code;
}

/* A file that is missing or is no list of sources is passed over. */
static int read_file(struct sw_apt_archive *archive, struct sw_arena *arena, const char *directory,
                     const char *name, struct sw_error *error)
{
    struct sw_str file = sw_str_from(name);
    bool stanzas = sw_str_ends(file, ".sources");
    if (!stanzas && !sw_str_ends(file, ".list"))
        return 0;
    const char *path = sw_path_join(arena, directory, name);
    if (path == NULL)
        return sw_fail_memory(error);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_APT_SOURCES);
    if (sw_file_read(&text, path, NULL) != 0)
        return 0;
    return sw_apt_read(archive, arena, sw_buffer_str(&text), stanzas ? SW_APT_DEB822 : SW_APT_ONE_LINE,
                       error);
}

int sw_apt_find(struct sw_apt_archive *archive, struct sw_arena *arena, const char *directory,
                struct sw_error *error)
{
    int code = read_file(archive, arena, directory, "sources.list", error);
    const char *parts = sw_path_join(arena, directory, "sources.list.d");
    if (parts == NULL)
        return sw_fail_memory(error);
    struct dirent **names = NULL;
    int count = scandir(parts, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (code == 0)
            code = read_file(archive, arena, parts, names[i]->d_name, error);
        free(names[i]);
    }
    free(names);
    if (code != 0 || archive->uri != NULL)
        return code;
    (void)sw_fail(error, SW_ENOTFOUND, "no package archive is listed in '%s'", directory);
    return sw_error_hint(error, "add a 'deb' line for '%s' to %s/sources.list", archive->suite, directory);
}
