/* The catalog held against what it speaks of: the wheels on package indexes, read again by byte ranges.
 *
 * A row is settled where wheels (or the list of an index's files) say all that it says. What nothing there can say is kept as
 * open, in words, and never counts as settled. Where row and wheel differ, the wheel is right and a finding says so: SW601 at the
 * row; SW602, a note, for a release that the catalog lacks. What was read of a wheel is kept in the store under its digest. */
#ifndef SLIPWAY_DRIFT_DRIFT_H
#define SLIPWAY_DRIFT_DRIFT_H

#include "base/event.h"
#include "base/finding.h"
#include "catalog/catalog.h"
#include "index/index.h"

struct sw_drift_row {
    const struct sw_node *at; /* its place in the catalog */
    const char *file;         /* of the catalog: "torch" */
    const char *name;         /* "torch 2.8.0" */
    size_t agreed, differed;  /* how many things of it were held against a wheel */
    const char *open;         /* what nothing settled, and why; NULL: nothing */
};

enum sw_drift_state {
    SW_DRIFT_OPEN,    /* nothing of it is settled by wheels */
    SW_DRIFT_PART,    /* some of it is, and agrees */
    SW_DRIFT_SETTLED, /* all of it is, and agrees */
    SW_DRIFT_DIFFERS,
};
enum sw_drift_state sw_drift_state(const struct sw_drift_row *row);

/* All must outlive the result. */
struct sw_drift_input {
    const struct sw_catalog *catalog;
    struct sw_index *index;     /* the default one */
    struct sw_cache cache;      /* for torch's own index, and to read wheels with */
    const char *folder;         /* for a wheel whose server serves no ranges */
    const char *const *files;   /* names as sw_drift_file() gives them; */
    size_t file_count;          /* 0: all */
    const struct sw_sink *sink; /* NULL: none */
};

struct sw_drift {
    struct sw_arena arena;
    struct sw_drift_row *rows; /* in the order of the files */
    size_t count;
    uint64_t wheels, bytes; /* that were read, none where the store knew it */
};

/* The file of the catalog that `text` names: "torch", "torch.yaml" or a path to such a file; NULL for none. */
const char *sw_drift_file(const char *text);

/* Go through the rows. SW_EENV where the default index cannot be asked. */
int sw_drift_read(struct sw_drift *out, const struct sw_drift_input *input, struct sw_findings *findings,
                  struct sw_error *error) SW_NODISCARD;
void sw_drift_release(struct sw_drift *drift); /* takes NULL and a zeroed one */
#define SW_DRIFT_AUTO SW_CLEANUP(sw_drift_release) struct sw_drift

#endif
