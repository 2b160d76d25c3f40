/* The changes of a rollback besides the records: the image that tags name, and the profile's files; each as
 * it is now and as it is to be.
 *
 * A record may be anybody's. Nothing is brought back unless a rollback of this profile may change it: tags of
 * the repository that the profile's images go to, and files that are profiles and locks, opened beneath the
 * root without following a link. */
#ifndef SLIPWAY_PROJECT_RESTORE_H
#define SLIPWAY_PROJECT_RESTORE_H

#include "engine/engine.h"
#include "history/facts.h"
#include "history/history.h"

struct sw_restore_tag {
    const char *name;
    /* The id of the image that has the tag; NULL if no image has it. */
    const char *now;
};

struct sw_restore_file {
    const char *name; /* relative to the root */
    bool exists;      /* now */
    struct sw_str now, then;
};

struct sw_restore {
    const char *root;
    struct sw_restore_tag *tags;
    size_t tags_count;
    struct sw_restore_file *files;
    size_t files_count;
};

/* The limits of the changes that a record may make. */
struct sw_restore_scope {
    /* An absolute path; the paths of a record are relative to it. */
    const char *root;
    /* The project's folder, below the root; empty if it is the root. */
    const char *folder;
    /* The repository that the profile's images go to; NULL if no profile names it. */
    const char *image;
    /* The caller's tags, which replace the record's tags; if there are none, the record's tags count. */
    struct sw_texts tags;
};

/* Read the tags and files that `record`, whose facts are `facts`, would bring back. A file that was not below
 * the root then is left out. SW_EINPUT if the record names anything that is not in the scope. */
int sw_restore_read(struct sw_restore *out, struct sw_arena *arena, struct sw_history *history,
                    const struct sw_record *record, const struct sw_record_facts *facts,
                    const struct sw_restore_scope *scope, struct sw_error *error) SW_NODISCARD;
/* Find the images that the tags name now. */
int sw_restore_look(struct sw_restore *restore, struct sw_arena *arena, struct sw_engine *engine,
                    struct sw_error *error) SW_NODISCARD;

/* Return true if everything is as it is to be, with the tags on `image`. */
bool sw_restore_is_done(const struct sw_restore *restore, const char *image);
/* SW_EINPUT if a file that would be replaced has contents that neither git nor a record has. */
int sw_restore_check(const struct sw_restore *restore, struct sw_history *history, const char *profile,
                     struct sw_error *error) SW_NODISCARD;

/* Change the tags first, then the files. If a step fails, the steps before it are taken back; `undone` tells
 * whether all of them could be. After an interrupt nothing is taken back. */
int sw_restore_apply(bool *undone, const struct sw_restore *restore, struct sw_engine *engine,
                     const char *image, struct sw_error *error) SW_NODISCARD;
/* Take back everything that sw_restore_apply() did; return false if anything could not be taken back. */
bool sw_restore_undo(const struct sw_restore *restore, struct sw_engine *engine);

#endif
