#include "author/draft.h"

#include "author/draft_internal.h"
#include "base/limits.h"
#include "base/text.h"
#include "catalog/gpu.h"
#include "profile/values.h"
#include "python/name.h"

#include <stdarg.h>

struct sw_draft *sw_draft_new(const char *name, const struct sw_catalog *catalog,
                              const struct sw_cancel *cancel)
{
    struct sw_draft *draft = calloc(1, sizeof(*draft));
    if (draft == NULL)
        return NULL;
    sw_arena_init(&draft->arena, SW_MAX_ARENA);
    draft->catalog = catalog;
    draft->cancel = cancel;
    draft->usual_python = SW_DRAFT_USUAL_PYTHON;
    draft->name = draft_copy(draft, sw_str_from(name));
    return draft;
}

void sw_draft_free(struct sw_draft *draft)
{
    if (draft == NULL)
        return;
    sw_arena_release(&draft->arena);
    free(draft);
}

const struct sw_draft_left *sw_draft_left(const struct sw_draft *draft, size_t *count)
{
    *count = draft->left_count;
    return draft->left;
}

/* ---- functions that the readers call ---- */

const char *draft_copy(struct sw_draft *draft, struct sw_str text)
{
    const char *copy = sw_arena_copy(&draft->arena, text);
    draft->failed = draft->failed || copy == NULL;
    return copy == NULL ? "" : copy;
}

char *draft_format(struct sw_draft *draft, const char *format, ...)
{
    static char nothing[] = "";
    char *room = NULL;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&room, format, arguments);
    va_end(arguments);
    char *copy = n < 0 ? NULL : sw_arena_copy(&draft->arena, (struct sw_str){room, (size_t)n});
    if (n >= 0)
        free(room);
    draft->failed = draft->failed || copy == NULL;
    return copy == NULL ? nothing : copy;
}

/* Return true if another item fits into a list or map of the profile. */
static bool has_room(struct sw_draft *draft, size_t count, const char *what)
{
    if (count < SW_MAX_PROFILE_ITEMS)
        return true;
    if (draft->crowded == NULL)
        draft->crowded = what;
    return false;
}

static void leave(struct sw_draft *draft, const struct sw_draft_left *how, struct draft_place place,
                  struct sw_str text)
{
    if (draft_is_over(draft) || !has_room(draft, draft->left_count, "instructions and options to leave out"))
        return;
    struct sw_draft_left *left =
        sw_arena_grow(&draft->arena, draft->left, draft->left_count, sizeof(*draft->left));
    char brief[SW_TEXT_BRIEF];
    sw_text_brief(brief, text);
    if (left == NULL) {
        draft->failed = true;
        return;
    }
    draft->left = left;
    left[draft->left_count] = *how;
    left[draft->left_count].file = place.file;
    left[draft->left_count].line = place.line;
    left[draft->left_count].text = draft_copy(draft, sw_str_from(brief));
    left[draft->left_count++].why = draft_copy(draft, sw_str_from(how->why));
}

/* Leave a text with a reason that is printed as vprintf() does. */
SW_PRINTF(5, 0)
static void leave_because(struct sw_draft *draft, struct sw_draft_left how, struct draft_place place,
                          struct sw_str text, const char *format, va_list arguments)
{
    char why[SW_TEXT_BRIEF * 4];
    (void)vsnprintf(why, sizeof why, format, arguments);
    how.why = why;
    leave(draft, &how, place, text);
}

void draft_leave(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                 ...)
{
    va_list arguments;
    va_start(arguments, format);
    leave_because(draft, (struct sw_draft_left){.alters = true}, place, text, format, arguments);
    va_end(arguments);
}

void draft_mention(struct sw_draft *draft, struct draft_place place, struct sw_str text, const char *format,
                   ...)
{
    va_list arguments;
    va_start(arguments, format);
    leave_because(draft, (struct sw_draft_left){0}, place, text, format, arguments);
    va_end(arguments);
}

void draft_leave_unjudged(struct sw_draft *draft, struct draft_place place, struct sw_str text,
                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    leave_because(draft, (struct sw_draft_left){.is_unjudged = true, .alters = true}, place, text, format,
                  arguments);
    va_end(arguments);
}

bool sw_draft_alters(struct sw_draft *draft)
{
    bool alters = !sw_draft_has_stack(draft);
    for (size_t i = 0; i < draft->left_count; i++)
        alters = alters || draft->left[i].alters;
    return alters && draft->dockerfile != NULL;
}

bool draft_is_over(const struct sw_draft *draft)
{
    return draft->failed || draft->crowded != NULL || sw_cancel_requested(draft->cancel);
}

