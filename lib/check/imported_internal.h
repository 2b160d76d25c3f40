/* Modules that the closed set has for the imports of its members, and the imports that happen. */
#ifndef SLIPWAY_CHECK_IMPORTED_INTERNAL_H
#define SLIPWAY_CHECK_IMPORTED_INTERNAL_H

#include "check/candidates.h"
#include "index/missing_imports.h"

struct sw_imported {
    struct sw_candidates *candidates;
    const struct sw_index_wheel *wheels;
    size_t count;
    /* All of them, also losses of imports that do not happen. */
    const struct sw_index_loss *losses;
    size_t loss_count;
    /* A member may import setuptools. */
    bool loads_setuptools;
    /* All that is installed is known. */
    bool closed;
};

/* Set `closed` and `loads_setuptools` by the other members. */
void sw_imported_read(struct sw_imported *imported);
/* Return true if nothing that is installed may have the module, of which the first part counts, for the importing wheel; without an importer,
 * for all wheels. */
bool sw_imported_lacks(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                       struct sw_str module);
/* Return true if a member installs the module, or the package that the module is in. */
bool sw_imported_installed(const struct sw_imported *imported, struct sw_str module);
/* Return true if the folder of the wheel, "safetensors/", has a module with the name of a module that another wheel installs. */
bool sw_imported_has_module_in(const struct sw_imported *imported, const struct sw_index_wheel *wheel,
                               struct sw_str folder);
/* Return true if no member requires the project: the program itself imports it. Another member may import a
 * project in part, or only in some cases, as ipython does with matplotlib-inline. */
bool sw_imported_directly(const struct sw_imported *imported, const char *project);
/* Return true if the profile does not name the project, and the members that require it go on if their import of it fails, or do not
 * import it when they are imported: a program may use them without it. */
bool sw_imported_optionally(const struct sw_imported *imported, const char *project);
/* Return true if the project does not require the other, and neither it nor the examples of its description import a module of the other's
 * name. False for a project whose modules were not read. */
bool sw_imported_without(const struct sw_imported *imported, const char *project, const char *other);
/* The release of the project whose module, or own name, is `of`, or of Python; NULL if it is not known. */
const char *sw_imported_release(const struct sw_imported *imported, struct sw_str of);
/* Return true if it is certain that an import of the member happens, and that nothing goes on if the import fails. */
bool sw_imported_happens(const struct sw_imported *imported, const struct sw_index_wheel *importer,
                         const char *member, const struct sw_index_terms *terms);

#endif
