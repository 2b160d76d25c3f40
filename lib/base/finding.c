#include "base/finding.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdarg.h>

const struct sw_finding_code sw_finding_codes[] = {
    {"SW101", "unknown-key", "a key that the profile does not have"},
    {"SW102", "bad-value", "a value of the wrong type, range or syntax"},
    {"SW103", "bad-extends", "an unknown or circular parent"},
    {"SW104", "needs-permission",
     "the profile asks for something of this host that only its caller may give"},
    {"SW201", "gpu-not-served", "the torch build carries no code that a target GPU can run"},
    {"SW202", "gpu-dropped", "this CUDA or torch release no longer serves a target GPU"},
    {"SW203", "driver-too-old", "the CUDA of the wheels, or the GPU, needs a newer driver"},
    {"SW204", "not-published", "no such release, or not for that CUDA, Python or platform"},
    {"SW205", "companion-mismatch", "a companion package of another torch"},
    {"SW206", "assertion-cannot-hold", "an assertion that the pinned wheels already contradict"},
    {"SW207", "no-cuda-library", "a package has no library for torch's CUDA"},
    {"SW208", "library-not-for-gpu", "a package's CUDA library has no code for a target GPU"},
    {"SW209", "import-breaks", "a module that one package imports is not in the other's pinned release"},
    {"SW210", "requirements-contradict", "the pins cannot all hold"},
    {"SW211", "python-unsupported", "a pin excludes the image's Python"},
    {"SW212", "may-be-replaced", "a later install could replace the pinned torch"},
    {"SW213", "known-bad", "a release that its users exclude, or that was yanked or never published"},
    {"SW214", "numpy-abi", "built for the other NumPy"},
    {"SW215", "override-in-vain", "an override is set without need, or cannot help"},
    {"SW216", "base-image",
     "CUDA in the base image that nothing uses, or a driver demand that does not match"},
    {"SW217", "library-missing", "a package needs a shared library that nothing in the image brings"},
    {"SW218", "symbol-missing",
     "a package is compiled for another torch: a symbol that it needs is not there"},
    {"SW219", "files-overwritten", "two packages install the same file with other contents"},
    {"SW220", "platform-mismatch", "glibc, musl or the machine of the base or the GPUs does not fit"},
    {"SW221", "runs-on-cpu", "a package would import and use no GPU"},
    {"SW222", "nothing-to-prove", "no Python requirement was found, or none that could be judged"},
    {"SW223", "base-stack", "the torch that the base image brings is replaced"},
    {"SW224", "lock-stale", "the lock was made from something else than the profile as it stands"},
    {"SW226", "no-set", "no set of releases satisfies the requirements on the target"},
    {"SW230", "must-be-compiled",
     "a project has only source for the target, and its build needs torch or a compiler"},
    {"SW231", "python-installed", "the base image has another Python: a build of it is installed"},
    {"SW232", "program-missing",
     "a step or the health check runs a program that nothing in the image brings"},
    {"SW301", "asserted-cuda-differs", "the build shows another CUDA than asserted"},
    {"SW302", "asserted-version-differs", "the build shows another version than asserted"},
    {"SW303", "cuda-library-missing", "a CUDA library that a package wants is not there"},
    {"SW304", "two-installs", "two releases of one package lie in one site-packages"},
    {"SW305", "module-gone", "an import of something that the installed release no longer has"},
    {"SW306", "resolution-impossible", "the installer cannot satisfy the pins"},
    {"SW307", "not-found", "no matching distribution, image, tag or file"},
    {"SW308", "no-kernel-image", "the GPU's code is missing at run time"},
    {"SW309", "out-of-space", "a disk is full"},
    {"SW310", "out-of-memory", "memory ran out"},
    {"SW311", "network", "a host could not be reached or broke off"},
    {"SW312", "permission", "something may not be read, written or run"},
    {"SW313", "compiler", "a compiler, its headers or its toolkit is missing or failed"},
    {"SW399", "unexplained", "the build failed and no rule knows why"},
    {"SW401", "probe-failed", "an assertion did not hold in the built image"},
    {"SW402", "image-differs", "the image holds other releases than the plan"},
    {"SW403", "not-verified", "something could not be tried here"},
    {"SW501", "engine", "the engine refused or went away"},
    {"SW601", "catalog-drift", "a row of the catalog says other than the wheels"},
    {"SW602", "catalog-gap", "a release that the catalog does not know yet"},
};
const size_t sw_finding_codes_count = SW_COUNT(sw_finding_codes);

