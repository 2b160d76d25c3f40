/* The order in which a build takes effect:
 *
 *   1. The image is built without a name and judged (project/attempts.c). Until here nothing has changed but the engine's caches.
 *   2. The intent: the whole record goes into the repository, then a note of it, in one rename. Killed before: the old names, no
 *      record. Killed after: the next build, push or rollback of the profile finds the note and does steps 3 to 5 again, each of
 *      which can be done any number of times.
 *   3. The names, each in one call. 4. The record, in one move of the ref. 5. The note goes.
 *
 * A step that fails (rather than is killed) takes back the names and the note. Steps 2 to 5 are some calls of a few milliseconds, and
 * an interrupt lets them end: an interrupt before them leaves the old state, a later interrupt finds the new state. If the engine does
 * not answer within a second of the interrupt, it is as if slipway were killed: the note stays. A lock keeps other processes from doing
 * these steps for the same profile. */
#include "project/publish.h"

#include "base/file.h"
#include "engine/image.h"
#include "project/attempt.h"
#include "project/recording.h"
#include "project/records.h"
#include "project/restore.h"

#include <inttypes.h>

struct publication {
    struct sw_project *project;
    struct sw_engine *engine;
    const char *image;         /* its id */
    struct sw_restore restore; /* its names and their images */
};

static int find_names(struct publication *p, struct sw_texts tags, struct sw_error *error)
{
    struct sw_arena *arena = p->project->arena;
    p->restore.tags = sw_arena_array(arena, tags.count + 1, sizeof *p->restore.tags);
    if (p->restore.tags == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < tags.count; i++)
        p->restore.tags[p->restore.tags_count++] = (struct sw_restore_tag){tags.items[i], NULL};
    return sw_restore_look(&p->restore, arena, p->engine, error);
}

/* Do steps 3 to 5. If they fail and cannot be taken back, the note stays for sw_publish_finish(). */
static int carry_out(struct sw_record *made, struct publication *p, struct sw_history *history,
                     const struct sw_intent *intent, const struct sw_record_draft *draft,
                     struct sw_error *error)
{
    bool undone = false;
    int code = sw_restore_apply(&undone, &p->restore, p->engine, p->image, error);
    if (code == 0) {
        code =
            sw_history_settle(made, p->project->arena, history, intent, draft->summary, draft->text, error);
        undone = code != 0 && sw_restore_undo(&p->restore, p->engine);
    }
    if (code != 0 && undone)
        undone = sw_history_forget(history, draft->profile, NULL) == 0;
    if (code != 0 && !undone)
        (void)sw_error_hint(error, "the image's names may be half given: %s'slipway build %s' finishes it",
                            code == SW_ECANCELED ? "" : "once that is mended, ", draft->profile);
    return code;
}

static int finish_held(struct sw_project *project, struct sw_engine *engine, struct sw_history *history,
                       const char *profile, const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_arena *arena = project->arena;
    struct publication p = {.project = project, .engine = engine};
    struct sw_intent intent;
    struct sw_record made = {0};
    struct sw_record_facts facts;
    bool exists = false;
    int code = sw_records_interrupted(&intent, &facts, project, history, profile, SW_RECORD_BUILD, error);
    if (code != 0)
        return code == SW_ENOTFOUND ? 0 : code;
    p.image = facts.image.id == NULL ? "" : facts.image.id;
    code = sw_image_exists(&exists, engine, p.image, error);
    if (code == 0 && !exists) {
        const char *text = sw_arena_format(
            arena, "a build of '%s' was killed before it was recorded, and this engine has not its image",
            profile);
        sw_emit(sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(text)});
        return sw_history_forget(history, profile, error);
    }
    const struct sw_record_draft draft = {.profile = profile,
                                          .summary = sw_record_result_name(facts.result),
                                          .text = sw_record_message(arena, facts.plan, p.image)};
    if (code == 0)
        code = find_names(&p, facts.image.tags, error);
    if (code == 0)
        code = draft.text == NULL ? sw_fail_memory(error)
                                  : carry_out(&made, &p, history, &intent, &draft, error);
    if (code != 0)
        return sw_error_context(code, error,
                                "cannot finish the build that was killed while its image got its names");
    const char *text = sw_arena_format(
        arena, "a build that was killed while its image got its names is finished: %s@%" PRIu64, profile,
        made.number);
    sw_emit(sink, (struct sw_event){.kind = SW_EVENT_NOTE, .text = sw_str_from(text)});
    return 0;
}

int sw_publish_finish(struct sw_project *project, struct sw_engine *engine, const char *profile,
                      const struct sw_sink *sink, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = NULL;
    SW_FD_AUTO held = -1;
    struct sw_intent intent;
    struct sw_record_facts facts;
    if (sw_records_open(&history, project, NULL) != 0 ||
        sw_records_interrupted(&intent, &facts, project, history, profile, SW_RECORD_BUILD, NULL) != 0)
        return 0;
    int code = sw_records_hold(&held, project, history, profile, sink, error);
    sw_engine_set_grace(engine, true);
    if (code == 0)
        code = finish_held(project, engine, history, profile, sink, error);
    sw_engine_set_grace(engine, false);
    return code;
}

static int publish_recorded(struct publication *p, struct sw_attempt *attempt, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = NULL;
    SW_FD_AUTO held = -1;
    struct sw_record_draft draft;
    struct sw_intent intent;
    struct sw_record made = {0};
    int code = sw_records_open(&history, attempt->project, error);
    if (code == 0)
        code = sw_records_hold(&held, attempt->project, history, attempt->prepared.profile.name,
                               &attempt->sink, error);
    if (code == 0)
        code = finish_held(p->project, p->engine, history, attempt->prepared.profile.name, &attempt->sink,
                           error);
    if (code == 0)
        code = find_names(p, sw_attempt_tags(attempt), error);
    if (code == 0)
        code = sw_record_draft_make(&draft, attempt, true, history, error);
    if (code == 0)
        code = sw_history_intend(&intent, p->project->arena, history, &draft, error);
    if (code == 0)
        code = carry_out(&made, p, history, &intent, &draft, error);
    if (code == 0)
        attempt->recorded = made.number;
    return code;
}

static int publish_unrecorded(struct publication *p, const struct sw_attempt *attempt, struct sw_error *error)
{
    bool undone = false;
    int code = find_names(p, sw_attempt_tags(attempt), error);
    if (code == 0)
        code = sw_restore_apply(&undone, &p->restore, p->engine, p->image, error);
    if (code == SW_ECANCELED)
        (void)sw_error_hint(error, "the image's names may be half given: 'slipway build %s' gives them again",
                            attempt->prepared.profile.name);
    return code;
}

int sw_publish(struct sw_attempt *attempt, struct sw_error *error)
{
    struct publication p = {
        .project = attempt->project, .engine = attempt->engine.engine, .image = attempt->outcome.image_id};
    if (sw_cancel_requested(attempt->project->cancel))
        return sw_fail_canceled(error);
    sw_engine_set_grace(p.engine, true);
    int code = attempt->choices->no_record ? publish_unrecorded(&p, attempt, error)
                                           : publish_recorded(&p, attempt, error);
    sw_engine_set_grace(p.engine, false);
    attempt->named = code == 0;
    if (code != 0 && code != SW_ECANCELED)
        (void)sw_error_context(code, error, "the image %s is built and has no name", p.image);
    return code;
}
