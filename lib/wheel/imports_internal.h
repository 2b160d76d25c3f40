/* The way through a wheel's modules while their imports are collected: imports.c follows the package's own imports, imports_found.c
 * collects those of others, imports_condition.c those under a condition, imports_lazy.c those of modules that are loaded later. */
#ifndef SLIPWAY_WHEEL_IMPORTS_INTERNAL_H
#define SLIPWAY_WHEEL_IMPORTS_INTERNAL_H

#include "wheel/imports.h"
#include "wheel/walk_internal.h"

/* Importing the visit's module, `from`, imports that of another, `to`. */
struct sw_import_edge {
    uint32_t from, to;
};

/* `from module import name`, whose module is perhaps lazy. */
struct sw_import_pending {
    uint32_t from;
    struct sw_str module, name;
};

struct sw_importing {
    struct sw_walk walk;
    /* The package's name, with dots if it is in a namespace; empty if there is no package. */
    struct sw_str root;
    /* Visits whose imports were followed, visits that the package itself loads, and those that it exports. */
    size_t done, eager, expanded;
    bool *entries;
    /* The entries are modules that the description names. */
    bool described;
    struct sw_import_edge *edges;
    size_t edge_count;
    struct sw_import_pending *pending;
    size_t pending_count, pending_done;
    struct sw_wheel_imports found;
    /* The place of a hash among the imports found, from 1; 0: none. */
    uint32_t *found_slots;
};

/* Return true if a module is the package or lies in it. */
bool sw_imports_own(const struct sw_importing *w, struct sw_str module);
/* The visit of a module of the package, or NULL. */
struct sw_visit *sw_imports_visit(const struct sw_importing *w, struct sw_str module);
/* Return true if the package finds some of its names when it is asked for them. */
bool sw_imports_lazy(const struct sw_visit *visit);
/* Follow the imports of all modules on the way, until no module is left. */
int sw_imports_follow(struct sw_importing *w) SW_NODISCARD;

/* Begin without any import of others. */
int sw_imports_begin(struct sw_importing *w) SW_NODISCARD;
/* Add an import of others, by a module that is visited, unless the import is known. */
int sw_imports_add(struct sw_importing *w, uint32_t from, struct sw_str module,
                   const struct sw_module_import *import) SW_NODISCARD;

/* Follow the imports that run if a function of the package finds its module. */
int sw_imports_probes(struct sw_importing *w) SW_NODISCARD;
/* Add the imports of others that happen under a condition, and the exceptions that modules raise. */
int sw_imports_conditions(struct sw_importing *w) SW_NODISCARD;

/* Follow the exports of lazy packages, also of those that they lead to. */
int sw_imports_exports(struct sw_importing *w) SW_NODISCARD;
/* Follow the modules that the examples of the description import and that the package itself does not load. A lazy package shows its
 * modules by its exports. */
int sw_imports_described(struct sw_importing *w) SW_NODISCARD;
/* Turn the visit that each import keeps in `share` into the share of entries that load the import. */
int sw_imports_measure(struct sw_importing *w) SW_NODISCARD;

#endif