const struct sw_finding_code *sw_finding_code_find(const char *code_or_name)
{
    for (size_t i = 0; i < sw_finding_codes_count; i++) {
        const struct sw_finding_code *row = &sw_finding_codes[i];
        if (strcmp(row->code, code_or_name) == 0 || strcmp(row->name, code_or_name) == 0)
            return row;
    }
    return NULL;
}

const char *sw_severity_name(enum sw_severity severity)
{
    static const char *const names[] = {[SW_NOTE] = "note", [SW_WARNING] = "warning", [SW_ERROR] = "error"};
    return names[severity];
}

const char *sw_edit_op_name(enum sw_edit_op op)
{
    static const char *const names[] = {
        [SW_EDIT_SET] = "set", [SW_EDIT_ADD] = "add", [SW_EDIT_REMOVE] = "remove"};
    return names[op];
}

void sw_findings_init(struct sw_findings *list)
{
    *list = (struct sw_findings){0};
    sw_arena_init(&list->arena, SW_MAX_ARENA);
}

void sw_findings_release(struct sw_findings *list)
{
    if (list == NULL)
        return;
    sw_arena_release(&list->arena);
    *list = (struct sw_findings){.arena.max = list->arena.max};
}

/* A text of the list, or a stand-in that says that memory ran out. */
static const char *kept(const char *text)
{
    return text == NULL ? "(out of memory)" : text;
}

SW_PRINTF(2, 0)
static const char *format_text(struct sw_findings *list, const char *format, va_list arguments)
{
    char text[2048];
    (void)vsnprintf(text, sizeof text, format, arguments);
    return kept(sw_arena_text(&list->arena, text));
}

static struct sw_finding *append(struct sw_findings *list)
{
    static struct sw_finding thrown_away;
    struct sw_finding *finding = NULL;
    struct sw_finding **items = NULL;
    if (list->count < SW_MAX_FINDINGS) {
        finding = sw_arena_alloc(&list->arena, sizeof *finding);
        items = sw_arena_grow(&list->arena, list->items, list->count, sizeof(struct sw_finding *));
    }
    if (finding == NULL || items == NULL) {
        list->dropped++;
        thrown_away = (struct sw_finding){0};
        return &thrown_away;
    }
    list->items = items;
    list->items[list->count++] = finding;
    return finding;
}

struct sw_finding *sw_findings_add(struct sw_findings *list, const char *code, enum sw_severity severity,
                                   const char *format, ...)
{
    struct sw_finding *finding = append(list);
    va_list arguments;
    va_start(arguments, format);
    finding->message = format_text(list, format, arguments);
    va_end(arguments);
    finding->code = kept(sw_arena_text(&list->arena, code));
    finding->severity = severity;
    return finding;
}

struct sw_finding *sw_findings_add_error(struct sw_findings *list, const char *code,
                                         const struct sw_error *error)
{
    if (code == NULL && error->code == SW_EREFUSED)
        code = "SW104";
    else if (code == NULL && error->code == SW_EENV)
        code = strcasestr(error->text, "no space left on device") != NULL ? "SW309" : "SW501";
    else if (code == NULL)
        code = "SW102";
    struct sw_finding *finding = sw_findings_add(list, code, SW_ERROR, "%s", error->text);
    if (error->file[0] != '\0')
        sw_finding_place(list, finding, error->file, error->line, error->column);
    if (error->hint[0] != '\0')
        sw_finding_hint(list, finding, "%s", error->hint);
    return finding;
}

void sw_finding_subject(struct sw_findings *list, struct sw_finding *finding, const char *subject)
{
    finding->subject = kept(sw_arena_text(&list->arena, subject));
}

void sw_finding_place(struct sw_findings *list, struct sw_finding *finding, const char *file, unsigned line,
                      unsigned column)
{
    if (file == NULL)
        return;
    finding->file = kept(sw_arena_text(&list->arena, file));
    finding->line = line;
    finding->column = column;
}

void sw_finding_evidence(struct sw_findings *list, struct sw_finding *finding, struct sw_str text,
                         const char *source)
{
    struct sw_evidence *rows =
        sw_arena_grow(&list->arena, finding->evidence, finding->evidence_count, sizeof(struct sw_evidence));
    if (rows == NULL)
        return;
    finding->evidence = rows;
    struct sw_evidence *row = &rows[finding->evidence_count++];
    row->text = kept(sw_text_clean(&list->arena, text));
    row->source = kept(sw_arena_text(&list->arena, source));
    row->line = 0;
}

