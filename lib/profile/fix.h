/* The fixes of findings, applied to the text of a profile and of its parents: in memory, until they are written.
 *
 * An edit's path is one into the merged profile. It goes to the file in which the value stands; what is new goes to
 * the profile's own file, or to that of the list item it belongs to. */
#ifndef SLIPWAY_PROFILE_FIX_H
#define SLIPWAY_PROFILE_FIX_H

#include "base/buffer.h"
#include "base/finding.h"
#include "profile/profile.h"

/* A file that a fix has touched, as it was read and as it is to be. */
struct sw_fixed_file {
    char *path;
    struct sw_buffer before, after;
    struct sw_buffer earlier; /* `after` before the last sw_fix_apply() */
    struct sw_buffer marked;  /* `after` at the last sw_fix_mark() */
    /* sw_fix_write() writes it: it differs, and nobody else has made the same edit. */
    bool ours;
};

/* A zeroed structure has changed nothing. */
struct sw_fix {
    /* The files that it may read and write; NULL: none. */
    const struct sw_permissions *permissions;
    struct sw_fixed_file *files;
    size_t count;
};
void sw_fix_release(struct sw_fix *fix); /* takes NULL and a zeroed structure */
#define SW_FIX_AUTO SW_CLEANUP(sw_fix_release) struct sw_fix

/* Apply all edits of the finding's fix, or none. `root` is the merged profile as it is with the fixes so far,
 * and `own` the path of its file; without a root (a profile that could not be merged) the paths are those of
 * the file that the finding stands in. SW_ENOTFOUND and SW_EINPUT as for sw_edit_apply(), or for a file that
 * cannot be read; SW_EREFUSED for a file that may not be written. */
int sw_fix_apply(struct sw_fix *fix, const struct sw_node *root, const char *own,
                 const struct sw_finding *finding, struct sw_error *error) SW_NODISCARD;
/* Did the last successful sw_fix_apply() change this file, and any? */
bool sw_fixed_file_moved(const struct sw_fixed_file *file);
bool sw_fix_moved(const struct sw_fix *fix);
/* Take it back. */
void sw_fix_undo(struct sw_fix *fix);

/* The file's new text; false if it was not touched. */
bool sw_fix_text(struct sw_str *text, const struct sw_fix *fix, const char *path) SW_NODISCARD;
/* Profiles as they are to be: the files that it has touched, and all others from the disk. */
struct sw_profile_source sw_fix_source(const struct sw_fix *fix);
/* Is this file, and any, to be another than it was read? */
bool sw_fixed_file_differs(const struct sw_fixed_file *file);
bool sw_fix_differs(const struct sw_fix *fix);
/* Append the changes of all files as one unified diff: all of them, or those since the last mark. */
int sw_fix_diff(struct sw_buffer *out, const struct sw_fix *fix, struct sw_error *error) SW_NODISCARD;
int sw_fix_diff_marked(struct sw_buffer *out, const struct sw_fix *fix, struct sw_error *error) SW_NODISCARD;
int sw_fix_mark(struct sw_fix *fix, struct sw_error *error) SW_NODISCARD;

/* Write every changed file, each atomically; a link stays a link, and mode and owner stay. SW_ENO if a file
 * has changed since it was read, and not to its new text: then nothing is written. If a later file fails, the
 * earlier files get their old text back. */
int sw_fix_write(struct sw_fix *fix, struct sw_error *error) SW_NODISCARD;

#endif
