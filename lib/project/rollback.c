/* Back to a good build: its image gets its tags back, its profile comes back to the working tree, and a record says so.
 *
 * Engine, files and records cannot be changed in one step, so whoever is killed in between must leave a state from which the
 * next run gets to one whole end. The order:
 *
 *   1. All that may fail or last: the image is found, pulled or built again (without a name), and no file that would be replaced holds
 *      anything that could not be had back. Until here nothing has changed but caches.
 *   2. The intent: the whole record to be goes into the repository, then a note of it, in one rename. Killed before: the old state.
 *      Killed after: the next `rollback` of this profile finds the note and does steps 3 to 5 again, each of which can be done any
 *      number of times; `build` refuses until then, so that nothing is built of a half-restored profile.
 *   3. The tags. 4. The files, each in one rename. A step that fails (rather than is killed) takes back those before it, and the note.
 *   5. The record, in one move of the ref, unless it is there already (killed between 5 and 6). 6. The note goes. */
#include "project/rollback.h"

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/file.h"
#include "base/limits.h"
#include "engine/image.h"
#include "project/expand.h"
#include "project/own_image.h"
#include "project/publish.h"
#include "project/rebuild.h"
#include "project/recording.h"
#include "project/records.h"
#include "project/writing.h"

#include <inttypes.h>

static void note(const struct sw_rollback *rollback, enum sw_event_kind kind, const char *text)
{
    if (text != NULL)
        sw_emit(&rollback->sink, (struct sw_event){.kind = kind, .text = sw_str_from(text)});
}

/* Make this record the target, and read the tags and files that it would restore. */
static int aim(struct sw_rollback *rollback, const struct sw_target *target, struct sw_error *error)
{
    struct sw_arena *arena = rollback->project->arena;
    struct sw_restore restore = {0};
    int code = sw_restore_read(&restore, arena, rollback->history, &target->record, &target->facts,
                               &rollback->scope, error);
    if (code == 0)
        code = sw_restore_look(&restore, arena, rollback->engine.engine, error);
    if (code != 0)
        return code;
    rollback->target = *target;
    rollback->restore = restore;
    rollback->image = target->facts.image.id;
    return 0;
}

/* Aim at the newest record if it is verified and is not the present state: something was built over it, or
 * the profile changed, without a record. Else aim at the record before it. */
static int aim_back(struct sw_rollback *rollback, const struct sw_target_search *search,
                    struct sw_error *error)
{
    struct sw_target target;
    int code = sw_target_newest(&target, search, error);
    if (code == 0 && sw_target_is_verified(&target)) {
        code = aim(rollback, &target, error);
        if (code != 0 || !sw_restore_is_done(&rollback->restore, rollback->image))
            return code;
    }
    if (code == 0)
        code = sw_target_before(&target, search, &target, error);
    return code == 0 ? aim(rollback, &target, error) : code;
}

static int choose_target(struct sw_rollback *rollback, struct sw_error *error)
{
    const struct sw_target_search search = {rollback->project->arena, rollback->history, rollback->profile,
                                            &rollback->sink};
    struct sw_target target;
    if (rollback->input->to == NULL)
        return aim_back(rollback, &search, error);
    int code = sw_target_at(&target, &search, rollback->input->to, error);
    return code == 0 ? aim(rollback, &target, error) : code;
}

/* Try to pull the image once. A failure is a warning, unless the user interrupted. */
static int pull_one(bool *pulled, struct sw_rollback *rollback, const char *digest,
                    const struct sw_credentials *credentials, struct sw_error *error)
{
    struct sw_arena *arena = rollback->project->arena;
    struct sw_engine *engine = rollback->engine.engine;
    const struct sw_node *image = NULL;
    struct sw_error failure;
    int code = sw_image_pull(engine, digest, rollback->target.facts.platform, credentials, &rollback->sink,
                             &failure);
    if (code == 0)
        code = sw_image_inspect(&image, arena, engine, digest, &failure);
    if (code == SW_ECANCELED) {
        *error = failure;
        return code;
    }
    if (code != 0)
        note(rollback, SW_EVENT_WARNING,
             sw_arena_format(arena, "cannot pull '%s': %s", digest, failure.text));
    *pulled = code == 0;
    if (*pulled)
        rollback->image = sw_node_text(sw_node_get(image, "Id"), rollback->image);
    return 0;
}

