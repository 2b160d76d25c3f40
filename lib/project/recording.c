#include "project/recording.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/finding_json.h"
#include "data/json.h"
#include "data/path.h"
#include "dockerfile/instructions.h"
#include "engine/image.h"
#include "engine/reference.h"
#include "history/recipe.h"
#include "project/attempt.h"
#include "project/program_version.h"
#include "project/recorded_context.h"
#include "project/records.h"

#include <limits.h>
#include <stdlib.h>

/* The files of one record, its texts in the project's arena. */
struct files {
    struct sw_arena *arena;
    struct sw_record_file *items;
    size_t count;
    bool failed;
};

static void add_file(struct files *files, const char *path, struct sw_str content, bool executable)
{
    struct sw_record_file *items = sw_arena_grow(files->arena, files->items, files->count, sizeof *items);
    if (items == NULL || path == NULL) {
        files->failed = true;
        return;
    }
    files->items = items;
    files->items[files->count++] = (struct sw_record_file){path, content, executable};
}

static void add_copy(struct files *files, const char *path, const struct sw_buffer *text)
{
    const char *copy = text->state == SW_BUFFER_OK ? sw_arena_copy(files->arena, sw_buffer_str(text)) : NULL;
    files->failed = files->failed || copy == NULL;
    add_file(files, path, (struct sw_str){copy, text->n}, false);
}

static void add_plan(struct files *files, const struct sw_node *plan)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RECORD_JSON);
    sw_json_write(&text, plan, SW_JSON_SHOWN_PRETTY);
    add_copy(files, "plan.json", &text);
}

/* The absolute path of a file: its folder's, so that a link stays the link that the user sees. */
static const char *absolute(struct sw_arena *arena, const char *path)
{
    char folder[PATH_MAX];
    const char *parent = sw_path_dir(arena, path);
    if (parent == NULL || realpath(parent, folder) == NULL)
        return NULL;
    return sw_path_join(arena, folder, sw_path_base(path));
}

/* The path relative to `root` if the file is below it, else the absolute path. */
static const char *below(struct sw_arena *arena, const char *root, const char *path)
{
    const char *whole = absolute(arena, path);
    size_t n = strlen(root);
    return whole != NULL && strncmp(whole, root, n) == 0 && whole[n] == '/' ? whole + n + 1 : whole;
}

/* Add a file of the user's by its place. */
static void add_source(struct files *files, const char *root, const char *place, struct sw_str text)
{
    const char *path = below(files->arena, root, place);
    const char *folder = path != NULL && path[0] == '/' ? "outside" : "profile/";
    add_file(files, path == NULL ? NULL : sw_arena_format(files->arena, "%s%s", folder, path), text, false);
}

static void add_profile(struct files *files, const struct sw_attempt *attempt, const char *root)
{
    const struct sw_profile *profile = &attempt->prepared.profile;
    for (size_t i = 0; i < profile->files_count; i++)
        add_source(files, root, profile->files[i].path, profile->files[i].text);
}

/* Return true if a rollback may bring the user's Dockerfile back: only a file with the name of a Dockerfile is brought back. */
static bool keeps_dockerfile(const struct sw_attempt *attempt)
{
    const char *file = attempt->prepared.profile.dockerfile.file;
    return file != NULL && sw_dockerfile_is_name(sw_str_from(sw_path_base(file)));
}

/* Add the user's Dockerfile as the user wrote it; the file that was built is among the rendered files. */
static void add_dockerfile(struct files *files, const struct sw_attempt *attempt, const char *root)
{
    const struct sw_profile_dockerfile *dockerfile = &attempt->prepared.profile.dockerfile;
    if (keeps_dockerfile(attempt))
        add_source(files, root, dockerfile->file, dockerfile->text);
}

/* Add the lock that the image was built from, so that a rollback brings it back with the profile. */
static void add_lock(struct files *files, const struct sw_attempt *attempt, const char *root)
{
    if (attempt->prepared.lock != NULL)
        add_source(files, root, attempt->prepared.lock_path, attempt->prepared.lock_text);
}

