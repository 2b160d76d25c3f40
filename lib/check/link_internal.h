/* The parts that the checks of shared libraries share. */
#ifndef SLIPWAY_CHECK_LINK_INTERNAL_H
#define SLIPWAY_CHECK_LINK_INTERNAL_H

#include "catalog/torch_symbols.h"
#include "check/bringers_internal.h"

enum { SW_LINK_SHOWN = 6 }; /* pieces of evidence of a kind */

struct sw_link {
    struct sw_stack *stack;
    struct sw_wheel_set set;
    struct sw_bringers bringers;
    /* The wheels that are read, and for each its place in the set. */
    struct sw_index_libraries *wheels;
    const struct sw_set_wheel **of;
    size_t count;
    const struct sw_torch_symbols *symbols;
    /* The place of torch's release among them; symbols->release_count if it is not there. */
    size_t release;
};

/* A wheel that is being looked at. */
struct sw_link_subject {
    struct sw_link *link;
    const struct sw_index_libraries *wheel;
    const struct sw_set_wheel *of;
    const char *text; /* "torchtext 0.18.0" */
    const char *cuda; /* sw_link_cuda() */
};

/* Return true for a library that was read, and that auditwheel did not put beside the wheel's own. */
bool sw_link_is_own(const struct sw_index_library *library);
/* Return true if torch's own index has the release for torch's CUDA. */
bool sw_link_has_build(const struct sw_link_subject *subject);
/* An error; a warning if the release has a build that fits elsewhere; a note for a project that goes on without its compiled
 * part. */
enum sw_severity sw_link_severity(const struct sw_link_subject *subject);
/* sw_link_severity(); a warning instead of an error if the library takes from torch, which nobody loads when the wheel is
 * imported: a program may use the wheel without this library. */
enum sw_severity sw_link_severity_of(const struct sw_link_subject *subject,
                                     const struct sw_index_library *library);
/* Evidence: the library "needs", or "opens", the name. */
void sw_link_evidence(const struct sw_link_subject *subject, struct sw_finding *finding,
                      const struct sw_index_library *library, const char *how, const char *name);
/* Let the finding be about the wheel's project, with the member that brings the wheel in as evidence. */
void sw_link_about(const struct sw_link_subject *subject, struct sw_finding *finding);

void sw_link_check_libraries(const struct sw_link_subject *subject); /* SW217 */
/* The CUDA that the libraries are built for, against the GPUs and drivers: SW203, SW208. */
void sw_link_check_cuda(const struct sw_link_subject *subject);
void sw_link_check_symbols(const struct sw_link_subject *subject);  /* SW218 */
void sw_link_check_versions(const struct sw_link_subject *subject); /* SW220 */
/* The major number of the CUDA whose libraries a wheel needs: libcurand.so.10 belongs to two CUDAs, and libcublas.so.12 beside it tells
 * which. NULL if the wheel needs no CUDA. */
const char *sw_link_cuda(const struct sw_link_subject *subject);
/* The major number of the CUDA that a wheel is built for, if it uses torch's libraries and torch is built for another
 * CUDA; else NULL. */
const char *sw_link_other_cuda(const struct sw_link_subject *subject);
/* Find torch's release in the table of its symbols. */
int sw_link_read_symbols(struct sw_link *link, struct sw_error *error) SW_NODISCARD;

#endif
