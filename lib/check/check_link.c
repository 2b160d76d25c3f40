/* The shared libraries of the wheels as the loader will see them: libraries that nobody brings, SW217; symbols that the
 * torch of the stack does not export, SW218; the CUDA that they are built for, SW203, SW208; and the glibc and libstdc++ that they need,
 * SW220. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/imported_internal.h"
#include "check/link_internal.h"

/* ---- which wheels ---- */

/* Return true for a companion that comes from torch's own index, built for the same CUDA; the default index has another build. */
static bool is_elsewhere(const struct sw_link *link, const char *project)
{
    const struct sw_torch_choice *torch = &link->stack->torch;
    const char *built = sw_node_text(sw_node_get(torch->row, "default"), "");
    return torch->cuda != NULL && strcmp(built, torch->cuda) != 0 &&
           sw_stack_companion(link->stack, project) != NULL &&
           !sw_candidates_have_own_index(link->set.candidates, project);
}

/* A wheel for every platform has no libraries; those of torch and of the projects in the catalog are known. */
static bool is_worth(const struct sw_link *link, const struct sw_set_wheel *wheel)
{
    return wheel->file != NULL && strcmp(wheel->project, "torch") != 0 &&
           strcmp(wheel->project, "triton") != 0 &&
           !sw_str_ends(sw_str_from(wheel->file->name), "-any.whl") && !is_elsewhere(link, wheel->project) &&
           !sw_bringers_has_rows(link->stack->catalog, wheel->project);
}

static int read_wheels(struct sw_link *link, struct sw_error *error)
{
    struct sw_arena *arena = link->stack->b.arena;
    link->wheels = sw_arena_array(arena, link->set.count + 1, sizeof *link->wheels);
    link->of = sw_arena_array(arena, link->set.count + 1, sizeof *link->of);
    if (link->wheels == NULL || link->of == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < link->set.count; i++) {
        if (!is_worth(link, &link->set.items[i]))
            continue;
        link->of[link->count] = &link->set.items[i];
        link->wheels[link->count++] = (struct sw_index_libraries){.file = link->set.items[i].file};
    }
    return sw_index_libraries(link->wheels, arena, link->set.candidates->index, link->count, error);
}

bool sw_link_is_own(const struct sw_index_library *library)
{
    return !library->unread && strstr(library->member, ".libs/") == NULL;
}

void sw_link_evidence(const struct sw_link_subject *subject, struct sw_finding *finding,
                      const struct sw_index_library *library, const char *how, const char *name)
{
    struct sw_stack *stack = subject->link->stack;
    const char *text = sw_arena_format(stack->b.arena, "%s: %s %s %s", subject->wheel->file->name,
                                       library->member, how, name);
    if (text != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(text), subject->of->index);
}

void sw_link_about(const struct sw_link_subject *subject, struct sw_finding *finding)
{
    const struct sw_set_wheel *of = subject->of;
    sw_finding_subject(subject->link->stack->findings, finding, of->project);
    sw_stack_evidence_way(subject->link->stack, finding, of->project, of->version, of->by, of->pin->at);
}

bool sw_link_has_build(const struct sw_link_subject *subject)
{
    const struct sw_node *rows = sw_node_get(subject->link->stack->catalog->libraries, "builds"), *row;
    const char *cuda = subject->link->bringers.cuda;
    for (size_t at = 0; cuda != NULL;) {
        row = sw_catalog_next(rows, &at, subject->of->project, subject->of->version);
        if (row == NULL)
            break;
        if (sw_catalog_lists(sw_node_get(row, "cuda"), cuda))
            return true;
    }
    return false;
}

enum sw_severity sw_link_severity(const struct sw_link_subject *subject)
{
    const struct sw_node *rows = sw_node_get(subject->link->stack->catalog->libraries, "optional");
    if (sw_catalog_lists(sw_node_get(rows, "projects"), subject->of->project))
        return SW_NOTE;
    const struct sw_imported *imported = subject->link->set.candidates->imported;
    bool optional = imported != NULL && sw_imported_optionally(imported, subject->of->project);
    return optional || sw_link_has_build(subject) ? SW_WARNING : SW_ERROR;
}

static bool uses_torch(const struct sw_index_library *library)
{
    bool uses = library->symbols.count > 0;
    for (size_t i = 0; i < library->needed.count && !uses; i++)
        uses = sw_bringers_is_torch(library->needed.items[i]);
    return uses;
}

enum sw_severity sw_link_severity_of(const struct sw_link_subject *subject,
                                     const struct sw_index_library *library)
{
    enum sw_severity severity = sw_link_severity(subject);
    const struct sw_imported *imported = subject->link->set.candidates->imported;
    bool apart = uses_torch(library) && imported != NULL &&
                 sw_imported_without(imported, subject->of->project, "torch");
    return severity == SW_ERROR && apart ? SW_WARNING : severity;
}

