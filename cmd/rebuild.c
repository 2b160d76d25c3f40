#include "rebuild.h"

#include "build.h"
#include "output/format.h"
#include "output/github.h"
#include "permissions.h"
#include "record.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"

#include <inttypes.h>
#include <stdlib.h>

/* A record as a build takes it; `folder` is removed at the end. */
struct recorded {
    struct session *session;
    struct sw_history *history;
    const struct sw_record *record;
    const struct sw_node *said;
    char folder[64];
    const char *installed; /* lines of record_installed(); NULL where the record does not tell */
};

/* A file of the record in the session's arena; `*out` stays where there is none and none is `needed`. */
static int read_text(struct sw_str *out, const struct recorded *recorded, const char *path, bool needed,
                     struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 2 * SW_MAX_RECORD_CONTEXT);
    struct sw_error failure;
    int code = sw_history_read(&text, recorded->history, recorded->record, path, &failure);
    if (code == SW_ENOTFOUND && !needed)
        return 0;
    if (code != 0) {
        *error = failure;
        return code;
    }
    *out = (struct sw_str){sw_arena_copy(&recorded->session->arena, sw_buffer_str(&text)), text.n};
    return out->p == NULL ? sw_fail_memory(error) : 0;
}

/* The profile from a copy of its files: findings have their place in it, and nothing else is taken from it. */
static int load_profile(struct build *build, const struct recorded *recorded, struct sw_error *error)
{
    struct sw_arena *arena = &recorded->session->arena;
    const struct sw_node *names = sw_node_get(recorded->said, "files");
    const char *first = NULL;
    int code = 0;
    for (size_t i = 0; code == 0 && i < sw_node_count(names); i++) {
        const char *name = sw_node_text(sw_node_item(names, i), "");
        const char *kept = sw_arena_format(arena, name[0] == '/' ? "outside%s" : "profile/%s", name);
        const char *path = kept == NULL ? NULL : sw_path_join(arena, recorded->folder, kept);
        const char *folder = path == NULL ? NULL : sw_path_dir(arena, path);
        struct sw_str text = {0};
        first = first == NULL ? path : first;
        code = folder == NULL ? sw_fail_memory(error) : read_text(&text, recorded, kept, true, error);
        if (code == 0)
            code = sw_dir_make(folder, 0700, error);
        if (code == 0)
            code = sw_file_write(path, text, 0600, error);
    }
    if (code == 0 && first == NULL)
        code = sw_fail(error, SW_EINPUT, "the record has no profile");
    const struct sw_profile_source source = permissions_source(recorded->session);
    return code != 0 ? code
                     : sw_profile_load(&build->prepared.profile, first, &source, &build->findings, error);
}

static int load_plan(struct build *build, const struct recorded *recorded, struct sw_error *error)
{
    struct sw_plan *plan = &build->prepared.plan;
    sw_arena_init(&plan->arena, SW_MAX_ARENA);
    (void)snprintf(plan->digest, sizeof plan->digest, "%s",
                   sw_node_text(sw_node_get(recorded->said, "plan"), ""));
    return sw_history_read_json(&plan->root, &plan->arena, recorded->history, recorded->record, "plan.json",
                                error);
}

/* The constraints of then, and what came of them: where an index offers newer releases by now they are not taken. */
static int constrain(struct sw_str *text, const struct recorded *recorded, struct sw_error *error)
{
    const char *all =
        sw_arena_format(&recorded->session->arena, "%.*s%s", SW_STR_FORMAT(*text), recorded->installed);
    if (all == NULL)
        return sw_fail_memory(error);
    *text = sw_str_from(all);
    return 0;
}

static int load_rendering(struct build *build, const struct recorded *recorded, bool pinned,
                          struct sw_error *error)
{
    struct sw_rendering *rendering = &build->rendering;
    const struct sw_record_entry *entries = NULL;
    size_t count = 0;
    sw_arena_init(&rendering->arena, SW_MAX_ARENA);
    int code = sw_history_list(&entries, &count, &rendering->arena, recorded->history, recorded->record,
                               "rendered", error);
    rendering->files = sw_arena_array(&rendering->arena, count + 1, sizeof *rendering->files);
    if (code == 0 && rendering->files == NULL)
        code = sw_fail_memory(error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        struct sw_rendered_file *file = &rendering->files[rendering->count++];
        const char *path = sw_arena_format(&rendering->arena, "rendered/%s", entries[i].name);
        file->name = entries[i].name;
        file->mode = entries[i].executable ? 0755 : 0644;
        code = path == NULL ? sw_fail_memory(error) : read_text(&file->text, recorded, path, true, error);
        if (code == 0 && pinned && strcmp(entries[i].name, "constraints.txt") == 0)
            code = constrain(&file->text, recorded, error);
    }
    return code;
}

