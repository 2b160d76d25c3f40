#include "python/requirements_file.h"

#include "base/file.h"
#include "base/limits.h"
#include "python/requirements_file_internal.h"
#include "python/requirements_file_lines_internal.h"
#include "python/url_internal.h"

/* A file that is being read, and the file that includes it. */
struct open_file {
    const struct open_file *parent; /* NULL: the first */
    const char *name;
    bool constraint;
    unsigned depth;
};

struct reader {
    struct sw_arena *arena;
    const struct sw_requirements_source *source;
    struct sw_requirements_entry *items;
    size_t count;
    size_t files;
};

static int fail_at_line(const struct open_file *file, const struct sw_requirements_line *line,
                        struct sw_error *error)
{
    if (error == NULL)
        return SW_EINPUT;
    /* A column of the line's text becomes a column of the file's line, if the text is the file's own. */
    if (error->column > 0)
        error->column = line->column > 0 ? line->column + error->column - 1 : 0;
    if (error->file[0] == '\0') {
        (void)snprintf(error->file, sizeof error->file, "%s", file->name);
        error->line = line->number;
    }
    return error->code;
}

static int add_entry(struct sw_requirements_entry **out, struct reader *r, const struct open_file *file,
                     const struct sw_requirements_line *line, enum sw_requirements_kind kind,
                     struct sw_error *error)
{
    if (r->count == SW_MAX_REQUIREMENTS_ENTRIES)
        return sw_fail(error, SW_EINPUT, "more than %u requirements", SW_MAX_REQUIREMENTS_ENTRIES);
    r->items = sw_arena_grow(r->arena, r->items, r->count, sizeof *r->items);
    if (r->items == NULL)
        return sw_fail_memory(error);
    *out = &r->items[r->count++];
    **out = (struct sw_requirements_entry){
        .kind = kind, .file = file->name, .line = line->number, .constraint = file->constraint};
    return 0;
}

/* --- links --------------------------------------------------------------------------------------------------- */

static bool is_archive(struct sw_str path)
{
    static const char *const endings[] = {".whl", ".zip",    ".tar.gz", ".tgz", ".tar",    ".tar.bz2",
                                          ".tbz", ".tar.xz", ".txz",    ".tlz", ".tar.lz", ".tar.lzma"};
    for (size_t i = 0; i < SW_COUNT(endings); i++) {
        if (sw_str_ends(path, endings[i]))
            return true;
    }
    return false;
}

static bool looks_like_path(struct sw_str text)
{
    return sw_str_starts(text, ".") || sw_str_find(text, SW_STR("/")) < text.n;
}

/* Without "[extra]" at its end. */
static struct sw_str without_extras(struct sw_str path)
{
    const char *open = sw_str_ends(path, "]") ? memrchr(path.p, '[', path.n) : NULL;
    return open == NULL ? path : (struct sw_str){path.p, (size_t)(open - path.p)};
}

/* Return the place of the ';' that ends a link and begins its marker, or text.n without a marker. A URL may
 * hold a ';' itself; the ';' of a marker stands after a blank. */
static size_t marker_start(struct sw_str text)
{
    bool is_url = sw_url_scheme(text).n > 0;
    return sw_str_find(text, is_url ? SW_STR("; ") : SW_STR(";"));
}

/* pip takes a text for a link if it has a URL's scheme, or if it looks like a path or an archive and does not
 * begin with "NAME @". pip also asks the file system; here a path is a link even if no such file exists. */
static bool is_link(struct sw_str text)
{
    struct sw_str link = sw_str_trim((struct sw_str){text.p, marker_start(text)});
    if (sw_url_scheme(link).n > 0)
        return true;
    struct sw_str path = without_extras(link), rest = path, name = sw_str_cut(&rest, '@');
    if (rest.p != NULL && !looks_like_path(name))
        return false;
    bool has_operator = false;
    for (size_t i = 0; i < path.n; i++)
        has_operator = has_operator || strchr("<>=!~", path.p[i]) != NULL;
    return sw_str_starts(path, ".") || is_archive(path) || (looks_like_path(path) && !has_operator);
}

static int read_link(struct sw_requirements_entry *entry, struct reader *r, struct sw_str text,
                     struct sw_error *error)
{
    size_t n = marker_start(text);
    struct sw_str link = sw_str_trim((struct sw_str){text.p, n});
    entry->value = sw_url_scheme(link).n > 0 ? link : without_extras(link);
    if (n == text.n)
        return 0;
    struct sw_str marker = {text.p + n + 1, text.n - n - 1};
    int code = sw_marker_parse(&entry->marker, r->arena, sw_str_trim(marker), error);
    if (code != 0 && error != NULL && error->column > 0)
        error->column += (unsigned)(sw_str_trim(marker).p - text.p);
    return code;
}

