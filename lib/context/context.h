/* A build context: the rendered files and, below "context/", the files that the profile copies from the
 * user's folder.
 *
 *     Dockerfile, requirements.txt, …      in memory
 *     context/handler.py                   the user's handler.py
 *
 * The context of a user's own Dockerfile is sent as the user's folder itself: handler.py. Its entries have the paths
 * above all the same, and sw_context_sent() tells the path under which an entry is sent.
 *
 * A scan finds every fault that can be known, and the sizes; then the context is read as a tar stream for an
 * engine, or written to a folder that `docker build` takes. Both are the very same tree.
 *
 * The context holds the files that COPY would see: .dockerignore holds, links are sent as links and lead
 * nowhere, sockets are left out. A file that has changed since the scan is an error that names it. */
#ifndef SLIPWAY_CONTEXT_CONTEXT_H
#define SLIPWAY_CONTEXT_CONTEXT_H

#include "base/cancel.h"
#include "base/event.h"
#include "context/ignore.h"

/* The folder of the context that holds the user's files. */
#define SW_CONTEXT_FOLDER "context"
/* `step` of its events. */
#define SW_CONTEXT_STEP "context"

/* The source of a COPY: a path relative to the root, "." for all of it, or a path with wildcards
 * (context/glob.h) that is matched component by component. A folder stands for all that is in it. */
struct sw_context_copy {
    const char *from;
    /* The source's place in the user's file, for errors; NULL if it has none. */
    const char *file;
    unsigned line, column;
};

/* A file that exists in memory only. `path` is relative to the context's top and may not begin with
 * "context/". */
struct sw_context_file {
    const char *path;
    /* The content is not copied: it must live as long as the context. */
    struct sw_str content;
    unsigned mode; /* permissions; 0 means 0644 */
};

struct sw_context_options {
    const char *root; /* the user's folder; may itself be a link */
    /* The root's real path, opened without following a link; NULL: `root` is opened. */
    const char *real_root;
    const struct sw_context_copy *copies;
    size_t copies_count;
    /* NULL: nothing is left out. Used during the scan only. */
    struct sw_ignore *ignore;
    const struct sw_context_file *files;
    size_t files_count;
    /* The path of the user's own Dockerfile, which is one of the files in memory: the context is sent as the user's
     * folder. NULL: the context is of the form above. */
    const char *dockerfile;
    /* A folder that is left out if it lies below the root; NULL: none. */
    const char *output;
    const struct sw_sink *sink; /* for events; NULL: none */
    const struct sw_cancel *cancel;
};

struct sw_context_entry {
    /* The path in the context: "Dockerfile", "context/handler.py". */
    const char *path;
    /* The target of a symbolic link, else NULL. */
    const char *link;
    const char *content; /* of a file in memory, else NULL */
    uint64_t size;       /* of a regular file, bytes */
    uint64_t inode;
    int64_t mtime; /* seconds since 1970 */
    uint32_t mtime_ns;
    /* The kind (S_IFREG, S_IFDIR or S_IFLNK) and the lower 12 bits of permission. */
    uint32_t mode;
};

enum { SW_CONTEXT_LARGEST = 5 };

struct sw_context_totals {
    /* Regular files, including those in memory. */
    uint64_t files;
    uint64_t entries; /* all kinds */
    uint64_t bytes;   /* content of the files */
    /* The largest of the user's files, the largest first; NULL at the end. */
    const struct sw_context_entry *largest[SW_CONTEXT_LARGEST];
};

struct sw_context;

/* Scan the whole context. A Dockerfile among the files comes first in the tar, the other files follow by
 * name, then the user's tree by name. `options` and all that it points to must live as long as the context,
 * except the ignore rules and the copies. SW_EINPUT with the place of the copy if a copy matches nothing
 * (with the reason) or leads out of the root; also for a root that cannot be read, files that cannot be read
 * (all of them in one error), and too many entries. */
int sw_context_scan(struct sw_context **context, const struct sw_context_options *options,
                    struct sw_error *error) SW_NODISCARD;
void sw_context_free(struct sw_context *context); /* takes NULL */

const struct sw_context_entry *sw_context_entries(const struct sw_context *context, size_t *count);
/* The path under which the entry is sent; NULL if it is the folder itself of a context that is sent as the user's folder. */
const char *sw_context_sent(const struct sw_context *context, const struct sw_context_entry *entry);
/* The path of the user's own Dockerfile, or NULL: see sw_context_options. */
const char *sw_context_dockerfile(const struct sw_context *context);
/* The user's folder, as an absolute path if the caller gave it so. */
const char *sw_context_root(const struct sw_context *context);
const struct sw_context_totals *sw_context_totals(const struct sw_context *context);
/* A digest of the copied paths: it stays the same as long as the same paths are copied from the same folder,
 * whatever the files hold. */
const char *sw_context_identity(const struct sw_context *context);

/* Read the next `*got` bytes, at most `n`, of the context as a tar stream (GNU format, owner 0:0 without
 * names, whole seconds, the first header a plain header as engines want it); 0 at the end. Emits a step of
 * progress in bytes of content. SW_EINPUT if a file changed, grew, shrank or went away since the scan; no
 * call may follow an error. */
int sw_context_read(struct sw_context *context, void *out, size_t n, size_t *got,
                    struct sw_error *error) SW_NODISCARD;

/* A reader of one file of the context, apart from the tar. */
struct sw_context_reader {
    const struct sw_context_entry *entry;
    int fd;        /* -1 for a file in memory */
    uint64_t left; /* bytes still to come */
};

/* Open `entry`, a regular file of the context. SW_EINPUT if it has changed since the scan. */
int sw_context_open_entry(struct sw_context_reader *reader, const struct sw_context *context,
                          const struct sw_context_entry *entry, struct sw_error *error) SW_NODISCARD;
/* The next bytes, at most `n`; `*got` is 0 at the end. With the last of them the file is looked at once more. */
int sw_context_read_entry(struct sw_context_reader *reader, void *out, size_t n, size_t *got,
                          struct sw_error *error) SW_NODISCARD;
void sw_context_close_entry(struct sw_context_reader *reader); /* may be called again */

/* Read it from its beginning again, without events: all of it, or the entries that `kept` marks, in the order of
 * sw_context_entries() and by their own paths. The marks must live as long as the context is read. */
void sw_context_rewind(struct sw_context *context, const bool *kept);

/* Unpack the user's files of such a tar below `directory`, which is made; the rest of the tar is left out,
 * and so are entries that are neither a file nor a folder nor a link. SW_EINPUT if the text is no tar or
 * leads out of the folder. */
int sw_context_unpack(struct sw_str tar, const char *directory, struct sw_error *error) SW_NODISCARD;
/* Unpack all of the tar at `path`; entries that lead out of the folder are left out. */
int sw_tar_unpack(const char *path, const char *directory, struct sw_error *error) SW_NODISCARD;

/* Write the same tree to `directory`, which is made if it is missing. Each file is replaced atomically. The
 * folder keeps a list of the written files in ".slipway-files"; a file on the former list that this context
 * does not have is removed, and no other file ever is. SW_EENV if the folder cannot be written, SW_EINPUT if
 * something else is in the way, such as a file of the same name that is on no such list. */
int sw_context_write(struct sw_context *context, const char *directory, struct sw_error *error) SW_NODISCARD;

#endif
