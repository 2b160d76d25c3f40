/* The glibc that the libraries of a wheel need, against that of the base image: SW220. The tag of a wheel promises a glibc; its
 * libraries tell the truth. A wheel may hold libraries that it can do without: it is a warning if only some of them need more. */
#include "check/link_internal.h"

#include "catalog/base_libc.h"

/* The minor number in "GLIBC_2.38"; 0 for another name. */
static unsigned minor_of(const char *version)
{
    static const char start[] = "GLIBC_2.";
    return strncmp(version, start, strlen(start)) == 0 ? (unsigned)strtoul(version + strlen(start), NULL, 10)
                                                       : 0;
}

/* The newest glibc that the library needs; NULL if it needs none. */
static const char *newest_of(const struct sw_index_library *library)
{
    const char *newest = NULL;
    for (size_t i = 0; i < library->versions.count; i++) {
        const char *version = library->versions.items[i];
        if (minor_of(version) > (newest == NULL ? 0 : minor_of(newest)))
            newest = version;
    }
    return newest;
}

static void report(const struct sw_link_subject *subject, const struct sw_base_libc *libc,
                   const struct sw_index_library *library, enum sw_severity severity)
{
    struct sw_stack *stack = subject->link->stack;
    const char *version = newest_of(library);
    struct sw_finding *finding = sw_stack_find(stack, "SW220", severity, subject->of->pin->at,
                                               "%s needs glibc 2.%u, and the base image has glibc 2.%u",
                                               subject->text, minor_of(version), libc->minor);
    sw_link_about(subject, finding);
    sw_link_evidence(subject, finding, library, "needs", version);
    sw_stack_evidence(stack, finding, libc->row, "%s: glibc 2.%u", libc->word, libc->minor);
    sw_finding_hint(stack->findings, finding,
                    "take a base image with glibc 2.%u or newer, or another release of %s", minor_of(version),
                    subject->of->project);
}

void sw_link_check_versions(const struct sw_link_subject *subject)
{
    const struct sw_stack *stack = subject->link->stack;
    const struct sw_node *base = sw_node_get(stack->input->plan->root, "base");
    const struct sw_base_libc libc =
        sw_catalog_base_libc(stack->catalog, sw_node_text(sw_node_get(base, "bootstrap"),
                                                          sw_node_text(sw_node_get(base, "reference"), "")));
    const struct sw_index_library *worst = NULL;
    bool works = false;
    for (size_t i = 0; i < subject->wheel->count && libc.row != NULL && !libc.musl; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        const char *newest = sw_link_is_own(library) ? newest_of(library) : NULL;
        bool more = newest != NULL && minor_of(newest) > libc.minor;
        works = works || (sw_link_is_own(library) && !more);
        if (more && (worst == NULL || minor_of(newest) > minor_of(newest_of(worst))))
            worst = library;
    }
    if (worst != NULL)
        report(subject, &libc, worst, works ? SW_WARNING : sw_link_severity(subject));
}