/* Pull the image from a registry by digest: any registry that serves the digest serves that image. No
 * registry has an image that Podman calls localhost/NAME. */
static int pull(bool *pulled, struct sw_rollback *rollback, const struct sw_texts *digests,
                struct sw_error *error)
{
    struct sw_credentials *credentials = NULL;
    int code = sw_host_logins(&credentials, rollback->project, error);
    for (size_t i = 0; code == 0 && i < digests->count && !*pulled; i++) {
        const char *digest = digests->items[i];
        if (strncmp(digest, "localhost/", strlen("localhost/")) != 0)
            code = pull_one(pulled, rollback, digest, credentials, error);
    }
    sw_credentials_free(credentials);
    return code;
}

/* Get the image from the engine, a registry or a new build; `how` tells the way. With --dry-run, only find
 * out the way. */
static int get_image(struct sw_rollback *rollback, struct sw_error *error)
{
    const struct sw_rollback_input *input = rollback->input;
    struct sw_texts digests;
    bool found = false;
    int code = sw_image_exists(&found, rollback->engine.engine, rollback->image, error);
    if (code != 0)
        return code;
    rollback->how = "present";
    if (found)
        return 0;
    code = sw_records_digests(&digests, rollback->project->arena, rollback->history, rollback->profile,
                              &rollback->target.facts, rollback->scope.image, error);
    if (code != 0)
        return code;
    rollback->how = digests.count > 0 && !rollback->project->offline ? "pulled" : "rebuilt";
    if (input->dry_run)
        return 0;
    if (!rollback->project->offline)
        code = pull(&found, rollback, &digests, error);
    if (code != 0 || found)
        return code;
    rollback->how = "rebuilt";
    rollback->sink = (struct sw_sink){0}; /* the build has a display of its own */
    const struct sw_rebuild_input again = {.project = rollback->project,
                                           .choices = input->choices,
                                           .view = input->view,
                                           .history = rollback->history,
                                           .record = &rollback->target.record,
                                           .facts = &rollback->target.facts};
    return sw_rebuild(&rollback->image, rollback->input->findings, &again, error);
}

/* The number of the build that a rollback to the target is to. */
static uint64_t goal(const struct sw_rollback *rollback)
{
    return rollback->target.facts.kind == SW_RECORD_BUILD
               ? rollback->target.record.number
               : sw_record_build_number(&rollback->target.facts, &rollback->target.record);
}

static struct sw_texts tags_of(struct sw_arena *arena, const struct sw_restore *restore)
{
    const char **names = sw_arena_array(arena, restore->tags_count + 1, sizeof *names);
    for (size_t i = 0; names != NULL && i < restore->tags_count; i++)
        names[i] = restore->tags[i].name;
    return (struct sw_texts){names, names == NULL ? 0 : restore->tags_count};
}

/* Gather the facts of the rollback's record from the target's record. */
static int gather(struct sw_record_facts *out, const struct sw_rollback *rollback, struct sw_error *error)
{
    struct sw_arena *arena = rollback->project->arena;
    struct sw_record_facts facts;
    int code = sw_record_facts_again(&facts, arena, SW_RECORD_ROLLBACK, &rollback->target.facts,
                                     rollback->started_ns, error);
    if (code == 0)
        code = sw_record_image_read(&facts.image, arena, rollback->engine.engine, rollback->image,
                                    tags_of(arena, &rollback->restore), error);
    if (code != 0)
        return code;
    facts.engine = sw_record_engine_of(rollback->engine.engine);
    facts.rollback_to = goal(rollback);
    facts.rollback_how = rollback->how;
    *out = facts;
    return 0;
}

static int intend(struct sw_intent *intent, struct sw_rollback *rollback, struct sw_error *error)
{
    struct sw_arena *arena = rollback->project->arena;
    struct sw_record_facts facts;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RECORD_JSON);
    int code = gather(&facts, rollback, error);
    if (code == 0)
        code = sw_record_facts_write(&text, arena, rollback->profile, &facts, error);
    const struct sw_record_file file = {.path = "record.json", .content = sw_buffer_str(&text)};
    const struct sw_record_draft draft = {
        .profile = rollback->profile, .base = &rollback->target.record, .files = &file, .files_count = 1};
    return code != 0 ? code : sw_history_intend(intent, arena, rollback->history, &draft, error);
}

