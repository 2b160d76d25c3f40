/* The checks, in files by subject. */
#ifndef SLIPWAY_CHECK_CHECK_INTERNAL_H
#define SLIPWAY_CHECK_CHECK_INTERNAL_H

#include "check/candidates.h"

void sw_check_gpu(struct sw_stack *stack);        /* SW201, SW202 */
void sw_check_driver(struct sw_stack *stack);     /* SW203 */
void sw_check_published(struct sw_stack *stack);  /* SW204 */
void sw_check_companions(struct sw_stack *stack); /* SW205 */
void sw_check_assertions(struct sw_stack *stack); /* SW206 */
void sw_check_libraries(struct sw_stack *stack);  /* SW207, SW208, SW215 */
void sw_check_code(struct sw_stack *stack);       /* SW208 for other projects */
/* Return true for a pin whose GPU code is judged by sw_check_code() and sw_check_own_code(). */
bool sw_check_code_wanted(const struct sw_stack *stack, const struct sw_pin *pin);
/* Record that the code of a project that has GPU code is not known in this release. */
void sw_check_code_unknown(struct sw_stack *stack, const struct sw_pin *pin);
/* The row of the catalog about the GPU code of a pin's wheel; NULL if the catalog does not know that wheel. */
const struct sw_node *sw_check_code_row(struct sw_stack *stack, const struct sw_pin *pin);
/* SW208 by a row of GPU code that was read from the pin's own wheel. */
void sw_check_code_of(struct sw_stack *stack, const struct sw_pin *pin, const struct sw_node *row);
struct sw_link;
/* SW208 for the wheels that no row of the catalog is about, by the code in their own bytes. */
int sw_check_own_code(const struct sw_link *link, struct sw_error *error) SW_NODISCARD;
void sw_check_imports(struct sw_stack *stack);      /* SW209 */
void sw_check_requirements(struct sw_stack *stack); /* SW210 */
void sw_check_replaced(struct sw_stack *stack);     /* SW212 */
void sw_check_steps(struct sw_stack *stack);        /* the part of it that reads the steps */
void sw_check_known_bad(struct sw_stack *stack);    /* SW213 */
void sw_check_base(struct sw_stack *stack);         /* SW216 */
void sw_check_platform(struct sw_stack *stack);     /* SW220 */
void sw_check_cpu(struct sw_stack *stack);          /* SW221 */
void sw_check_compile(struct sw_stack *stack);      /* SW230 */
void sw_check_programs(struct sw_stack *stack);     /* SW232 */
/* Name a set of a file of others without any project that is known to use a GPU. */
void sw_check_gpus_used(struct sw_stack *stack);
/* The checks that need no index, from SW201 on. */
void sw_check_catalog(struct sw_stack *stack);
/* Let the fixes of all findings about a pin agree; `candidates` may be NULL. */
void sw_check_fixes(struct sw_stack *stack, const struct sw_candidates *candidates);
/* The next row of the catalog, from `*at` on, by which an import of a pinned release is gone; `project` may be NULL. */
const struct sw_node *sw_imports_row(struct sw_stack *stack, const char *project, size_t *at);
/* Check all that needs the package index (NULL: it is not asked); last, since it does not repeat earlier findings. */
int sw_check_index(struct sw_stack *stack, struct sw_candidates *candidates,
                   struct sw_error *error) SW_NODISCARD;

/* SW214: the requirements that the wheels of `candidates` (NULL: none is known) have on NumPy may hold it. */
void sw_check_numpy(struct sw_stack *stack, const struct sw_candidates *candidates);
/* The subject of the finding that the package index could not be asked. */
#define SW_CHECK_INDEX "package index"
/* The closed set that the requirements lead to: SW226 if there is none, SW201, SW203 and SW205 for its members. */
void sw_check_closed(struct sw_candidates *candidates);
/* The entry of the plan for a project that is compiled, or NULL. */
const struct sw_node *sw_check_compiled(const struct sw_stack *stack, const char *project);
/* The members of the closed set that are built from source: SW230 for each that wants torch, nvcc or a compiler and is not compiled; SW204
 * for requirements of their builds that the index does not have. */
int sw_check_sources(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;
struct sw_index_wheel;
/* Files that two of the wheels install: SW219. */
int sw_check_files(struct sw_candidates *candidates, const struct sw_index_wheel *wheels, size_t count,
                   struct sw_error *error) SW_NODISCARD;
/* SW214 for wheels that no row knows: their extension modules are read. */
int sw_check_numpy_wheels(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;
struct sw_imported;
/* Imports of modules and names that this Python or a pinned release does not have: SW209. */
void sw_check_removed(const struct sw_imported *imported);
/* Imports of modules that no member of the closed set brings, by the members that no other requires: SW209. */
void sw_check_absent(const struct sw_imported *imported);
/* Exceptions that packages raise when they are imported: SW209. */
void sw_check_refusals(const struct sw_imported *imported);
/* Imports between the wheels that it has found: SW209; and their files. */
int sw_check_modules(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;
/* The shared libraries of the wheels, and the symbols that they need of torch: SW217, SW218. */
int sw_check_link(struct sw_candidates *candidates, struct sw_error *error) SW_NODISCARD;

#endif
