#include "drafting.h"

#include "chosen_gpus.h"
#include "output/format.h"
#include "output/say.h"

#include "base/limits.h"
#include "project/web.h"

/* The number of passed-over builds that the text shows; JSON has all of them. */
enum { SHOWN = 12 };

int drafting_apply(struct sw_draft *draft, const struct options *options, const struct sw_texts *gpus,
                   struct sw_error *error)
{
    int code = 0;
    if (options->python != NULL)
        code = sw_draft_python(draft, options->python, error);
    if (code == 0 && options->driver != NULL)
        code = sw_draft_driver(draft, options->driver, error);
    for (size_t i = 0; code == 0 && i < gpus->count; i++)
        code = sw_draft_gpu(draft, gpus->items[i], error);
    for (size_t i = 0; code == 0 && i < options->build_args.count; i++)
        code = sw_draft_argument(draft, options->build_args.items[i], error);
    if (options->stage != NULL)
        sw_draft_target(draft, options->stage);
    if (options->context != NULL)
        sw_draft_context(draft, options->context);
    for (size_t i = 0; i < options->extras.count; i++)
        sw_draft_extra(draft, options->extras.items[i]);
    for (size_t i = 0; i < options->groups.count; i++)
        sw_draft_group(draft, options->groups.items[i]);
    return code;
}

int drafting_open(struct drafting *drafting, struct session *session, const char *name,
                  struct sw_error *error)
{
    const struct options *options = &session->options;
    *drafting = (struct drafting){.session = session};
    sw_buffer_init(&drafting->text, SW_MAX_RENDERED_SIZE);
    int code = sw_catalog_load(&drafting->catalog, session->project.overrides, error);
    if (code == 0)
        code = chosen_gpus(&drafting->gpus, session, &drafting->catalog, &options->gpu_names, error);
    drafting->name = name == NULL && drafting->gpus.count > 0 ? drafting->gpus.items[0] : name;
    drafting->draft = code == 0 ? sw_draft_new(drafting->name, &drafting->catalog, &session->cancel) : NULL;
    if (code == 0 && drafting->draft == NULL)
        code = sw_fail_memory(error);
    if (code == 0)
        code = drafting_apply(drafting->draft, options, &drafting->gpus, error);
    for (size_t i = 0; code == 0 && i < options->with.count; i++)
        code = sw_draft_require(drafting->draft, options->with.items[i], error);
    return code;
}

int drafting_finish(struct drafting *drafting, const char *by, const char *path, const char *context,
                    struct sw_error *error)
{
    struct session *session = drafting->session;
    struct sw_error problem;
    const struct sw_draft_form form = {by, path, context, NULL, session->project.overrides};
    struct sw_check_input input = {
        .catalog = &drafting->catalog, .cancel = &session->cancel, .offline = session->options.offline};
    /* If torch is the only requirement, the catalog knows everything about it, and no index is needed. */
    if (sw_draft_is_open(drafting->draft) && sw_draft_requires(drafting->draft) &&
        sw_project_index(&input.index, &session->project, &problem) != 0)
        input.no_index = problem.text;
    return sw_suggest(&drafting->suggestion, &drafting->text, drafting->draft, &input, &form, error);
}

void drafting_release(struct drafting *drafting)
{
    if (drafting == NULL)
        return;
    sw_suggestion_release(&drafting->suggestion);
    sw_buffer_release(&drafting->text);
    sw_draft_free(drafting->draft);
    sw_catalog_release(&drafting->catalog);
}

bool drafting_failed(const struct drafting *drafting)
{
    return drafting->suggestion.sought && drafting->suggestion.version == NULL;
}

void drafting_tell(const struct drafting *drafting)
{
    const struct sw_suggestion *suggestion = &drafting->suggestion;
    struct session *session = drafting->session;
    size_t count = suggestion->passed_count, shown = count < SHOWN ? count : SHOWN;
    if (session->options.quiet || session->format == FORMAT_JSON)
        shown = count = 0;
    for (size_t i = 0; i < shown; i++) {
        const struct sw_passed *passed = &suggestion->passed[i];
        char attempt[128];
        int n = snprintf(attempt, sizeof attempt, "torch %s for CUDA %s", passed->version, passed->cuda);
        bool named = n > 0 && strncmp(passed->why, attempt, (size_t)n) == 0;
        say(session->err, "passed over: %s%s%s [%s]\n", named ? "" : attempt, named ? "" : ": ", passed->why,
            passed->code);
    }
    if (count > shown)
        say(session->err, "and %zu older builds\n", count - shown);
    format_aside(session, &suggestion->findings);
}

struct sw_node *drafting_passed_json(struct sw_builder *b, const struct drafting *drafting)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < drafting->suggestion.passed_count; i++) {
        const struct sw_passed *passed = &drafting->suggestion.passed[i];
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "torch", sw_build_text(b, passed->version));
        sw_build_set(b, row, "cuda", sw_build_text(b, passed->cuda));
        sw_build_set(b, row, "code", sw_build_text(b, passed->code));
        sw_build_set(b, row, "why", sw_build_text(b, passed->why));
        sw_build_append(b, list, row);
    }
    return list;
}

const char *drafting_name(struct sw_arena *arena, const char *text)
{
    char *name = sw_arena_text(arena, text);
    if (name == NULL)
        return NULL;
    size_t n = 0;
    for (const char *c = text; *c != '\0'; c++) {
        bool joins = n > 0 && sw_is_alnum((unsigned char)name[n - 1]);
        if (sw_is_alnum((unsigned char)*c))
            name[n++] = (char)sw_lower((unsigned char)*c);
        else if (joins)
            name[n++] = *c == '.' || *c == '_' ? *c : '-';
    }
    while (n > 0 && !sw_is_alnum((unsigned char)name[n - 1]))
        n--;
    name[n] = '\0';
    return n == 0 || n > 100 ? "app" : name;
}
