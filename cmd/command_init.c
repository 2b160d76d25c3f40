#include "commands.h"

#include "drafting.h"
#include "output/format.h"
#include "output/say.h"

#include "base/file.h"
#include "base/limits.h"
#include "profile/values.h"
#include "project/grants.h"
#include "project/profiles.h"
#include "project/writing.h"

#include <sys/stat.h>
#include <unistd.h>

static const char *folder_name(struct session *session)
{
    const char *here = sw_project_path(&session->project, ".");
    char *full = here == NULL ? NULL : realpath(here, NULL);
    const char *name = drafting_name(&session->arena, full == NULL ? "app" : sw_path_base(full));
    free(full);
    return name;
}

/* Ask a question; return the answer, or `otherwise` if there is none. */
static const char *ask(struct session *session, const char *question, const char *otherwise)
{
    char *line = NULL;
    size_t room = 0;
    say(session->err, "%s%s%s%s ", question, otherwise == NULL ? "" : " [",
        otherwise == NULL ? "" : otherwise, otherwise == NULL ? ":" : "]:");
    ssize_t n = getline(&line, &room, stdin);
    const char *answer = otherwise;
    if (n > 0) {
        struct sw_str text = sw_str_trim((struct sw_str){line, (size_t)n});
        answer = text.n == 0 ? otherwise : sw_arena_copy(&session->arena, text);
    }
    free(line);
    return answer;
}

/* Values that the user gave or, if a person can answer, was asked for. */
struct wishes {
    const char *name, *from;
};

/* A file stands in the place of the name if --from is forgotten. */
static int refuse_name(const struct session *session, const char *name, const char *wrong,
                       struct sw_error *error)
{
    struct stat status;
    const char *path = sw_project_path(&session->project, name);
    (void)sw_fail(error, SW_EINPUT, "'%s' %s", name, wrong);
    if (path != NULL && stat(path, &status) == 0)
        (void)sw_error_hint(error, "to start from the file: slipway init --from %s", name);
    return SW_EINPUT;
}

static int find_wishes(struct wishes *wishes, struct session *session, struct sw_error *error)
{
    const struct sw_texts *given = &session->options.arguments;
    struct sw_texts *gpus = &session->options.gpu_names;
    *wishes = (struct wishes){given->count > 0 ? given->items[0] : NULL, session->options.from};
    const char *name = folder_name(session);
    bool asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 && gpus->count == 0 &&
                wishes->from == NULL && !session->options.quiet;
    if (asks) {
        if (wishes->name == NULL)
            wishes->name = ask(session, "name of the profile", name);
        const char *gpu =
            ask(session, "GPU that it must run on ('slipway gpus' lists them; empty: later)", NULL);
        if (gpu != NULL)
            gpus->items[gpus->count++] = gpu;
        wishes->from =
            ask(session, "requirements.txt, Dockerfile or Truss config to start from (empty: none)", NULL);
        wishes->from = wishes->from == NULL ? NULL : sw_project_path(&session->project, wishes->from);
    }
    if (wishes->name == NULL)
        wishes->name = name;
    const char *wrong = wishes->name == NULL ? NULL : sw_value_name(sw_str_from(wishes->name));
    if (wishes->name == NULL)
        return sw_fail_memory(error);
    return wrong == NULL ? 0 : refuse_name(session, wishes->name, wrong, error);
}

/* Choose the file that the profile has already, if the caller wants it replaced; else profiles/NAME.yaml if that folder exists, else
 * slipway/NAME.yaml. */
static int choose_path(const char **path, struct session *session, const char *name, struct sw_error *error)
{
    struct stat status;
    const char *profiles = sw_project_path(&session->project, "profiles"),
               *own = sw_project_path(&session->project, "slipway");
    if (profiles == NULL || own == NULL)
        return sw_fail_memory(error);
    const char *folder = stat(profiles, &status) == 0 && S_ISDIR(status.st_mode) ? profiles : own;
    const char *file = sw_arena_format(&session->arena, "%s.yaml", name);
    const char *full = file == NULL ? NULL : sw_path_join(&session->arena, folder, file);
    if (full == NULL)
        return sw_fail_memory(error);
    const char *there = full;
    if (stat(full, &status) == 0 || sw_profiles_find(&there, &session->project, name, NULL) == 0)
        full = there;
    else
        there = NULL;
    if (there != NULL && !session->options.force) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is there already", there);
        return sw_error_hint(error, "name another profile, or replace it with --force");
    }
    *path = full;
    return 0;
}

