/* Reading a JSON document of a record, value by value, each held to its form (internal to this layer).
 *
 * The first value that is not as it must be refuses the record; after it nothing more is looked at, so that a reader checks
 * `code` once, at its end. Paths are those of sw_node_at(). */
#ifndef SLIPWAY_HISTORY_FORM_INTERNAL_H
#define SLIPWAY_HISTORY_FORM_INTERNAL_H

#include "data/node.h"
#include "history/history.h"

struct sw_form {
    struct sw_arena *arena; /* holds the values */
    const struct sw_record *record;
    const struct sw_node *root;
    struct sw_error *error;
    int code; /* the first failure */
};

/* Read the document `name`, which must be a map, into `scratch`; returns form->code. */
int sw_form_read(struct sw_form *form, struct sw_arena *scratch, struct sw_str text,
                 const char *name) SW_NODISCARD;

void sw_form_refuse(struct sw_form *r, const char *path, const char *what);
/* The memory itself; NULL fails the reading. */
void *sw_form_keep(struct sw_form *r, void *memory);

/* Hold a text to a form: NULL, or the fault in words. */
typedef const char *sw_form_check(struct sw_str text);
/* A short text with nothing in it that a terminal would obey. */
const char *sw_form_line(struct sw_str text);
const char *sw_form_plan(struct sw_str text);     /* the digest of a plan */
const char *sw_form_image(struct sw_str text);    /* an image's id */
const char *sw_form_sha256(struct sw_str text);   /* "sha256:…" */
const char *sw_form_tag(struct sw_str text);      /* an image reference */
const char *sw_form_digest(struct sw_str text);   /* an image reference with a digest */
const char *sw_form_time(struct sw_str text);     /* as sw_clock_rfc3339() writes it */
const char *sw_form_platform(struct sw_str text); /* "linux/arm/v7" */
/* A clean path without "..", with nothing in it that a terminal would obey. */
const char *sw_form_path(struct sw_str text);

/* A text; NULL if it is missing or null. */
const char *sw_form_optional(struct sw_form *r, const char *path, sw_form_check *fits);
/* A text that must be there; never NULL. */
const char *sw_form_text(struct sw_form *r, const char *path, sw_form_check *fits);
/* The index of a text among the words, which end with NULL. */
unsigned sw_form_word(struct sw_form *r, const char *path, const char *const *words);
/* An integer from 0 on; `otherwise` if it is missing or null. */
int64_t sw_form_integer(struct sw_form *r, const char *path, int64_t most, int64_t otherwise);
/* A list of texts; none if it is missing or null. */
struct sw_texts sw_form_texts(struct sw_form *r, const char *path, sw_form_check *fits);

#endif
