/* Symbols of torch that the wheels need and the torch of the stack does not export: SW218.
 *
 * All symbols are resolved when a library is loaded, as Python and torch load them. A name that no known release of torch
 * exports is not judged. Of libraries whose names differ in their numbers only, as those for several torch or FFmpeg, one
 * that can be loaded is enough. */
#include "check/link_internal.h"

#include "base/limits.h"

static const char *base_name(const struct sw_index_library *library)
{
    const char *slash = strrchr(library->member, '/');
    return slash == NULL ? library->member : slash + 1;
}

static bool is_of_wheel(const struct sw_link_subject *subject, const char *name)
{
    for (size_t i = 0; i < subject->wheel->count; i++) {
        if (strcmp(base_name(&subject->wheel->items[i]), name) == 0)
            return true;
    }
    return false;
}

/* Only libraries that take their symbols from torch, the system and the wheel itself are judged. */
static bool is_closed(const struct sw_link_subject *subject, const struct sw_index_library *library)
{
    const struct sw_bringers *bringers = &subject->link->bringers;
    for (size_t i = 0; i < library->needed.count; i++) {
        const char *name = library->needed.items[i];
        if (!is_of_wheel(subject, name) && !sw_bringers_are_system(bringers, name) &&
            sw_bringers_project(bringers, name, NULL) == NULL && sw_bringers_package(bringers, name) == NULL)
            return false;
    }
    return true;
}

/* Return true if the name is missing; `having` gets the releases that have it, or all if none is known. */
static bool is_missing(uint64_t *having, const struct sw_link *link, const char *symbol)
{
    *having = sw_torch_symbols_having(link->symbols, symbol);
    if (*having == 0)
        *having = UINT64_MAX;
    return (*having >> link->release & 1) == 0;
}

static bool can_be_loaded(const struct sw_link_subject *subject, const struct sw_index_library *library)
{
    uint64_t having;
    for (size_t i = 0; i < library->symbols.count; i++) {
        if (is_missing(&having, subject->link, library->symbols.items[i]))
            return false;
    }
    return true;
}

/* Return true if the digits of a release, "29" or "2_9", are not those of torch's first two numbers. */
static bool is_another(const char *digits, const char *torch)
{
    for (; sw_is_digit((unsigned char)*digits) || *digits == '_' || *digits == '.'; digits++) {
        if (!sw_is_digit((unsigned char)*digits))
            continue;
        torch += *torch == '.';
        if (*torch++ != *digits)
            return true;
    }
    return sw_is_digit((unsigned char)*torch);
}

/* Return true if the name says that the library is for another torch: "torch29" is for 2.9. */
static bool is_for_another(const struct sw_link *link, const struct sw_index_library *library)
{
    const char *word = strstr(base_name(library), "torch");
    for (; word != NULL; word = strstr(word + 1, "torch")) {
        if (sw_is_digit((unsigned char)word[strlen("torch")]))
            return is_another(word + strlen("torch"), link->bringers.torch);
    }
    return false;
}

/* Return true if two names differ in their numbers only. */
static bool is_variant(const char *a, const char *b)
{
    for (;;) {
        while (sw_is_digit((unsigned char)*a))
            a++;
        while (sw_is_digit((unsigned char)*b))
            b++;
        if (*a != *b || *a == '\0')
            return *a == *b;
        a++;
        b++;
    }
}

static bool has_variant(const struct sw_link_subject *subject, const struct sw_index_library *library)
{
    for (size_t i = 0; i < subject->wheel->count; i++) {
        const struct sw_index_library *other = &subject->wheel->items[i];
        if (other != library && sw_link_is_own(other) && is_variant(base_name(other), base_name(library)) &&
            can_be_loaded(subject, other))
            return true;
    }
    return false;
}

/* ---- findings ---- */

/* "2.9.0 to 2.9.1", the releases that a set of bits stands for; empty if there are none. */
static const char *releases_text(const struct sw_link *link, uint64_t having)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    for (size_t i = 0; i < link->symbols->release_count; i++) {
        size_t last = i;
        if ((having >> i & 1) == 0)
            continue;
        while (last + 1 < link->symbols->release_count && (having >> (last + 1) & 1) != 0)
            last++;
        sw_buffer_addf(&text, "%s%s", text.n == 0 ? "" : ", ", link->symbols->releases[i].version);
        if (last > i)
            sw_buffer_addf(&text, " to %s", link->symbols->releases[last].version);
        i = last;
    }
    const char *copy = sw_arena_copy(link->stack->b.arena, sw_buffer_str(&text));
    return copy == NULL ? "" : copy;
}

