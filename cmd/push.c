#include "push.h"

#include "history.h"
#include "output/say.h"
#include "record.h"

#include "base/clock.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "engine/image.h"
#include "engine/reference.h"

#include <inttypes.h>

static bool is_good(const struct sw_node *said)
{
    const char *result = sw_node_text(sw_node_get(said, "result"), "");
    return sw_node_at(said, "image.id") != NULL &&
           (strcmp(result, "verified") == 0 || strcmp(result, "unverified") == 0);
}

int push_find(struct push *push, struct sw_history *history, struct sw_error *error)
{
    struct sw_arena *arena = &push->session->arena;
    const struct sw_node *said = NULL;
    struct sw_record record;
    int code = sw_history_find(&record, arena, history, push->profile, 0, error);
    while (code == 0) {
        code = history_describe(&said, arena, history, &record, error);
        if (code != 0 || is_good(said))
            break;
        code = sw_history_before(&record, history, &record, error);
    }
    if (code == SW_ENOTFOUND) {
        (void)sw_fail(error, SW_ENO, "no good build of '%s' is recorded here", push->profile);
        return sw_error_hint(error, "'slipway build %s --push' builds and pushes it", push->profile);
    }
    if (code != 0)
        return code;
    push->record = record;
    push->build = said;
    push->image = sw_node_text(sw_node_at(said, "image.id"), "");
    push->tags = sw_node_at(said, "image.tags");
    return 0;
}

static int check_tag(const struct push *push, const char *tag, struct sw_error *error)
{
    struct sw_error failure = {0};
    const struct sw_node *inspected = NULL;
    int code = sw_image_inspect(&inspected, &push->session->arena, push->engine, tag, &failure);
    if (code == SW_ENOTFOUND)
        (void)sw_fail(error, SW_ENO, "the engine has no image '%.200s'", tag);
    else if (code != 0)
        *error = failure;
    else if (strcmp(sw_node_text(sw_node_get(inspected, "Id"), ""), push->image) != 0)
        (void)sw_fail(error, SW_ENO, "'%.200s' names another image than the last good build of '%s' made",
                      tag, push->profile);
    else
        return 0;
    return code != 0 && code != SW_ENOTFOUND
               ? code
               : sw_error_hint(
                     error,
                     "'slipway rollback %s' gives the tag to that build's image again, 'slipway build "
                     "%s --push' makes a new one",
                     push->profile, push->profile);
}

int push_check(const struct push *push, struct sw_error *error)
{
    if (sw_node_type(push->tags) != SW_NODE_LIST || sw_node_count(push->tags) == 0)
        return sw_fail(error, SW_ENO, "the image of '%s' has no tags", push->profile);
    int code = 0;
    for (size_t i = 0; code == 0 && i < sw_node_count(push->tags); i++)
        code = check_tag(push, sw_node_text(sw_node_item(push->tags, i), ""), error);
    return code;
}

int push_tags(struct push *push, struct sw_error *error)
{
    struct sw_builder b = {.arena = &push->session->arena};
    push->pushed = sw_build_list(&b);
    for (size_t i = 0; i < sw_node_count(push->tags); i++) {
        const char *tag = sw_node_text(sw_node_item(push->tags, i), "");
        char digest[SW_IMAGE_DIGEST_SIZE];
        struct sw_reference reference;
        int code = sw_reference_split(&reference, tag, error);
        if (code == 0)
            code = sw_image_push(digest, push->engine, tag, push->credentials, push->sink, error);
        if (code != 0)
            return code;
        struct sw_node *row = sw_build_map(&b);
        sw_build_set(&b, row, "tag", sw_build_text(&b, tag));
        sw_build_set(&b, row, "digest", sw_build_text(&b, digest));
        sw_build_set(&b, row, "reference", sw_build_format(&b, "%s@%s", reference.repository, digest));
        sw_build_append(&b, push->pushed, row);
        if (b.failed)
            return sw_fail_memory(error);
    }
    return 0;
}

void push_print(const struct sw_node *pushed, FILE *to)
{
    for (size_t i = 0; i < sw_node_count(pushed); i++)
        say(to, "  %s %s\n", sw_node_text(sw_node_get(sw_node_item(pushed, i), "tag"), ""),
            sw_node_text(sw_node_get(sw_node_item(pushed, i), "digest"), ""));
}

