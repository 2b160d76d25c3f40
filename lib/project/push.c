#include "project/push.h"

#include "base/clock.h"
#include "base/limits.h"
#include "engine/image.h"
#include "engine/reference.h"
#include "project/attempt.h"
#include "project/expand.h"
#include "project/own_image.h"
#include "project/publish.h"
#include "project/recording.h"
#include "project/records.h"

#include <inttypes.h>

static bool is_good(const struct sw_record_facts *facts)
{
    return facts->image.id != NULL &&
           (facts->result == SW_RECORD_VERIFIED || facts->result == SW_RECORD_UNVERIFIED);
}

static void warn(const struct sw_push *push, const char *text)
{
    if (text != NULL)
        sw_emit(push->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(text)});
}

/* Find the newest good build from `record` on back; a record that is refused is told of and passed over. */
static int find_good(struct sw_push *push, struct sw_history *history, struct sw_record record,
                     struct sw_error *error)
{
    struct sw_arena *arena = push->project->arena;
    struct sw_error failure;
    for (;;) {
        int code = sw_record_facts_read(&push->build, arena, history, &record, &failure);
        if (code != 0 && code != SW_EINPUT) {
            *error = failure;
            return code;
        }
        if (code == 0 && is_good(&push->build)) {
            push->record = record;
            push->recorded = true;
            return 0;
        }
        if (code == SW_EINPUT)
            warn(push, sw_arena_text(arena, failure.text));
        code = sw_history_before(&record, history, &record, error);
        if (code != 0)
            return code;
    }
}

static int check_own(const struct sw_push *push, struct sw_history *history, struct sw_error *error)
{
    const char *own = sw_own_image(push->project, history, push->profile);
    for (size_t i = 0; i < push->tags.count; i++) {
        if (own != NULL && sw_reference_same_repository(push->tags.items[i], own))
            continue;
        (void)sw_fail(error, SW_EINPUT,
                      "the record %s@%" PRIu64 " is not pushed as '%s': that is no name of the "
                      "profile's own images",
                      push->profile, push->record.number, push->tags.items[i]);
        return sw_error_hint(error, "name the image yourself: -t NAME:TAG");
    }
    return 0;
}

int sw_push_find(struct sw_push *push, struct sw_history *history, struct sw_error *error)
{
    struct sw_record record;
    int code = sw_history_find(&record, push->project->arena, history, push->profile, 0, error);
    warn(push, sw_records_refused(push->project, history, push->profile));
    if (code == 0)
        code = find_good(push, history, record, error);
    if (code == SW_ENOTFOUND) {
        (void)sw_fail(error, SW_ENO, "no good build of '%s' is recorded here", push->profile);
        return sw_error_hint(error, "'slipway build %s --push' builds and pushes it", push->profile);
    }
    if (code != 0)
        return code;
    push->image = push->build.image.id;
    push->tags = push->build.image.tags;
    if (push->given.count > 0)
        return sw_expand_tags(&push->tags, push->project->arena, &push->given, push->profile, error);
    return check_own(push, history, error);
}

