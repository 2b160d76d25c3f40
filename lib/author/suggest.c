#include "author/suggest.h"

#include "author/choice_internal.h"
#include "base/limits.h"
#include "check/torch_needed.h"
#include "python/name.h"
#include "python/requirement.h"

struct search {
    struct sw_suggestion *out;
    struct sw_buffer *text;
    struct sw_draft *draft;
    const struct sw_check_input *input;
    const struct sw_draft_form *form;
    bool tolerant; /* of warnings */
    /* A requirement has no release, whichever torch is chosen. */
    bool hopeless;
};

/* A draft as a profile, resolved and checked. */
struct look {
    struct sw_profile profile;
    struct sw_plan plan;
    struct sw_findings findings;
};

static void look_release(struct look *look)
{
    sw_plan_release(&look->plan);
    sw_profile_release(&look->profile);
    sw_findings_release(&look->findings);
}

static int read_draft(const void *self, struct sw_buffer *out, const char *path, struct sw_error *error)
{
    const struct search *search = self;
    sw_buffer_add_str(out, sw_buffer_str(search->text));
    return sw_buffer_check(out, path, error);
}

static int look_at(struct look *look, struct search *search, bool with_index, struct sw_error *error)
{
    const struct sw_profile_source source = {read_draft, search};
    struct sw_check_input input = *search->input;
    *look = (struct look){0};
    sw_findings_init(&look->findings);
    input.profile = &look->profile;
    input.plan = &look->plan;
    if (!with_index) {
        input.index = NULL;
        input.no_index = NULL;
    }
    sw_buffer_clear(search->text);
    int code = sw_draft_write(search->text, search->draft, search->form, error);
    if (code == 0)
        code = sw_profile_load(&look->profile, search->form->path, &source, &look->findings, error);
    if (code == 0 && sw_findings_count(&look->findings, SW_ERROR) == 0)
        code = sw_plan_resolve(&look->plan, &look->profile, input.catalog, &look->findings, error);
    return code == 0 && look->plan.root != NULL ? sw_check(&input, &look->findings, error) : code;
}

/* The worst fault of a stack; NULL if nothing counts. A question that could not be asked is no fault of the
 * stack. */
static const struct sw_finding *fault_of(const struct look *look, bool tolerant)
{
    const struct sw_finding *fault = NULL;
    for (size_t i = 0; i < look->findings.count; i++) {
        const struct sw_finding *finding = look->findings.items[i];
        bool counts = finding->severity == SW_ERROR ||
                      (finding->severity == SW_WARNING && !tolerant && strcmp(finding->code, "SW403") != 0);
        if (counts && (fault == NULL || finding->severity > fault->severity))
            fault = finding;
    }
    return fault;
}

static int pass_over(struct search *search, const struct sw_build *build, const char *code, const char *why,
                     struct sw_error *error)
{
    struct sw_suggestion *out = search->out;
    struct sw_passed *passed = sw_arena_grow(&out->arena, out->passed, out->passed_count, sizeof *passed);
    const char *kept_code = sw_arena_text(&out->arena, code), *kept_why = sw_arena_text(&out->arena, why);
    if (passed == NULL || kept_code == NULL || kept_why == NULL)
        return sw_fail_memory(error);
    out->passed = passed;
    passed[out->passed_count++] = (struct sw_passed){build->version, build->cuda, kept_code, kept_why};
    return 0;
}

/* ---- pins ---- */

/* A choice on its way from newer to older. */
struct pin {
    const struct sw_choice *choice;
    size_t at;
};

/* Return true if the fault's fix names the releases of the project that would do, and `version` is none of
 * them. */
static bool is_excluded(const struct sw_finding *fault, const char *project, const char *version)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MIB);
    struct sw_requirement wanted;
    struct sw_version parsed;
    for (size_t i = 0; i < fault->fix_count; i++) {
        const char *value = fault->fix[i].value;
        if (value != NULL && sw_requirement_parse(&wanted, &arena, sw_str_from(value), NULL) == 0 &&
            sw_name_equal(wanted.name, sw_str_from(project)) &&
            sw_version_parse(&parsed, sw_str_from(version), NULL) == 0)
            return !sw_specifier_set_contains(&wanted.specifiers, &parsed, SW_PRERELEASES_ALLOW);
    }
    return false;
}