static void add_rendered(struct files *files, const struct sw_attempt *attempt)
{
    for (size_t i = 0; i < attempt->rendering.count; i++) {
        const struct sw_rendered_file *file = &attempt->rendering.files[i];
        add_file(files, sw_arena_format(files->arena, "rendered/%s", file->name), file->text,
                 (file->mode & 0100) != 0);
    }
}

static enum sw_record_result result_of(const struct sw_attempt *attempt, bool ok)
{
    if (attempt->outcome.failed)
        return SW_RECORD_FAILED;
    if (!ok)
        return SW_RECORD_REJECTED;
    return attempt->verified ? SW_RECORD_VERIFIED : SW_RECORD_UNVERIFIED;
}

/* The texts of a list that a record may have. */
static int take_texts(struct sw_texts *out, struct sw_arena *arena, const struct sw_node *list,
                      bool (*fits)(struct sw_str text), struct sw_error *error)
{
    const char **items = sw_arena_array(arena, sw_node_count(list) + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; items != NULL && i < sw_node_count(list) && count < SW_MAX_RECORD_ITEMS; i++) {
        if (fits(sw_node_str(sw_node_item(list, i))))
            items[count++] = sw_node_text(sw_node_item(list, i), "");
    }
    *out = (struct sw_texts){items, count};
    return items == NULL ? sw_fail_memory(error) : 0;
}

int sw_record_image_read(struct sw_record_image *out, struct sw_arena *arena, struct sw_engine *engine,
                         const char *id, struct sw_texts tags, struct sw_error *error)
{
    const struct sw_node *inspected = NULL;
    struct sw_record_image image = {.id = id, .tags = tags, .size = -1};
    if (sw_image_inspect(&inspected, arena, engine, id, NULL) == 0)
        image.size = sw_node_integer_within(sw_node_get(inspected, "Size"), 0, INT64_MAX, -1);
    int code =
        take_texts(&image.digests, arena, sw_node_get(inspected, "RepoDigests"), sw_record_is_digest, error);
    if (code == 0)
        code = take_texts(&image.layers, arena, sw_node_at(inspected, "RootFS.Layers"), sw_is_sha256_digest,
                          error);
    if (code == 0)
        *out = image;
    return code;
}

static const char *time_now(struct sw_arena *arena)
{
    char now[32];
    sw_clock_rfc3339(now, sw_clock_epoch());
    return sw_arena_text(arena, now);
}

int sw_record_facts_again(struct sw_record_facts *out, struct sw_arena *arena, enum sw_record_kind kind,
                          const struct sw_record_facts *facts, int64_t started_ns, struct sw_error *error)
{
    struct sw_record_facts again = *facts;
    again.kind = kind;
    again.time = time_now(arena);
    again.seconds = (double)(sw_clock_now() - started_ns) / (double)SW_SECOND_NS;
    again.slipway = SLIPWAY_VERSION;
    *out = again;
    return again.time == NULL ? sw_fail_memory(error) : 0;
}

int sw_record_facts_write(struct sw_buffer *out, struct sw_arena *arena, const char *profile,
                          const struct sw_record_facts *facts, struct sw_error *error)
{
    const struct sw_record record_to_be = {.profile = profile};
    struct sw_record_facts again;
    struct sw_builder b = {.arena = arena};
    const struct sw_node *record = sw_record_facts_json(&b, facts);
    if (b.failed)
        return sw_fail_memory(error);
    sw_json_write(out, record, SW_JSON_SHOWN_PRETTY);
    int code = sw_buffer_check(out, "the record", error);
    return code == 0 ? sw_record_facts_parse(&again, arena, &record_to_be, sw_buffer_str(out), error) : code;
}

static const char *line_or_null(const char *text)
{
    return text != NULL && sw_record_is_line(sw_str_from(text)) ? text : NULL;
}

struct sw_record_engine sw_record_engine_of(const struct sw_engine *from)
{
    const struct sw_engine_info *info = sw_engine_info(from);
    return (struct sw_record_engine){
        .product = line_or_null(info->product),
        .version = line_or_null(info->version),
        .api = line_or_null(info->api_version),
        .os = line_or_null(info->os),
        .architecture = line_or_null(info->architecture),
    };
}