/* The user's files of then, below the folder; `*copies` is how many folders of them there are to copy: one or none. */
static int unpack(size_t *copies, const struct build *build, const struct recorded *recorded,
                  const char *root, struct sw_error *error)
{
    const struct sw_node *planned = sw_node_get(build->prepared.plan.root, "copies");
    struct sw_str tar = {0};
    if (sw_node_count(planned) == 0)
        return sw_dir_make(root, 0700, error);
    int code = read_text(&tar, recorded, "context.tar", false, error);
    if (code == 0 && tar.p == NULL)
        code = sw_fail(error, SW_ENO,
                       "the record does not keep the files that the image copies: they were too many");
    *copies = 1;
    return code != 0 ? code : sw_context_unpack(tar, root, error);
}

static int scan_context(struct build *build, const struct recorded *recorded, struct sw_error *error)
{
    struct sw_arena *arena = &recorded->session->arena;
    struct sw_context_options *options = sw_arena_alloc(arena, sizeof *options);
    struct sw_context_copy *copy = sw_arena_alloc(arena, sizeof *copy);
    const char *root = sw_path_join(arena, recorded->folder, "context");
    size_t copies = 0;
    if (options == NULL || copy == NULL || root == NULL)
        return sw_fail_memory(error);
    int code = unpack(&copies, build, recorded, root, error);
    struct sw_context_file *files =
        prepare_files(arena, &build->rendering, sw_buffer_str(&build->network.certificates));
    if (code != 0 || files == NULL)
        return code != 0 ? code : sw_fail_memory(error);
    copy->from = ".";
    *options = (struct sw_context_options){.root = root,
                                           .copies = copy,
                                           .copies_count = copies,
                                           .files = files,
                                           .files_count = build->rendering.count,
                                           .sink = &build->sink,
                                           .cancel = &recorded->session->cancel};
    return sw_context_scan(&build->context, options, error);
}

static int make(struct build *build, const struct recorded *recorded, bool pinned, struct sw_error *error)
{
    int code = load_profile(build, recorded, error);
    if (code == 0)
        code = load_plan(build, recorded, error);
    if (code == 0)
        code = load_rendering(build, recorded, pinned, error);
    if (code == 0)
        code = build_open(build, error);
    if (code == 0)
        code = scan_context(build, recorded, error);
    return code != 0 ? code : build_run(build, error);
}

/* Whether the image holds what the record's did, to the release; where the record does not tell, whatever it holds. */
static int compare(bool *same, const struct build *build, const struct recorded *recorded,
                   struct sw_error *error)
{
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MAX_PROCESS_OUTPUT);
    record_installed(&lines, &build->verification);
    int code = sw_buffer_check(&lines, "the list of what is installed", error);
    if (code == 0)
        *same = recorded->installed == NULL || sw_str_is(sw_buffer_str(&lines), recorded->installed);
    return code;
}

/* One build of it. `*image` stays NULL where other releases got into it. */
static int try(const char **image, const struct recorded *recorded, bool pinned, struct sw_error *error)
{
    struct build build = {.session = recorded->session, .started_ns = sw_clock_now(), .unnamed = true};
    bool same = false;
    sw_findings_init(&build.findings);
    int code = make(&build, recorded, pinned, error);
    if (code == 0)
        code = compare(&same, &build, recorded, error);
    bool refused = findings_status(&build.findings) != STATUS_DONE;
    progress_free(build.progress); /* before anything is printed */
    build.progress = NULL;
    github_end(&build);
    if (code == 0 && refused) {
        format_aside(recorded->session, &build.findings);
        code = sw_fail(error, SW_ENO, "the image of %s@%" PRIu64 " cannot be built again: %s",
                       recorded->record->profile, recorded->record->number, build.findings.items[0]->message);
    }
    if (code == 0 && same) {
        *image = sw_arena_text(&recorded->session->arena, build.outcome.image_id);
        code = *image == NULL ? sw_fail_memory(error) : 0;
    }
    build_release(&build);
    return code;
}

int rebuild(const char **image, struct session *session, struct sw_history *history,
            const struct sw_record *record, const struct sw_node *said, struct sw_error *error)
{
    struct recorded recorded = {.session = session,
                                .history = history,
                                .record = record,
                                .said = said,
                                .folder = "/tmp/slipway-rebuild-XXXXXX"};
    struct sw_str installed = {0};
    const char *made = NULL;
    if (mkdtemp(recorded.folder) == NULL)
        return sw_fail_errno(error, SW_EENV, "cannot make a folder in '/tmp'");
    int code = sw_permissions_add_path(&session->permissions, recorded.folder,
                                       SW_ACCESS_READ | SW_ACCESS_WRITE, error);
    if (code == 0)
        code = read_text(&installed, &recorded, "installed.txt", false, error);
    recorded.installed = installed.p;
    for (int pinned = 0; code == 0 && made == NULL && pinned < 2; pinned++)
        code = try(&made, &recorded, pinned == 1, error);
    (void)!sw_dir_remove(recorded.folder, NULL); /* the image is what counts */
    if (code == 0 && made == NULL)
        code = sw_fail(error, SW_ENO, "what can be installed today is not what %s@%" PRIu64 " held",
                       record->profile, record->number);
    if (code == 0)
        *image = made;
    return code;
}
