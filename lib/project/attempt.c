#include "project/attempt.h"

#include "base/limits.h"
#include "build/exporters.h"
#include "data/path.h"
#include "project/expand.h"

void sw_attempt_release(struct sw_attempt *attempt)
{
    sw_diagnosis_free(attempt->diagnosis);
    sw_rules_free(attempt->rules);
    sw_host_engine_close(&attempt->engine);
    sw_context_free(attempt->context);
    sw_credentials_free(attempt->credentials);
    sw_network_release(&attempt->network);
    sw_rendering_release(&attempt->rendering);
    sw_build_outcome_release(&attempt->outcome);
    sw_verification_release(&attempt->verification);
    sw_findings_release(&attempt->findings);
    sw_compiled_release(&attempt->compiled);
    sw_prepared_release(&attempt->prepared);
}

/* ---- the readers of its events ---- */

static void to_all(void *self, const struct sw_event *event)
{
    struct sw_attempt *attempt = self;
    const struct sw_plan *plan = &attempt->prepared.plan;
    struct sw_event told = *event;
    /* Lines are those of the file that the user wrote. */
    if (sw_plan_is_wrapped(plan))
        told.dockerfile_line =
            attempt->is_own_step ? 0 : sw_render_dockerfile_line(plan, event->dockerfile_line);
    for (size_t i = 0; i < SW_COUNT(attempt->sinks); i++)
        sw_emit(&attempt->sinks[i], told);
}

static int open_sinks(struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_attempt_view *view = attempt->view;
    const char *overrides = attempt->project->overrides;
    int code = 0;
    /* Faults of the project's own rules are told before anything is built. */
    if (sw_rules_are_own(overrides))
        code = sw_rules_load(&attempt->rules, overrides, error);
    if (code == 0 && view->open != NULL)
        code = view->open(view->self, &attempt->sinks[0], attempt, error);
    if (code != 0)
        return code;
    attempt->diagnosis = sw_diagnosis_new(attempt->rules);
    if (attempt->diagnosis == NULL)
        return sw_fail_memory(error);
    attempt->sinks[1] = sw_diagnosis_sink(attempt->diagnosis);
    sw_compiled_init(&attempt->compiled, attempt->project, &attempt->prepared.plan);
    attempt->sinks[2] = sw_compiled_sink(&attempt->compiled);
    attempt->sink = (struct sw_sink){to_all, attempt};
    return 0;
}

void sw_attempt_close(struct sw_attempt *attempt)
{
    attempt->sinks[0] = (struct sw_sink){0};
    if (attempt->view->close != NULL)
        attempt->view->close(attempt->view->self);
}

/* ---- before the build ---- */

/* The arguments of the profile's `dockerfile` and then those of the command line come after the host's own, so that they win. */
static int add_arguments(struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_texts *given = &attempt->choices->arguments;
    const struct sw_node *own = attempt->prepared.plan.parts.dockerfile.arguments;
    struct sw_arena *arena = attempt->project->arena;
    size_t count = 0;
    while (attempt->network.arguments[count].name != NULL)
        count++;
    struct sw_pair *all = sw_arena_array(arena, count + sw_node_count(own) + given->count + 1, sizeof *all);
    if (all == NULL)
        return sw_fail_memory(error);
    memcpy(all, attempt->network.arguments, count * sizeof *all);
    for (size_t i = 0; i < sw_node_count(own); i++)
        all[count++] = (struct sw_pair){sw_node_text(sw_node_get(sw_node_item(own, i), "name"), ""),
                                        sw_node_text(sw_node_get(sw_node_item(own, i), "value"), "")};
    for (size_t i = 0; i < given->count; i++) {
        const char *equals = strchr(given->items[i], '=');
        if (equals == NULL || equals == given->items[i])
            return sw_fail(error, SW_EINPUT, "--build-arg '%s' is not NAME=VALUE", given->items[i]);
        size_t length = (size_t)(equals - given->items[i]);
        const char *name = sw_arena_copy(arena, (struct sw_str){given->items[i], length});
        if (name == NULL)
            return sw_fail_memory(error);
        all[count++] = (struct sw_pair){name, equals + 1};
    }
    attempt->arguments = all;
    return 0;
}

/* Return true for the arguments that engines know without a declaration. */
static bool is_predefined(struct sw_str name)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (name.n == strlen(names[i]) && strncasecmp(name.p, names[i], name.n) == 0)
            return true;
    }
    return sw_str_starts(name, "BUILDKIT_") || sw_str_is(name, "SOURCE_DATE_EPOCH");
}

/* Return true if the Dockerfile has "ARG NAME", also with a default. */
static bool is_declared(struct sw_str dockerfile, struct sw_str name)
{
    while (dockerfile.p != NULL) {
        struct sw_str line = sw_str_trim(sw_str_cut(&dockerfile, '\n'));
        struct sw_str rest = sw_str_drop(line, sw_str_starts(line, "ARG ") ? strlen("ARG ") : line.n);
        if (sw_str_equal(sw_str_trim(sw_str_cut(&rest, '=')), name))
            return true;
    }
    return false;
}