static struct sw_texts files_of(struct sw_arena *arena, const struct sw_attempt *attempt, const char *root)
{
    const struct sw_profile *profile = &attempt->prepared.profile;
    const char **names = sw_arena_array(arena, profile->files_count + 3, sizeof *names);
    size_t count = 0;
    for (; names != NULL && count < profile->files_count; count++)
        names[count] = below(arena, root, profile->files[count].path);
    if (names != NULL && attempt->prepared.lock != NULL)
        names[count++] = below(arena, root, attempt->prepared.lock_path);
    if (names != NULL && keeps_dockerfile(attempt))
        names[count++] = below(arena, root, profile->dockerfile.file);
    return (struct sw_texts){names, count};
}

/* The names of those given with --build-arg. */
static struct sw_texts arguments_of(struct sw_arena *arena, const struct sw_attempt *attempt)
{
    const struct sw_texts *given = &attempt->choices->arguments;
    const char **names = sw_arena_array(arena, given->count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; names != NULL && i < given->count && count < SW_MAX_RECORD_ITEMS; i++) {
        const struct sw_str name = {given->items[i], strcspn(given->items[i], "=")};
        const char *copy = sw_record_is_line(name) ? sw_arena_copy(arena, name) : NULL;
        if (copy != NULL)
            names[count++] = copy;
    }
    return (struct sw_texts){names, count};
}

static const struct sw_node *findings_of(struct sw_builder *b, const struct sw_attempt *attempt)
{
    struct sw_node *findings = sw_build_list(b);
    for (size_t i = 0; i < attempt->findings.count && i < SW_MAX_RECORD_FINDINGS; i++)
        sw_build_append(b, findings, sw_finding_json(b, attempt->findings.items[i]));
    return findings;
}

/* The digest of the archive that the base image was made from, or NULL. */
static const char *archive_of(struct sw_arena *arena, const struct sw_attempt *attempt)
{
    const struct sw_node *base = attempt->prepared.plan.parts.base.node, *inspected = NULL;
    const char *reference = sw_node_text(sw_node_get(base, "reference"), "");
    if (sw_node_text(sw_node_get(base, "bootstrap"), NULL) == NULL ||
        sw_image_inspect(&inspected, arena, attempt->engine.engine, reference, NULL) != 0)
        return NULL;
    const struct sw_node *label = sw_node_get(sw_node_at(inspected, "Config.Labels"), SW_BASE_ARCHIVE_LABEL);
    return sw_is_sha256_digest(sw_node_str(label)) ? sw_node_text(label, NULL) : NULL;
}

static int gather(struct sw_record_facts *out, struct sw_builder *b, const struct sw_attempt *attempt,
                  const char *root, bool ok, struct sw_error *error)
{
    struct sw_record_facts facts = {
        .kind = SW_RECORD_BUILD,
        .result = result_of(attempt, ok),
        .time = time_now(b->arena),
        .seconds = (double)(sw_clock_now() - attempt->started_ns) / (double)SW_SECOND_NS,
        .slipway = SLIPWAY_VERSION,
        .files = files_of(b->arena, attempt, root),
        .plan = attempt->prepared.plan.digest,
        .archive = archive_of(b->arena, attempt),
        .arguments = arguments_of(b->arena, attempt),
        .platform = attempt->choices->platform,
        .engine = sw_record_engine_of(attempt->engine.engine),
        .passed = (int64_t)attempt->verification.passed,
        .failed = (int64_t)attempt->verification.failed,
        .findings = findings_of(b, attempt),
        .overrides = attempt->prepared.plan.parts.overrides,
    };
    int code = attempt->outcome.failed
                   ? 0
                   : sw_record_image_read(&facts.image, b->arena, attempt->engine.engine,
                                          attempt->outcome.image_id, sw_attempt_tags(attempt), error);
    if (code == 0 && (facts.time == NULL || facts.files.count == 0 || b->failed))
        code = sw_fail_memory(error);
    if (code == 0)
        *out = facts;
    return code;
}