/* The path from the profile's folder, which lies in the session's, to the folder that files are copied from (NULL: the
 * session's). */
static const char *context_of(struct session *session, const char *copied)
{
    const char *here = sw_project_path(&session->project, ".");
    const char *folder = copied == NULL ? here : copied;
    if (here == NULL || folder == NULL)
        return NULL;
    char *top = realpath(here, NULL), *full = realpath(folder, NULL);
    const char *context = "..";
    size_t n = top == NULL ? 0 : strlen(top);
    if (top != NULL && full != NULL && strncmp(full, top, n) == 0 && (full[n] == '/' || full[n] == '\0'))
        context = sw_arena_format(&session->arena, "..%s", full + n);
    else if (full != NULL)
        context = sw_arena_text(&session->arena, full);
    free(top);
    free(full);
    return context;
}

/* Return true if the profile is to build the Dockerfile as it is: slipway's own words for it would give another image. */
static bool keeps_dockerfile(const struct session *session, struct sw_draft *draft)
{
    return sw_draft_alters(draft) && !session->options.rewrite && session->options.with.count == 0;
}

static enum status print_json(struct session *session, const char *path, const char *name,
                              struct sw_draft *draft)
{
    size_t count;
    const struct sw_draft_left *left = sw_draft_left(draft, &count);
    struct sw_builder b = {.arena = &session->arena};
    struct sw_node *root = sw_build_map(&b), *list = sw_build_list(&b);
    bool keeps = keeps_dockerfile(session, draft);
    for (size_t i = 0; i < count; i++) {
        if (keeps && !left[i].alters)
            continue;
        struct sw_node *row = sw_build_map(&b);
        sw_build_set(&b, row, "file", sw_build_text(&b, left[i].file));
        sw_build_set(&b, row, "line", sw_build_int(&b, left[i].line));
        sw_build_set(&b, row, "text", sw_build_text(&b, left[i].text));
        sw_build_set(&b, row, "why", sw_build_text(&b, left[i].why));
        sw_build_append(&b, list, row);
    }
    sw_build_set(&b, root, "file", sw_build_text(&b, path));
    sw_build_set(&b, root, "name", sw_build_text(&b, name));
    /* A Dockerfile that is built as it is loses nothing; `alters` has the losses of a profile in slipway's words. */
    sw_build_set(&b, root, "left_out", keeps ? sw_build_list(&b) : list);
    if (keeps) {
        sw_build_set(&b, root, "dockerfile", sw_build_text(&b, sw_draft_dockerfile(draft)));
        sw_build_set(&b, root, "alters", list);
    }
    return format_node(session, b.failed ? NULL : root, true);
}

static enum status report(struct session *session, const char *path, const char *name, struct sw_draft *draft)
{
    if (session->format == FORMAT_JSON)
        return print_json(session, path, name, draft);
    size_t count;
    const struct sw_draft_left *left = sw_draft_left(draft, &count);
    bool keeps = keeps_dockerfile(session, draft);
    say(session->out, "wrote %s\n", path);
    if (session->options.quiet)
        return STATUS_DONE;
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        if (keeps && !left[i].alters)
            continue;
        if (shown++ == 0 && keeps)
            say(session->out,
                "\nIt builds %s as it is; a profile in slipway's own words (--rewrite) would alter:\n",
                sw_draft_dockerfile(draft));
        else if (shown == 1)
            say(session->out, "\nnot carried over as it stands:\n");
        say(session->out, "  %s:%u: %s\n      %s\n", left[i].file, left[i].line, left[i].text, left[i].why);
    }
    if (keeps && shown == 0)
        say(session->out, "\nIt builds %s as it is.\n", sw_draft_dockerfile(draft));
    say_own(session->out, keeps || shown > 0 ? "\n" : "");
    say(session->out, "next: slipway check %s\n", name);
    return STATUS_DONE;
}

