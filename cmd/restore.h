/* What a rollback changes besides the records: the image that tags name, and the profile's files; each as it is now and as it is
 * to be.
 *
 * A record may be anybody's. It brings back nothing but what a rollback of this profile may change: tags of the repository that
 * the profile's images go to, and files that are profiles and locks, opened beneath the root without following a link. */
#ifndef SLIPWAY_CMD_RESTORE_H
#define SLIPWAY_CMD_RESTORE_H

#include "session.h"

#include "engine/engine.h"
#include "history/facts.h"
#include "history/history.h"

struct restore_tag {
    const char *name;
    const char *now; /* the id of the image that has it; NULL: none has */
};

struct restore_file {
    const char *name; /* relative to the root */
    bool exists;      /* now */
    struct sw_str now, then;
};

struct restore {
    const char *root;
    struct restore_tag *tags;
    size_t tags_count;
    struct restore_file *files;
    size_t files_count;
};

/* What a record may change. */
struct restore_scope {
    const char *root;     /* absolute; what the paths of a record are relative to */
    const char *folder;   /* of the project, below the root; empty if it is the root */
    const char *image;    /* the repository that the profile's images go to; NULL if no profile says it */
    struct sw_texts tags; /* the caller's, instead of the record's; none: the record's */
};

/* What `record`, which says `facts`, would bring back. A file that was not below the root then is left out. SW_EINPUT if the record
 * names anything that is not in the scope. */
int restore_read(struct restore *out, struct sw_arena *arena, struct sw_history *history,
                 const struct sw_record *record, const struct sw_record_facts *facts,
                 const struct restore_scope *scope, struct sw_error *error);
/* The images that the tags name now. */
int restore_look(struct restore *restore, struct sw_arena *arena, struct sw_engine *engine,
                 struct sw_error *error);

/* Is it all as it is to be, with the tags on `image`? */
bool restore_is_done(const struct restore *restore, const char *image);
/* SW_EINPUT where a file that would be replaced holds what neither git nor a record has. */
int restore_check(const struct restore *restore, struct sw_history *history, const char *profile,
                  struct sw_error *error);

/* Tags first, then files. Where a step fails those before it are taken back; `undone` tells whether all of them could be. */
int restore_apply(bool *undone, const struct restore *restore, struct sw_engine *engine, const char *image,
                  struct sw_error *error);
/* Take back all that restore_apply() did; false where something could not be. */
bool restore_undo(const struct restore *restore, struct sw_engine *engine);

#endif
