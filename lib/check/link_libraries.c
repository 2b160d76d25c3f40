/* Libraries that the wheels need and nobody brings: SW217.
 *
 * A wheel may hold libraries that it can do without. So a missing library is a fault only if it keeps all libraries of the
 * wheel that use CUDA from being loaded, or all of its libraries at all. Names that a library opens count if nothing of the
 * wheel needs CUDA otherwise, and only those of libraries that compute: others are opened to see if they are there. */
#include "check/link_internal.h"

/* Libraries that nobody brings, each name once, by the first library of the wheel that wants it. */
struct lacks {
    const struct sw_link_subject *subject;
    const struct sw_index_library *by[SW_LINK_SHOWN];
    const char *names[SW_LINK_SHOWN];
    const char *how; /* "needs" or "opens" */
    size_t count;
};

static enum sw_brought find(const struct sw_link_subject *subject, const char *library)
{
    return sw_bringers_find(&subject->link->bringers, subject->wheel, library);
}

static const struct sw_node *project_of(const struct sw_link_subject *subject, const char *library)
{
    return sw_bringers_project(&subject->link->bringers, library, subject->cuda);
}

static void add_lack(struct lacks *lacks, const struct sw_index_library *by, const char *name)
{
    for (size_t i = 0; i < lacks->count; i++) {
        if (strcmp(lacks->names[i], name) == 0)
            return;
    }
    if (lacks->count == SW_LINK_SHOWN)
        return;
    lacks->by[lacks->count] = by;
    lacks->names[lacks->count++] = name;
}

/* Add the needed libraries of a kind that nobody brings; false if there are none. */
static bool add_needed(struct lacks *lacks, const struct sw_index_library *library, enum sw_brought kind)
{
    bool found = false;
    for (size_t i = 0; i < library->needed.count; i++) {
        if (find(lacks->subject, library->needed.items[i]) != kind)
            continue;
        add_lack(lacks, library, library->needed.items[i]);
        found = true;
    }
    return found;
}

/* ---- findings ---- */

/* Name the projects that bring the libraries, and offer to add them, unless the wheel is built for another CUDA than torch. */
static void add_cures(const struct lacks *lacks, struct sw_finding *finding)
{
    const struct sw_link_subject *subject = lacks->subject;
    struct sw_stack *stack = subject->link->stack;
    struct sw_findings *findings = stack->findings;
    const char *other = sw_link_other_cuda(subject), *before = "";
    for (size_t i = 0; i < lacks->count; i++) {
        const struct sw_node *row = project_of(subject, lacks->names[i]);
        const char *project = sw_node_text(sw_node_get(row, "project"), "");
        if (strcmp(project, before) == 0)
            continue;
        sw_stack_evidence(stack, finding, row, "%s brings %s", project, lacks->names[i]);
        const char *releases = sw_node_text(sw_node_get(row, "releases"), "");
        const char *requirement = sw_arena_format(stack->b.arena, "%s%s", project, releases);
        if (other == NULL && requirement != NULL)
            sw_finding_fix(findings, finding, SW_EDIT_ADD, "requirements", requirement);
        before = project;
    }
    if (other != NULL && sw_link_has_build(subject))
        sw_finding_hint(findings, finding,
                        "torch's own index has it for CUDA %s: name that index for %s under 'indexes'",
                        subject->link->bringers.cuda, subject->of->project);
    else if (other != NULL)
        sw_finding_hint(findings, finding,
                        "it is built for CUDA %s, and torch for CUDA %s: take a build of %s for torch's "
                        "CUDA, or torch for CUDA %s",
                        other, subject->link->bringers.cuda, subject->of->project, other);
    else
        sw_finding_hint(
            findings, finding,
            "add to the requirements the projects that bring them, or take an image that has them");
}

static void add_all(const struct lacks *lacks, struct sw_finding *finding)
{
    sw_link_about(lacks->subject, finding);
    for (size_t i = 0; i < lacks->count; i++)
        sw_link_evidence(lacks->subject, finding, lacks->by[i], lacks->how, lacks->names[i]);
}

static enum sw_severity severity_of(const struct lacks *lacks)
{
    enum sw_severity severity = SW_NOTE;
    for (size_t i = 0; i < lacks->count; i++) {
        enum sw_severity other = sw_link_severity_of(lacks->subject, lacks->by[i]);
        severity = other > severity ? other : severity;
    }
    return severity;
}

