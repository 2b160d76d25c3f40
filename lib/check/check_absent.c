/* Imports of modules that nothing in the closed set brings: SW209. The check speaks only if all that is installed is known:
 * a set with a file that was not listed, or an image with packages of its own, may have any module. */
#include "check/check_internal.h"

#include "check/imported_internal.h"
#include "check/wheel_set_internal.h"

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
    bool from = import->name[0] != '\0';
    const char *how = sw_arena_format(stack->b.arena, "%s: %s:%u: %s %s%s%s", wheel->file->name,
                                      import->member, import->line, from ? "from" : "import", import->module,
                                      from ? " import " : "", import->name);
    if (how != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(how), place->index);
    const struct sw_node *row = sw_catalog_row(stack->catalog->module_projects, "module", module);
    if (row != NULL)
        sw_finding_hint(stack->findings, finding, "add %s to the requirements, or pin another release of %s",
                        sw_node_text(sw_node_get(row, "project"), ""), wheel->project);
    else
        sw_finding_hint(stack->findings, finding,
                        "require the project that brings the module %s, or pin another release of %s", module,
                        wheel->project);
    sw_stack_cover(stack, SW_ASPECT_IMPORTS, wheel->project, SW_WRONG, NULL);
}

/* Report the first module that importing the package fails for; no later import is reached. */
static void check_wheel(const struct sw_imported *a, const struct sw_index_wheel *wheel)
{
    struct sw_stack *stack = a->candidates->stack;
    for (size_t i = 0; i < wheel->found_count; i++) {
        const struct sw_index_import *import = &wheel->found[i];
        const struct sw_str top = {import->module, strcspn(import->module, ".")};
        if (import->lazy || !import->certain || !sw_imported_lacks(a, wheel, top) ||
            !sw_imported_happens(a, wheel, import->member, &import->terms))
            continue;
        const char *module = sw_arena_copy(stack->b.arena, top);
        stack->b.failed = stack->b.failed || module == NULL;
        if (module != NULL)
            report(a, wheel, import, module);
        return;
    }
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