/* The image as the build's record has it, by the digests that registries have it by now: those first of which that is sure. */
static struct sw_node *image_json(struct sw_builder *b, const struct push *push)
{
    struct sw_node *image = record_image(b, push->engine, push->image, push->tags);
    struct sw_node *digests = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(push->pushed); i++)
        record_add_digest(b, digests, sw_node_get(sw_node_item(push->pushed, i), "reference"));
    const struct sw_node *known = sw_node_get(image, "digests");
    for (size_t i = 0; i < sw_node_count(known); i++)
        record_add_digest(b, digests, sw_node_item(known, i));
    sw_build_set(b, image, "digests", digests);
    return image;
}

static struct sw_node *record_json(struct sw_builder *b, const struct push *push, const struct sw_node *said,
                                   int64_t started_ns)
{
    struct sw_node *record = record_again(b, "push", said, started_ns);
    struct sw_node *about = sw_build_map(b);
    sw_build_set(b, about, "of", sw_build_int(b, record_number_of(said, &push->record)));
    sw_build_set(b, about, "tags", push->pushed);
    sw_build_set(b, record, "image", image_json(b, push));
    sw_build_set(b, record, "engine", record_engine(b, push->engine));
    sw_build_set(b, record, "push", about);
    return record;
}

static int append(struct push *push, struct sw_history *history, int64_t started_ns, struct sw_error *error)
{
    struct sw_arena *arena = &push->session->arena;
    struct sw_builder b = {.arena = arena};
    const struct sw_node *said = NULL;
    struct sw_record made;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    int code = sw_history_read_json(&said, arena, history, &push->record, "record.json", error);
    if (code != 0)
        return code;
    const struct sw_node *record = record_json(&b, push, said, started_ns);
    if (b.failed)
        return sw_fail_memory(error);
    sw_json_write(&text, record, SW_JSON_SHOWN_PRETTY);
    code = sw_buffer_check(&text, "the record", error);
    const struct sw_record_file file = {.path = "record.json", .content = sw_buffer_str(&text)};
    const struct sw_record_draft draft = {
        .profile = push->profile,
        .summary = sw_arena_format(arena, "push of %s@%" PRId64, push->profile,
                                   record_number_of(said, &push->record)),
        .text = sw_arena_format(arena, "plan %s\nimage %s\n", sw_node_text(sw_node_get(said, "plan"), ""),
                                push->image),
        .base = &push->record,
        .files = &file,
        .files_count = 1};
    if (code == 0 && (draft.summary == NULL || draft.text == NULL))
        code = sw_fail_memory(error);
    if (code == 0)
        code = sw_history_append(&made, arena, history, &draft, error);
    if (code == 0)
        push->number = (int64_t)made.number;
    return code;
}

void push_record(struct push *push, struct sw_history *history, int64_t started_ns)
{
    struct sw_error error = {0};
    if (sw_node_count(push->pushed) == 0)
        return;
    int code = push->build == NULL ? sw_fail(&error, SW_ENO, "its build is not")
                                   : append(push, history, started_ns, &error);
    if (code == 0)
        return;
    const char *text = sw_arena_format(&push->session->arena, "this push is not recorded: %s", error.text);
    sw_emit(push->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(text)});
}

enum status push_build(struct build *build)
{
    struct sw_builder b = {.arena = &build->session->arena};
    int64_t started_ns = sw_clock_now();
    SW_HISTORY_AUTO *history = NULL;
    struct sw_error error = {0};
    struct push push = {.session = build->session,
                        .engine = build->engine.engine,
                        .sink = &build->sink,
                        .credentials = build->credentials,
                        .profile = build->prepared.profile.name};
    int code = history_open(&history, build->session, NULL);
    if (code == 0)
        code = push_find(&push, history, NULL);
    if (code != 0 || strcmp(push.image, build->outcome.image_id) != 0) {
        push.build = NULL;
        push.image = build->outcome.image_id;
        push.tags = record_tags(&b, build);
    }
    code = push_check(&push, &error);
    if (code == 0)
        code = push_tags(&push, &error);
    push_record(&push, history, started_ns);
    build->pushed = push.pushed;
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_findings_add_error(&build->findings, code == SW_ENO ? "SW501" : NULL, &error);
    return status_of(code);
}
