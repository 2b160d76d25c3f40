/* A page as JSON. Pages of popular projects have some MB, and nearly all are written plainly: such a text is read in one pass, without a
 * tree. A text with anything else (an escape in a value that counts, a byte that is not ASCII, a fault) is read as a tree. */
#include "base/arena.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "index/page_internal.h"

/* ---- as a tree ---- */

static struct sw_str text_of(const struct sw_node *node)
{
    return sw_node_type(node) == SW_NODE_TEXT ? sw_node_str(node) : SW_STR("");
}

/* PEP 714: the new name first; index servers also have the old one and a misspelling of it. */
static const struct sw_node *metadata_of(const struct sw_node *row)
{
    static const char *const names[] = {"core-metadata", "dist-info-metadata", "data-dist-info-metadata"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        const struct sw_node *found = sw_node_get(row, names[i]);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static void add_json_file(struct sw_buffer *out, const struct sw_node *row, struct sw_str base)
{
    const struct sw_node *yanked = sw_node_get(row, "yanked"), *metadata = metadata_of(row);
    int64_t size = sw_node_integer(sw_node_get(row, "size"), 0);
    const struct sw_page_file file = {
        .name = text_of(sw_node_get(row, "filename")),
        .url = text_of(sw_node_get(row, "url")),
        .sha256 = text_of(sw_node_get(sw_node_get(row, "hashes"), "sha256")),
        .size = size < 0 ? 0 : (uint64_t)size,
        .uploaded = text_of(sw_node_get(row, "upload-time")),
        .requires_python = text_of(sw_node_get(row, "requires-python")),
        .yanked = sw_node_boolean(yanked, false) || text_of(yanked).n > 0,
        .yanked_reason = text_of(yanked),
        .has_metadata = sw_node_boolean(metadata, false) || (sw_node_type(metadata) == SW_NODE_MAP),
        .metadata_sha256 = text_of(sw_node_get(metadata, "sha256")),
    };
    if (file.url.n > 0)
        sw_page_add(out, &file, base);
}

int sw_page_convert_tree(struct sw_buffer *out, struct sw_str text, struct sw_str url, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_PAGE_MEMORY);
    const struct sw_node *root = NULL;
    int code = sw_json_read(&root, &arena, text, NULL, error);
    if (code == 0)
        code = sw_page_check_version(text_of(sw_node_at(root, "meta.api-version")), error);
    if (code != 0)
        return code;
    const struct sw_node *files = sw_node_get(root, "files");
    if (sw_node_type(files) != SW_NODE_LIST)
        return sw_fail(error, SW_EINPUT, "it is no page of a package index: it lists no files");
    for (size_t i = 0; i < sw_node_count(files); i++)
        add_json_file(out, sw_node_item(files, i), url);
    return sw_buffer_check(out, "the page", error);
}

/* ---- in one pass ---- */

enum { DEEPEST = 16 };

/* The text that is left. Once a text is not plain it stays so. */
struct pass {
    const char *at, *end;
    bool odd;
};

static void skip_blanks(struct pass *pass)
{
    while (pass->at < pass->end &&
           (*pass->at == ' ' || *pass->at == '\n' || *pass->at == '\r' || *pass->at == '\t'))
        pass->at++;
}

/* Pass over blanks, and over the character if it is next. */
static bool takes(struct pass *pass, char c)
{
    skip_blanks(pass);
    bool found = pass->at < pass->end && *pass->at == c;
    pass->at += found;
    return found;
}

static void expect(struct pass *pass, char c)
{
    pass->odd = pass->odd || !takes(pass, c);
}

/* A string; with an escape in it its text is not plain, but `skipped` strings may have escapes. */
static struct sw_str string(struct pass *pass, bool skipped)
{
    expect(pass, '"');
    const char *from = pass->at;
    while (!pass->odd && pass->at < pass->end && *pass->at != '"') {
        unsigned char c = (unsigned char)*pass->at++;
        pass->odd = c < 0x20 || c >= 0x7F || (c == '\\' && (!skipped || pass->at == pass->end));
        pass->at += c == '\\' && !pass->odd;
    }
    struct sw_str text = {from, (size_t)(pass->at - from)};
    pass->odd = pass->odd || pass->at >= pass->end;
    pass->at += !pass->odd;
    return pass->odd ? SW_STR("") : text;
}

/* The next key of a map, whose brace is open; false at its end. */
static bool next_key(struct sw_str *key, struct pass *pass, bool *first)
{
    if (pass->odd || takes(pass, '}'))
        return false;
    if (!*first)
        expect(pass, ',');
    *first = false;
    *key = string(pass, false);
    expect(pass, ':');
    return !pass->odd;
}

static bool next_item(struct pass *pass, bool *first)
{
    if (pass->odd || takes(pass, ']'))
        return false;
    if (!*first)
        expect(pass, ',');
    *first = false;
    return !pass->odd;
}

/* A number without sign, point or exponent, or one of three words: its text. */
static struct sw_str word(struct pass *pass)
{
    static const char *const words[] = {"true", "false", "null"};
    skip_blanks(pass);
    const char *from = pass->at;
    while (pass->at < pass->end && sw_is_alnum((unsigned char)*pass->at))
        pass->at++;
    struct sw_str text = {from, (size_t)(pass->at - from)};
    bool known = text.n > 0 && text.n < 18 && (text.p[0] != '0' || text.n == 1);
    for (size_t i = 0; known && i < text.n; i++)
        known = sw_is_digit((unsigned char)text.p[i]);
    for (size_t i = 0; !known && i < SW_COUNT(words); i++)
        known = sw_str_is(text, words[i]);
    pass->odd = pass->odd || !known;
    return text;
}

/* Return true if the next value begins with the character. */
static bool begins(struct pass *pass, char c)
{
    bool found = takes(pass, c);
    pass->at -= found;
    return found;
}

static void skip(struct pass *pass, unsigned depth)
{
    struct sw_str key;
    bool first = true;
    if (depth > DEEPEST) {
        pass->odd = true;
    } else if (begins(pass, '"')) {
        (void)string(pass, true);
    } else if (takes(pass, '{')) {
        while (next_key(&key, pass, &first))
            skip(pass, depth + 1); /* at most DEEPEST deep */
    } else if (takes(pass, '[')) {
        while (next_item(pass, &first))
            skip(pass, depth + 1);
    } else {
        (void)word(pass);
    }
}

/* A value that counts if it is a text. */
static struct sw_str text_value(struct pass *pass)
{
    if (begins(pass, '"'))
        return string(pass, false);
    skip(pass, 0);
    return SW_STR("");
}

/* The text of one key of a map; any other value counts as an empty map. `is_map` may be NULL. */
static struct sw_str member(struct pass *pass, const char *name, bool *is_map)
{
    struct sw_str key, found = SW_STR("");
    bool first = true, seen = false;
    if (!takes(pass, '{')) {
        skip(pass, 0);
        return found;
    }
    if (is_map != NULL)
        *is_map = true;
    while (next_key(&key, pass, &first)) {
        if (!sw_str_is(key, name)) {
            skip(pass, 0);
            continue;
        }
        pass->odd = pass->odd || seen;
        seen = true;
        found = text_value(pass);
    }
    return found;
}

/* The statement about metadata, under any of its three names. */
struct beside {
    bool there, has;
    struct sw_str sha256;
};

static struct beside beside_value(struct pass *pass)
{
    struct beside beside = {.there = true, .sha256 = SW_STR("")};
    if (begins(pass, '{'))
        beside.sha256 = member(pass, "sha256", &beside.has);
    else if (begins(pass, 't'))
        beside.has = sw_str_is(word(pass), "true");
    else
        skip(pass, 0);
    return beside;
}

enum key {
    FILENAME,
    URL,
    HASHES,
    SIZE,
    UPLOADED,
    REQUIRES_PYTHON,
    YANKED,
    CORE,
    DIST_INFO,
    DATA_DIST_INFO,
    KEYS
};

static enum key key_of(struct sw_str text)
{
    static const char *const names[KEYS] = {"filename",
                                            "url",
                                            "hashes",
                                            "size",
                                            "upload-time",
                                            "requires-python",
                                            "yanked",
                                            "core-metadata",
                                            "dist-info-metadata",
                                            "data-dist-info-metadata"};
    size_t i = 0;
    while (i < KEYS && !sw_str_is(text, names[i]))
        i++;
    return (enum key)i;
}

static void read_yanked(struct sw_page_file *file, struct pass *pass)
{
    if (begins(pass, 't'))
        file->yanked = sw_str_is(word(pass), "true");
    else
        file->yanked_reason = text_value(pass);
    file->yanked = file->yanked || file->yanked_reason.n > 0;
}

static void read_value(struct sw_page_file *file, struct beside *beside, struct pass *pass, enum key key)
{
    switch (key) {
    case FILENAME:
        file->name = text_value(pass);
        break;
    case URL:
        file->url = text_value(pass);
        break;
    case HASHES:
        file->sha256 = member(pass, "sha256", NULL);
        break;
    case SIZE:
        if (!sw_str_to_u64(word(pass), &file->size))
            pass->odd = true;
        break;
    case UPLOADED:
        file->uploaded = text_value(pass);
        break;
    case REQUIRES_PYTHON:
        file->requires_python = text_value(pass);
        break;
    case YANKED:
        read_yanked(file, pass);
        break;
    case CORE:
    case DIST_INFO:
    case DATA_DIST_INFO:
        beside[key - CORE] = beside_value(pass);
        break;
    case KEYS:
        skip(pass, 0);
        break;
    }
}

static void read_file(struct sw_buffer *out, struct pass *pass, struct sw_str base)
{
    struct sw_page_file file = {.name = SW_STR("")};
    struct beside beside[KEYS - CORE] = {{.there = false}};
    struct sw_str text;
    bool first = true, seen[KEYS + 1] = {false};
    expect(pass, '{');
    while (next_key(&text, pass, &first)) {
        enum key key = key_of(text);
        pass->odd = pass->odd || (seen[key] && key != KEYS);
        seen[key] = true;
        read_value(&file, beside, pass, key);
    }
    const struct beside *said = beside;
    while (said < beside + (KEYS - CORE - 1) && !said->there)
        said++;
    file.has_metadata = said->has;
    file.metadata_sha256 = said->sha256;
    if (!pass->odd && file.url.n > 0)
        sw_page_add(out, &file, base);
}

bool sw_page_convert_plain(struct sw_buffer *out, struct sw_str text, struct sw_str url)
{
    struct pass pass = {text.p, text.p + text.n, false};
    struct sw_str key, version = SW_STR("");
    bool first = true, first_file = true, has_files = false, has_meta = false;
    size_t from = out->n;
    expect(&pass, '{');
    while (next_key(&key, &pass, &first)) {
        if (sw_str_is(key, "meta") && !has_meta) {
            has_meta = true;
            version = member(&pass, "api-version", NULL);
        } else if (sw_str_is(key, "files") && !has_files && takes(&pass, '[')) {
            has_files = true;
            while (next_item(&pass, &first_file))
                read_file(out, &pass, url);
        } else {
            pass.odd = pass.odd || sw_str_is(key, "files") || sw_str_is(key, "meta");
            skip(&pass, 0);
        }
    }
    skip_blanks(&pass);
    if (!pass.odd && has_files && pass.at == pass.end && sw_page_check_version(version, NULL) == 0)
        return true;
    out->n = from;
    return false;
}

int sw_page_convert_json(struct sw_buffer *out, struct sw_str text, struct sw_str url, struct sw_error *error)
{
    if (text.n <= SW_MAX_JSON_SIZE && sw_page_convert_plain(out, text, url))
        return sw_buffer_check(out, "the page", error);
    return sw_page_convert_tree(out, text, url, error);
}
