/* The glibc and the libstdc++ that the libraries of a wheel need, against those of the base image: SW220. The tag of a wheel promises a
 * glibc; its libraries tell the truth. A wheel may hold libraries that it can do without: it is a warning if only some of them need more. */
#include "catalog/base_libc.h"
#include "check/link_internal.h"

/* A library of the base image whose symbols have versions. */
struct versioned {
    const char *start; /* "GLIBC_2." */
    const char *name;  /* "glibc 2." */
    const char *key;   /* of the rows of images.yaml */
    /* The file in a wheel, and words of a step, that bring another release of it. */
    const char *file, *steps[2];
};

static const struct versioned kinds[] = {
    {"GLIBC_2.", "glibc 2.", "glibc", "libc.so", {NULL, NULL}},
    {"GLIBCXX_3.4.",
     "libstdc++ with GLIBCXX_3.4.",
     "libstdcxx",
     "libstdc++",
     {"libstdc++", "ubuntu-toolchain"}},
};

/* The last number in "GLIBC_2.38" or "GLIBCXX_3.4.30"; 0 for a name of another kind. */
static unsigned number_of(const struct versioned *kind, const char *version)
{
    size_t n = strlen(kind->start);
    return strncmp(version, kind->start, n) == 0 ? (unsigned)strtoul(version + n, NULL, 10) : 0;
}

/* The newest version of the kind that the library needs; NULL if it needs none. */
static const char *newest_of(const struct versioned *kind, const struct sw_index_library *library)
{
    const char *newest = NULL;
    for (size_t i = 0; i < library->versions.count; i++) {
        const char *version = library->versions.items[i];
        if (number_of(kind, version) > (newest == NULL ? 0 : number_of(kind, newest)))
            newest = version;
    }
    return newest;
}

/* The last number of a version in a row: 30 of "3.4.30". 0 if the row has none. */
static unsigned number_in(const struct sw_node *row, const char *key)
{
    const char *dot = strrchr(sw_node_text(sw_node_get(row, key), ""), '.');
    return dot == NULL ? 0 : (unsigned)strtoul(dot + 1, NULL, 10);
}

/* Return true if a wheel of the set or a step may bring another library than the base image has. */
static bool is_replaced(const struct sw_link *link, const struct versioned *kind)
{
    for (size_t i = 0; i < link->count; i++) {
        for (size_t k = 0; k < link->wheels[i].count; k++) {
            const char *slash = strrchr(link->wheels[i].items[k].member, '/');
            if (slash != NULL && strncmp(slash + 1, kind->file, strlen(kind->file)) == 0)
                return true;
        }
    }
    const struct sw_node *step;
    for (size_t i = 0; (step = sw_stack_step(link->stack, i)) != NULL; i++) {
        const char *text = sw_node_text(step, sw_node_text(sw_node_get(step, "run"), ""));
        for (size_t k = 0; k < SW_COUNT(kind->steps); k++) {
            if (kind->steps[k] != NULL && strstr(text, kind->steps[k]) != NULL)
                return true;
        }
    }
    return false;
}

static void report(const struct sw_link_subject *subject, const struct versioned *kind,
                   const struct sw_base_libc *libc, const struct sw_index_library *library,
                   enum sw_severity severity)
{
    struct sw_stack *stack = subject->link->stack;
    const char *version = newest_of(kind, library);
    unsigned needed = number_of(kind, version), has = number_in(libc->row, kind->key);
    struct sw_finding *finding = sw_stack_find(stack, "SW220", severity, subject->of->pin->at,
                                               "%s needs %s%u, and the base image has %s%u", subject->text,
                                               kind->name, needed, kind->name, has);
    sw_link_about(subject, finding);
    sw_link_evidence(subject, finding, library, "needs", version);
    sw_stack_evidence(stack, finding, libc->row, "%s: %s%u", libc->word, kind->name, has);
    sw_finding_hint(stack->findings, finding,
                    "take a base image with %s%u or newer, or another release of %s", kind->name, needed,
                    subject->of->project);
}

static void check(const struct sw_link_subject *subject, const struct versioned *kind,
                  const struct sw_base_libc *libc)
{
    const struct sw_index_library *worst = NULL;
    unsigned has = number_in(libc->row, kind->key);
    bool works = false;
    for (size_t i = 0; i < subject->wheel->count && has > 0; i++) {
        const struct sw_index_library *library = &subject->wheel->items[i];
        const char *newest = sw_link_is_own(library) ? newest_of(kind, library) : NULL;
        bool more = newest != NULL && number_of(kind, newest) > has;
        works = works || (sw_link_is_own(library) && !more);
        if (more && (worst == NULL || number_of(kind, newest) > number_of(kind, newest_of(kind, worst))))
            worst = library;
    }
    if (worst != NULL && !is_replaced(subject->link, kind))
        report(subject, kind, libc, worst, works ? SW_WARNING : sw_link_severity(subject));
}

void sw_link_check_versions(const struct sw_link_subject *subject)
{
    const struct sw_stack *stack = subject->link->stack;
    const struct sw_node *base = stack->input->plan->parts.base.node;
    const struct sw_base_libc libc =
        sw_catalog_base_libc(stack->catalog, sw_node_text(sw_node_get(base, "bootstrap"),
                                                          sw_node_text(sw_node_get(base, "reference"), "")));
    for (size_t i = 0; i < SW_COUNT(kinds) && libc.row != NULL && !libc.musl; i++)
        check(subject, &kinds[i], &libc);
}