/* The libraries of CUDA may come with something that is not known: then the finding says so, and is no error. */
static void report_cuda(const struct lacks *lacks)
{
    const struct sw_link_subject *subject = lacks->subject;
    const struct sw_link *link = subject->link;
    const char *open = link->set.open;
    if (open != NULL || !link->bringers.base_known) {
        struct sw_finding *finding =
            sw_stack_find(link->stack, "SW403", SW_NOTE, subject->of->pin->at,
                          "%s %s %s, and it is not known who brings it: %s", subject->text, lacks->how,
                          lacks->names[0], open == NULL ? "the catalog does not know the base image" : open);
        add_all(lacks, finding);
        return;
    }
    /* The image of which a requirements file says nothing may have the CUDA that torch does not bring. */
    bool may_come = !sw_stack_names_image(link->stack) && sw_link_other_cuda(subject) == NULL;
    enum sw_severity severity = severity_of(lacks);
    struct sw_finding *finding = sw_stack_find(
        link->stack, "SW217", may_come && severity > SW_WARNING ? SW_WARNING : severity, subject->of->pin->at,
        "%s %s %s, which %s", subject->text, lacks->how, lacks->names[0],
        may_come ? "no requirement brings, and the file names no image" : "nothing in the image brings");
    add_all(lacks, finding);
    add_cures(lacks, finding);
}

static void report_packages(const struct lacks *lacks)
{
    const struct sw_link_subject *subject = lacks->subject;
    struct sw_stack *stack = subject->link->stack;
    const char *before = "";
    /* The system that files of others are installed on may have more than their base image. */
    enum sw_severity severity = stack->input->profile->is_found ? SW_WARNING : sw_link_severity(subject);
    struct sw_finding *finding =
        sw_stack_find(stack, "SW217", severity, subject->of->pin->at,
                      "%s needs %s, which nothing in the image brings", subject->text, lacks->names[0]);
    add_all(lacks, finding);
    for (size_t i = 0; i < lacks->count; i++) {
        const struct sw_node *row = sw_bringers_package(&subject->link->bringers, lacks->names[i]);
        const char *package = sw_node_text(sw_node_get(row, "package"), "");
        if (strcmp(package, before) == 0)
            continue;
        sw_stack_evidence(stack, finding, row, "package %s has %s", package, lacks->names[i]);
        sw_finding_fix(stack->findings, finding, SW_EDIT_ADD, "system_packages", package);
        before = package;
    }
    sw_finding_hint(stack->findings, finding, "add the packages to system_packages");
}

/* ---- needed libraries ---- */

static bool uses_cuda(const struct sw_link_subject *subject, const struct sw_index_library *library)
{
    for (size_t i = 0; i < library->needed.count; i++) {
        if (project_of(subject, library->needed.items[i]) != NULL)
            return true;
    }
    return false;
}

/* Return true if a library of the wheel uses CUDA. It is a fault if none of these can be loaded. */
static bool check_cuda(const struct sw_link_subject *subject)
{
    struct lacks lacks = {.subject = subject, .how = "needs"};
    bool uses = false, works = false;
    for (size_t i = 0; i < subject->wheel->count; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        if (!sw_link_is_own(library) || !uses_cuda(subject, library))
            continue;
        uses = true;
        works = !add_needed(&lacks, library, SW_NOT_BROUGHT_PROJECT) || works;
    }
    if (uses && !works)
        report_cuda(&lacks);
    return uses;
}

/* Report a wheel of which all libraries need a library that only a package of the system has. */
static void check_packages(const struct sw_link_subject *subject)
{
    struct lacks lacks = {.subject = subject, .how = "needs"};
    for (size_t i = 0; i < subject->wheel->count; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        if (sw_link_is_own(library) && !add_needed(&lacks, library, SW_NOT_BROUGHT_PACKAGE))
            return;
    }
    if (lacks.count > 0 && subject->link->bringers.base_known)
        report_packages(&lacks);
}

/* ---- opened libraries ---- */

/* The length of a library's stem: "libcublas" of "libcublas.so.12". */
static size_t stem_of(const char *library)
{
    const char *end = strstr(library, ".so");
    return end == NULL ? strlen(library) : (size_t)(end - library);
}

/* Return true if the wheel opens the library in some version that somebody brings. */
static bool has_other(const struct sw_link_subject *subject, const char *library)
{
    size_t stem = stem_of(library);
    for (size_t i = 0; i < subject->wheel->count; i++) {
        const struct sw_index_texts *opened = &subject->wheel->items[i].opened;
        for (size_t k = 0; k < opened->count; k++) {
            if (stem_of(opened->items[k]) == stem && strncmp(opened->items[k], library, stem) == 0 &&
                find(subject, opened->items[k]) == SW_BROUGHT)
                return true;
        }
    }
    return false;
}

static void check_opened(const struct sw_link_subject *subject)
{
    const struct sw_stack *stack = subject->link->stack;
    struct lacks lacks = {.subject = subject, .how = "opens"};
    bool gpu = stack->target_count > 0 || stack->torch.cuda != NULL || stack->driver != NULL;
    for (size_t i = 0; i < subject->wheel->count && gpu; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        for (size_t k = 0; k < library->opened.count; k++) {
            const char *name = library->opened.items[k];
            const struct sw_node *row = project_of(subject, name);
            if (sw_node_boolean(sw_node_get(row, "opened"), false) && !has_other(subject, name))
                add_lack(&lacks, library, name);
        }
    }
    if (lacks.count > 0)
        report_cuda(&lacks);
}

void sw_link_check_libraries(const struct sw_link_subject *subject)
{
    if (!check_cuda(subject))
        check_opened(subject);
    check_packages(subject);
}
