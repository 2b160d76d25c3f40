#include "record.h"

#include "history.h"
#include "output/format.h"
#include "program_version.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/path.h"
#include "engine/image.h"

#include <limits.h>
#include <stdlib.h>

/* The files of one record, its texts in the session's arena. */
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

static void add_json(struct files *files, const char *path, const struct sw_node *node)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    sw_json_write(&text, node, SW_JSON_SHOWN_PRETTY);
    const char *copy = text.state == SW_BUFFER_OK ? sw_arena_copy(files->arena, sw_buffer_str(&text)) : NULL;
    files->failed = files->failed || copy == NULL;
    add_file(files, path, (struct sw_str){copy, text.n}, false);
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

/* Relative to the top where the file is below it, else absolute. */
static const char *below(struct sw_arena *arena, const char *root, const char *path)
{
    const char *whole = absolute(arena, path);
    size_t n = strlen(root);
    return whole != NULL && strncmp(whole, root, n) == 0 && whole[n] == '/' ? whole + n + 1 : whole;
}

static void add_profile(struct files *files, const struct build *build, const char *root)
{
    const struct sw_profile *profile = &build->prepared.profile;
    for (size_t i = 0; i < profile->files_count; i++) {
        const char *path = below(files->arena, root, profile->files[i].path);
        const char *folder = path != NULL && path[0] == '/' ? "outside" : "profile/";
        add_file(files, path == NULL ? NULL : sw_arena_format(files->arena, "%s%s", folder, path),
                 profile->files[i].text, false);
    }
}

static void add_rendered(struct files *files, const struct build *build)
{
    for (size_t i = 0; i < build->rendering.count; i++) {
        const struct sw_rendered_file *file = &build->rendering.files[i];
        add_file(files, sw_arena_format(files->arena, "rendered/%s", file->name), file->text,
                 (file->mode & 0100) != 0);
    }
}

static const char *result_of(const struct build *build, bool ok)
{
    if (build->outcome.failed)
        return "failed";
    if (!ok)
        return "rejected";
    return build->verified ? "verified" : "unverified";
}

struct sw_node *record_image(struct sw_builder *b, struct sw_engine *engine, const char *id,
                             const struct sw_node *tags)
{
    const struct sw_node *inspected = NULL;
    struct sw_node *image = sw_build_map(b);
    sw_build_set(b, image, "id", sw_build_text(b, id));
    sw_build_set(b, image, "tags", tags);
    if (sw_image_inspect(&inspected, b->arena, engine, id, NULL) != 0)
        return image;
    static const struct {
        const char *key, *path;
    } copied[] = {{"digests", "RepoDigests"}, {"size", "Size"}, {"layers", "RootFS.Layers"}};
    for (size_t i = 0; i < SW_COUNT(copied); i++) {
        const struct sw_node *value = sw_node_at(inspected, copied[i].path);
        sw_build_set(b, image, copied[i].key, value == NULL ? sw_build_null(b) : value);
    }
    return image;
}

int64_t record_number_of(const struct sw_node *said, const struct sw_record *record)
{
    int64_t number = sw_node_integer(sw_node_at(said, "rollback.to"), 0);
    if (number <= 0)
        number = sw_node_integer(sw_node_at(said, "push.of"), 0);
    bool before = record->number == 0 || (uint64_t)number < record->number; /* 0: of a record to be */
    return number > 0 && before ? number : (int64_t)record->number;
}

struct sw_node *record_again(struct sw_builder *b, const char *kind, const struct sw_node *said,
                             int64_t started_ns)
{
    struct sw_node *record = sw_build_map(b);
    char now[32];
    sw_clock_rfc3339(now, sw_clock_epoch());
    for (size_t i = 0; i < sw_node_member_count(said); i++) {
        const struct sw_member *member = sw_node_member_at(said, i);
        if (!sw_str_is(member->key, "rollback") && !sw_str_is(member->key, "push"))
            sw_build_set(b, record, member->key.p, member->value);
    }
    sw_build_set(b, record, "kind", sw_build_text(b, kind));
    sw_build_set(b, record, "time", sw_build_text(b, now));
    sw_build_set(b, record, "seconds",
                 sw_build_real(b, (double)(sw_clock_now() - started_ns) / (double)SW_SECOND_NS));
    sw_build_set(b, record, "slipway", sw_build_text(b, SLIPWAY_VERSION));
    return record;
}