/* Report that the file gave the profile no requirement. */
static void tell_nothing(struct drafting *drafting, const char *from)
{
    struct sw_findings *findings = &drafting->suggestion.findings;
    struct sw_finding *finding =
        sw_findings_add(findings, "SW222", SW_WARNING, "nothing to prove: no Python requirement was found");
    sw_finding_place(findings, finding, from, 1, 1);
    sw_finding_hint(findings, finding,
                    sw_draft_dockerfile(drafting->draft) == NULL
                        ? "list under 'requirements' the packages that the steps or the base image install"
                        : "say under 'assertions' what the image must import: {import: torch}");
}

/* Write the profile's text; the file that it copies from, or builds, is seen from its folder. */
static int write_text(struct drafting *drafting, const char *path, const char *context,
                      struct sw_error *error)
{
    struct session *session = drafting->session;
    const char *dockerfile = sw_draft_dockerfile(drafting->draft);
    if (!keeps_dockerfile(session, drafting->draft))
        return drafting_finish(drafting, "slipway init", path, context, error);
    const char *folder = sw_path_dir(&session->arena, dockerfile);
    const char *seen = folder == NULL ? NULL : context_of(session, folder);
    const struct sw_draft_form form = {
        "slipway init", path, context,
        seen == NULL ? NULL : sw_path_join(&session->arena, seen, sw_path_base(dockerfile)),
        session->project.overrides};
    sw_findings_init(&drafting->suggestion.findings);
    if (form.dockerfile == NULL)
        return sw_fail_memory(error);
    return sw_draft_write_wrapped(&drafting->text, drafting->draft, &form, error);
}

static int make(struct drafting *drafting, const struct wishes *wishes, const char *path,
                struct sw_error *error)
{
    struct session *session = drafting->session;
    const char *folder = sw_path_dir(&session->arena, path);
    int code = folder == NULL ? sw_fail_memory(error) : 0;
    if (code == 0)
        code = sw_grants_check_file(&session->project, path, SW_ACCESS_WRITE, error);
    if (code == 0 && wishes->from != NULL)
        code = sw_grants_add_file(&session->project, wishes->from, error);
    if (code == 0 && wishes->from != NULL)
        code = sw_draft_read(drafting->draft, &session->project.permissions, wishes->from, error);
    const char *copied = sw_draft_context_folder(drafting->draft);
    if (copied == NULL && wishes->from != NULL)
        copied = sw_path_dir(&session->arena, wishes->from);
    const char *context = context_of(session, copied);
    if (code == 0 && context == NULL)
        code = sw_fail_memory(error);
    if (code == 0)
        code = write_text(drafting, path, context, error);
    if (code == 0 && wishes->from != NULL && !sw_draft_has_stack(drafting->draft))
        tell_nothing(drafting, wishes->from);
    if (code == 0)
        code = sw_dir_make(folder, 0777, error);
    const struct sw_str text = sw_buffer_str(&drafting->text);
    if (code != 0)
        return code;
    struct sw_writing writing = {0};
    code = sw_writing_begin(&writing, &session->project, &path, 1, error);
    if (code == 0)
        code = session->options.force ? sw_file_write(path, text, 0666, error)
                                      : sw_file_write_new(path, text, 0666, error);
    sw_writing_end(&writing);
    return code;
}

enum status command_init(struct session *session)
{
    DRAFTING_AUTO drafting = {0};
    struct wishes wishes = {0};
    struct sw_error error;
    const char *path = NULL;
    int code = find_wishes(&wishes, session, &error);
    if (code == 0)
        code = choose_path(&path, session, wishes.name, &error);
    if (code == 0)
        code = drafting_open(&drafting, session, wishes.name, &error);
    if (code == 0)
        code = make(&drafting, &wishes, path, &error);
    if (code != 0)
        return session_fail(session, &error);
    drafting_tell(&drafting);
    return report(session, path, wishes.name, drafting.draft);
}
