#include "history/facts.h"

struct sw_node *sw_texts_json(struct sw_builder *b, struct sw_texts texts)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < texts.count; i++)
        sw_build_append(b, list, sw_build_text(b, texts.items[i]));
    return list;
}

static struct sw_node *image_json(struct sw_builder *b, const struct sw_record_image *image)
{
    struct sw_node *node = sw_build_map(b);
    if (image->id == NULL)
        return sw_build_null(b);
    sw_build_set(b, node, "id", sw_build_text(b, image->id));
    sw_build_set(b, node, "tags", sw_texts_json(b, image->tags));
    sw_build_set(b, node, "digests", sw_texts_json(b, image->digests));
    sw_build_set(b, node, "size", image->size < 0 ? sw_build_null(b) : sw_build_int(b, image->size));
    if (image->layers.count > 0)
        sw_build_set(b, node, "layers", sw_texts_json(b, image->layers));
    return node;
}

static struct sw_node *engine_json(struct sw_builder *b, const struct sw_record_engine *engine)
{
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "product", sw_build_text(b, engine->product));
    sw_build_set(b, node, "version", sw_build_text(b, engine->version));
    sw_build_set(b, node, "api", sw_build_text(b, engine->api));
    sw_build_set(b, node, "os", sw_build_text(b, engine->os));
    sw_build_set(b, node, "architecture", sw_build_text(b, engine->architecture));
    return node;
}

struct sw_node *sw_record_pushed_json(struct sw_builder *b, const struct sw_record_push *pushed, size_t count)
{
    struct sw_node *tags = sw_build_list(b);
    for (size_t i = 0; i < count; i++) {
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "tag", sw_build_text(b, pushed[i].tag));
        sw_build_set(b, row, "digest", sw_build_text(b, pushed[i].digest));
        sw_build_set(b, row, "reference", sw_build_text(b, pushed[i].reference));
        sw_build_append(b, tags, row);
    }
    return tags;
}

static struct sw_node *push_json(struct sw_builder *b, const struct sw_record_facts *facts)
{
    struct sw_node *push = sw_build_map(b);
    sw_build_set(b, push, "of", sw_build_int(b, (int64_t)facts->push_of));
    sw_build_set(b, push, "tags", sw_record_pushed_json(b, facts->pushed, facts->pushed_count));
    return push;
}

static struct sw_node *left_out_json(struct sw_builder *b, const struct sw_record_left_out *left_out)
{
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "count", sw_build_int(b, left_out->count));
    sw_build_set(b, node, "paths", sw_texts_json(b, left_out->paths));
    sw_build_set(b, node, "ignored", sw_build_bool(b, left_out->ignored));
    return node;
}

static void set_kind(struct sw_builder *b, struct sw_node *record, const struct sw_record_facts *facts)
{
    if (facts->kind == SW_RECORD_PUSH) {
        sw_build_set(b, record, "push", push_json(b, facts));
    } else if (facts->kind == SW_RECORD_ROLLBACK) {
        struct sw_node *rollback = sw_build_map(b);
        sw_build_set(b, rollback, "to", sw_build_int(b, (int64_t)facts->rollback_to));
        sw_build_set(b, rollback, "how", sw_build_text(b, facts->rollback_how));
        sw_build_set(b, record, "rollback", rollback);
    }
}

struct sw_node *sw_record_facts_json(struct sw_builder *b, const struct sw_record_facts *facts)
{
    struct sw_node *record = sw_build_map(b), *assertions = sw_build_map(b);
    sw_build_set(b, assertions, "passed", sw_build_int(b, facts->passed));
    sw_build_set(b, assertions, "failed", sw_build_int(b, facts->failed));
    sw_build_set(b, record, "kind", sw_build_text(b, sw_record_kind_name(facts->kind)));
    sw_build_set(b, record, "result", sw_build_text(b, sw_record_result_name(facts->result)));
    sw_build_set(b, record, "time", sw_build_text(b, facts->time));
    sw_build_set(b, record, "seconds", sw_build_real(b, facts->seconds));
    sw_build_set(b, record, "slipway", sw_build_text(b, facts->slipway));
    sw_build_set(b, record, "files", sw_texts_json(b, facts->files));
    sw_build_set(b, record, "plan", sw_build_text(b, facts->plan));
    sw_build_set(b, record, "archive", sw_build_text(b, facts->archive));
    sw_build_set(b, record, "image", image_json(b, &facts->image));
    sw_build_set(b, record, "arguments", sw_texts_json(b, facts->arguments));
    sw_build_set(b, record, "platform", sw_build_text(b, facts->platform));
    sw_build_set(b, record, "engine", engine_json(b, &facts->engine));
    sw_build_set(b, record, "assertions", assertions);
    if (facts->left_out.count > 0)
        sw_build_set(b, record, "left_out", left_out_json(b, &facts->left_out));
    if (facts->findings != NULL)
        sw_build_set(b, record, "findings", facts->findings);
    if (facts->overrides != NULL)
        sw_build_set(b, record, "overrides", facts->overrides);
    set_kind(b, record, facts);
    return record;
}
