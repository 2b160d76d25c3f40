#include "history/facts.h"

#include "base/beneath.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "data/path.h"
#include "engine/reference.h"

#include <math.h>

/* ---- what a text may look like: NULL, or what is wrong with it ---- */

typedef const char *check(struct sw_str text);

bool sw_record_is_line(struct sw_str text)
{
    enum { LONGEST = 256 };
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, (size_t)4 * LONGEST);
    sw_text_add_clean(&clean, text);
    return text.n <= LONGEST && sw_str_equal(sw_buffer_str(&clean), text);
}

static const char *check_line(struct sw_str text)
{
    return sw_record_is_line(text) ? NULL : "is no short line of plain text";
}

static bool is_hex(struct sw_str text, size_t digits)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return text.n == digits;
}

static const char *check_plan(struct sw_str text)
{
    return is_hex(text, 64) ? NULL : "is no digest of a plan";
}

static const char *check_image(struct sw_str text)
{
    return is_hex(text, 64) || sw_is_sha256_digest(text) ? NULL : "is no image's id";
}

static const char *check_sha256(struct sw_str text)
{
    return sw_is_sha256_digest(text) ? NULL : "is no digest";
}

static const char *check_tag(struct sw_str text)
{
    return sw_reference_valid(text) ? NULL : "is no image reference";
}

bool sw_record_is_digest(struct sw_str text)
{
    return sw_reference_valid(text) && memchr(text.p, '@', text.n) != NULL;
}

static const char *check_digest(struct sw_str text)
{
    return sw_record_is_digest(text) ? NULL : "is no image reference with a digest";
}

/* "2026-11-21T01:22:33Z", as sw_clock_rfc3339() writes it. */
static const char *check_time(struct sw_str text)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    bool fits = text.n == sizeof form - 1;
    for (size_t i = 0; fits && i < text.n; i++)
        fits = form[i] == '0' ? sw_is_digit(text.p[i]) : text.p[i] == form[i];
    return fits ? NULL : "is no time such as 2026-11-21T01:22:33Z";
}

/* "linux/arm/v7". */
static const char *check_platform(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_alnum(text.p[i]) && strchr("/._-", text.p[i]) == NULL)
            return "is no platform";
    }
    return text.n > 0 && text.n <= 100 ? NULL : "is no platform";
}

/* A clean path, with nothing in it that a terminal would obey. */
static const char *check_path(struct sw_str text)
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

struct reader {
    struct sw_arena *arena;
    const struct sw_record *record;
    const struct sw_node *root;
    struct sw_error *error;
    int code; /* the first failure; after it nothing more is looked at */
};

static void refuse(struct reader *r, const char *path, const char *what)
{
    if (r->code == 0)
        r->code = sw_record_refuse(r->error, r->record, path, what);
}

static void *keep(struct reader *r, void *memory)
{
    if (memory == NULL && r->code == 0)
        r->code = sw_fail_memory(r->error);
    return memory;
}

/* A text at `path`, held to `fits`; NULL if it is missing or null. */
static const char *read_optional(struct reader *r, const char *path, check *fits)
{
    const struct sw_node *node = sw_node_at(r->root, path);
    if (r->code != 0 || sw_node_type(node) == SW_NODE_NULL)
        return NULL;
    const char *wrong = sw_node_type(node) != SW_NODE_TEXT ? "is no text" : fits(sw_node_str(node));
    if (wrong != NULL) {
        refuse(r, path, wrong);
        return NULL;
    }
    return keep(r, sw_arena_copy(r->arena, sw_node_str(node)));
}

/* Never NULL. */
static const char *read_text(struct reader *r, const char *path, check *fits)
{
    const char *text = read_optional(r, path, fits);
    if (text == NULL)
        refuse(r, path, "is missing");
    return text == NULL ? "" : text;
}

/* Which of the words, which end with NULL, a text is. */
static unsigned read_word(struct reader *r, const char *path, const char *const *words)
{
    const char *text = read_text(r, path, check_line);
    unsigned i = 0;
    while (words[i] != NULL && strcmp(words[i], text) != 0)
        i++;
    if (words[i] == NULL)
        refuse(r, path, "is none of the words that it may be");
    return words[i] == NULL ? 0 : i;
}

