/* A package built against one torch, beside another torch: SW205. */
#include "check/check_internal.h"

#include "base/limits.h"
#include "check/closed_set.h"
#include "python/wheel_name.h"

/* The torch release whose row names that release of a companion, or NULL. */
static const struct sw_node *torch_of(const struct sw_stack *stack, const char *project, const char *version)
{
    return sw_catalog_row(stack->catalog->torch, project, version);
}

static bool has_own_row(const struct sw_stack *stack, const char *project, const char *version)
{
    size_t at = 0;
    return sw_catalog_next(stack->catalog->companions, &at, project, version) != NULL;
}

/* The pin of a companion, else the member of the closed set, else a requirement that leaves it open. A constraint decides the release of a
 * companion that is required. */
static const struct sw_pin *companion_pin(const struct sw_stack *stack, const char *project)
{
    const struct sw_pin *pin = sw_stack_installed(stack, project),
                        *required = sw_stack_requirement(stack, project);
    return pin == NULL || (pin->is_constraint && required == NULL) ? required : pin;
}

/* `other` is the torch that names the release; NULL: the requirement excludes `built`. */
static void report_paired(struct sw_stack *stack, const struct sw_pin *pin, const char *built,
                          const struct sw_node *other)
{
    const char *project = pin->project;
    const char *release = pin->version == NULL ? NULL : sw_stack_public(stack, pin->version);
    struct sw_finding *finding =
        release == NULL
            ? sw_stack_find(stack, "SW205", SW_ERROR, pin->at, "'%s' excludes %s, which belongs to torch %s",
                            sw_node_text(pin->at, ""), built, stack->torch.version)
            : sw_stack_find(stack, "SW205", SW_ERROR, pin->at, "%s %s belongs to torch %s, not to torch %s",
                            project, release, sw_node_text(sw_node_get(other, "version"), ""),
                            stack->torch.version);
    sw_finding_subject(stack->findings, finding, project);
    sw_stack_evidence(stack, finding, stack->torch.row, "torch %s: %s %s", stack->torch.version, project,
                      built);
    if (other != NULL)
        sw_stack_evidence(stack, finding, other, "torch %s: %s %s",
                          sw_node_text(sw_node_get(other, "version"), ""), project, release);
    sw_finding_hint(stack->findings, finding, "%s %s is the one for torch %s", project, built,
                    stack->torch.version);
    const char *fixed = sw_arena_format(stack->b.arena, "%s==%s", project, built);
    if (release != NULL && fixed != NULL && pin->requirement.marker == NULL &&
        pin->requirement.extra_count == 0)
        sw_finding_fix(stack->findings, finding, SW_EDIT_SET, pin->path, fixed);
}

/* torchvision, torchaudio and triton: torch's row names the one release. A release that no row names is not judged, and one
 * that allows several torches has a row of its own. A member that does not fit breaks a bar of the set, which is told there. */
static void check_paired(struct sw_stack *stack, const char *project)
{
    const struct sw_pin *pin = companion_pin(stack, project);
    const char *built = sw_stack_companion(stack, project);
    struct sw_version version;
    if (pin == NULL || built == NULL || pin->requirement.url.n > 0 ||
        sw_version_parse(&version, sw_str_from(built), NULL) != 0)
        return;
    const char *release = pin->version == NULL ? NULL : sw_stack_public(stack, pin->version);
    bool fits = release == NULL
                    ? sw_specifier_set_contains(&pin->requirement.specifiers, &version, SW_PRERELEASES_ALLOW)
                    : strcmp(release, built) == 0;
    const struct sw_node *other = release == NULL ? NULL : torch_of(stack, project, release);
    bool named = release == NULL || other != NULL || fits,
         own = has_own_row(stack, project, release == NULL ? built : release);
    if (!own)
        sw_stack_cover(stack, SW_ASPECT_GPU, project,
                       fits    ? SW_PROVEN
                       : named ? SW_WRONG
                               : SW_NOT_JUDGED,
                       fits || named ? NULL : "no torch release that is known names this release");
    bool judged = release != NULL && (other == NULL || own);
    if (!fits && !judged && !pin->is_member)
        report_paired(stack, pin, built, other);
}

/* A local version of another CUDA than torch's: "0.23.0+cu126" beside torch for 12.8. */
static void check_variant(struct sw_stack *stack, const struct sw_pin *pin)
{
    const char *local = pin->version == NULL ? NULL : strchr(pin->version, '+');
    const char *variant =
        stack->torch.cuda == NULL ? NULL : sw_catalog_variant(stack->b.arena, stack->torch.cuda);
    if (local == NULL || variant == NULL || strncmp(local, "+cu", 3) != 0 || strcmp(local + 1, variant) == 0)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW205", SW_ERROR, pin->at, "%s %s is built for another CUDA than torch's %s",
                      pin->project, pin->version, stack->torch.cuda);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence_pin(stack, finding, pin);
    sw_finding_hint(stack->findings, finding, "leave the local version out: it comes from torch's index");
}

/* The newest release of a project whose row in companions.yaml names that release alone and that is built for
 * this torch; NULL if none is known. */
static const char *release_for(const struct sw_stack *stack, const char *project)
{
    const struct sw_node *row;
    const char *newest = NULL;
    size_t at = 0;
    while ((row = sw_catalog_next(stack->catalog->companions, &at, project, NULL)) != NULL) {
        const char *releases = sw_node_text(sw_node_get(row, "releases"), "");
        bool one = strncmp(releases, "==", 2) == 0 && strpbrk(releases, "*,") == NULL;
        if (one && sw_catalog_covers(sw_node_text(sw_node_get(row, "torch"), ""), stack->torch.version) &&
            (newest == NULL || sw_catalog_compare(releases + 2, newest) > 0))
            newest = releases + 2;
    }
    return newest;
}