/* The pin whose requirement the fault stands at, or NULL. */
static struct pin *pin_at(struct pin *pins, size_t count, const struct look *look,
                          const struct sw_finding *fault)
{
    const struct sw_node *list = sw_node_get(look->profile.root, "requirements");
    for (size_t i = 0; i < sw_node_count(list); i++) {
        const struct sw_node *item = sw_node_item(list, i);
        struct sw_str name = {sw_node_text(item, ""), sw_name_length(sw_node_str(item))};
        for (size_t j = 0;
             sw_node_line(item) == fault->line && sw_node_column(item) == fault->column && j < count; j++) {
            if (sw_name_equal(name, sw_str_from(pins[j].choice->project)))
                return &pins[j];
        }
    }
    return NULL;
}

/* Take an older release for the requirement that the fault is about; false if there is none. */
static bool step_back(struct search *search, struct pin *pins, size_t count, const struct look *look,
                      const struct sw_finding *fault)
{
    struct pin *pin = pin_at(pins, count, look, fault);
    if (pin == NULL)
        return false;
    search->hopeless = search->hopeless || pin->choice->count == 0;
    const struct sw_choice *choice = pin->choice;
    do
        pin->at++;
    while (pin->at < choice->count && is_excluded(fault, choice->project, choice->versions[pin->at]));
    if (pin->at >= choice->count)
        return false;
    sw_draft_pin(search->draft, choice->project, choice->versions[pin->at]);
    return true;
}

/* Pin the requirements to the newest releases that have no fault together. `*fits` is false if there are
 * none; the fault of the newest releases is then passed over. */
static int pin_all(bool *fits, struct search *search, const struct sw_build *build,
                   const struct sw_choice *choices, size_t count, struct sw_error *error)
{
    struct pin *pins = sw_arena_array(&search->out->arena, count + 1, sizeof *pins);
    struct sw_passed first = {0};
    bool more = true;
    int code = pins == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        pins[i].choice = &choices[i];
        if (choices[i].count > 0)
            sw_draft_pin(search->draft, choices[i].project, choices[i].versions[0]);
    }
    *fits = false;
    for (unsigned tries = 0; code == 0 && more && !*fits && tries < SW_MAX_SUGGEST_TRIES; tries++) {
        struct look look;
        code = look_at(&look, search, true, error);
        const struct sw_finding *fault = code == 0 ? fault_of(&look, search->tolerant) : NULL;
        *fits = code == 0 && fault == NULL;
        if (fault != NULL && first.why == NULL)
            first = (struct sw_passed){.code = sw_arena_text(&search->out->arena, fault->code),
                                       .why = sw_arena_text(&search->out->arena, fault->message)};
        more = fault != NULL && step_back(search, pins, count, &look, fault);
        for (size_t i = 0; *fits && i < look.findings.count; i++)
            (void)sw_findings_copy(&search->out->findings, look.findings.items[i]);
        look_release(&look);
    }
    if (code != 0 || *fits)
        return code;
    return first.why == NULL || first.code == NULL ? sw_fail_memory(error)
                                                   : pass_over(search, build, first.code, first.why, error);
}

/* ---- builds ---- */

static int try_build(bool *fits, struct search *search, const struct sw_build *build, struct sw_error *error)
{
    struct look look;
    struct sw_choice *choices = NULL;
    size_t count = 0;
    *fits = false;
    sw_draft_hold(search->draft, build);
    int code = look_at(&look, search, false, error);
    const struct sw_finding *fault = code == 0 ? fault_of(&look, true) : NULL;
    bool good = code == 0 && fault == NULL;
    if (fault != NULL)
        code = pass_over(search, build, fault->code, fault->message, error);
    else if (good && !sw_build_fits(build)) {
        good = false;
        code = pass_over(search, build, "SW201",
                         build->known ? "it has no compiled code for every GPU, only PTX"
                                      : "its GPU code is not known to the catalog",
                         error);
    }
    struct sw_check_input input = *search->input;
    input.profile = &look.profile;
    input.plan = &look.plan;
    if (good)
        code = sw_choices_find(&choices, &count, &search->out->arena, &input, error);
    look_release(&look);
    return good && code == 0 ? pin_all(fits, search, build, choices, count, error) : code;
}

/* Return true if the same release for another CUDA has the same fault. */
static bool is_of_release(const struct sw_passed *passed)
{
    static const char *const of_cuda[] = {"SW201", "SW202", "SW203", "SW207", "SW208", "SW216"};
    for (size_t i = 0; i < SW_COUNT(of_cuda); i++) {
        if (strcmp(passed->code, of_cuda[i]) == 0)
            return false;
    }
    return true;
}

