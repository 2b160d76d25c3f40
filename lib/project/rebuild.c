#include "project/rebuild.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"
#include "history/recipe.h"
#include "project/attempt.h"
#include "project/recording.h"

#include <inttypes.h>
#include <stdlib.h>

/* A record as a build takes it; `folder` is removed at the end. */
struct recorded {
    struct sw_project *project;
    const struct sw_attempt_choices *choices;
    const struct sw_attempt_view *view;
    const struct sw_record *record;
    const struct sw_record_facts *facts;
    struct sw_recipe recipe;
    const char *folder;
};

/* "id=ID" among the parts of a --secret. */
static bool names_secret(const char *option, const char *id)
{
    struct sw_str rest = sw_str_from(option);
    while (rest.p != NULL) {
        struct sw_str value = sw_str_cut(&rest, ','), key = sw_str_cut(&value, '=');
        if (sw_str_is(key, "id") && value.p != NULL && sw_str_is(value, id))
            return true;
    }
    return false;
}

/* Refuse if the build asks for a secret or an agent that the caller does not give. */
static int check_given(const struct recorded *recorded, struct sw_error *error)
{
    const struct sw_grants *grants = &recorded->project->grants;
    const struct sw_texts *secrets = &recorded->recipe.secrets;
    for (size_t i = 0; i < secrets->count; i++) {
        bool given = false;
        for (size_t k = 0; k < grants->secrets.count && !given; k++)
            given = names_secret(grants->secrets.items[k], secrets->items[i]);
        if (given)
            continue;
        (void)sw_fail(error, SW_EINPUT, "building %s@%" PRIu64 " again takes the secret '%.200s'",
                      recorded->record->profile, recorded->record->number, secrets->items[i]);
        return sw_error_hint(error, "if you trust that record: --secret id=%.100s,src=FILE",
                             secrets->items[i]);
    }
    if (!recorded->recipe.ssh || grants->agents.count > 0)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "building %s@%" PRIu64 " again takes an SSH agent",
                  recorded->record->profile, recorded->record->number);
    return sw_error_hint(error, "if you trust that record: --ssh default");
}

/* Make a plan that has only the base image that the engine must have before the build, and the values that
 * the probe is asked about after it. */
static int make_plan(struct sw_plan *plan, const struct recorded *recorded, struct sw_error *error)
{
    static const char *const proven[] = {"name",         "python",      "accelerators", "torch",
                                         "requirements", "constraints", "installs",     "assertions",
                                         "dockerfile",   "description", "guard"};
    sw_arena_init(&plan->arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &plan->arena};
    struct sw_node *root = sw_build_map(&b), *base = sw_build_map(&b), *image = sw_build_map(&b);
    sw_build_set(&b, base, "reference", sw_build_text(&b, recorded->recipe.base));
    sw_build_set(&b, base, "bootstrap", sw_build_text(&b, recorded->recipe.bootstrap));
    sw_build_set(&b, root, "base", base);
    sw_build_set(
        &b, image, "compression",
        sw_build_text(&b, sw_node_text(sw_node_at(recorded->recipe.plan, "image.compression"), NULL)));
    sw_build_set(&b, root, "image", image);
    for (size_t i = 0; i < SW_COUNT(proven); i++) {
        const struct sw_node *value = sw_node_get(recorded->recipe.plan, proven[i]);
        if (value != NULL)
            sw_build_set(&b, root, proven[i], value);
    }
    (void)snprintf(plan->digest, sizeof plan->digest, "%s", recorded->facts->plan);
    sw_plan_set_root(plan, root);
    return b.failed ? sw_fail_memory(error) : 0;
}

/* Add the releases that were installed then to the constraints of then: newer releases that an index offers
 * by now are not taken. */
static int constrain(struct sw_str *text, const struct recorded *recorded, struct sw_error *error)
{
    const char *all = sw_arena_format(recorded->project->arena, "%.*s%.*s", SW_STR_FORMAT(*text),
                                      SW_STR_FORMAT(recorded->recipe.installed));
    if (all == NULL)
        return sw_fail_memory(error);
    *text = sw_str_from(all);
    return 0;
}

static int load_rendering(struct sw_attempt *attempt, const struct recorded *recorded, bool pinned,
                          struct sw_error *error)
{
    struct sw_rendering *rendering = &attempt->rendering;
    const struct sw_recipe *recipe = &recorded->recipe;
    sw_arena_init(&rendering->arena, SW_MAX_ARENA);
    rendering->files = sw_arena_array(&rendering->arena, recipe->files_count + 1, sizeof *rendering->files);
    int code = rendering->files == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < recipe->files_count; i++) {
        struct sw_rendered_file *file = &rendering->files[rendering->count++];
        file->name = recipe->files[i].name;
        file->mode = recipe->files[i].executable ? 0755 : 0644;
        file->text = recipe->files[i].text;
        if (pinned && strcmp(file->name, "constraints.txt") == 0)
            code = constrain(&file->text, recorded, error);
    }
    return code;
}

/* The user's files of then, below the folder; `*copies` is how many folders of them there are to copy: one or none. */
static int unpack(size_t *copies, const struct recorded *recorded, const char *root, struct sw_error *error)
{
    const struct sw_recipe *recipe = &recorded->recipe;
    if (!recipe->copies)
        return sw_dir_make(root, 0700, error);
    if (recipe->context.p == NULL)
        return sw_fail(error, SW_ENO,
                       "the record does not keep the files that the image copies: they were too many");
    if (recorded->facts->left_out.ignored) {
        const struct sw_texts *paths = &recorded->facts->left_out.paths;
        (void)sw_fail(error, SW_ENO,
                      "the record does not keep %lld files that the image copies and git ignores: '%s'",
                      (long long)recorded->facts->left_out.count, paths->count == 0 ? "?" : paths->items[0]);
        return sw_error_hint(error, "'slipway build %s' builds with the files that are here now",
                             recorded->record->profile);
    }
    *copies = 1;
    return sw_context_unpack(recipe->context, root, error);
}

