/* Imports of modules that nothing in the closed set brings: SW209. The check speaks only if all that is installed is known:
 * a set with a file that was not listed, or an image with packages of its own, may have any module. */
#include "check/check_internal.h"

#include "check/imported_internal.h"
#include "check/wheel_set_internal.h"

enum { SHOWN = 5 };

/* The releases of the project that no longer have the module; NULL if none is known. */
static const char *ended(const struct sw_catalog *catalog, const char *project, const char *module)
{
    for (size_t i = 0; i < sw_node_count(catalog->removed); i++) {
        const struct sw_node *row = sw_node_item(catalog->removed, i), *names = sw_node_get(row, "names");
        for (size_t k = 0; k < sw_node_count(names) && sw_node_get(row, "module") == NULL; k++) {
            if (strcmp(sw_node_text(sw_node_get(row, "of"), ""), project) == 0 &&
                strcmp(sw_node_text(sw_node_item(names, k), ""), module) == 0)
                return sw_node_text(sw_node_get(row, "gone"), NULL);
        }
    }
    return NULL;
}

static void hint(struct sw_stack *stack, struct sw_finding *finding, const char *project, const char *module)
{
    const struct sw_node *row = sw_catalog_row(stack->catalog->module_projects, "module", module);
    const char *brings = row == NULL ? NULL : sw_node_text(sw_node_get(row, "project"), "");
    const char *gone = brings == NULL ? NULL : ended(stack->catalog, brings, module);
    if (brings == NULL)
        sw_finding_hint(stack->findings, finding,
                        "require the project that brings the module %s, or pin another release of %s", module,
                        project);
    else
        sw_finding_hint(stack->findings, finding,
                        "add %s to the requirements%s%s, or pin another release of %s", brings,
                        gone == NULL ? "" : ", but none of ", gone == NULL ? "" : gone, project);
}

/* Add the import, with its place, as evidence. */
static void add_import(struct sw_stack *stack, struct sw_finding *finding, const struct sw_index_wheel *wheel,
                       const struct sw_index_import *import, const struct sw_set_wheel *place)
{
    bool from = import->name[0] != '\0';
    const char *how = sw_arena_format(stack->b.arena, "%s: %s:%u: %s %s%s%s", wheel->file->name,
                                      import->member, import->line, from ? "from" : "import", import->module,
                                      from ? " import " : "", import->name);
    if (how != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(how), place->index);
}

static void report(const struct sw_imported *a, const struct sw_index_wheel *wheel,
                   const struct sw_index_import *import, const char *module)
{
    struct sw_stack *stack = a->candidates->stack;
    const struct sw_set_wheel *place = sw_wheel_set_find(a->candidates->wheels, wheel->project);
    if (place == NULL || sw_stack_about(stack, "SW209", module, place->pin->at) != NULL)
        return;
    struct sw_finding *finding = sw_stack_find(
        stack, "SW209", SW_ERROR, place->pin->at, "%s %.*s imports %s, which no requirement brings",
        wheel->project, SW_STR_FORMAT(wheel->file->version.text), module);
    sw_finding_subject(stack->findings, finding, module);
    add_import(stack, finding, wheel, import, place);
    hint(stack, finding, wheel->project, module);
    sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project, SW_WRONG, NULL);
}

static struct sw_str top_of(const struct sw_index_import *import)
{
    return (struct sw_str){import->module, strcspn(import->module, ".")};
}

/* The name of a member's module within its folder: "torch" of "safetensors/torch.py". */
static struct sw_str stem_of(const char *member)
{
    const char *slash = strrchr(member, '/');
    struct sw_str name = sw_str_from(slash == NULL ? member : slash + 1);
    return sw_str_cut(&name, '.');
}

/* Return true if the member is a package's adapter to a module of the same name that is absent: "safetensors/torch.py" imports torch. */
static bool is_adapter(const struct sw_imported *a, const struct sw_index_wheel *wheel, const char *member)
{
    const struct sw_str stem = stem_of(member);
    bool adapter = false;
    for (size_t i = 0; i < wheel->found_count && !adapter; i++)
        adapter = strcmp(wheel->found[i].member, member) == 0 && sw_str_equal(top_of(&wheel->found[i]), stem);
    return adapter && sw_imported_lacks(a, wheel, stem);
}

/* Return true if the stack uses the package by another adapter, as "safetensors/numpy.py" if NumPy is there. */
static bool is_passed_by(const struct sw_imported *a, const struct sw_index_wheel *wheel, const char *member)
{
    const char *slash = strrchr(member, '/');
    return slash != NULL && is_adapter(a, wheel, member) &&
           sw_imported_has_module_in(a, wheel, (struct sw_str){member, (size_t)(slash - member) + 1});
}

/* Return true if the import fails whenever its member is imported. */
static bool is_lacking(const struct sw_imported *a, const struct sw_index_wheel *wheel,
                       const struct sw_index_import *import)
{
    return import->certain && sw_imported_lacks(a, wheel, top_of(import)) &&
           sw_imported_happens(a, wheel, import->member, &import->terms);
}