static int check_tag(const struct sw_push *push, const char *tag, struct sw_error *error)
{
    struct sw_error failure = {0};
    const struct sw_node *inspected = NULL;
    int code = sw_image_inspect(&inspected, push->project->arena, push->engine, tag, &failure);
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

int sw_push_check(const struct sw_push *push, struct sw_error *error)
{
    if (push->tags.count == 0)
        return sw_fail(error, SW_ENO, "the image of '%s' has no tags", push->profile);
    int code = 0;
    for (size_t i = 0; code == 0 && i < push->tags.count; i++)
        code = check_tag(push, push->tags.items[i], error);
    return code;
}

int sw_push_tags(struct sw_push *push, struct sw_error *error)
{
    struct sw_arena *arena = push->project->arena;
    push->pushed = sw_arena_array(arena, push->tags.count + 1, sizeof *push->pushed);
    if (push->pushed == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < push->tags.count; i++) {
        const char *tag = push->tags.items[i];
        char digest[SW_IMAGE_DIGEST_SIZE];
        struct sw_reference reference;
        int code = sw_reference_split(&reference, tag, error);
        if (code == 0)
            code = sw_image_push(digest, push->engine, tag, push->credentials, push->sink, error);
        if (code != 0)
            return code;
        struct sw_record_push *row = &push->pushed[push->pushed_count];
        *row = (struct sw_record_push){tag, sw_arena_text(arena, digest),
                                       sw_arena_format(arena, "%s@%s", reference.repository, digest)};
        if (row->digest == NULL || row->reference == NULL)
            return sw_fail_memory(error);
        push->pushed_count++;
    }
    return 0;
}

/* The digests by which registries have the image now: those first of which that is sure. */
static int add_digests(struct sw_record_image *image, struct sw_arena *arena, const struct sw_push *push,
                       struct sw_error *error)
{
    struct sw_texts engines = image->digests, all = {0};
    const char **items = sw_arena_array(arena, push->pushed_count + engines.count + 1, sizeof *items);
    if (items == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < push->pushed_count + engines.count; i++) {
        const char *digest =
            i < push->pushed_count ? push->pushed[i].reference : engines.items[i - push->pushed_count];
        bool known = false;
        for (size_t k = 0; k < all.count && !known; k++)
            known = strcmp(items[k], digest) == 0;
        if (!known)
            items[all.count++] = digest;
    }
    all.items = items;
    image->digests = all;
    return 0;
}

static int gather(struct sw_record_facts *out, const struct sw_push *push, int64_t started_ns,
                  struct sw_error *error)
{
    struct sw_arena *arena = push->project->arena;
    struct sw_record_facts facts;
    int code = sw_record_facts_again(&facts, arena, SW_RECORD_PUSH, &push->build, started_ns, error);
    if (code == 0)
        code = sw_record_image_read(&facts.image, arena, push->engine, push->image, push->tags, error);
    if (code == 0)
        code = add_digests(&facts.image, arena, push, error);
    if (code != 0)
        return code;
    facts.engine = sw_record_engine_of(push->engine);
    facts.push_of = sw_record_build_number(&push->build, &push->record);
    facts.pushed = push->pushed;
    facts.pushed_count = push->pushed_count;
    *out = facts;
    return 0;
}

static int append(struct sw_push *push, struct sw_history *history, int64_t started_ns,
                  struct sw_error *error)
{
    struct sw_arena *arena = push->project->arena;
    struct sw_record_facts facts;
    struct sw_record made;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RECORD_JSON);
    int code = gather(&facts, push, started_ns, error);
    if (code == 0)
        code = sw_record_facts_write(&text, arena, push->profile, &facts, error);
    if (code != 0)
        return code;
    const struct sw_record_file file = {.path = "record.json", .content = sw_buffer_str(&text)};
    const struct sw_record_draft draft = {
        .profile = push->profile,
        .summary = sw_arena_format(arena, "push of %s@%" PRIu64, push->profile, facts.push_of),
        .text = sw_arena_format(arena, "plan %s\nimage %s\n", facts.plan, push->image),
        .base = &push->record,
        .files = &file,
        .files_count = 1};
    if (draft.summary == NULL || draft.text == NULL)
        return sw_fail_memory(error);
    code = sw_history_append(&made, arena, history, &draft, error);
    if (code == 0)
        push->number = made.number;
    return code;
}

void sw_push_record(struct sw_push *push, struct sw_history *history, int64_t started_ns)
{
    struct sw_error error = {0};
    if (push->pushed_count == 0)
        return;
    int code = !push->recorded ? sw_fail(&error, SW_ENO, "its build is not")
                               : append(push, history, started_ns, &error);
    if (code != 0)
        warn(push, sw_arena_format(push->project->arena, "this push is not recorded: %s", error.text));
}

int sw_push_recorded(struct sw_push *push, bool dry_run, struct sw_error *error)
{
    int64_t started_ns = sw_clock_now();
    SW_HISTORY_AUTO *history = NULL;
    int code = sw_records_refuse_interrupted(push->project, push->profile, error);
    if (code == 0)
        code = sw_records_open(&history, push->project, error);
    if (code == 0 && !dry_run)
        code = sw_publish_finish(push->project, push->engine, push->profile, push->sink, error);
    if (code == 0)
        code = sw_push_find(push, history, error);
    if (code == 0)
        code = sw_push_check(push, error);
    if (code != 0 || dry_run)
        return code;
    code = sw_push_tags(push, error);
    sw_push_record(push, history, started_ns);
    return code;
}

/* Find the record of the image that was built just now, if there is a record. */
static void find_built(struct sw_push *push, struct sw_history *history)
{
    struct sw_record_facts facts;
    struct sw_record record;
    if (sw_history_find(&record, push->project->arena, history, push->profile, 0, NULL) != 0 ||
        sw_record_facts_read(&facts, push->project->arena, history, &record, NULL) != 0 || !is_good(&facts) ||
        strcmp(facts.image.id, push->image) != 0)
        return;
    push->recorded = true;
    push->record = record;
    push->build = facts;
}

int sw_push_attempt(struct sw_attempt *attempt)
{
    struct sw_builder b = {.arena = attempt->project->arena};
    int64_t started_ns = sw_clock_now();
    SW_HISTORY_AUTO *history = NULL;
    struct sw_error error = {0};
    struct sw_push push = {.project = attempt->project,
                           .engine = attempt->engine.engine,
                           .sink = &attempt->sink,
                           .credentials = attempt->credentials,
                           .profile = attempt->prepared.profile.name,
                           .image = attempt->outcome.image_id,
                           .tags = sw_attempt_tags(attempt)};
    if (sw_records_open(&history, attempt->project, NULL) == 0)
        find_built(&push, history);
    int code = sw_push_check(&push, &error);
    if (code == 0)
        code = sw_push_tags(&push, &error);
    sw_push_record(&push, history, started_ns);
    attempt->pushed = sw_record_pushed_json(&b, push.pushed, push.pushed_count);
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_findings_add_error(&attempt->findings, code == SW_ENO ? "SW501" : NULL, &error);
    return code;
}