static int scan_context(struct sw_attempt *attempt, const struct recorded *recorded, struct sw_error *error)
{
    struct sw_arena *arena = recorded->project->arena;
    struct sw_context_options *options = sw_arena_alloc(arena, sizeof *options);
    struct sw_context_copy *copy = sw_arena_alloc(arena, sizeof *copy);
    const char *root = sw_path_join(arena, recorded->folder, "context");
    size_t copies = 0;
    if (options == NULL || copy == NULL || root == NULL)
        return sw_fail_memory(error);
    int code = unpack(&copies, recorded, root, error);
    *options = (struct sw_context_options){
        .root = root, .sink = &attempt->sink, .cancel = recorded->project->cancel};
    if (code == 0 && sw_plan_is_wrapped(&attempt->prepared.plan)) {
        code = sw_wrapped_context(options, arena, &attempt->prepared.plan, &attempt->rendering, error);
        return code == 0 ? sw_context_scan(&attempt->context, options, error) : code;
    }
    struct sw_context_file *files =
        sw_rendering_files(arena, &attempt->rendering, sw_buffer_str(&attempt->network.certificates));
    if (code != 0 || files == NULL)
        return code != 0 ? code : sw_fail_memory(error);
    copy->from = ".";
    options->copies = copy;
    options->copies_count = copies;
    options->files = files;
    options->files_count = attempt->rendering.count;
    return sw_context_scan(&attempt->context, options, error);
}

static int make(struct sw_attempt *attempt, const struct recorded *recorded, bool pinned,
                struct sw_error *error)
{
    /* The profile has only a name: the profile in the record is not read. */
    attempt->prepared.profile.name = recorded->record->profile;
    int code = make_plan(&attempt->prepared.plan, recorded, error);
    if (code == 0)
        code = load_rendering(attempt, recorded, pinned, error);
    if (code == 0)
        code = sw_attempt_open(attempt, error);
    if (code == 0)
        code = scan_context(attempt, recorded, error);
    if (code == 0)
        code = sw_attempt_engine(attempt, error);
    return code == 0 ? sw_attempt_make(attempt, error) : code;
}

/* Set `*same` to true if the image holds exactly the releases that the record's image held, or if the record
 * does not name them. */
static int compare(bool *same, const struct sw_attempt *attempt, const struct recorded *recorded,
                   struct sw_error *error)
{
    SW_BUFFER_AUTO lines;
    sw_buffer_init(&lines, SW_MAX_PROCESS_OUTPUT);
    sw_record_installed(&lines, &attempt->verification);
    int code = sw_buffer_check(&lines, "the list of what is installed", error);
    if (code == 0)
        *same = recorded->recipe.installed.p == NULL ||
                sw_str_equal(sw_buffer_str(&lines), recorded->recipe.installed);
    return code;
}

/* Build the record's image once. `*image` stays NULL if other releases got into it. */
static int try(const char **image, struct sw_findings *findings, const struct recorded *recorded, bool pinned,
               struct sw_error *error)
{
    struct sw_attempt attempt = {.project = recorded->project,
                                 .choices = recorded->choices,
                                 .view = recorded->view,
                                 .started_ns = sw_clock_now(),
                                 .unnamed = true};
    bool same = false;
    sw_findings_init(&attempt.findings);
    int code = make(&attempt, recorded, pinned, error);
    if (code == 0)
        code = compare(&same, &attempt, recorded, error);
    bool refused = sw_findings_code(&attempt.findings) != SW_OK;
    sw_attempt_close(&attempt);
    if (code == 0 && refused) {
        struct sw_findings theirs = *findings;
        *findings = attempt.findings;
        attempt.findings = theirs;
        code = sw_fail(error, SW_ENO, "the image of %s@%" PRIu64 " cannot be built again: %s",
                       recorded->record->profile, recorded->record->number, findings->items[0]->message);
    }
    if (code == 0 && same) {
        *image = sw_arena_text(recorded->project->arena, attempt.outcome.image_id);
        code = *image == NULL ? sw_fail_memory(error) : 0;
    }
    sw_attempt_release(&attempt);
    return code;
}

int sw_rebuild(const char **image, struct sw_findings *findings, const struct sw_rebuild_input *input,
               struct sw_error *error)
{
    struct sw_project *project = input->project;
    struct recorded recorded = {.project = project,
                                .choices = input->choices,
                                .view = input->view,
                                .record = input->record,
                                .facts = input->facts};
    const char *made = NULL;
    struct sw_temporary temporary = SW_TEMPORARY_NONE;
    int code = sw_recipe_read(&recorded.recipe, project->arena, input->history, input->record, error);
    if (code == 0)
        code = check_given(&recorded, error);
    if (code == 0)
        code = sw_project_temporary(&temporary, &recorded.folder, project, error);
    if (code == 0)
        code = sw_permissions_add_path(&project->permissions, recorded.folder,
                                       SW_ACCESS_READ | SW_ACCESS_WRITE, error);
    for (int pinned = 0; code == 0 && made == NULL && pinned < 2; pinned++)
        code = try(&made, findings, &recorded, pinned == 1, error);
    sw_temporary_drop(&temporary);
    if (code == 0 && made == NULL)
        code = sw_fail(error, SW_ENO, "what can be installed today is not what %s@%" PRIu64 " held",
                       input->record->profile, input->record->number);
    if (code == 0)
        *image = made;
    return code;
}