int draft_check(const struct sw_draft *draft, struct sw_error *error)
{
    if (sw_cancel_requested(draft->cancel))
        return sw_fail_canceled(error);
    if (draft->crowded != NULL)
        return sw_fail(error, SW_EINPUT, "a profile holds at most %d %s; more are asked for",
                       SW_MAX_PROFILE_ITEMS, draft->crowded);
    return draft->failed ? sw_fail_memory(error) : 0;
}

typedef const char *value_check(struct sw_str text);

static value_check *const checks[DRAFT_LISTS] = {
    [DRAFT_ACCELERATORS] = sw_value_name,      [DRAFT_REQUIREMENTS] = sw_value_requirement,
    [DRAFT_CONSTRAINTS] = sw_value_constraint, [DRAFT_OVERRIDES] = sw_value_requirement,
    [DRAFT_PACKAGES] = sw_value_package,       [DRAFT_STEPS] = sw_value_step,
    [DRAFT_ENTRYPOINT] = sw_value_line,        [DRAFT_COMMAND] = sw_value_line,
    [DRAFT_SECRETS] = sw_value_secret,         [DRAFT_PORTS] = sw_value_port,
    [DRAFT_VOLUMES] = sw_value_destination,    [DRAFT_USER] = sw_value_user,
    [DRAFT_STOP_SIGNAL] = sw_value_signal,     [DRAFT_SHELL] = sw_value_line,
    [DRAFT_HEALTHCHECK] = sw_value_line,
};

static const char *const contents[DRAFT_LISTS] = {
    [DRAFT_ACCELERATORS] = "accelerators",
    [DRAFT_REQUIREMENTS] = "requirements",
    [DRAFT_CONSTRAINTS] = "constraints",
    [DRAFT_OVERRIDES] = "overrides",
    [DRAFT_PACKAGES] = "system packages",
    [DRAFT_STEPS] = "steps",
    [DRAFT_ENTRYPOINT] = "words of an entry point",
    [DRAFT_COMMAND] = "words of a command",
    [DRAFT_SECRETS] = "secrets",
    [DRAFT_PORTS] = "ports",
    [DRAFT_VOLUMES] = "volumes",
    [DRAFT_USER] = "users",
    [DRAFT_STOP_SIGNAL] = "signals",
    [DRAFT_SHELL] = "words of a shell",
    [DRAFT_HEALTHCHECK] = "words of a health check",
};

/* Return true for the lists in which a text may stand twice. */
static bool has_order(enum draft_list list)
{
    return list == DRAFT_ENTRYPOINT || list == DRAFT_COMMAND || list == DRAFT_STEPS || list == DRAFT_SHELL ||
           list == DRAFT_HEALTHCHECK;
}

static const char *project_of(struct sw_draft *draft, enum draft_list list, const char *text)
{
    struct sw_str whole = sw_str_trim(sw_str_from(text));
    if (list != DRAFT_REQUIREMENTS && list != DRAFT_CONSTRAINTS)
        return NULL;
    const char *name = sw_name_normalized(&draft->arena, (struct sw_str){whole.p, sw_name_length(whole)});
    draft->failed = draft->failed || name == NULL;
    return name;
}

void draft_add(struct sw_draft *draft, enum draft_list list, const char *text, struct draft_place place)
{
    struct draft_items *items = &draft->lists[list];
    if (draft_is_over(draft))
        return;
    const char *wrong = checks[list](sw_str_from(text));
    if (wrong != NULL) {
        draft_leave(draft, place, sw_str_from(text), "%s", wrong);
        return;
    }
    for (size_t i = 0; !has_order(list) && i < items->count; i++) {
        if (strcmp(items->items[i].text, text) == 0)
            return;
    }
    if (!has_room(draft, items->count, contents[list]))
        return;
    struct draft_item *grown = sw_arena_grow(&draft->arena, items->items, items->count, sizeof(*grown));
    if (grown == NULL) {
        draft->failed = true;
        return;
    }
    items->items = grown;
    grown[items->count++] = (struct draft_item){.text = draft_copy(draft, sw_str_from(text)),
                                                .project = project_of(draft, list, text),
                                                .install = draft->install + 1,
                                                .place = place};
}

void draft_report(struct sw_draft *draft, enum sw_severity severity, struct draft_place place,
                  const char *message, const char *hint)
{
    if (!has_room(draft, draft->fault_count, "faults"))
        return;
    struct draft_fault *grown =
        sw_arena_grow(&draft->arena, draft->faults, draft->fault_count, sizeof(*grown));
    if (grown == NULL) {
        draft->failed = true;
        return;
    }
    draft->faults = grown;
    grown[draft->fault_count++] = (struct draft_fault){severity, place, message, hint};
}