static int begin_writing(struct sw_writing *out, struct sw_rollback *rollback, struct sw_error *error)
{
    struct sw_arena *arena = rollback->project->arena;
    const struct sw_restore *restore = &rollback->restore;
    const char **files = sw_arena_array(arena, restore->files_count + 1, sizeof *files);
    bool whole = files != NULL;
    for (size_t i = 0; whole && i < restore->files_count; i++) {
        files[i] = sw_path_join(arena, restore->root, restore->files[i].name);
        whole = files[i] != NULL;
    }
    return whole ? sw_writing_begin(out, rollback->project, files, restore->files_count, error)
                 : sw_fail_memory(error);
}

/* Steps 3 to 6. */
static int carry_out(bool *undone, struct sw_rollback *rollback, const struct sw_intent *intent,
                     struct sw_error *error)
{
    struct sw_arena *arena = rollback->project->arena;
    const char *summary =
        sw_arena_format(arena, "rollback to %s@%" PRIu64, rollback->profile, goal(rollback));
    const char *text =
        sw_arena_format(arena, "plan %s\nimage %s\n", rollback->target.facts.plan, rollback->image);
    if (summary == NULL || text == NULL)
        return sw_fail_memory(error);
    struct sw_writing writing = {0};
    int code = begin_writing(&writing, rollback, error);
    *undone = code != 0;
    if (code == 0)
        code = sw_restore_apply(undone, &rollback->restore, rollback->engine.engine, rollback->image, error);
    sw_writing_end(&writing);
    if (code == 0)
        code = sw_history_settle(&rollback->made, arena, rollback->history, intent, summary, text, error);
    if (code != 0 && !*undone) {
        (void)sw_error_context(code, error, "the rollback is half done");
        (void)sw_error_hint(error, "%s'slipway rollback %s' finishes it",
                            code == SW_ECANCELED ? "" : "once that is mended, ", rollback->profile);
    }
    return code;
}

/* Finish the interrupted rollback, if there is any. */
static int finish(struct sw_rollback *rollback, struct sw_error *error)
{
    struct sw_intent intent;
    struct sw_record_facts facts;
    struct sw_error failure;
    int code = sw_records_interrupted(&intent, &facts, rollback->project, rollback->history,
                                      rollback->profile, SW_RECORD_ROLLBACK, &failure);
    if (code == SW_ENOTFOUND)
        return 0;
    if (code == 0 && rollback->input->tags.count == 0)
        rollback->scope.tags = facts.image.tags; /* the tags of the interrupted rollback */
    rollback->scope.root = intent.root;
    if (code == 0)
        code = aim(rollback, &(struct sw_target){intent.record, facts}, &failure);
    if (code == 0 && !rollback->input->force)
        code = sw_restore_check(&rollback->restore, rollback->history, rollback->profile, &failure);
    bool undone = false;
    if (code == 0) {
        rollback->finished = true;
        rollback->how = facts.rollback_how == NULL ? "present" : facts.rollback_how;
        code = carry_out(&undone, rollback, &intent, &failure);
    }
    if (code != 0) {
        *error = failure;
        (void)sw_error_context(code, error, "cannot finish the rollback that was interrupted");
        if (error->hint[0] == '\0')
            (void)sw_error_hint(error, "'slipway rollback %s --to N' goes elsewhere instead",
                                rollback->profile);
    }
    return code;
}

/* Find out the limits of the changes that a record may make here. */
static int find_scope(struct sw_rollback *rollback, struct sw_error *error)
{
    struct sw_project *project = rollback->project;
    struct sw_restore_scope scope = {
        .root = sw_history_root(rollback->history),
        .folder = sw_records_folder(project, rollback->history),
        .image = sw_own_image(project, rollback->history, rollback->profile),
    };
    if (scope.folder == NULL)
        return sw_fail_errno(error, SW_EINPUT, "cannot read the folder");
    int code = sw_expand_tags(&scope.tags, project->arena, &rollback->input->tags, rollback->profile, error);
    if (code == 0)
        rollback->scope = scope;
    return code;
}