/* Warn of arguments of the command line that the Dockerfile does not declare. */
static void tell_arguments(const struct sw_attempt *attempt)
{
    const struct sw_texts *given = &attempt->choices->arguments;
    struct sw_str dockerfile = sw_rendering_text(&attempt->rendering, "Dockerfile");
    for (size_t i = 0; i < given->count; i++) {
        struct sw_str rest = sw_str_from(given->items[i]), name = sw_str_cut(&rest, '=');
        if (is_predefined(name) || is_declared(dockerfile, name))
            continue;
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_MAX_MESSAGE);
        sw_buffer_addf(&text,
                       "--build-arg %.*s has no effect: the profile has no such name under 'arguments'",
                       SW_STR_FORMAT(name));
        sw_emit(&attempt->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_buffer_str(&text)});
    }
}

/* The programs for images are of one architecture: this program's own. */
static int check_program(const struct sw_attempt *attempt, const char *key, const char *name,
                         struct sw_error *error)
{
    const char *platform = attempt->choices->platform;
    const char *wanted = sw_engine_info(attempt->engine.engine)->architecture;
    const char *slash = platform == NULL ? NULL : strchr(platform, '/');
    if (slash != NULL)
        wanted = slash + 1;
    const struct sw_node *asked = sw_node_get(attempt->prepared.profile.root, key);
    size_t length = strcspn(wanted, "/");
    if (sw_node_type(sw_node_get(attempt->prepared.plan.root, key)) != SW_NODE_MAP || wanted[0] == '\0' ||
        (length == strlen(SW_GUARD_ARCHITECTURE) && strncmp(wanted, SW_GUARD_ARCHITECTURE, length) == 0))
        return 0;
    (void)sw_fail_at(error, SW_EINPUT, sw_node_file(asked), sw_node_line(asked), sw_node_column(asked),
                     "this slipway has a %s for linux/" SW_GUARD_ARCHITECTURE
                     " only, and the image is for linux/%.*s",
                     name, (int)length, wanted);
    return sw_error_hint(error, "build it with a slipway of that architecture, or without %s", key);
}

/* Return true if the layers are to be compressed with zstd, and warn if the engine cannot keep them so. */
static bool wants_zstd(const struct sw_attempt *attempt)
{
    const struct sw_engine_info *info = sw_engine_info(attempt->engine.engine);
    const struct sw_node *asked = attempt->prepared.plan.parts.image.compression;
    if (strcmp(sw_node_text(asked, ""), "zstd") != 0)
        return false;
    if (sw_engine_keeps_compression(info))
        return true;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    sw_buffer_addf(
        &text,
        "the layers are not compressed with zstd: %s %s compresses with gzip when it pushes, unless it "
        "keeps its images in containerd (\"features\": {\"containerd-snapshotter\": true} in the "
        "engine's daemon.json, Docker 24 or newer)",
        info->product, info->version);
    sw_emit(&attempt->sink, (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_buffer_str(&text)});
    return false;
}

static int run_build(struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_attempt_choices *choices = attempt->choices;
    attempt->zstd = wants_zstd(attempt);
    struct sw_build_request request = {
        .offer = attempt->offer,
        .dockerfile = sw_context_dockerfile(attempt->context),
        .target = sw_node_text(attempt->prepared.plan.parts.dockerfile.target, NULL),
        .dockerfile_text = sw_rendering_text(&attempt->rendering, "Dockerfile"),
        .tags = attempt->tags,
        .arguments = attempt->arguments,
        .platform = choices->platform,
        .no_cache = choices->no_cache,
        .zstd = attempt->zstd,
        .cache_from = attempt->parts.cache_from,
        .cache_to = attempt->parts.cache_to,
        .outputs = attempt->parts.outputs,
        .attestations = attempt->parts.attestations,
    };
    int code = sw_engine_build_check(attempt->engine.engine, &request, error);
    if (code == 0)
        code = sw_attempt_base(attempt, error);
    if (code == 0)
        code = sw_attempt_wheels(attempt, &request, error);
    return code == 0 && !attempt->outcome.failed
               ? sw_engine_build(&attempt->outcome, attempt->engine.engine, &request, &attempt->sink, error)
               : code;
}

/* ---- after the build ---- */

/* Explain the failure by findings at their places in the profile. A text of the engine about the build as a
 * whole has no step, and no reader has seen it, so that the readers get it here. */
static int explain(struct sw_attempt *attempt, struct sw_error *error)
{
    if (attempt->outcome.failure == SW_BUILD_LOST)
        return sw_fail(error, SW_EENV, "%s", attempt->outcome.failure_text);
    if (attempt->outcome.step[0] == '\0')
        sw_emit(&attempt->sink, (struct sw_event){.kind = SW_EVENT_LOG,
                                                  .step = SW_STR("engine"),
                                                  .text = sw_str_from(attempt->outcome.failure_text),
                                                  .stream = SW_STDERR});
    size_t from = attempt->findings.count;
    int code = sw_diagnosis_finish(attempt->diagnosis, attempt->prepared.profile.root, SW_OUTCOME_FAILED,
                                   &attempt->findings, error);
    sw_wrapped_name_findings(&attempt->prepared.profile, &attempt->findings, from);
    sw_wrapped_drop_fixes(&attempt->prepared.profile, &attempt->findings, from);
    return code;
}

