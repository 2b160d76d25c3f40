/* The catalog held against the wheels on package indexes, which are read again by byte ranges.
 *
 * A row is settled if wheels (or the list of an index's files) say all that the row says. A part of a row
 * that no wheel can say is kept as open, in words, and never counts as settled. If row and wheel differ, the
 * wheel is right and a finding says so: SW601 at the row; SW602, a note, for a release that the catalog
 * lacks. The facts read from a wheel are kept in the store under its digest. */
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
    /* Facts of the row that a wheel confirmed, and facts that differ. */
    size_t agreed, differed;
    /* The part of the row that nothing settled, with the reason; NULL: none. */
    const char *open;
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
    struct sw_index *index; /* the default index */
    /* The cache for torch's own index and for reading wheels. */
    struct sw_cache cache;
    /* A folder for wheels whose server serves no ranges. */
    const char *folder;
    const char *const *files;   /* names as sw_drift_file() gives them; */
    size_t file_count;          /* 0: all */
    const struct sw_sink *sink; /* NULL: none */
};

struct sw_drift {
    struct sw_arena arena;
    struct sw_drift_row *rows; /* in the order of the files */
    size_t count;
    /* Wheels and bytes that were read; 0 if the store had their facts. */
    uint64_t wheels, bytes;
};

/* The file of the catalog that `text` names: "torch", "torch.yaml" or a path to such a file; NULL for none. */
const char *sw_drift_file(const char *text);

/* A row for a release that the catalog lacks. */
struct sw_drift_new {
    const char *project, *version;
    /* A line of code.yaml; NULL if the wheel could not be read, for the reason `why`. */
    const char *line;
    const char *why;
    uint64_t size; /* of the wheel */
};
struct sw_drift_taker {
    int (*take)(void *self, const struct sw_drift_new *row, struct sw_error *error);
    void *self;
};
/* Read the GPU code of releases that code.yaml has no row for: of the newest patch of each minor release of its projects. The
 * date of today, "2026-11-30", goes into the rows. Each row is given out as soon as it is known, and a taker that fails ends
 * the reading. */
int sw_drift_update(const struct sw_drift_input *input, const char *date, const struct sw_drift_taker *taker,
                    struct sw_error *error) SW_NODISCARD;
/* Put a row into the text of code.yaml, whose rows are lines in order of project and version. */
void sw_drift_insert(struct sw_buffer *out, struct sw_str text, const struct sw_drift_new *row);

/* Go through the rows. SW_EENV if the default index cannot be asked. */
int sw_drift_read(struct sw_drift *out, const struct sw_drift_input *input, struct sw_findings *findings,
                  struct sw_error *error) SW_NODISCARD;
void sw_drift_release(struct sw_drift *drift); /* takes NULL and a zeroed structure */
#define SW_DRIFT_AUTO SW_CLEANUP(sw_drift_release) struct sw_drift

#endif
