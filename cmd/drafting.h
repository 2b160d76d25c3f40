/* A first profile from what is asked for: the one road that `init` and `suggest` take. */
#ifndef SLIPWAY_CMD_DRAFTING_H
#define SLIPWAY_CMD_DRAFTING_H

#include "session.h"

#include "author/suggest.h"

struct drafting {
    struct session *session;
    struct sw_catalog catalog;
    struct sw_draft *draft;
    struct sw_buffer text; /* the profile */
    struct sw_suggestion suggestion;
};

/* A draft with the session's --gpu, --with, --python and --driver. */
int drafting_open(struct drafting *drafting, struct session *session, const char *name,
                  struct sw_error *error);
/* Choose what is still open, and write the profile into `text`; `path` is what findings call its file. */
int drafting_finish(struct drafting *drafting, const char *by, const char *path, const char *context,
                    struct sw_error *error);
void drafting_release(struct drafting *drafting); /* takes NULL and a zeroed one */
#define DRAFTING_AUTO SW_CLEANUP(drafting_release) struct drafting

/* Whether a torch was to be chosen and none fits. */
bool drafting_failed(const struct drafting *drafting);
/* What was passed over and what could not be known, on standard error. */
void drafting_tell(const struct drafting *drafting);
/* [{"torch","cuda","code","why"}] */
struct sw_node *drafting_passed_json(struct sw_builder *b, const struct drafting *drafting);

/* A name that a profile can have, out of any text; "app" where it has no letter or digit. NULL without memory. */
const char *drafting_name(struct sw_arena *arena, const char *text);

#endif
