#include "history/form_internal.h"

#include "base/beneath.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "data/path.h"
#include "engine/reference.h"

/* ---- forms of texts ---- */

static bool is_line(struct sw_str text)
{
    enum { LONGEST = 256 };
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, (size_t)4 * LONGEST);
    sw_text_add_clean(&clean, text);
    return text.n <= LONGEST && sw_str_equal(sw_buffer_str(&clean), text);
}

const char *sw_form_line(struct sw_str text)
{
    return is_line(text) ? NULL : "is no short line of plain text";
}

static bool is_hex(struct sw_str text, size_t digits)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return text.n == digits;
}

const char *sw_form_plan(struct sw_str text)
{
    return is_hex(text, 64) ? NULL : "is no digest of a plan";
}

const char *sw_form_image(struct sw_str text)
{
    return is_hex(text, 64) || sw_is_sha256_digest(text) ? NULL : "is no image's id";
}

const char *sw_form_sha256(struct sw_str text)
{
    return sw_is_sha256_digest(text) ? NULL : "is no digest";
}

const char *sw_form_tag(struct sw_str text)
{
    return sw_reference_valid(text) ? NULL : "is no image reference";
}

const char *sw_form_digest(struct sw_str text)
{
    bool fits = sw_reference_valid(text) && memchr(text.p, '@', text.n) != NULL;
    return fits ? NULL : "is no image reference with a digest";
}

/* "2026-11-21T01:22:33Z", as sw_clock_rfc3339() writes it. */
const char *sw_form_time(struct sw_str text)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    bool fits = text.n == sizeof form - 1;
    for (size_t i = 0; fits && i < text.n; i++)
        fits = form[i] == '0' ? sw_is_digit(text.p[i]) : text.p[i] == form[i];
    return fits ? NULL : "is no time such as 2026-11-21T01:22:33Z";
}

/* "linux/arm/v7". */
const char *sw_form_platform(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum(text.p[i]) && strchr("/._-", text.p[i]) == NULL)
            return "is no platform";
    }
    return text.n > 0 && text.n <= 100 ? NULL : "is no platform";
}

/* A clean path, with nothing in it that a terminal would obey. */
const char *sw_form_path(struct sw_str text)
{
    static const char *const wrong = "is no clean path";
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, (size_t)8 * SW_MAX_PATH_SIZE);
    if (text.n == 0 || text.n >= SW_MAX_PATH_SIZE)
        return wrong;
    const char *clean = sw_path_clean(&arena, text), *shown = sw_text_clean(&arena, text);
    bool same = clean != NULL && shown != NULL && sw_str_is(text, clean) && sw_str_is(text, shown);
    bool inside = same && (clean[0] == '/' || sw_path_is_inside(clean)) && strcmp(clean, ".") != 0;
    return inside && memchr(text.p, '\\', text.n) == NULL ? NULL : wrong;
}

/* ---- reading ---- */

void sw_form_refuse(struct sw_form *r, const char *path, const char *what)
{
    if (r->code == 0)
        r->code = sw_record_refuse(r->error, r->record, path, what);
}

void *sw_form_keep(struct sw_form *r, void *memory)
{
    if (memory == NULL && r->code == 0)
        r->code = sw_fail_memory(r->error);
    return memory;
}

/* A text at `path`, held to `fits`; NULL if it is missing or null. */
const char *sw_form_optional(struct sw_form *r, const char *path, sw_form_check *fits)
{
    const struct sw_node *node = sw_node_at(r->root, path);
    if (r->code != 0 || sw_node_type(node) == SW_NODE_NULL)
        return NULL;
    const char *wrong = sw_node_type(node) != SW_NODE_TEXT ? "is no text" : fits(sw_node_str(node));
    if (wrong != NULL) {
        sw_form_refuse(r, path, wrong);
        return NULL;
    }
    return sw_form_keep(r, sw_arena_copy(r->arena, sw_node_str(node)));
}

/* Never NULL. */
const char *sw_form_text(struct sw_form *r, const char *path, sw_form_check *fits)
{
    const char *text = sw_form_optional(r, path, fits);
    if (text == NULL)
        sw_form_refuse(r, path, "is missing");
    return text == NULL ? "" : text;
}

/* Find a text among the words, which end with NULL. */
unsigned sw_form_word(struct sw_form *r, const char *path, const char *const *words)
{
    const char *text = sw_form_text(r, path, sw_form_line);
    unsigned i = 0;
    while (words[i] != NULL && strcmp(words[i], text) != 0)
        i++;
    if (words[i] == NULL)
        sw_form_refuse(r, path, "is none of the words that it may be");
    return words[i] == NULL ? 0 : i;
}

/* An integer within limits; `otherwise` if it is missing or null. */
int64_t sw_form_integer(struct sw_form *r, const char *path, int64_t most, int64_t otherwise)
{
    const struct sw_node *node = sw_node_at(r->root, path);
    if (sw_node_type(node) == SW_NODE_NULL)
        return otherwise;
    int64_t number = sw_node_integer_within(node, 0, most, -1);
    if (number < 0)
        sw_form_refuse(r, path, "is no number, or too large");
    return number < 0 ? otherwise : number;
}

/* A list of texts; none if it is missing or null. */
struct sw_texts sw_form_texts(struct sw_form *r, const char *path, sw_form_check *fits)
{
    const struct sw_node *list = sw_node_at(r->root, path);
    size_t count = sw_node_count(list);
    if (sw_node_type(list) != SW_NODE_LIST && sw_node_type(list) != SW_NODE_NULL)
        sw_form_refuse(r, path, "is no list");
    if (count > SW_MAX_RECORD_ITEMS)
        sw_form_refuse(r, path, "is too long");
    const char **items = sw_form_keep(r, sw_arena_array(r->arena, count + 1, sizeof *items));
    for (size_t i = 0; i < count && r->code == 0; i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "%.40s[%zu]", path, i);
        items[i] = sw_form_text(r, at, fits);
    }
    return (struct sw_texts){items, r->code == 0 ? count : 0};
}

int sw_form_read(struct sw_form *form, struct sw_arena *scratch, struct sw_str text, const char *name)
{
    struct sw_error failure;
    int code = sw_json_read(&form->root, scratch, text, NULL, &failure);
    if (code == SW_EENV && form->error != NULL)
        *form->error = failure;
    if (code == SW_EENV)
        form->code = code;
    else if (code != 0)
        sw_form_refuse(form, name, "is no JSON");
    else if (sw_node_type(form->root) != SW_NODE_MAP)
        sw_form_refuse(form, name, "is no map");
    return form->code;
}
