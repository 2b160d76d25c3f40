#include "history/facts.h"

#include "history/form_internal.h"

#include "base/limits.h"
#include "data/path.h"

#include <math.h>

static double read_seconds(struct sw_form *r)
{
    const struct sw_node *node = sw_node_get(r->root, "seconds");
    int64_t whole = sw_node_integer(node, -1);
    double seconds = sw_node_real(node, (double)whole);
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e9) {
        sw_form_refuse(r, "seconds", "is no duration");
        return 0;
    }
    return seconds;
}

static void read_files(struct sw_form *r, struct sw_record_facts *facts)
{
    facts->files = sw_form_texts(r, "files", sw_form_path);
    if (facts->files.count == 0)
        sw_form_refuse(r, "files", "names no profile");
    for (size_t i = 1; i < facts->files.count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(facts->files.items[i], facts->files.items[k]) == 0)
                sw_form_refuse(r, "files", "names a file twice");
        }
    }
}

static void read_image(struct sw_form *r, struct sw_record_facts *facts)
{
    const struct sw_node *image = sw_node_get(r->root, "image");
    bool none = sw_node_type(image) == SW_NODE_NULL;
    facts->image.size = -1;
    if (none && (facts->result == SW_RECORD_VERIFIED || facts->result == SW_RECORD_UNVERIFIED))
        sw_form_refuse(r, "image", "is missing");
    if (none)
        return;
    if (sw_node_type(image) != SW_NODE_MAP)
        sw_form_refuse(r, "image", "is no map");
    facts->image.id = sw_form_text(r, "image.id", sw_form_image);
    facts->image.tags = sw_form_texts(r, "image.tags", sw_form_tag);
    facts->image.digests = sw_form_texts(r, "image.digests", sw_form_digest);
    facts->image.layers = sw_form_texts(r, "image.layers", sw_form_sha256);
    facts->image.size = sw_form_integer(r, "image.size", INT64_MAX, -1);
}

/* The number of a build before this record; a record to be has no number yet. */
static uint64_t read_number(struct sw_form *r, const char *path)
{
    int64_t number = sw_form_integer(r, path, INT64_MAX, 0);
    if (number == 0 || (r->record->number != 0 && (uint64_t)number >= r->record->number))
        sw_form_refuse(r, path, "is no build before it");
    return (uint64_t)number;
}

static void read_pushed(struct sw_form *r, struct sw_record_facts *facts)
{
    const struct sw_node *list = sw_node_at(r->root, "push.tags");
    size_t count = sw_node_count(list);
    if (sw_node_type(list) != SW_NODE_LIST || count > SW_MAX_RECORD_ITEMS)
        sw_form_refuse(r, "push.tags", "is no list, or too long");
    struct sw_record_push *pushed = sw_form_keep(r, sw_arena_array(r->arena, count + 1, sizeof *pushed));
    for (size_t i = 0; i < count && r->code == 0; i++) {
        char tag[64], digest[64], reference[64];
        (void)snprintf(tag, sizeof tag, "push.tags[%zu].tag", i);
        (void)snprintf(digest, sizeof digest, "push.tags[%zu].digest", i);
        (void)snprintf(reference, sizeof reference, "push.tags[%zu].reference", i);
        pushed[i] = (struct sw_record_push){sw_form_text(r, tag, sw_form_tag),
                                            sw_form_text(r, digest, sw_form_sha256),
                                            sw_form_text(r, reference, sw_form_digest)};
    }
    facts->pushed = pushed;
    facts->pushed_count = r->code == 0 ? count : 0;
}

static const char *const kinds[] = {"build", "rollback", "push", NULL};
static const char *const results[] = {"verified", "unverified", "rejected", "failed", NULL};
static const char *const ways[] = {"present", "pulled", "rebuilt", NULL};

static void read_kind(struct sw_form *r, struct sw_record_facts *facts)
{
    if (facts->kind == SW_RECORD_ROLLBACK) {
        facts->rollback_to = read_number(r, "rollback.to");
        facts->rollback_how = ways[sw_form_word(r, "rollback.how", ways)];
    } else if (facts->kind == SW_RECORD_PUSH) {
        facts->push_of = read_number(r, "push.of");
        read_pushed(r, facts);
    }
}

static void read_engine(struct sw_form *r, struct sw_record_facts *facts)
{
    facts->engine = (struct sw_record_engine){
        .product = sw_form_optional(r, "engine.product", sw_form_line),
        .version = sw_form_optional(r, "engine.version", sw_form_line),
        .api = sw_form_optional(r, "engine.api", sw_form_line),
        .os = sw_form_optional(r, "engine.os", sw_form_line),
        .architecture = sw_form_optional(r, "engine.architecture", sw_form_line),
    };
}

static void read_all(struct sw_form *r, struct sw_record_facts *facts)
{
    facts->kind = sw_form_word(r, "kind", kinds);
    facts->result = sw_form_word(r, "result", results);
    facts->time = sw_form_text(r, "time", sw_form_time);
    facts->seconds = read_seconds(r);
    facts->slipway = sw_form_text(r, "slipway", sw_form_line);
    read_files(r, facts);
    facts->plan = sw_form_text(r, "plan", sw_form_plan);
    facts->archive = sw_form_optional(r, "archive", sw_form_sha256);
    read_image(r, facts);
    facts->arguments = sw_form_texts(r, "arguments", sw_form_line);
    facts->platform = sw_form_optional(r, "platform", sw_form_platform);
    read_engine(r, facts);
    facts->passed = sw_form_integer(r, "assertions.passed", INT32_MAX, 0);
    facts->failed = sw_form_integer(r, "assertions.failed", INT32_MAX, 0);
    facts->left_out.count = sw_form_integer(r, "left_out.count", INT32_MAX, 0);
    facts->left_out.paths = sw_form_texts(r, "left_out.paths", sw_form_path);
    facts->left_out.ignored = sw_node_boolean(sw_node_at(r->root, "left_out.ignored"), false);
    read_kind(r, facts);
}

int sw_record_facts_parse(struct sw_record_facts *out, struct sw_arena *arena, const struct sw_record *record,
                          struct sw_str text, struct sw_error *error)
{
    SW_ARENA_AUTO scratch;
    struct sw_record_facts facts = {0};
    struct sw_form form = {.arena = arena, .record = record, .error = error};
    sw_arena_init(&scratch, SW_MAX_ARENA);
    int code = sw_form_read(&form, &scratch, text, "record.json");
    if (code != 0)
        return code;
    read_all(&form, &facts);
    if (form.code == 0)
        *out = facts;
    return form.code;
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

bool sw_record_is_digest(struct sw_str text)
{
    return sw_form_digest(text) == NULL;
}

bool sw_record_is_line(struct sw_str text)
{
    return sw_form_line(text) == NULL;
}

const char *sw_record_kind_name(enum sw_record_kind kind)
{
    return kinds[kind];
}

const char *sw_record_result_name(enum sw_record_result result)
{
    return results[result];
}