/* --- lines --------------------------------------------------------------------------------------------------- */

static int add_hashes(struct sw_requirements_entry *entry, struct reader *r,
                      const struct sw_requirements_options *options, struct sw_error *error)
{
    struct sw_str *hashes = NULL;
    for (size_t i = 0; i < options->count; i++) {
        if (options->items[i].kind != SW_REQUIREMENTS_HASH)
            continue;
        hashes = sw_arena_grow(r->arena, hashes, entry->hash_count, sizeof *hashes);
        if (hashes == NULL)
            return sw_fail_memory(error);
        hashes[entry->hash_count++] = options->items[i].value;
    }
    entry->hashes = hashes;
    return 0;
}

/* A requirement or a link, with its options. */
static int read_item(struct reader *r, const struct open_file *file, const struct sw_requirements_line *line,
                     struct sw_str text, const struct sw_requirements_options *options,
                     struct sw_error *error)
{
    bool link = is_link(text);
    struct sw_requirements_entry *entry = NULL;
    int code = add_entry(&entry, r, file, line, link ? SW_REQUIREMENTS_LINK : SW_REQUIREMENTS_NAMED, error);
    if (entry == NULL)
        return code;
    entry->options = sw_str_trim((struct sw_str){line->text.p + text.n, line->text.n - text.n});
    code = link ? read_link(entry, r, text, error)
                : sw_requirement_parse(&entry->requirement, r->arena, text, error);
    if (code != 0)
        return code;
    if (!link) {
        entry->value = entry->requirement.text;
        entry->marker = entry->requirement.marker;
    }
    return add_hashes(entry, r, options, error);
}

static const struct sw_requirements_option *first_of(const struct sw_requirements_options *options,
                                                     enum sw_requirements_kind kind)
{
    for (size_t i = 0; i < options->count; i++) {
        if (options->items[i].kind == kind)
            return &options->items[i];
    }
    return NULL;
}

static int read_file(struct reader *r, const struct open_file *parent, const char *name, bool constraint,
                     struct sw_error *error);

static int include(struct reader *r, const struct open_file *file,
                   const struct sw_requirements_option *option, struct sw_error *error)
{
    /* The value is NUL-terminated, as all copies in an arena are. */
    return read_file(r, file, option->value.p, option->kind == SW_REQUIREMENTS_CONSTRAINTS, error);
}

static int add_option(struct reader *r, const struct open_file *file, const struct sw_requirements_line *line,
                      const struct sw_requirements_option *option, struct sw_error *error)
{
    struct sw_requirements_entry *entry = NULL;
    int code = add_entry(&entry, r, file, line, option->kind, error);
    if (entry != NULL)
        entry->value = option->value;
    return code;
}

/* A line of options only. As pip does: of several --editable, --requirement, --constraint or --find-links on
 * one line only the first counts, and each of the first three makes it forget those after it in this list and
 * all others. */
static int read_options(struct reader *r, const struct open_file *file,
                        const struct sw_requirements_line *line,
                        const struct sw_requirements_options *options, struct sw_error *error)
{
    const struct sw_requirements_option *editable = first_of(options, SW_REQUIREMENTS_EDITABLE);
    const struct sw_requirements_option *inner = first_of(options, SW_REQUIREMENTS_INCLUDE);
    const struct sw_requirements_option *links = first_of(options, SW_REQUIREMENTS_FIND_LINKS);
    if (inner == NULL)
        inner = first_of(options, SW_REQUIREMENTS_CONSTRAINTS);
    if (editable != NULL)
        return add_option(r, file, line, editable, error);
    if (inner != NULL)
        return include(r, file, inner, error);
    int code = 0;
    for (size_t i = 0; i < options->count && code == 0; i++) {
        const struct sw_requirements_option *option = &options->items[i];
        if (option->kind < SW_REQUIREMENTS_INCLUDE &&
            (option->kind != SW_REQUIREMENTS_FIND_LINKS || option == links))
            code = add_option(r, file, line, option, error);
    }
    return code;
}

/* Return the place of the first option: a '-' at the start of the text or after a blank. */
static size_t options_start(struct sw_str text)
{
    size_t i = 0;
    while (i < text.n && !(text.p[i] == '-' && (i == 0 || text.p[i - 1] == ' ')))
        i++;
    return i;
}