/* Rows of companions.yaml. */
static void check_row(struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row)
{
    const char *wants = sw_node_text(sw_node_get(row, "torch"), "");
    bool fits = sw_catalog_covers(wants, stack->torch.version);
    bool paired = sw_stack_companion(stack, pin->project) != NULL;
    sw_stack_cover(stack, SW_ASPECT_GPU, pin->project,
                   !fits    ? SW_WRONG
                   : paired ? SW_PROVEN
                            : SW_NOT_JUDGED,
                   fits && !paired ? "built for this torch; its GPU code is not known" : NULL);
    if (fits || (pin->is_member && sw_closed_set_bars(row)))
        return;
    bool compiles = sw_node_boolean(sw_node_get(row, "compiles"), false);
    const char *version = sw_stack_public(stack, pin->version);
    struct sw_finding *finding =
        sw_stack_find(stack, "SW205", compiles ? SW_WARNING : SW_ERROR, pin->at,
                      compiles ? "%s %s has wheels for torch %s only: for torch %s it is compiled from source"
                               : "%s %s is built for torch %s, not for torch %s",
                      pin->project, version, wants, stack->torch.version);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_stack_evidence(stack, finding, row, "%s %s: torch %s", pin->project, version, wants);
    sw_stack_evidence_brought(stack, finding, pin);
    const char *other = release_for(stack, pin->project);
    if (other == NULL) {
        sw_finding_hint(stack->findings, finding, "choose a release of %s built for torch %s", pin->project,
                        stack->torch.version);
        return;
    }
    sw_finding_hint(stack->findings, finding, "%s %s is built for torch %s", pin->project, other,
                    stack->torch.version);
    const char *exact = sw_arena_format(stack->b.arena, "==%s", other);
    if (exact != NULL)
        sw_stack_fix_pin(stack, finding, pin, exact);
}

static bool starts_with_release(const char *version, struct sw_str wanted)
{
    return strncmp(version, wanted.p, wanted.n) == 0 &&
           (version[wanted.n] == '.' || version[wanted.n] == '\0');
}

/* The local version of a wheel's URL names the torch that it was built against:
 * flash_attn-2.7.4+cu12torch2.6cxx11abiFALSE-…whl. */
static void check_wheel(struct sw_stack *stack, const struct sw_pin *pin)
{
    struct sw_wheel_name name;
    struct sw_str rest = pin->requirement.url, file = {0};
    while (rest.p != NULL)
        file = sw_str_cut(&rest, '/');
    file = sw_str_cut(&file, '#');
    SW_BUFFER_AUTO decoded; /* '+' is often written as %2B */
    sw_buffer_init(&decoded, SW_MAX_REQUIREMENT_SIZE);
    for (size_t i = 0; i < file.n; i++) {
        bool plus =
            file.n - i >= 3 && (strncmp(file.p + i, "%2B", 3) == 0 || strncmp(file.p + i, "%2b", 3) == 0);
        sw_buffer_add_char(&decoded, plus ? '+' : file.p[i]);
        i += plus ? 2 : 0;
    }
    if (sw_wheel_name_parse(&name, sw_buffer_str(&decoded), NULL) != 0)
        return;
    size_t at = sw_str_find(name.version.local, SW_STR("torch"));
    if (at == name.version.local.n)
        return;
    struct sw_str built = sw_str_drop(name.version.local, at + strlen("torch"));
    size_t length = 0;
    while (length < built.n && (sw_is_digit((unsigned char)built.p[length]) || built.p[length] == '.'))
        length++;
    built.n = length;
    if (built.n == 0 || starts_with_release(stack->torch.version, built))
        return;
    struct sw_finding *finding = sw_stack_find(stack, "SW205", SW_ERROR, pin->at,
                                               "this wheel of %s is built for torch %.*s, not for torch %s",
                                               pin->project, SW_STR_FORMAT(built), stack->torch.version);
    sw_finding_subject(stack->findings, finding, pin->project);
    sw_finding_evidence(stack->findings, finding, sw_buffer_str(&decoded), "the wheel's file name");
    sw_finding_hint(stack->findings, finding, "take the wheel with torch%.*s in its name",
                    (int)strcspn(stack->torch.version, ".") + 1 +
                        (int)strcspn(stack->torch.version + strcspn(stack->torch.version, ".") + 1, "."),
                    stack->torch.version);
}

void sw_check_companions(struct sw_stack *stack)
{
    if (stack->torch.version == NULL)
        return;
    static const char *const paired[] = {"torchvision", "torchaudio", "triton"};
    for (size_t i = 0; i < SW_COUNT(paired); i++)
        check_paired(stack, paired[i]);
    const struct sw_pin *pin;
    for (size_t i = 0; (pin = sw_stack_item(stack, i)) != NULL; i++) {
        const struct sw_node *row;
        size_t at = 0;
        if (pin->requirement.url.n > 0)
            check_wheel(stack, pin);
        if (strcmp(pin->project, "torchvision") == 0 || strcmp(pin->project, "torchaudio") == 0)
            check_variant(stack, pin);
        while (pin->version != NULL &&
               (row = sw_catalog_next(stack->catalog->companions, &at, pin->project, pin->version)) != NULL)
            check_row(stack, pin, row);
    }
}
