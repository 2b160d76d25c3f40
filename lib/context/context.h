/* A build context: the rendered files and, below "context/", what the profile copies from the user's folder.
 *
 *     Dockerfile, requirements.txt, …      in memory
 *     context/handler.py                   the user's handler.py
 *
 * It is looked through once, which finds every fault that can be known and the sizes; then it is read as a
 * tar stream for an engine, or written to a folder that `docker build` takes. Both are the very same tree.
 *
 * What COPY would see is what is there: .dockerignore holds, links are sent as links and lead nowhere,
 * sockets are left out. A file that is no longer what it was when the context was looked through is an error
 * that names it. */
#ifndef SLIPWAY_CONTEXT_CONTEXT_H
#define SLIPWAY_CONTEXT_CONTEXT_H

#include "base/cancel.h"
#include "base/event.h"
#include "context/ignore.h"

/* The folder of the context that holds the user's files. */
#define SW_CONTEXT_FOLDER "context"
/* `step` of its events. */
#define SW_CONTEXT_STEP "context"

/* What one COPY takes: a path relative to the root, "." for all of it, or one with wildcards (context/glob.h)
 * that is matched component by component. A folder stands for all that is in it. */
struct sw_context_copy {
    const char *from;
    const char *file; /* where the user wrote it, for errors; NULL where nowhere */
    unsigned line, column;
};

/* A file that exists in memory only. `path` is relative to the context's top and may not begin with
 * "context/". */
struct sw_context_file {
    const char *path;
    struct sw_str content; /* not copied: must live as long as the context */
    unsigned mode;         /* permissions; 0 means 0644 */
};

struct sw_context_options {
    const char *root;      /* the user's folder; may itself be a link */
    const char *real_root; /* its real path, opened without following a link; NULL: `root` is opened */
    const struct sw_context_copy *copies;
    size_t copies_count;
    struct sw_ignore *ignore; /* NULL: nothing is left out; used during the scan only */
    const struct sw_context_file *files;
    size_t files_count;
    const char *output;         /* a folder that is left out should it lie below the root; NULL: none */
    const struct sw_sink *sink; /* for events; NULL: none */
    const struct sw_cancel *cancel;
};

struct sw_context_entry {
    const char *path;    /* in the context: "Dockerfile", "context/handler.py" */
    const char *link;    /* where a symbolic link points, else NULL */
    const char *content; /* of a file in memory, else NULL */
    uint64_t size;       /* of a regular file, bytes */
    uint64_t inode;
    int64_t mtime; /* seconds since 1970 */
    uint32_t mtime_ns;
    uint32_t mode; /* kind (S_IFREG, S_IFDIR or S_IFLNK) and the lower 12 bits of permission */
};

enum { SW_CONTEXT_LARGEST = 5 };

struct sw_context_totals {
    uint64_t files;   /* regular ones, those in memory included */
    uint64_t entries; /* all kinds */
    uint64_t bytes;   /* content of the files */
    const struct sw_context_entry
        *largest[SW_CONTEXT_LARGEST]; /* of the user's files, largest first; NULL at the end */
};

struct sw_context;

/* Look through everything. A Dockerfile among the files comes first in the tar, the other files follow by
 * name, then the user's tree by name. `options` and what it points to must live as long as the context, but
 * for the ignore rules and the copies. SW_EINPUT with the place of the copy: it matches nothing (and why),
 * leads out of the root; also: a root that cannot be read, files that cannot be read (all of them in one
 * error), too many entries. */
int sw_context_scan(struct sw_context **context, const struct sw_context_options *options,
                    struct sw_error *error) SW_NODISCARD;
void sw_context_free(struct sw_context *context); /* takes NULL */

const struct sw_context_entry *sw_context_entries(const struct sw_context *context, size_t *count);
/* The user's folder, as an absolute path if the caller gave it so. */
const char *sw_context_root(const struct sw_context *context);
const struct sw_context_totals *sw_context_totals(const struct sw_context *context);
/* What stays the same as long as the same is copied from the same folder, whatever its files hold: a digest of their paths. */
const char *sw_context_identity(const struct sw_context *context);

/* The next `*got` bytes, at most `n`, of the context as a tar stream (GNU format, owner 0:0 without names,
 * whole seconds, the first header a plain one as engines want it); 0 at the end. Emits a step of progress in
 * bytes of content. SW_EINPUT where a file changed, grew, shrank or went away since the scan; nothing may
 * follow an error. */
int sw_context_read(struct sw_context *context, void *out, size_t n, size_t *got,
                    struct sw_error *error) SW_NODISCARD;

/* One file of the context, read apart from the tar. */
struct sw_context_reader {
    const struct sw_context_entry *entry;
    int fd;        /* -1 for a file in memory */
    uint64_t left; /* bytes still to come */
};

/* `entry` is a regular file of the context. SW_EINPUT where it is no longer what it was at the scan. */
int sw_context_open_entry(struct sw_context_reader *reader, const struct sw_context *context,
                          const struct sw_context_entry *entry, struct sw_error *error) SW_NODISCARD;
/* The next bytes, at most `n`; `*got` is 0 at the end. With the last of them the file is looked at once more. */
int sw_context_read_entry(struct sw_context_reader *reader, void *out, size_t n, size_t *got,
                          struct sw_error *error) SW_NODISCARD;
void sw_context_close_entry(struct sw_context_reader *reader); /* may be called again */

/* Read it from its beginning again, without events: all of it, or the entries that `kept` marks, in the order of
 * sw_context_entries(). The marks must live as long as the context is read. */
void sw_context_rewind(struct sw_context *context, const bool *kept);

/* The user's files of such a tar, as files below `directory`, which is made; the rest of it is left out, and so is what is
 * neither a file nor a folder nor a link. SW_EINPUT where it is no tar or leads out of the folder. */
int sw_context_unpack(struct sw_str tar, const char *directory, struct sw_error *error) SW_NODISCARD;
/* The same with all that the tar at `path` holds; what leads out of the folder is left out. */
int sw_tar_unpack(const char *path, const char *directory, struct sw_error *error) SW_NODISCARD;

/* Write the same tree to `directory`, which is made where it is missing. Each file is replaced atomically. A
 * list of what was written is kept there in ".slipway-files"; what a former list has and this context has not
 * is removed, and nothing else ever is. SW_EENV where it cannot be written, SW_EINPUT where something else is
 * in the way, such as a file of the same name that is on no such list. */
int sw_context_write(struct sw_context *context, const char *directory, struct sw_error *error) SW_NODISCARD;

#endif
