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
#include "commands.h"

#include "history.h"
#include "output/format.h"
#include "output/say.h"
#include "rebuild.h"
#include "record.h"
#include "restore.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"
#include "data/path.h"
#include "engine/image.h"

#include <inttypes.h>

struct rollback {
    struct session *session;
    struct sw_history *history;
    struct progress *progress;
    struct sw_sink sink;
    struct engine engine;
    const char *profile;
    struct sw_record target;
    const struct sw_node *said; /* of the target */
    struct restore restore;
    const char *image; /* id */
    const char *how;
    struct sw_record made;
    bool finished; /* an interrupted one, rather than did one */
    int64_t started_ns;
};

static const char *image_of(const struct sw_node *said)
{
    return sw_node_text(sw_node_at(said, "image.id"), NULL);
}

static bool is_verified(const struct sw_node *said)
{
    return image_of(said) != NULL && strcmp(sw_node_text(sw_node_get(said, "result"), ""), "verified") == 0;
}

static int describe(const struct sw_node **said, struct rollback *rollback, const struct sw_record *record,
                    struct sw_error *error)
{
    return sw_history_read_json(said, &rollback->session->arena, rollback->history, record, "record.json",
                                error);
}

/* Take this record for the target: what it says, and what is to be restored. */
static int aim(struct rollback *rollback, const struct sw_record *record, const struct sw_node *said,
               const char *root, struct sw_error *error)
{
    struct restore restore = {0};
    int code =
        restore_read(&restore, &rollback->session->arena, rollback->history, record, said, root, error);
    if (code == 0)
        code = restore_look(&restore, &rollback->session->arena, rollback->engine.engine, error);
    if (code != 0)
        return code;
    rollback->target = *record;
    rollback->said = said;
    rollback->restore = restore;
    rollback->image = image_of(said);
    return 0;
}

static int fail_nowhere(struct sw_error *error, const struct sw_record *from)
{
    (void)sw_fail(error, SW_ENO, "no verified build of '%s' before %s@%" PRIu64, from->profile, from->profile,
                  from->number);
    return sw_error_hint(error, "'slipway history %s' shows all builds; --to N goes to any that has an image",
                         from->profile);
}

/* The record of the build that a record is of. */
static int find_build(struct sw_record *record, struct rollback *rollback, const struct sw_node *said,
                      struct sw_error *error)
{
    uint64_t number = (uint64_t)record_number_of(said, record);
    if (number == record->number)
        return 0;
    return sw_history_find(record, &rollback->session->arena, rollback->history, rollback->profile, number,
                           error);
}

/* The newest verified record before `from`, which says `said`, with another image. What a rollback left behind is passed over. */
static int aim_before(struct rollback *rollback, const struct sw_record *from, const struct sw_node *said,
                      struct sw_error *error)
{
    struct sw_record record = *from;
    const char *not_this = image_of(said);
    for (;;) {
        int code = find_build(&record, rollback, said, error);
        if (code == 0)
            code = sw_history_before(&record, rollback->history, &record, error);
        if (code == SW_ENOTFOUND)
            return fail_nowhere(error, from);
        if (code == 0)
            code = describe(&said, rollback, &record, error);
        if (code != 0)
            return code;
        if (is_verified(said) && (not_this == NULL || strcmp(image_of(said), not_this) != 0))
            return aim(rollback, &record, said, sw_history_root(rollback->history), error);
    }
}

/* The newest record is the way back where it is verified and not what is here: something was built over it, or the profile changed,
 * without a record. Else the way is the one before it. */
static int aim_back(struct rollback *rollback, struct sw_error *error)
{
    struct sw_record newest;
    const struct sw_node *said = NULL;
    int code =
        sw_history_find(&newest, &rollback->session->arena, rollback->history, rollback->profile, 0, error);
    if (code == 0)
        code = describe(&said, rollback, &newest, error);
    if (code == 0 && is_verified(said)) {
        code = aim(rollback, &newest, said, sw_history_root(rollback->history), error);
        if (code != 0 || !restore_is_done(&rollback->restore, rollback->image))
            return code;
    }
    return code != 0 ? code : aim_before(rollback, &newest, said, error);
}

