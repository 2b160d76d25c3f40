/* The parts that the files of drift.h share. */
#ifndef SLIPWAY_DRIFT_DRIFT_INTERNAL_H
#define SLIPWAY_DRIFT_DRIFT_INTERNAL_H

#include "base/limits.h"
#include "drift/drift.h"
#include "wheel/wheel.h"

enum {
    DRIFT_FIRST_PYTHON = 7,
    DRIFT_LAST_PYTHON = 20,
    DRIFT_MACHINES = 2,
    DRIFT_MOST_VARIANTS = 32,
    DRIFT_MOST_PAGES = 32
};

/* torch's own index for one CUDA. */
struct drift_variant {
    const char *cuda;
    struct sw_index *index;               /* NULL until it is asked */
    const struct sw_index_project *torch; /* NULL if it could not be read */
};

/* A release whose metadata could be read. */
struct drift_known {
    const struct sw_index_release *release;
    const struct sw_index_file *file;
    const struct sw_metadata *metadata;
};
struct drift_page {
    const struct sw_index_project *project;
    struct drift_known *rows;
    size_t count;
};

struct drift {
    const struct sw_drift_input *input;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    struct sw_drift *out;
    struct sw_builder b;
    struct sw_drift_row *row; /* that is looked at */
    struct sw_tag_list tags[DRIFT_MACHINES][DRIFT_LAST_PYTHON + 1];
    struct drift_variant variants[DRIFT_MOST_VARIANTS]; /* all that any release of torch has */
    size_t variant_count;
    struct drift_page pages[DRIFT_MOST_PAGES];
    size_t page_count;
    /* The reason why torch's own index cannot be asked; NULL: it can, or was not asked yet. */
    const char *no_variants;
    int code; /* of a failure that ends the reading, with */
    struct sw_error *error;
};

/* ---- drift.c: the outcome of a row ---- */

/* Compare a value of the row with the value of the file; `what` names the value: "its triton". */
void drift_compare(struct drift *d, const char *what, const char *catalog, const char *wheel,
                   const struct sw_index_file *file);
/* The row is wrong in a way that is no pair of values. */
void drift_differs(struct drift *d, const struct sw_index_file *file, const char *evidence,
                   const char *format, ...) SW_PRINTF(4, 5);
/* Something of the row that nothing settles. The same words twice count once. */
void drift_leave(struct drift *d, const char *format, ...) SW_PRINTF(2, 3);
/* A release that the catalog lacks; `at` is the row or list that it belongs to. */
void drift_gap(struct drift *d, const struct sw_node *at, const char *format, ...) SW_PRINTF(3, 4);
/* Take a failure: one of a single wheel or project leaves the row open, any other ends the reading. */
void drift_fail(struct drift *d, int code, const struct sw_error *error);
const char *drift_text(const struct sw_node *row, const char *key); /* "" if it is absent */
/* Texts of a list, "a b c". */
const char *drift_join(struct drift *d, const struct sw_node *list);

/* ---- drift_index.c: package indexes ---- */

/* NULL, with the row left open or the reading ended, if the index does not have the project. */
const struct sw_index_project *drift_project(struct drift *d, const char *name);
const struct sw_index_release *drift_release(const struct sw_index_project *project, const char *version);
/* The wheels of a release for a machine. */
struct drift_wheels {
    /* The wheel that stands for all wheels: that of Python 3.11, else of the newest Python; NULL: none. */
    const struct sw_index_file *file;
    /* The first and last minor number of the Pythons that have a wheel. */
    unsigned first, last;
};
struct drift_wheels drift_wheels(struct drift *d, const struct sw_index_release *release,
                                 const char *machine);
/* The requirements of the wheel; NULL as drift_project() says. */
const struct sw_metadata *drift_metadata(struct drift *d, const struct sw_index_file *file);
/* All releases of a project that have a wheel for x86_64, newest first, with their requirements; looked up
 * once, all together. NULL as drift_project() says. */
const struct drift_page *drift_page(struct drift *d, const struct sw_index_project *project);
/* The requirement of the metadata on a project; NULL if there is none. Of several requirements, the first
 * that names versions. */
const struct sw_requirement *drift_requirement(const struct sw_metadata *metadata, const char *project);
/* The version that a requirement pins (== or ~=); NULL if it pins none, and for NULL. */
const char *drift_pin(struct drift *d, const struct sw_requirement *requirement);
/* torch on its own index for a CUDA; NULL if the index has none, or cannot be asked and `no_variants` says
 * why. */
const struct sw_index_project *drift_variant(struct drift *d, const char *cuda);
/* Return true if a release should have a row: it is no pre-release and not yanked. */
bool drift_counts(const struct sw_index_release *release);
/* A note for each release of a project that is newer than the first of `rows` (by `version`) and has no row. */
void drift_release_gaps(struct drift *d, const char *project, const struct sw_node *rows);

/* ---- drift_wheel.c: the inside of a wheel ---- */

typedef int drift_reader(struct sw_buffer *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                         const char *argument, struct sw_error *error);
/* The text that `read` makes of a wheel. The store has the text, under the wheel's digest, `what` and
 * `argument`, if it was made before. NULL as drift_project() says. */
const char *drift_fact(struct drift *d, const struct sw_index_file *file, const char *what,
                       drift_reader *read, const char *argument);
/* The names of architectures in a member's bytes, such as "sm_80" or "lto_80": wherever at least `least` of them follow each
 * other with blanks between, a line, each line once. */
int drift_read_names(struct sw_buffer *out, const struct sw_wheel *wheel, const struct sw_zip_member *member,
                     size_t least, struct sw_error *error);
/* "7.5 9.0" of "sm_75 sm_90 sm_90a compute_90" for the prefix "sm_": each once, in order, code for one chip or family alone
 * left out. */
const char *drift_architectures(struct drift *d, struct sw_str names, const char *prefix);

/* ---- the rows ---- */

void drift_torch_release(struct drift *d, const struct sw_node *row);
void drift_torch_code(struct drift *d, const struct sw_node *row);
void drift_torch_gaps(struct drift *d);
void drift_bitsandbytes_release(struct drift *d, const struct sw_node *row);
void drift_bitsandbytes_code(struct drift *d, const struct sw_node *row);
void drift_bitsandbytes_gaps(struct drift *d);
void drift_code(struct drift *d, const struct sw_node *row);
/* Give `taker` a row for the newest patch of each minor release that has none, those of the newest files first. */
void drift_update_code(struct drift *d, const char *date, const struct sw_drift_taker *taker);
void drift_companion(struct drift *d, const struct sw_node *row);
void drift_companion_gaps(struct drift *d);
void drift_known_bad(struct drift *d, const struct sw_node *row);
void drift_import(struct drift *d, const struct sw_node *row);
void drift_architecture(struct drift *d, const struct sw_node *row);
void drift_image(struct drift *d, const struct sw_node *row);

#endif