/* Return true for an import of a part that the description's examples import and the stack may do without. */
static bool is_of_part(const struct sw_imported *a, const struct sw_index_wheel *wheel,
                       const struct sw_index_import *import)
{
    return import->described && (import->lazy || is_passed_by(a, wheel, import->member)) &&
           is_lacking(a, wheel, import);
}

/* Say that nobody knows whether the program imports the wheel's parts that fail. */
static void report_parts(const struct sw_imported *a, const struct sw_index_wheel *wheel)
{
    struct sw_stack *stack = a->candidates->stack;
    const struct sw_set_wheel *place = sw_wheel_set_find(a->candidates->wheels, wheel->project);
    struct sw_finding *finding = NULL;
    size_t shown = 0;
    for (size_t i = 0; i < wheel->found_count && place != NULL && shown < SHOWN; i++) {
        const struct sw_index_import *import = &wheel->found[i];
        const struct sw_str top = top_of(import);
        if (!is_of_part(a, wheel, import))
            continue;
        if (finding == NULL)
            finding = sw_stack_find(
                stack, "SW403", SW_NOTE, place->pin->at,
                "not judged: %s of %s %.*s imports %.*s, which no requirement brings; it is "
                "not known whether the program imports that part",
                import->member, wheel->project, SW_STR_FORMAT(wheel->file->version.text), SW_STR_FORMAT(top));
        add_import(stack, finding, wheel, import, place);
        shown++;
    }
    if (finding == NULL)
        return;
    sw_finding_hint(stack->findings, finding, "if it does, require the project that brings the module");
    sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project, SW_NOT_JUDGED, "SW403, in part");
}

/* Report the first module that importing the package fails for; no later import is reached. If there is none, name the parts that
 * fail. */
static void check_wheel(const struct sw_imported *a, const struct sw_index_wheel *wheel)
{
    struct sw_stack *stack = a->candidates->stack;
    for (size_t i = 0; i < wheel->found_count; i++) {
        const struct sw_index_import *import = &wheel->found[i];
        if (import->lazy || !is_lacking(a, wheel, import) || is_passed_by(a, wheel, import->member))
            continue;
        const char *module = sw_arena_copy(stack->b.arena, top_of(import));
        stack->b.failed = stack->b.failed || module == NULL;
        if (module != NULL)
            report(a, wheel, import, module);
        return;
    }
    report_parts(a, wheel);
}

/* A project that needs a module in a way that its sources do not plainly show; no wheel brings that module as a part of itself. */
static void check_wanted(const struct sw_imported *a, const struct sw_node *row)
{
    struct sw_stack *stack = a->candidates->stack;
    const char *project = sw_node_text(sw_node_get(row, "project"), ""),
               *module = sw_node_text(sw_node_get(row, "module"), "");
    const char *variable = sw_node_text(sw_node_get(row, "unless"), NULL);
    const struct sw_set_wheel *place = sw_wheel_set_find(a->candidates->wheels, project);
    if (place == NULL || place->version[0] == '\0' ||
        !sw_catalog_covers(sw_node_text(sw_node_get(row, "releases"), ""), place->version) ||
        (variable != NULL && sw_node_get(sw_stack_get(stack, "environment"), variable) != NULL) ||
        !sw_imported_lacks(a, NULL, sw_str_from(module)) || !sw_imported_directly(a, project) ||
        sw_stack_about(stack, "SW209", module, place->pin->at) != NULL)
        return;
    struct sw_finding *finding =
        sw_stack_find(stack, "SW209", SW_ERROR, place->pin->at,
                      "%s %s imports %s, which no requirement brings", project, place->version, module);
    sw_finding_subject(stack->findings, finding, module);
    sw_stack_evidence(stack, finding, row, "%s %s: needs the module %s%s%s", project,
                      sw_node_text(sw_node_get(row, "releases"), ""), module,
                      variable == NULL ? "" : ", unless the environment has ",
                      variable == NULL ? "" : variable);
    if (variable == NULL)
        sw_finding_hint(stack->findings, finding, "add %s to the requirements, or leave %s out", module,
                        project);
    else
        sw_finding_hint(stack->findings, finding,
                        "add %s to the requirements, or set %s to %s in 'environment'", module, variable,
                        sw_node_text(sw_node_get(row, "otherwise"), "another module"));
    sw_stack_cover(stack, SW_ASPECT_IMPORTS, project, SW_WRONG, NULL);
}

void sw_check_absent(const struct sw_imported *imported)
{
    for (size_t i = 0; imported->closed && i < imported->count; i++) {
        const struct sw_index_wheel *wheel = &imported->wheels[i];
        if (wheel->imports && sw_imported_directly(imported, wheel->project))
            check_wheel(imported, wheel);
    }
    const struct sw_node *rows = imported->candidates->stack->catalog->wanted_modules;
    for (size_t i = 0; imported->closed && i < sw_node_count(rows); i++)
        check_wanted(imported, sw_node_item(rows, i));
}