static struct sw_finding *report(const struct sw_link_subject *subject,
                                 const struct sw_index_library *library, const char *symbol)
{
    struct sw_stack *stack = subject->link->stack;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW218", sw_link_severity_of(subject, library), subject->of->pin->at,
                      "%s needs a symbol that torch %s does not export: %s", subject->text,
                      subject->link->bringers.torch, symbol);
    sw_link_about(subject, finding);
    return finding;
}

/* Say which releases of torch have all that the wheel needs. */
static void finish(const struct sw_link_subject *subject, struct sw_finding *finding, uint64_t having,
                   size_t missing)
{
    const struct sw_link *link = subject->link;
    struct sw_findings *findings = link->stack->findings;
    const char *releases = releases_text(link, having), *torch = link->bringers.torch;
    const char *text = sw_arena_format(link->stack->b.arena, "%s: %zu of the needed symbols are not exported",
                                       link->symbols->releases[link->release].file, missing);
    if (text != NULL)
        sw_finding_evidence(findings, finding, sw_str_from(text), "profiles/catalog/torch.symbols");
    if (releases[0] == '\0')
        sw_finding_hint(findings, finding, "pin a release of %s that is built for torch %s",
                        subject->of->project, torch);
    else
        sw_finding_hint(
            findings, finding,
            "its symbols are those of torch %s: pin that torch, or a %s that is built for torch %s", releases,
            subject->of->project, torch);
}

void sw_link_check_symbols(const struct sw_link_subject *subject)
{
    const struct sw_link *link = subject->link;
    uint64_t all = UINT64_MAX, having;
    size_t missing = 0;
    struct sw_finding *finding = NULL;
    for (size_t i = 0; link->release < link->symbols->release_count && i < subject->wheel->count; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        if (!sw_link_is_own(library) || is_for_another(link, library) || !is_closed(subject, library) ||
            has_variant(subject, library))
            continue;
        for (size_t k = 0; k < library->symbols.count; k++) {
            bool gone = is_missing(&having, link, library->symbols.items[k]);
            all &= having;
            if (!gone)
                continue;
            if (finding == NULL)
                finding = report(subject, library, library->symbols.items[k]);
            if (missing++ < SW_LINK_SHOWN)
                sw_link_evidence(subject, finding, library, "needs", library->symbols.items[k]);
        }
    }
    if (finding != NULL)
        finish(subject, finding, all, missing);
}

/* Return true if a wheel takes symbols from torch, so that the table of them is worth reading. */
static bool needs_symbols(const struct sw_link *link)
{
    for (size_t i = 0; i < link->count; i++) {
        for (size_t k = 0; k < link->wheels[i].count; k++) {
            if (link->wheels[i].items[k].symbols.count > 0)
                return true;
        }
    }
    return false;
}

/* The release 2.6 has wheels of two ABIs, of which the table has that of the default index. */
int sw_link_read_symbols(struct sw_link *link, struct sw_error *error)
{
    static const struct sw_torch_symbols none = {.release_count = 0};
    const struct sw_stack *stack = link->stack;
    link->symbols = &none;
    if (!needs_symbols(link))
        return 0;
    int code = sw_torch_table_read(&link->symbols, stack->catalog->torch_symbols, error);
    if (code != 0)
        return code;
    link->release = link->symbols->release_count;
    const char *torch = link->bringers.torch, *cuda = link->bringers.cuda;
    if (torch == NULL || strcmp(link->set.candidates->environment.platform_machine, SW_CATALOG_MACHINE) != 0)
        return 0;
    size_t release = sw_torch_symbols_release(link->symbols, torch);
    bool same = release < link->symbols->release_count && cuda != NULL &&
                strcmp(link->symbols->releases[release].cuda, cuda) == 0;
    if (same || strcmp(torch, "2.6.0") != 0)
        link->release = release;
    return 0;
}