static int search_builds(struct search *search, const struct sw_build *builds, size_t count,
                         struct sw_error *error)
{
    struct sw_suggestion *out = search->out;
    out->passed = NULL;
    out->passed_count = 0;
    search->hopeless = false;
    for (size_t i = 0; i < count && !search->hopeless; i++) {
        const struct sw_passed *last = out->passed_count == 0 ? NULL : &out->passed[out->passed_count - 1];
        if (last != NULL && strcmp(last->version, builds[i].version) == 0 && is_of_release(last))
            continue;
        bool fits = false;
        int code = try_build(&fits, search, &builds[i], error);
        if (code != 0)
            return code;
        if (!fits)
            continue;
        out->version = builds[i].version;
        out->cuda = builds[i].cuda;
        return 0;
    }
    return 0;
}

/* Move the builds of a release (NULL: of none) to the place `from`, in their order; return the place behind them. */
static size_t move_forward(struct sw_build *builds, size_t from, size_t count, const char *version)
{
    for (size_t i = from; version != NULL && i < count; i++) {
        if (strcmp(builds[i].version, version) != 0)
            continue;
        struct sw_build build = builds[i];
        memmove(&builds[from + 1], &builds[from], (i - from) * sizeof *builds);
        builds[from++] = build;
    }
    return from;
}

/* Let the builds come first that the newest releases of the requirements need: those releases are asked for by name, torch is not. */
static int prefer_needed(struct search *search, struct sw_build *builds, size_t count, struct sw_error *error)
{
    struct look look;
    struct sw_torch_needed needed = {NULL, NULL};
    if (search->input->index == NULL || !sw_draft_requires(search->draft))
        return 0;
    sw_draft_hold(search->draft, NULL);
    int code = look_at(&look, search, false, error);
    struct sw_check_input input = *search->input;
    input.profile = &look.profile;
    input.plan = &look.plan;
    if (code == 0 && look.plan.root != NULL)
        code = sw_torch_needed_find(&needed, &search->out->arena, &input, error);
    look_release(&look);
    size_t place = move_forward(builds, 0, count, needed.newest);
    if (needed.fitting != NULL && needed.newest != NULL && strcmp(needed.fitting, needed.newest) != 0)
        (void)move_forward(builds, place, count, needed.fitting);
    return code;
}

/* Search with one Python, first without and then with warnings. */
static int search_python(struct search *search, const char *python, struct sw_error *error)
{
    struct sw_build *builds = NULL;
    size_t count = 0;
    sw_draft_try_python(search->draft, python);
    int code = sw_draft_builds(&builds, &count, search->draft, error);
    if (code == 0)
        code = prefer_needed(search, builds, count, error);
    for (int round = 0; code == 0 && search->out->version == NULL && round < 2; round++) {
        search->tolerant = round > 0;
        code = search_builds(search, builds, count, error);
    }
    return code;
}

/* If no source names the Python, another Python is only tried if no build goes with the usual Python. */
static int search_all(struct search *search, struct sw_error *error)
{
    static const char *const pythons[] = {SW_DRAFT_USUAL_PYTHON, "3.12", "3.13", "3.10"};
    struct sw_suggestion *out = search->out;
    struct sw_passed *first = NULL;
    size_t count = 0, tries = sw_draft_says_python(search->draft) ? 1 : SW_COUNT(pythons);
    int code = 0;
    for (size_t i = 0; code == 0 && out->version == NULL && i < tries; i++) {
        code = search_python(search, pythons[i], error);
        if (i == 0) {
            first = out->passed;
            count = out->passed_count;
        }
    }
    if (code != 0 || out->version != NULL)
        return code;
    out->passed = first;
    out->passed_count = count;
    sw_draft_try_python(search->draft, pythons[0]);
    sw_draft_hold(search->draft, NULL);
    return 0;
}

int sw_suggest(struct sw_suggestion *out, struct sw_buffer *text, struct sw_draft *draft,
               const struct sw_check_input *input, const struct sw_draft_form *form, struct sw_error *error)
{
    struct search search = {.out = out, .text = text, .draft = draft, .input = input, .form = form};
    *out = (struct sw_suggestion){0};
    sw_arena_init(&out->arena, SW_MAX_ARENA);
    sw_findings_init(&out->findings);
    out->sought = sw_draft_is_open(draft);
    int code = out->sought ? search_all(&search, error) : 0;
    sw_buffer_clear(text);
    if (code == 0)
        code = sw_draft_write(text, draft, form, error);
    if (code != 0)
        sw_suggestion_release(out);
    return code;
}

void sw_suggestion_release(struct sw_suggestion *suggestion)
{
    if (suggestion == NULL)
        return;
    sw_findings_release(&suggestion->findings);
    sw_arena_release(&suggestion->arena);
    *suggestion = (struct sw_suggestion){0};
}