/* ---- unknowns ---- */

static void report_unread(const struct sw_link *link)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    const char *why = NULL;
    for (size_t i = 0; i < link->count; i++) {
        const struct sw_index_libraries *wheel = &link->wheels[i];
        size_t unread = 0;
        for (size_t k = 0; k < wheel->count; k++)
            unread += wheel->items[k].unread;
        if (wheel->code == 0 && unread == 0)
            continue;
        sw_buffer_addf(&names, "%s%s", names.n == 0 ? "" : ", ", link->of[i]->project);
        if (why == NULL)
            why = wheel->code != 0 ? wheel->error.text
                                   : "some of their libraries are too large to be read, or unsound";
    }
    if (names.n > 0)
        (void)sw_stack_find(
            link->stack, "SW403", SW_NOTE, NULL, "the libraries of these wheels are not checked: %s: %s",
            names.p, link->stack->input->offline ? "--offline, and the cache has nothing of them" : why);
}

/* Wheels that need torch's symbols of a torch that is not in the table. */
static void report_unjudged(const struct sw_link *link)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    if (link->release < link->symbols->release_count || link->bringers.torch == NULL)
        return;
    for (size_t i = 0; i < link->count; i++) {
        size_t symbols = 0;
        for (size_t k = 0; k < link->wheels[i].count; k++)
            symbols += link->wheels[i].items[k].symbols.count;
        if (symbols > 0)
            sw_buffer_addf(&names, "%s%s", names.n == 0 ? "" : ", ", link->of[i]->project);
    }
    if (names.n > 0)
        (void)sw_stack_find(link->stack, "SW403", SW_NOTE, NULL,
                            "the symbols that these take from torch are not checked, since those of this "
                            "build of torch %s are not known: %s",
                            link->bringers.torch, names.p);
}

/* "torchtext 0.18.0". */
static const char *text_of(const struct sw_link *link, const struct sw_set_wheel *wheel)
{
    const char *text = sw_arena_format(link->stack->b.arena, "%s %s", wheel->project, wheel->version);
    return text == NULL ? "" : text;
}

/* Return true if a finding from `from` on is an error or a warning; a note sets `*open`. */
static bool is_wrong(const struct sw_findings *findings, size_t from, bool *open)
{
    bool wrong = false;
    for (size_t i = from; i < findings->count; i++) {
        wrong = wrong || findings->items[i]->severity != SW_NOTE;
        *open = *open || findings->items[i]->severity == SW_NOTE;
    }
    return wrong;
}

/* Record the judgement on a wheel whose libraries were checked; `from` is the first of its findings. */
static void cover(const struct sw_link *link, size_t i, size_t from)
{
    const struct sw_index_libraries *wheel = &link->wheels[i];
    bool open = false, unread = false;
    for (size_t k = 0; k < wheel->count; k++)
        unread = unread || wheel->items[k].unread;
    bool wrong = is_wrong(link->stack->findings, from, &open);
    const char *why = wheel->code != 0 ? "its libraries could not be read"
                      : unread         ? "some of its libraries could not be read"
                      : open           ? "SW403"
                                       : NULL;
    sw_stack_cover(link->stack, SW_ASPECT_LIBRARIES, link->of[i]->project,
                   wrong         ? SW_WRONG
                   : why != NULL ? SW_NOT_JUDGED
                                 : SW_PROVEN,
                   wrong ? NULL : why);
}

static void check_wheel(struct sw_link *link, size_t i)
{
    struct sw_link_subject subject = {link, &link->wheels[i], link->of[i], text_of(link, link->of[i]), NULL};
    size_t from = link->stack->findings->count;
    if (link->wheels[i].code == 0) {
        subject.cuda = sw_link_cuda(&subject);
        sw_link_check_libraries(&subject);
        sw_link_check_cuda(&subject);
        sw_link_check_symbols(&subject);
        sw_link_check_versions(&subject);
    }
    cover(link, i, from);
}

int sw_check_link(struct sw_candidates *candidates, struct sw_error *error)
{
    struct sw_link link = {.stack = candidates->stack, .set = *candidates->wheels};
    int code = read_wheels(&link, error);
    if (code != 0)
        return code;
    sw_bringers_read(&link.bringers, &link.set, link.wheels, link.count);
    code = sw_link_read_symbols(&link, error);
    for (size_t i = 0; i < link.count && code == 0; i++)
        check_wheel(&link, i);
    if (code == 0)
        code = sw_check_own_code(&link, error);
    if (code == 0)
        report_unread(&link);
    if (code == 0)
        report_unjudged(&link);
    return code;
}