static int aim_at(struct rollback *rollback, const char *number, struct sw_error *error)
{
    struct sw_record record;
    const struct sw_node *said = NULL;
    uint64_t to = 0;
    if (!sw_str_to_u64(sw_str_from(number), &to) || to == 0) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is no build's number", number);
        return sw_error_hint(error, "'slipway history %s' shows them", rollback->profile);
    }
    int code =
        sw_history_find(&record, &rollback->session->arena, rollback->history, rollback->profile, to, error);
    if (code == 0)
        code = describe(&said, rollback, &record, error);
    if (code == 0 && image_of(said) == NULL)
        code = sw_fail(error, SW_ENO, "%s@%" PRIu64 " has no image: that build failed", record.profile,
                       record.number);
    return code != 0 ? code : aim(rollback, &record, said, sw_history_root(rollback->history), error);
}

static void note(const struct rollback *rollback, enum sw_event_kind kind, const char *text)
{
    sw_emit(&rollback->sink, (struct sw_event){.kind = kind, .text = sw_str_from(text)});
}

/* One attempt; what keeps it from being had is a warning, unless the user interrupted. */
static int pull_one(bool *pulled, struct rollback *rollback, const char *digest,
                    const struct sw_credentials *credentials, struct sw_error *error)
{
    struct sw_arena *arena = &rollback->session->arena;
    struct sw_engine *engine = rollback->engine.engine;
    const char *platform = sw_node_text(sw_node_get(rollback->said, "platform"), NULL);
    const struct sw_node *image = NULL;
    struct sw_error failure;
    int code = sw_image_pull(engine, digest, platform, credentials, &rollback->sink, &failure);
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

/* From a registry, by digest: whoever serves it, it is that image. What Podman calls localhost/NAME is in no registry. */
static int pull(bool *pulled, struct rollback *rollback, const struct sw_node *digests,
                struct sw_error *error)
{
    struct sw_credentials *credentials = NULL;
    int code = engine_logins(&credentials, rollback->session, error);
    for (size_t i = 0; code == 0 && i < sw_node_count(digests) && !*pulled; i++) {
        const char *digest = sw_node_text(sw_node_item(digests, i), "");
        if (strncmp(digest, "localhost/", strlen("localhost/")) != 0)
            code = pull_one(pulled, rollback, digest, credentials, error);
    }
    sw_credentials_free(credentials);
    return code;
}

/* The image, wherever it is to be had: `how` says where. With --dry-run only what would be done. */
static int get_image(struct rollback *rollback, struct sw_error *error)
{
    const struct options *options = &rollback->session->options;
    const struct sw_node *digests = NULL;
    bool found = false;
    int code = sw_image_exists(&found, rollback->engine.engine, rollback->image, error);
    if (code != 0)
        return code;
    rollback->how = "present";
    if (found)
        return 0;
    code = history_digests(&digests, &rollback->session->arena, rollback->history, rollback->profile,
                           rollback->said, error);
    if (code != 0)
        return code;
    rollback->how = sw_node_count(digests) > 0 && !options->offline ? "pulled" : "rebuilt";
    if (options->dry_run)
        return 0;
    if (!options->offline)
        code = pull(&found, rollback, digests, error);
    if (code != 0 || found)
        return code;
    rollback->how = "rebuilt";
    progress_free(rollback->progress); /* the build has a display of its own */
    rollback->progress = NULL;
    rollback->sink = (struct sw_sink){0};
    return rebuild(&rollback->image, rollback->session, rollback->history, &rollback->target, rollback->said,
                   error);
}

/* The number of the build that a rollback to the target is to. */
static int64_t goal(const struct rollback *rollback)
{
    return record_number_of(rollback->said, &rollback->target);
}

/* What the target's record says, as that of a rollback. */
static const struct sw_node *record_json(struct sw_builder *b, const struct rollback *rollback)
{
    const struct sw_node *said = rollback->said;
    struct sw_node *record = record_again(b, "rollback", said, rollback->started_ns),
                   *where = sw_build_map(b);
    sw_build_set(b, where, "to", sw_build_int(b, goal(rollback)));
    sw_build_set(b, where, "how", sw_build_text(b, rollback->how));
    sw_build_set(b, record, "image",
                 record_image(b, rollback->engine.engine, rollback->image, sw_node_at(said, "image.tags")));
    sw_build_set(b, record, "engine", record_engine(b, rollback->engine.engine));
    sw_build_set(b, record, "rollback", where);
    return record;
}

static int intend(struct sw_intent *intent, struct rollback *rollback, struct sw_error *error)
{
    struct sw_builder b = {.arena = &rollback->session->arena};
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    const struct sw_node *record = record_json(&b, rollback);
    if (b.failed)
        return sw_fail_memory(error);
    sw_json_write(&text, record, SW_JSON_SHOWN_PRETTY);
    int code = sw_buffer_check(&text, "the record", error);
    const struct sw_record_file file = {.path = "record.json", .content = sw_buffer_str(&text)};
    const struct sw_record_draft draft = {
        .profile = rollback->profile, .base = &rollback->target, .files = &file, .files_count = 1};
    return code != 0 ? code
                     : sw_history_intend(intent, &rollback->session->arena, rollback->history, &draft, error);
}

/* Steps 3 to 6. */
static int carry_out(bool *undone, struct rollback *rollback, const struct sw_intent *intent,
                     struct sw_error *error)
{
    struct sw_arena *arena = &rollback->session->arena;
    const char *summary =
        sw_arena_format(arena, "rollback to %s@%" PRId64, rollback->profile, goal(rollback));
    const char *text = sw_arena_format(
        arena, "plan %s\nimage %s\n", sw_node_text(sw_node_get(rollback->said, "plan"), ""), rollback->image);
    if (summary == NULL || text == NULL)
        return sw_fail_memory(error);
    int code = restore_apply(undone, &rollback->restore, rollback->engine.engine, rollback->image, error);
    if (code == 0)
        code = sw_history_settle(&rollback->made, arena, rollback->history, intent, summary, text, error);
    if (code != 0 && !*undone) {
        (void)sw_error_context(error, "the rollback is half done");
        (void)sw_error_hint(error, "once that is mended, 'slipway rollback %s' finishes it",
                            rollback->profile);
    }
    return code;
}

/* An interrupted rollback, if there is one, done to its end. */
static int finish(struct rollback *rollback, struct sw_error *error)
{
    struct sw_intent intent;
    const struct sw_node *said = NULL;
    struct sw_error failure;
    int code = sw_history_intended(&intent, &rollback->session->arena, rollback->history, rollback->profile,
                                   &failure);
    if (code == SW_ENOTFOUND)
        return 0;
    if (code == 0)
        code = describe(&said, rollback, &intent.record, &failure);
    if (code == 0)
        code = aim(rollback, &intent.record, said, intent.root, &failure);
    if (code == 0 && !rollback->session->options.force)
        code = restore_check(&rollback->restore, rollback->history, rollback->profile, &failure);
    bool undone = false;
    if (code == 0) {
        rollback->finished = true;
        rollback->how = sw_node_text(sw_node_at(said, "rollback.how"), "present");
        code = carry_out(&undone, rollback, &intent, &failure);
    }
    if (code != 0) {
        *error = failure;
        (void)sw_error_context(error, "cannot finish the rollback that was interrupted");
        if (error->hint[0] == '\0')
            (void)sw_error_hint(error, "'slipway rollback %s --to N' goes elsewhere instead",
                                rollback->profile);
    }
    return code;
}

static int run(struct rollback *rollback, struct sw_error *error)
{
    const struct options *options = &rollback->session->options;
    struct sw_intent intent;
    int code = session_progress(&rollback->progress, rollback->session, error);
    if (code != 0)
        return code;
    rollback->sink = progress_sink(rollback->progress);
    code = engine_open(&rollback->engine, rollback->session, &rollback->sink, error);
    if (code == 0 && options->to == NULL && !options->dry_run)
        code = finish(rollback, error);
    if (code != 0 || rollback->finished)
        return code;
    code = options->to == NULL ? aim_back(rollback, error) : aim_at(rollback, options->to, error);
    if (code == 0 && !options->force)
        code = restore_check(&rollback->restore, rollback->history, rollback->profile, error);
    if (code == 0)
        code = get_image(rollback, error);
    if (code != 0 || options->dry_run)
        return code;
    code = intend(&intent, rollback, error);
    bool undone = false;
    if (code == 0)
        code = carry_out(&undone, rollback, &intent, error);
    if (undone && sw_history_forget(rollback->history, rollback->profile, NULL) != 0)
        (void)sw_error_hint(error, "'slipway rollback %s' tries again", rollback->profile);
    return code;
}

static struct sw_node *result_json(struct sw_builder *b, const struct rollback *rollback)
{
    struct sw_node *root = sw_build_map(b), *files = sw_build_list(b), *image = sw_build_map(b);
    for (size_t i = 0; i < rollback->restore.files_count; i++) {
        const struct restore_file *file = &rollback->restore.files[i];
        if (!file->exists || !sw_str_equal(file->now, file->then))
            sw_build_append(b, files, sw_build_text(b, file->name));
    }
    sw_build_set(b, image, "id", sw_build_text(b, rollback->image));
    sw_build_set(b, image, "tags", sw_node_at(rollback->said, "image.tags"));
    sw_build_set(b, root, "profile", sw_build_text(b, rollback->profile));
    sw_build_set(b, root, "to", sw_build_int(b, goal(rollback)));
    sw_build_set(b, root, "result", sw_node_get(rollback->said, "result"));
    sw_build_set(b, root, "how", sw_build_text(b, rollback->how));
    sw_build_set(b, root, "image", image);
    sw_build_set(b, root, "files", files);
    sw_build_set(b, root, "number",
                 rollback->made.number == 0 ? sw_build_null(b)
                                            : sw_build_int(b, (int64_t)rollback->made.number));
    return b->failed ? NULL : root;
}

static void print(struct session *session, const struct sw_node *result)
{
    const char *profile = sw_node_text(sw_node_get(result, "profile"), ""),
               *how = sw_node_text(sw_node_get(result, "how"), "");
    const struct sw_node *tags = sw_node_at(result, "image.tags"), *files = sw_node_get(result, "files");
    bool dry = session->options.dry_run;
    say(session->out, "%s%s@%s (%s), its image %s%s: %s\n", dry ? "would go back to " : "back to ", profile,
        sw_node_text(sw_node_get(result, "to"), ""), sw_node_text(sw_node_get(result, "result"), ""),
        strcmp(how, "present") == 0 ? "is here" : how, dry && strcmp(how, "present") != 0 ? " then" : "",
        sw_node_text(sw_node_at(result, "image.id"), ""));
    for (size_t i = 0; i < sw_node_count(tags); i++)
        say(session->out, "  %s\n", sw_node_text(sw_node_item(tags, i), ""));
    for (size_t i = 0; i < sw_node_count(files); i++)
        say(session->out, "  %s\n", sw_node_text(sw_node_item(files, i), ""));
    if (!dry)
        say(session->out, "recorded as %s@%s\n", profile, sw_node_text(sw_node_get(result, "number"), ""));
}

/* The named profile, else the only one with records. */
static int choose(const char **profile, struct session *session, struct sw_history *history,
                  struct sw_error *error)
{
    const struct text_list *given = &session->options.arguments;
    const char *const *names = NULL;
    size_t count = 0;
    if (given->count == 1) {
        *profile = given->items[0];
        return 0;
    }
    int code = sw_history_profiles(&names, &count, &session->arena, history, error);
    if (code == 0 && count == 0)
        code = sw_fail(error, SW_EINPUT, "no build is recorded here");
    if (code == 0 && count > 1) {
        (void)sw_fail(error, SW_EINPUT, "which profile? %zu have records here", count);
        code = sw_error_hint(error, "name one; 'slipway history' shows them");
    }
    if (code == 0)
        *profile = names[0];
    return code;
}

enum status command_rollback(struct session *session)
{
    struct rollback rollback = {.session = session, .started_ns = sw_clock_now()};
    struct sw_builder b = {.arena = &session->arena};
    struct sw_error error = {0};
    int code = history_open(&rollback.history, session, &error);
    if (code == 0)
        code = choose(&rollback.profile, session, rollback.history, &error);
    if (code == 0)
        code = run(&rollback, &error);
    progress_free(rollback.progress);
    engine_close(&rollback.engine);
    sw_history_close(rollback.history);
    if (code != 0)
        return session_fail(session, &error);
    const struct sw_node *result = result_json(&b, &rollback);
    if (session->format == FORMAT_JSON || result == NULL)
        return format_node(session, result, false);
    print(session, result);
    return STATUS_DONE;
}