void record_add_digest(struct sw_builder *b, struct sw_node *digests, const struct sw_node *digest)
{
    for (size_t i = 0; i < sw_node_count(digests); i++)
        if (sw_node_equal(sw_node_item(digests, i), digest))
            return;
    sw_build_append(b, digests, sw_build_copy(b, digest));
}

struct sw_node *record_tags(struct sw_builder *b, const struct build *build)
{
    struct sw_node *tags = sw_build_list(b);
    for (const char *const *tag = build->tags; tag != NULL && *tag != NULL; tag++)
        sw_build_append(b, tags, sw_build_text(b, *tag));
    return tags;
}

static struct sw_node *files_json(struct sw_builder *b, const struct build *build, const char *root)
{
    struct sw_node *names = sw_build_list(b);
    for (size_t i = 0; i < build->prepared.profile.files_count; i++)
        sw_build_append(b, names,
                        sw_build_text(b, below(b->arena, root, build->prepared.profile.files[i].path)));
    return names;
}

static struct sw_node *arguments_json(struct sw_builder *b, const struct build *build)
{
    struct sw_node *names = sw_build_list(b);
    const struct text_list *given = &build->session->options.build_args;
    for (size_t i = 0; i < given->count; i++)
        sw_build_append(b, names,
                        sw_build_str(b, (struct sw_str){given->items[i], strcspn(given->items[i], "=")}));
    return names;
}

struct sw_node *record_engine(struct sw_builder *b, const struct sw_engine *from)
{
    const struct sw_engine_info *info = sw_engine_info(from);
    struct sw_node *engine = sw_build_map(b);
    sw_build_set(b, engine, "product", sw_build_text(b, info->product));
    sw_build_set(b, engine, "version", sw_build_text(b, info->version));
    sw_build_set(b, engine, "api", sw_build_text(b, info->api_version));
    sw_build_set(b, engine, "os", sw_build_text(b, info->os));
    sw_build_set(b, engine, "architecture", sw_build_text(b, info->architecture));
    return engine;
}

static struct sw_node *record_json(struct sw_builder *b, const struct build *build, const char *root, bool ok)
{
    struct sw_node *record = sw_build_map(b), *assertions = sw_build_map(b), *findings = sw_build_list(b);
    char now[32];
    sw_clock_rfc3339(now, sw_clock_epoch());
    for (size_t i = 0; i < build->findings.count; i++)
        sw_build_append(b, findings, format_finding_json(b, build->findings.items[i]));
    sw_build_set(b, assertions, "passed", sw_build_int(b, (int64_t)build->verification.passed));
    sw_build_set(b, assertions, "failed", sw_build_int(b, (int64_t)build->verification.failed));
    sw_build_set(b, record, "kind", sw_build_text(b, "build"));
    sw_build_set(b, record, "result", sw_build_text(b, result_of(build, ok)));
    sw_build_set(b, record, "time", sw_build_text(b, now));
    sw_build_set(b, record, "seconds",
                 sw_build_real(b, (double)(sw_clock_now() - build->started_ns) / (double)SW_SECOND_NS));
    sw_build_set(b, record, "slipway", sw_build_text(b, SLIPWAY_VERSION));
    sw_build_set(b, record, "files", files_json(b, build, root));
    sw_build_set(b, record, "plan", sw_build_text(b, build->prepared.plan.digest));
    sw_build_set(b, record, "image",
                 build->outcome.failed
                     ? sw_build_null(b)
                     : record_image(b, build->engine.engine, build->outcome.image_id, record_tags(b, build)));
    sw_build_set(b, record, "arguments", arguments_json(b, build));
    sw_build_set(b, record, "platform", sw_build_text(b, build->session->options.platform));
    sw_build_set(b, record, "engine", record_engine(b, build->engine.engine));
    sw_build_set(b, record, "assertions", assertions);
    sw_build_set(b, record, "findings", findings);
    return record;
}

