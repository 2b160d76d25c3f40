/* Moving a ref, so that a process that is killed at any moment is in nobody's way.
 *
 * git moves a ref by making REF.lock and renaming it to REF. A process that is killed in between leaves the
 * lock there for good, and nobody can tell that lock from a lock in use. So the ref and its new value are
 * first noted in a file of slipway's own that only the holder of the right to write may touch, a right that
 * ends with its process: whoever finds a note there knows that its writer is dead, and removes the lock if
 * its content is that of the note. */
#include "history/history_internal.h"

#include "base/file.h"
#include "base/temporary.h"

#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOTE_SIZE = SW_HISTORY_REF_SIZE + GIT_OID_HEXSZ + 2 };

static void clear_note(int fd)
{
    (void)!ftruncate(fd, 0);
}

/* Remove FOLDER/REF.lock if its content is the beginning of `value`, as far as its writer came. */
static void remove_stale(const char *folder, const char *ref, const char *value)
{
    char path[PATH_MAX];
    SW_BUFFER_AUTO content;
    sw_buffer_init(&content, GIT_OID_HEXSZ + 1);
    (void)snprintf(path, sizeof path, "%s%s.lock", folder, ref);
    if (sw_file_read(&content, path, NULL) == 0 && strncmp(value, content.p, content.n) == 0)
        (void)unlink(path);
}

static void clear_after_dead(const struct sw_history_lock *lock, const struct sw_history *history)
{
    char note[NOTE_SIZE + 1];
    ssize_t n = pread(lock->fd, note, NOTE_SIZE, 0);
    if (n <= 0)
        return;
    note[n] = '\0';
    char *value = strchr(note, ' ');
    if (value != NULL && strncmp(note, SW_HISTORY_REFS, strlen(SW_HISTORY_REFS)) == 0) {
        *value++ = '\0';
        remove_stale(history->folder, note, value);
    }
    clear_note(lock->fd);
}

int sw_history_private_path(char out[SW_HISTORY_PATH_SIZE], const struct sw_history *history,
                            const char *name, struct sw_error *error)
{
    (void)snprintf(out, SW_HISTORY_PATH_SIZE, "%sslipway", history->folder);
    /* If the folder cannot be made, the function that opens the file gives the reason. */
    (void)!sw_dir_make(out, 0777, NULL);
    int n = snprintf(out, SW_HISTORY_PATH_SIZE, "%sslipway/%s", history->folder, name);
    return n < SW_HISTORY_PATH_SIZE ? 0 : sw_fail(error, SW_EENV, "the path of the repository is too long");
}

int sw_history_lock(struct sw_history_lock *lock, struct sw_history *history, struct sw_error *error)
{
    const struct sw_lock_wait wait = {.cancel = history->cancel};
    char path[SW_HISTORY_PATH_SIZE];
    int fd = -1;
    int code = sw_history_private_path(path, history, "lock", error);
    if (code == 0)
        code = sw_lock_file(&fd, path, &wait, error);
    if (code != 0)
        return code;
    *lock = (struct sw_history_lock){fd};
    clear_after_dead(lock, history);
    (void)snprintf(path, sizeof path, "%sslipway", history->folder);
    sw_temporary_sweep_path(path);
    return 0;
}

void sw_history_unlock(struct sw_history_lock *lock)
{
    sw_fd_close(&lock->fd);
}

int sw_history_ready(struct sw_history *history, struct sw_error *error)
{
    struct sw_history_lock lock = {.fd = -1};
    int code = sw_history_make(history, error);
    if (code == 0)
        code = sw_history_lock(&lock, history, error);
    sw_history_unlock(&lock);
    return code;
}

int sw_history_hold(int *fd, struct sw_history *history, const char *profile, const struct sw_lock_wait *wait,
                    struct sw_error *error)
{
    char path[SW_HISTORY_PATH_SIZE], name[SW_HISTORY_REF_SIZE];
    int code = sw_history_make(history, error);
    if (code == 0)
        code = sw_history_ref(name, profile, error);
    (void)snprintf(name, sizeof name, "hold-%s", profile);
    if (code == 0)
        code = sw_history_private_path(path, history, name, error);
    return code == 0 ? sw_lock_file(fd, path, wait, error) : code;
}

int sw_history_move(const struct sw_history_lock *lock, struct sw_history *history, const char *ref,
                    const git_oid *next, const git_oid *old, struct sw_error *error)
{
    const struct sw_git *git = history->git;
    char note[NOTE_SIZE + 1], hex[GIT_OID_HEXSZ + 1];
    int n = snprintf(note, sizeof note, "%s %s\n", ref, git->oid_tostr(hex, sizeof hex, next));
    if (pwrite(lock->fd, note, (size_t)n, 0) != n)
        return sw_fail_errno(error, SW_EENV, "cannot write '%sslipway/lock'", history->folder);
    git_reference *moved = NULL;
    int status = old == NULL ? git->reference_create(&moved, history->repository, ref, next, 0, "slipway")
                             : git->reference_create_matching(&moved, history->repository, ref, next, 1, old,
                                                              "slipway");
    git->reference_free(moved);
    clear_note(lock->fd);
    if (status == GIT_EMODIFIED || status == GIT_EEXISTS)
        return SW_ENO;
    if (status == GIT_ELOCKED) {
        (void)sw_fail(error, SW_EENV, "another program is writing '%s%s'", history->folder, ref);
        return sw_error_hint(error, "if none is, remove '%s%s.lock'", history->folder, ref);
    }
    return status == 0 ? 0 : sw_git_fail(error, git, "cannot write '%s'", ref);
}