int sw_rollback_run(struct sw_rollback *rollback, const struct sw_rollback_input *input,
                    struct sw_error *error)
{
    struct sw_intent intent;
    rollback->input = input;
    int code = find_scope(rollback, error);
    if (code != 0)
        return code;
    note(rollback, SW_EVENT_WARNING,
         sw_records_refused(rollback->project, rollback->history, rollback->profile));
    code = sw_host_engine_open(&rollback->engine, rollback->project, &rollback->sink, error);
    if (code == 0 && !input->dry_run)
        code = sw_publish_finish(rollback->project, rollback->engine.engine, rollback->profile,
                                 &rollback->sink, error);
    if (code == 0 && !input->dry_run)
        code = sw_records_hold(&rollback->held, rollback->project, rollback->history, rollback->profile,
                               &rollback->sink, error);
    if (code != 0)
        return code;
    sw_engine_set_grace(rollback->engine.engine, true);
    if (input->to == NULL && !input->dry_run)
        code = finish(rollback, error);
    sw_engine_set_grace(rollback->engine.engine, false);
    if (code != 0 || rollback->finished)
        return code;
    code = choose_target(rollback, error);
    if (code == 0 && !input->force)
        code = sw_restore_check(&rollback->restore, rollback->history, rollback->profile, error);
    if (code == 0)
        code = get_image(rollback, error);
    if (code != 0 || input->dry_run)
        return code;
    code = intend(&intent, rollback, error);
    bool undone = false;
    sw_engine_set_grace(rollback->engine.engine, true);
    if (code == 0)
        code = carry_out(&undone, rollback, &intent, error);
    sw_engine_set_grace(rollback->engine.engine, false);
    if (undone && sw_history_forget(rollback->history, rollback->profile, NULL) != 0)
        (void)sw_error_hint(error, "'slipway rollback %s' tries again", rollback->profile);
    return code;
}

/* The named profile, else the only one with records. */
static int choose(const char **profile, struct sw_project *project, struct sw_history *history,
                  const struct sw_texts *words, struct sw_error *error)
{
    const char *const *names = NULL;
    size_t count = 0;
    if (words->count == 1) {
        *profile = words->items[0];
        return 0;
    }
    int code = sw_history_profiles(&names, &count, project->arena, history, error);
    if (code == 0 && count == 0) {
        (void)sw_fail(error, SW_EINPUT, "no build is recorded here");
        code = sw_error_hint(error, "'slipway build PROFILE' records one");
    }
    if (code == 0 && count > 1) {
        (void)sw_fail(error, SW_EINPUT, "which profile? %zu have records here", count);
        code = sw_error_hint(error, "name one; 'slipway history' shows them");
    }
    if (code == 0)
        *profile = names[0];
    return code;
}

int sw_rollback_open(struct sw_rollback *rollback, struct sw_project *project, const struct sw_texts *words,
                     struct sw_error *error)
{
    *rollback = (struct sw_rollback){.project = project, .started_ns = sw_clock_now(), .held = -1};
    int code = sw_records_open(&rollback->history, project, error);
    return code == 0 ? choose(&rollback->profile, project, rollback->history, words, error) : code;
}

void sw_rollback_release(struct sw_rollback *rollback)
{
    sw_host_engine_close(&rollback->engine);
    sw_fd_close(&rollback->held);
    sw_history_close(rollback->history);
}

struct sw_node *sw_rollback_json(struct sw_builder *b, const struct sw_rollback *rollback)
{
    struct sw_node *root = sw_build_map(b), *files = sw_build_list(b), *image = sw_build_map(b);
    for (size_t i = 0; i < rollback->restore.files_count; i++) {
        const struct sw_restore_file *file = &rollback->restore.files[i];
        if (!file->exists || !sw_str_equal(file->now, file->then))
            sw_build_append(b, files, sw_build_text(b, file->name));
    }
    sw_build_set(b, image, "id", sw_build_text(b, rollback->image));
    sw_build_set(b, image, "tags", sw_texts_json(b, tags_of(b->arena, &rollback->restore)));
    sw_build_set(b, root, "profile", sw_build_text(b, rollback->profile));
    sw_build_set(b, root, "to", sw_build_int(b, (int64_t)goal(rollback)));
    sw_build_set(b, root, "result", sw_build_text(b, sw_record_result_name(rollback->target.facts.result)));
    sw_build_set(b, root, "how", sw_build_text(b, rollback->how));
    sw_build_set(b, root, "image", image);
    sw_build_set(b, root, "files", files);
    sw_build_set(b, root, "number",
                 rollback->made.number == 0 ? sw_build_null(b)
                                            : sw_build_int(b, (int64_t)rollback->made.number));
    return b->failed ? NULL : root;
}