void sw_finding_hint(struct sw_findings *list, struct sw_finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    finding->hint = format_text(list, format, arguments);
    va_end(arguments);
}

void sw_finding_fix(struct sw_findings *list, struct sw_finding *finding, enum sw_edit_op op,
                    const char *path, const char *value)
{
    struct sw_edit *rows =
        sw_arena_grow(&list->arena, finding->fix, finding->fix_count, sizeof(struct sw_edit));
    if (rows == NULL)
        return;
    finding->fix = rows;
    struct sw_edit *row = &rows[finding->fix_count++];
    row->op = op;
    row->path = kept(sw_arena_text(&list->arena, path));
    row->value = value == NULL ? NULL : kept(sw_arena_text(&list->arena, value));
}

struct sw_finding *sw_findings_copy(struct sw_findings *list, const struct sw_finding *finding)
{
    struct sw_finding *copy = sw_findings_add(list, finding->code, finding->severity, "%s", finding->message);
    if (finding->subject != NULL)
        sw_finding_subject(list, copy, finding->subject);
    sw_finding_place(list, copy, finding->file, finding->line, finding->column);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        sw_finding_evidence(list, copy, sw_str_from(finding->evidence[i].text), finding->evidence[i].source);
        if (copy->evidence_count == i + 1)
            copy->evidence[i].line = finding->evidence[i].line;
    }
    if (finding->hint != NULL)
        sw_finding_hint(list, copy, "%s", finding->hint);
    for (size_t i = 0; i < finding->fix_count; i++)
        sw_finding_fix(list, copy, finding->fix[i].op, finding->fix[i].path, finding->fix[i].value);
    if (finding->url != NULL)
        copy->url = kept(sw_arena_text(&list->arena, finding->url));
    if (finding->proof != NULL)
        copy->proof = kept(sw_arena_text(&list->arena, finding->proof));
    copy->confidence = finding->confidence;
    copy->first_line = finding->first_line;
    copy->last_line = finding->last_line;
    return copy;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_at(const struct sw_finding *finding, const char *file, unsigned line, unsigned column)
{
    return same_text(finding->file, file) && finding->line == line && finding->column == column;
}

bool sw_finding_same_moved(const struct sw_finding *a, const struct sw_finding *b)
{
    return strcmp(a->code, b->code) == 0 && same_text(a->subject, b->subject) &&
           strcmp(a->message, b->message) == 0;
}

bool sw_finding_same(const struct sw_finding *a, const struct sw_finding *b)
{
    return is_at(a, b->file, b->line, b->column) && sw_finding_same_moved(a, b);
}

struct sw_finding *sw_findings_about(const struct sw_findings *list, const char *code, const char *subject,
                                     const char *file, unsigned line, unsigned column)
{
    for (size_t i = 0; i < list->count; i++) {
        struct sw_finding *finding = list->items[i];
        if (is_at(finding, file, line, column) && strcmp(finding->code, code) == 0 &&
            same_text(finding->subject, subject))
            return finding;
    }
    return NULL;
}

void sw_findings_unique(struct sw_findings *list)
{
    size_t kept_count = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool seen = false;
        for (size_t j = 0; j < kept_count && !seen; j++)
            seen = sw_finding_same(list->items[j], list->items[i]);
        if (!seen)
            list->items[kept_count++] = list->items[i];
    }
    list->count = kept_count;
}

size_t sw_findings_count(const struct sw_findings *list, enum sw_severity severity)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i]->severity == severity;
    return count;
}

int sw_findings_code(const struct sw_findings *list)
{
    int code = SW_OK;
    for (size_t i = 0; i < list->count; i++) {
        const struct sw_finding *finding = list->items[i];
        if (finding->severity != SW_ERROR)
            continue;
        bool refused = strcmp(finding->code, "SW104") == 0;
        if (strncmp(finding->code, "SW1", 3) == 0 && !refused)
            return SW_EINPUT;
        if (strcmp(finding->code, "SW501") == 0)
            code = SW_EENV;
        else if (code == SW_OK)
            code = SW_ENO;
    }
    return code;
}