void sw_record_installed(struct sw_buffer *lines, const struct sw_verification *verification)
{
    const struct sw_node *list = sw_node_get(verification->answer, "freeze");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        size_t before = lines->n;
        sw_buffer_addf(lines, "%s==%s", sw_node_text(sw_node_get(sw_node_item(list, i), "name"), ""),
                       sw_node_text(sw_node_get(sw_node_item(list, i), "version"), ""));
        if (sw_recipe_is_release(sw_str_drop(sw_buffer_str(lines), before)))
            sw_buffer_add_char(lines, '\n');
        else
            sw_buffer_truncate(lines, before); /* a text of the image that is no release */
    }
}

static void add_installed(struct files *files, const struct sw_attempt *attempt)
{
    if (attempt->verification.answer == NULL)
        return;
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MAX_PROCESS_OUTPUT);
    sw_record_installed(&lines, &attempt->verification);
    const char *copy =
        lines.state == SW_BUFFER_OK ? sw_arena_copy(files->arena, sw_buffer_str(&lines)) : NULL;
    add_file(files, copy == NULL ? NULL : "installed.txt", (struct sw_str){copy, lines.n}, false);
}

const char *sw_record_message(struct sw_arena *arena, const char *plan, const char *image)
{
    return sw_arena_format(arena, "plan %s\nimage %s\n", plan, image);
}

int sw_record_draft_make(struct sw_record_draft *out, const struct sw_attempt *attempt, bool ok,
                         struct sw_history *history, struct sw_error *error)
{
    struct sw_arena *arena = attempt->project->arena;
    struct files files = {.arena = arena};
    struct sw_builder b = {.arena = arena};
    const char *root = sw_history_root(history);
    struct sw_record_facts facts;
    SW_BUFFER_AUTO text;
    SW_BUFFER_AUTO context;
    sw_buffer_init(&text, SW_MAX_RECORD_JSON);
    sw_buffer_init(&context, 2 * SW_MAX_RECORD_CONTEXT);
    int code = gather(&facts, &b, attempt, root, ok, error);
    if (code == 0)
        code = sw_recorded_context(&context, &facts.left_out, attempt, error);
    if (code == 0)
        code = sw_record_facts_write(&text, arena, attempt->prepared.profile.name, &facts, error);
    if (code != 0)
        return code;
    add_copy(&files, "record.json", &text);
    add_plan(&files, attempt->prepared.plan.root);
    add_installed(&files, attempt);
    add_profile(&files, attempt, root);
    add_lock(&files, attempt, root);
    add_dockerfile(&files, attempt, root);
    add_rendered(&files, attempt);
    if (context.n > 0)
        add_copy(&files, "context.tar", &context);
    const char *message = sw_record_message(arena, attempt->prepared.plan.digest,
                                            attempt->outcome.failed ? "none" : attempt->outcome.image_id);
    if (files.failed || b.failed || message == NULL)
        return sw_fail_memory(error);
    *out = (struct sw_record_draft){.profile = attempt->prepared.profile.name,
                                    .summary = sw_record_result_name(facts.result),
                                    .text = message,
                                    .files = files.items,
                                    .files_count = files.count};
    return 0;
}

static int append_failure(const struct sw_attempt *attempt, struct sw_error *error)
{
    SW_HISTORY_AUTO *history = NULL;
    struct sw_record_draft draft;
    struct sw_record record;
    int code = sw_records_open(&history, attempt->project, error);
    if (code == 0)
        code = sw_record_draft_make(&draft, attempt, false, history, error);
    return code == 0 ? sw_history_append(&record, attempt->project->arena, history, &draft, error) : code;
}

void sw_record_failure(struct sw_attempt *attempt)
{
    struct sw_error error;
    if (attempt->choices->no_record || append_failure(attempt, &error) == 0)
        return;
    const char *text = sw_arena_format(attempt->project->arena, "this build is not recorded: %s%s%s",
                                       error.text, error.hint[0] == '\0' ? "" : "; ", error.hint);
    sw_emit(&attempt->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(text)});
}