void record_installed(struct sw_buffer *lines, const struct sw_verification *verification)
{
    const struct sw_node *list = sw_node_get(verification->answer, "freeze");
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_buffer_addf(lines, "%s==%s\n", sw_node_text(sw_node_get(sw_node_item(list, i), "name"), ""),
                       sw_node_text(sw_node_get(sw_node_item(list, i), "version"), ""));
}

static void add_installed(struct files *files, const struct build *build)
{
    if (build->verification.answer == NULL)
        return;
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MAX_PROCESS_OUTPUT);
    record_installed(&lines, &build->verification);
    const char *copy =
        lines.state == SW_BUFFER_OK ? sw_arena_copy(files->arena, sw_buffer_str(&lines)) : NULL;
    add_file(files, copy == NULL ? NULL : "installed.txt", (struct sw_str){copy, lines.n}, false);
}

/* What the user's files were, where there are any and not too many; nothing where they have changed since. */
static void add_context(struct files *files, const struct build *build)
{
    const struct sw_node *copies = sw_node_get(build->prepared.plan.root, "copies");
    if (sw_node_count(copies) == 0 || sw_context_totals(build->context)->bytes > SW_MAX_RECORD_CONTEXT)
        return;
    SW_BUFFER_AUTO tar;
    sw_buffer_init(&tar, 2 * SW_MAX_RECORD_CONTEXT);
    char chunk[1 << 16];
    size_t got = 1;
    sw_context_rewind(build->context);
    while (got > 0 && tar.state == SW_BUFFER_OK) {
        if (sw_context_read(build->context, chunk, sizeof chunk, &got, NULL) != 0)
            return;
        sw_buffer_add(&tar, chunk, got);
    }
    const char *copy = sw_arena_copy(files->arena, sw_buffer_str(&tar));
    if (tar.state == SW_BUFFER_OK && copy != NULL)
        add_file(files, "context.tar", (struct sw_str){copy, tar.n}, false);
}

static int append(const struct build *build, bool ok, struct sw_error *error)
{
    struct sw_arena *arena = &build->session->arena;
    SW_HISTORY_AUTO *history = NULL;
    int code = history_open(&history, build->session, error);
    if (code != 0)
        return code;
    struct files files = {.arena = arena};
    struct sw_builder b = {.arena = arena};
    const char *root = sw_history_root(history);
    add_json(&files, "record.json", record_json(&b, build, root, ok));
    add_json(&files, "plan.json", build->prepared.plan.root);
    add_installed(&files, build);
    add_profile(&files, build, root);
    add_rendered(&files, build);
    add_context(&files, build);
    if (files.failed || b.failed)
        return sw_fail_memory(error);
    const struct sw_record_draft draft = {
        .profile = build->prepared.profile.name,
        .summary = result_of(build, ok),
        .text = sw_arena_format(arena, "plan %s\nimage %s\n", build->prepared.plan.digest,
                                build->outcome.failed ? "none" : build->outcome.image_id),
        .files = files.items,
        .files_count = files.count,
    };
    struct sw_record record;
    return draft.text == NULL ? sw_fail_memory(error)
                              : sw_history_append(&record, arena, history, &draft, error);
}

void record_build(struct build *build, bool ok)
{
    struct sw_error error;
    if (append(build, ok, &error) == 0)
        return;
    const char *text = sw_arena_format(&build->session->arena, "this build is not recorded: %s%s%s",
                                       error.text, error.hint[0] == '\0' ? "" : "; ", error.hint);
    sw_emit(&build->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(text)});
}
