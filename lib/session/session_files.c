/* Outputs that a build exports to files here (moby.filesync.v1.FileSend). Each output is written beside its
 * place and put there at the end, once the build has succeeded: nothing half-written ever bears its name. */
#include "base/file.h"
#include "base/limits.h"
#include "context/context.h"
#include "session/session_internal.h"
#include "wire/protobuf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIELD_DATA = 1 };

static int fail_write(struct sw_error *error, const struct sw_received *file)
{
    return sw_fail_errno(error, SW_EENV, "cannot write what the build exports to '%s'", file->output->path);
}

/* A temporary on the same file system: in the folder that the export is for, or beside the file whose name it takes. */
static int make_temporary(struct sw_received *file, const struct sw_output *output, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_PATH_SIZE);
    const char *folder = output->folder ? output->path : sw_path_dir(&arena, output->path);
    int code = folder == NULL ? sw_fail_memory(error) : sw_dir_make(folder, 0777, error);
    if (code != 0)
        return code;
    file->output = output;
    return sw_temporary_file(&file->temporary, folder, 0666) == 0 ? 0 : fail_write(error, file);
}

void sw_session_file_begin(struct sw_grpc_call *call, void *self)
{
    struct sw_session *session = self;
    const struct sw_session_options *options = session->options;
    struct sw_error error = {0};
    uint64_t number = 0;
    struct sw_str header = sw_grpc_header(call, "buildkit-attachable-exporter-id", 0);
    bool known = header.p == NULL || sw_str_to_u64(header, &number);
    if (!known || number >= options->outputs_count || options->outputs[number].path == NULL ||
        session->received[number].temporary.fd >= 0) {
        sw_grpc_finish(call, SW_GRPC_NOT_FOUND, "there is no place for such an export");
        return;
    }
    struct sw_received *file = &session->received[number];
    if (make_temporary(file, &options->outputs[number], &error) != 0)
        sw_session_fail_call(call, session, &error);
    else
        sw_grpc_set_state(call, file);
}

void sw_session_file_message(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct sw_received *file = sw_grpc_state(call);
    struct sw_error error = {0};
    if (sw_fd_write(file->temporary.fd, sw_session_field(message, FIELD_DATA)) == 0)
        return;
    (void)fail_write(&error, file);
    sw_session_fail_call(call, self, &error);
}

/* Some file systems tell only when a descriptor is closed that there is no room. The temporary's own stays open: its lock
 * hangs on it. */
static bool is_written(int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return copy >= 0 && close(copy) == 0;
}

void sw_session_file_end(struct sw_grpc_call *call, void *self)
{
    struct sw_received *file = sw_grpc_state(call);
    struct sw_error error = {0};
    if (!is_written(file->temporary.fd)) {
        (void)fail_write(&error, file);
        sw_session_fail_call(call, self, &error);
        return;
    }
    file->whole = true;
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

/* A file takes its name; a folder is unpacked. */
static int settle(struct sw_received *file, struct sw_error *error)
{
    const char *place = file->output->path;
    if (!file->output->folder)
        return sw_temporary_move(&file->temporary, AT_FDCWD, place) == 0 ? 0 : fail_write(error, file);
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_PATH_SIZE);
    const char *tar = sw_path_join(&arena, place, file->temporary.name);
    return tar == NULL ? sw_fail_memory(error) : sw_tar_unpack(tar, place, error);
}

int sw_session_settle(struct sw_session *session, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < session->options->outputs_count; i++) {
        struct sw_received *file = &session->received[i];
        if (file->temporary.fd >= 0 && !file->whole)
            code =
                sw_fail(error, SW_EENV, "the engine broke off what it exported to '%s'", file->output->path);
        else if (file->temporary.fd >= 0)
            code = settle(file, error);
        else if (session->options->outputs[i].path != NULL)
            code = sw_fail(error, SW_EENV, "the engine exported nothing to '%s'",
                           session->options->outputs[i].path);
    }
    return code;
}

void sw_session_drop_files(struct sw_session *session)
{
    for (size_t i = 0; session->received != NULL && i < session->options->outputs_count; i++)
        sw_temporary_drop(&session->received[i].temporary);
    free(session->received);
}