void draft_unisolate(struct sw_draft *draft, const char *project)
{
    struct sw_unisolated *grown =
        sw_arena_grow(&draft->arena, draft->unisolated, draft->unisolated_count, sizeof(*grown));
    if (grown == NULL) {
        draft->failed = true;
        return;
    }
    draft->unisolated = grown;
    grown[draft->unisolated_count++] = (struct sw_unisolated){draft->install + 1, project};
}

void draft_set(struct sw_draft *draft, struct draft_pairs *pairs, const char *first, const char *second,
               struct draft_place place)
{
    if (!has_room(draft, pairs->count, "variables, copies or assertions"))
        return;
    struct draft_pair pair = {draft_copy(draft, sw_str_from(first)),
                              second == NULL ? NULL : draft_copy(draft, sw_str_from(second)), place};
    struct draft_pair *grown = sw_arena_grow(&draft->arena, pairs->items, pairs->count, sizeof(*grown));
    if (grown == NULL) {
        draft->failed = true;
        return;
    }
    pairs->items = grown;
    grown[pairs->count++] = pair;
}

/* ---- the user's options ---- */

int sw_draft_gpu(struct sw_draft *draft, const char *name, struct sw_error *error)
{
    const struct sw_node *row;
    int code = sw_gpu_find(&row, draft->catalog, name, error);
    if (code != 0)
        return code;
    draft_add(draft, DRAFT_ACCELERATORS, sw_node_text(sw_node_get(row, "name"), ""),
              (struct draft_place){"", 0, 0});
    return 0;
}

int sw_draft_python(struct sw_draft *draft, const char *version, struct sw_error *error)
{
    const char *wrong = sw_value_python(sw_str_from(version));
    if (wrong != NULL)
        return sw_fail(error, SW_EINPUT, "Python '%s' %s", version, wrong);
    draft->python = draft_copy(draft, sw_str_from(version));
    return 0;
}

int sw_draft_driver(struct sw_draft *draft, const char *version, struct sw_error *error)
{
    const char *wrong = sw_value_version(sw_str_from(version));
    if (wrong != NULL)
        return sw_fail(error, SW_EINPUT, "driver '%s' %s", version, wrong);
    draft->driver = draft_format(draft, ">=%s", version);
    return 0;
}

void sw_draft_judge(struct sw_draft *draft)
{
    draft->judged = true;
}

int sw_draft_argument(struct sw_draft *draft, const char *text, struct sw_error *error)
{
    const struct draft_place none = {"", 0, 0};
    struct sw_str value = sw_str_from(text);
    struct sw_str name = sw_str_cut(&value, '=');
    const char *wrong = sw_value_variable(name);
    if (wrong != NULL || value.p == NULL)
        return sw_fail(error, SW_EINPUT, "--build-arg '%s' is not NAME=VALUE", text);
    draft_set(draft, &draft->arguments, draft_copy(draft, name), draft_copy(draft, value), none);
    return 0;
}

void sw_draft_target(struct sw_draft *draft, const char *stage)
{
    draft->target = draft_copy(draft, sw_str_from(stage));
}

void sw_draft_service(struct sw_draft *draft, const char *name)
{
    draft->service = draft_copy(draft, sw_str_from(name));
}

void sw_draft_context(struct sw_draft *draft, const char *folder)
{
    draft->context = draft_copy(draft, sw_str_from(folder));
}

const char *sw_draft_context_folder(const struct sw_draft *draft)
{
    return draft->context;
}

const char *sw_draft_dockerfile(const struct sw_draft *draft)
{
    return draft->dockerfile;
}

static void add_name(struct sw_draft *draft, const char ***list, size_t *count, const char *name)
{
    const char **grown = sw_arena_grow(&draft->arena, (void *)*list, *count, sizeof(*grown));
    const char *normal = sw_name_normalized(&draft->arena, sw_str_from(name));
    draft->failed = draft->failed || grown == NULL || normal == NULL;
    if (grown == NULL)
        return;
    *list = grown;
    grown[(*count)++] = normal;
}

void sw_draft_extra(struct sw_draft *draft, const char *name)
{
    add_name(draft, &draft->extras, &draft->extra_count, name);
}

void sw_draft_group(struct sw_draft *draft, const char *name)
{
    add_name(draft, &draft->groups, &draft->group_count, name);
}
