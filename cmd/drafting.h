/* A first profile from the user's requirements: `init` and `suggest` both take this way. */
#ifndef SLIPWAY_CMD_DRAFTING_H
#define SLIPWAY_CMD_DRAFTING_H

#include "session.h"

#include "author/suggest.h"

struct drafting {
    struct session *session;
    struct sw_catalog catalog;
    struct sw_draft *draft;
    struct sw_texts gpus;  /* by their names in the catalog */
    const char *name;      /* the profile's */
    struct sw_buffer text; /* the profile */
    struct sw_suggestion suggestion;
};

/* Give a draft the GPUs and the options that describe its hosts and its files. */
int drafting_apply(struct sw_draft *draft, const struct options *options, const struct sw_texts *gpus,
                   struct sw_error *error) SW_NODISCARD;
/* A draft with the session's --gpu, --with, --python and --driver. A `name` that is NULL becomes that of the
 * first GPU. */
int drafting_open(struct drafting *drafting, struct session *session, const char *name,
                  struct sw_error *error);
/* Choose everything that is still open, and write the profile into `text`; `path` is the name of its file in
 * findings. */
int drafting_finish(struct drafting *drafting, const char *by, const char *path, const char *context,
                    struct sw_error *error);
void drafting_release(struct drafting *drafting); /* takes NULL and a zeroed drafting */
#define DRAFTING_AUTO SW_CLEANUP(drafting_release) struct drafting

/* Return true if a torch had to be chosen and none fits. */
bool drafting_failed(const struct drafting *drafting);
/* Tell on standard error of the builds that were passed over and of the facts that could not be known. */
void drafting_tell(const struct drafting *drafting);
/* [{"torch","cuda","code","why"}] */
struct sw_node *drafting_passed_json(struct sw_builder *b, const struct drafting *drafting);

/* Make a name that a profile can have out of any text; "app" if the text has no letter or digit. NULL without
 * memory. */
const char *drafting_name(struct sw_arena *arena, const char *text);

#endif