/* An integer within limits; `otherwise` if it is missing or null. */
static int64_t read_integer(struct reader *r, const char *path, int64_t most, int64_t otherwise)
{
    const struct sw_node *node = sw_node_at(r->root, path);
    if (sw_node_type(node) == SW_NODE_NULL)
        return otherwise;
    int64_t number = sw_node_integer_within(node, 0, most, -1);
    if (number < 0)
        refuse(r, path, "is no number, or too large");
    return number < 0 ? otherwise : number;
}

static double read_seconds(struct reader *r)
{
    const struct sw_node *node = sw_node_get(r->root, "seconds");
    int64_t whole = sw_node_integer(node, -1);
    double seconds = sw_node_real(node, (double)whole);
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e9) {
        refuse(r, "seconds", "is no duration");
        return 0;
    }
    return seconds;
}

/* A list of texts; none if it is missing or null. */
static struct sw_texts read_texts(struct reader *r, const char *path, check *fits)
{
    const struct sw_node *list = sw_node_at(r->root, path);
    size_t count = sw_node_count(list);
    if (sw_node_type(list) != SW_NODE_LIST && sw_node_type(list) != SW_NODE_NULL)
        refuse(r, path, "is no list");
    if (count > SW_MAX_RECORD_ITEMS)
        refuse(r, path, "is too long");
    const char **items = keep(r, sw_arena_array(r->arena, count + 1, sizeof *items));
    for (size_t i = 0; i < count && r->code == 0; i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "%.40s[%zu]", path, i);
        items[i] = read_text(r, at, fits);
    }
    return (struct sw_texts){items, r->code == 0 ? count : 0};
}

static void read_files(struct reader *r, struct sw_record_facts *facts)
{
    facts->files = read_texts(r, "files", check_path);
    if (facts->files.count == 0)
        refuse(r, "files", "names no profile");
    for (size_t i = 1; i < facts->files.count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(facts->files.items[i], facts->files.items[k]) == 0)
                refuse(r, "files", "names a file twice");
        }
    }
}

static void read_image(struct reader *r, struct sw_record_facts *facts)
{
    const struct sw_node *image = sw_node_get(r->root, "image");
    bool none = sw_node_type(image) == SW_NODE_NULL;
    facts->image.size = -1;
    if (none && (facts->result == SW_RECORD_VERIFIED || facts->result == SW_RECORD_UNVERIFIED))
        refuse(r, "image", "is missing");
    if (none)
        return;
    if (sw_node_type(image) != SW_NODE_MAP)
        refuse(r, "image", "is no map");
    facts->image.id = read_text(r, "image.id", check_image);
    facts->image.tags = read_texts(r, "image.tags", check_tag);
    facts->image.digests = read_texts(r, "image.digests", check_digest);
    facts->image.layers = read_texts(r, "image.layers", check_sha256);
    facts->image.size = read_integer(r, "image.size", INT64_MAX, -1);
}

/* The number of a build before this record; a record to be has no number yet. */
static uint64_t read_number(struct reader *r, const char *path)
{
    int64_t number = read_integer(r, path, INT64_MAX, 0);
    if (number == 0 || (r->record->number != 0 && (uint64_t)number >= r->record->number))
        refuse(r, path, "is no build before it");
    return (uint64_t)number;
}

static void read_pushed(struct reader *r, struct sw_record_facts *facts)
{
    const struct sw_node *list = sw_node_at(r->root, "push.tags");
    size_t count = sw_node_count(list);
    if (sw_node_type(list) != SW_NODE_LIST || count > SW_MAX_RECORD_ITEMS)
        refuse(r, "push.tags", "is no list, or too long");
    struct sw_record_push *pushed = keep(r, sw_arena_array(r->arena, count + 1, sizeof *pushed));
    for (size_t i = 0; i < count && r->code == 0; i++) {
        char tag[64], digest[64], reference[64];
        (void)snprintf(tag, sizeof tag, "push.tags[%zu].tag", i);
        (void)snprintf(digest, sizeof digest, "push.tags[%zu].digest", i);
        (void)snprintf(reference, sizeof reference, "push.tags[%zu].reference", i);
        pushed[i] = (struct sw_record_push){read_text(r, tag, check_tag), read_text(r, digest, check_sha256),
                                            read_text(r, reference, check_digest)};
    }
    facts->pushed = pushed;
    facts->pushed_count = r->code == 0 ? count : 0;
}