bool sw_attempt_has_image(const struct sw_attempt *attempt)
{
    return attempt->outcome.image_id != NULL && attempt->outcome.image_id[0] != '\0';
}

static int verify(struct sw_attempt *attempt, struct sw_error *error)
{
    if (attempt->choices->no_verify)
        return 0;
    if (!sw_attempt_has_image(attempt)) {
        (void)sw_findings_add(
            &attempt->findings, "SW403", SW_NOTE,
            "not tried: the image went where --output says and not to the engine, so nothing "
            "was run in it");
        return 0;
    }
    const struct sw_verify_request request = {.image = attempt->outcome.image_id,
                                              .profile = &attempt->prepared.profile,
                                              .plan = &attempt->prepared.plan,
                                              .project = attempt->project->overrides,
                                              .timeout_ns = attempt->choices->verify_timeout_ns,
                                              .gpus = attempt->choices->gpus};
    int code = sw_verify_image(&attempt->verification, attempt->engine.engine, &request, &attempt->findings,
                               &attempt->sink, error);
    /* An image without Python has been tried by nobody. */
    bool answered = attempt->verification.answer != NULL || !sw_plan_is_wrapped(&attempt->prepared.plan);
    attempt->verified = code == 0 && attempt->verification.failed == 0 && answered;
    return code;
}

struct sw_texts sw_attempt_tags(const struct sw_attempt *attempt)
{
    size_t count = 0;
    while (attempt->tags != NULL && attempt->tags[count] != NULL)
        count++;
    return (struct sw_texts){attempt->tags, count};
}

/* ---- the parts of an attempt ---- */

/* Set the names of the image: those of -t or of --output, else the plan's tags. */
static int name_image(struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_texts *given =
        attempt->choices->tags.count > 0 ? &attempt->choices->tags : &attempt->parts.names;
    const struct sw_node *planned = attempt->prepared.plan.parts.image.tags;
    struct sw_texts names = {0};
    if (attempt->unnamed)
        return 0;
    if (given->count > 0) {
        int code =
            sw_expand_tags(&names, attempt->project->arena, given, attempt->prepared.profile.name, error);
        attempt->tags = names.items;
        return code;
    }
    const char **tags = sw_arena_array(attempt->project->arena, sw_node_count(planned) + 1, sizeof *tags);
    for (size_t i = 0; tags != NULL && i < sw_node_count(planned); i++)
        tags[i] = sw_node_text(sw_node_item(planned, i), "");
    attempt->tags = tags;
    return tags == NULL ? sw_fail_memory(error) : 0;
}

int sw_attempt_open(struct sw_attempt *attempt, struct sw_error *error)
{
    const struct sw_attempt_view *view = attempt->view;
    int code = attempt->choices->dry_run ? 0 : sw_attempt_offer(attempt, error);
    if (view->begin != NULL)
        view->begin(view->self, attempt);
    if (code == 0)
        code = sw_network_read(&attempt->network, attempt->project, error);
    if (code == 0)
        code = add_arguments(attempt, error);
    if (code == 0)
        code = sw_parts_read(&attempt->parts, attempt->project, &attempt->choices->parts,
                             attempt->prepared.profile.name, error);
    if (code == 0)
        code = name_image(attempt, error);
    return code != 0 ? code : open_sinks(attempt, error);
}

int sw_attempt_engine(struct sw_attempt *attempt, struct sw_error *error)
{
    sw_prepared_tell_overrides(&attempt->prepared, &attempt->sink);
    tell_arguments(attempt);
    int code = sw_attempt_offer_context(attempt, error);
    return code == 0 ? sw_host_engine_open(&attempt->engine, attempt->project, &attempt->sink, error) : code;
}

int sw_attempt_make(struct sw_attempt *attempt, struct sw_error *error)
{
    int code = check_program(attempt, "guard", "guard", error);
    if (code == 0)
        code = check_program(attempt, "trim", "trimmer", error);
    if (code == 0)
        code = sw_attempt_check_dockerfile(attempt, error);
    if (code == 0)
        code = sw_parts_find_caches(&attempt->parts, attempt->project, &attempt->sink, error);
    if (code == 0)
        code = run_build(attempt, error);
    size_t errors = sw_findings_count(&attempt->findings, SW_ERROR);
    if (code == 0)
        code = sw_attempt_layer(attempt, error);
    if (code == 0 && attempt->outcome.failed)
        code = explain(attempt, error);
    else if (code == 0 && sw_findings_count(&attempt->findings, SW_ERROR) == errors)
        code = verify(attempt, error);
    return code;
}