static int read_line(struct reader *r, const struct open_file *file, const struct sw_requirements_line *line,
                     struct sw_error *error)
{
    struct sw_requirements_options options;
    size_t start = options_start(line->text);
    struct sw_str item = sw_str_trim((struct sw_str){line->text.p, start});
    int code = sw_requirements_options_read(
        &options, r->arena, (struct sw_str){line->text.p + start, line->text.n - start}, error);
    if (code == 0)
        code = item.n > 0 ? read_item(r, file, line, item, &options, error)
                          : read_options(r, file, line, &options, error);
    return code == 0 ? 0 : fail_at_line(file, line, error);
}

/* --- files --------------------------------------------------------------------------------------------------- */

static int check_text(struct sw_str *text, const char *file, struct sw_error *error)
{
    if (sw_str_starts(*text, "\xEF\xBB\xBF")) {
        text->p += 3;
        text->n -= 3;
    }
    if (text->n > SW_MAX_REQUIREMENTS_SIZE)
        return sw_fail_at(error, SW_EINPUT, file, 0, 0, "a requirements file of more than %llu bytes",
                          SW_MAX_REQUIREMENTS_SIZE);
    if (!sw_utf8_valid(*text)) {
        sw_fail_at(error, SW_EINPUT, file, 0, 0, "a requirements file that is not UTF-8");
        return sw_error_hint(error, "save it as UTF-8");
    }
    return 0;
}

static int check_nesting(const struct open_file *file, struct reader *r, struct sw_error *error)
{
    for (const struct open_file *f = file->parent; f != NULL; f = f->parent) {
        if (strcmp(f->name, file->name) == 0) {
            sw_fail(error, SW_EINPUT, "the file '%s' includes itself", file->name);
            return sw_error_hint(error, "take the -r or -c here away, or one of those on the way to it");
        }
    }
    if (file->depth > SW_MAX_REQUIREMENTS_DEPTH)
        return sw_fail(error, SW_EINPUT, "requirements files more than %u deep", SW_MAX_REQUIREMENTS_DEPTH);
    if (++r->files > SW_MAX_REQUIREMENTS_FILES)
        return sw_fail(error, SW_EINPUT, "more than %u requirements files", SW_MAX_REQUIREMENTS_FILES);
    return 0;
}

/* Recursion as deep as check_nesting() allows. */
static int read_file(struct reader *r, const struct open_file *parent, const char *name, bool constraint,
                     struct sw_error *error)
{
    const struct sw_requirements_source *source = r->source;
    struct open_file file = {.parent = parent, .constraint = constraint};
    struct sw_str text;
    if (parent != NULL)
        file.depth = parent->depth + 1;
    int code = source->load(source->self, &text, &file.name, r->arena, parent == NULL ? NULL : parent->name,
                            name, error);
    if (code == 0)
        code = check_nesting(&file, r, error);
    if (code == 0)
        code = check_text(&text, file.name, error);
    if (code != 0)
        return code;
    struct sw_requirements_lines lines = {
        .arena = r->arena, .rest = text, .variable = source->variable, .self = source->self};
    struct sw_requirements_line line;
    bool found = true;
    if (text.n == 0)
        lines.rest = (struct sw_str){NULL, 0};
    while (code == 0 && found) {
        code = sw_requirements_lines_next(&found, &line, &lines, error);
        if (code == 0 && found)
            code = read_line(r, &file, &line, error);
    }
    return code;
}

int sw_requirements_read(struct sw_requirements *out, struct sw_arena *arena, const char *name,
                         const struct sw_requirements_source *source, struct sw_error *error)
{
    struct reader r = {.arena = arena, .source = source};
    int code = read_file(&r, NULL, name, false, error);
    if (code == 0)
        *out = (struct sw_requirements){r.items, r.count};
    return code;
}

int sw_requirements_path(const char **path, struct sw_arena *arena, const char *from, const char *name,
                         struct sw_error *error)
{
    if (sw_url_valid(sw_str_from(name))) {
        sw_fail(error, SW_EINPUT, "cannot read requirements from the URL '%s'", name);
        return sw_error_hint(error, "download the file and name it by its path");
    }
    const char *folder = from == NULL ? "." : sw_path_dir(arena, from);
    const char *joined = folder == NULL ? NULL : sw_path_join(arena, folder, name);
    if (joined == NULL)
        return sw_fail_memory(error);
    *path = joined;
    return 0;
}