static const char *const kinds[] = {"build", "rollback", "push", NULL};
static const char *const results[] = {"verified", "unverified", "rejected", "failed", NULL};
static const char *const ways[] = {"present", "pulled", "rebuilt", NULL};

static void read_kind(struct reader *r, struct sw_record_facts *facts)
{
    if (facts->kind == SW_RECORD_ROLLBACK) {
        facts->rollback_to = read_number(r, "rollback.to");
        facts->rollback_how = ways[read_word(r, "rollback.how", ways)];
    } else if (facts->kind == SW_RECORD_PUSH) {
        facts->push_of = read_number(r, "push.of");
        read_pushed(r, facts);
    }
}

static void read_engine(struct reader *r, struct sw_record_facts *facts)
{
    facts->engine = (struct sw_record_engine){
        .product = read_optional(r, "engine.product", check_line),
        .version = read_optional(r, "engine.version", check_line),
        .api = read_optional(r, "engine.api", check_line),
        .os = read_optional(r, "engine.os", check_line),
        .architecture = read_optional(r, "engine.architecture", check_line),
    };
}

static void read_all(struct reader *r, struct sw_record_facts *facts)
{
    if (sw_node_type(r->root) != SW_NODE_MAP)
        refuse(r, "record.json", "is no map");
    facts->kind = read_word(r, "kind", kinds);
    facts->result = read_word(r, "result", results);
    facts->time = read_text(r, "time", check_time);
    facts->seconds = read_seconds(r);
    facts->slipway = read_text(r, "slipway", check_line);
    read_files(r, facts);
    facts->plan = read_text(r, "plan", check_plan);
    read_image(r, facts);
    facts->arguments = read_texts(r, "arguments", check_line);
    facts->platform = read_optional(r, "platform", check_platform);
    read_engine(r, facts);
    facts->passed = read_integer(r, "assertions.passed", INT32_MAX, 0);
    facts->failed = read_integer(r, "assertions.failed", INT32_MAX, 0);
    read_kind(r, facts);
}

int sw_record_facts_parse(struct sw_record_facts *out, struct sw_arena *arena, const struct sw_record *record,
                          struct sw_str text, struct sw_error *error)
{
    SW_ARENA_AUTO scratch;
    struct sw_error failure;
    struct sw_record_facts facts = {0};
    struct reader reader = {.arena = arena, .record = record, .error = error};
    sw_arena_init(&scratch, SW_MAX_ARENA);
    int code = sw_json_read(&reader.root, &scratch, text, NULL, &failure);
    if (code == SW_EENV) {
        if (error != NULL)
            *error = failure;
        return code;
    }
    if (code != 0)
        return sw_record_refuse(error, record, "record.json", "is no JSON");
    read_all(&reader, &facts);
    if (reader.code == 0)
        *out = facts;
    return reader.code;
}

int sw_record_facts_read(struct sw_record_facts *out, struct sw_arena *arena, struct sw_history *history,
                         const struct sw_record *record, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    struct sw_error failure;
    sw_buffer_init(&text, SW_MAX_RECORD_JSON);
    int code = sw_history_read(&text, history, record, "record.json", &failure);
    if (code == SW_ENOTFOUND)
        return sw_record_refuse(error, record, "record.json", "is missing");
    if (code != 0 && error != NULL)
        *error = failure;
    return code != 0 ? code : sw_record_facts_parse(out, arena, record, sw_buffer_str(&text), error);
}

uint64_t sw_record_build_number(const struct sw_record_facts *facts, const struct sw_record *record)
{
    return facts->kind == SW_RECORD_ROLLBACK ? facts->rollback_to
           : facts->kind == SW_RECORD_PUSH   ? facts->push_of
                                             : record->number;
}

const char *sw_record_kind_name(enum sw_record_kind kind)
{
    return kinds[kind];
}

const char *sw_record_result_name(enum sw_record_result result)
{
    return results[result];
}
