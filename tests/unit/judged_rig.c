#include "judged_rig.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "project/grants.h"
#include "project/prepare.h"
#include "project/settled_base.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Start rows.py, with its standard input from a pipe. If it cannot run, the named pipe ends empty. */
static void start_server(struct judged *judged, const char *pipe_name)
{
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    judged->server = fork();
    assert_true(judged->server >= 0);
    if (judged->server == 0) {
        (void)dup2(ends[0], STDIN_FILENO);
        (void)execlp("sh", "sh", "-c",
                     "python3 \"${SLIPWAY_SOURCE:-.}/tests/stacks/rows.py\" \"$0\" || : >\"$0\"", pipe_name,
                     (char *)NULL);
        _exit(127);
    }
    (void)close(ends[0]);
    judged->server_input = ends[1];
}

static void read_rows(struct judged *judged, const char *pipe_name)
{
    SW_BUFFER_AUTO text;
    struct sw_error error = {0};
    char bytes[4096];
    sw_buffer_init(&text, 16 * SW_MIB);
    SW_FD_AUTO rows = open(pipe_name, O_RDONLY | O_CLOEXEC);
    assert_true(rows >= 0);
    for (ssize_t n; (n = read(rows, bytes, sizeof bytes)) > 0;)
        sw_buffer_add(&text, bytes, (size_t)n);
    if (sw_json_read(&judged->rows, &judged->arena, sw_buffer_str(&text), "rows.py", &error) != 0)
        fail_msg("rows.py: %s", error.text);
}

int judged_start(void **state)
{
    struct judged *judged = calloc(1, sizeof *judged);
    char folder[] = "/tmp/slipway-judged-XXXXXX";
    struct sw_error error = {0};
    assert_non_null(judged);
    assert_non_null(mkdtemp(folder));
    sw_arena_init(&judged->arena, SW_MAX_ARENA);
    sw_buffer_init(&judged->answers, 16 * SW_MIB);
    const char *pipe_name = sw_path_join(&judged->arena, folder, "rows");
    assert_int_equal(mkfifo(pipe_name, 0600), 0);
    start_server(judged, pipe_name);
    read_rows(judged, pipe_name);
    assert_int_equal(sw_dir_remove(folder, NULL), 0);
    if (sw_catalog_load(&judged->catalog, NULL, &error) != 0)
        fail_msg("%s", error.text);
    *state = judged;
    return 0;
}

int judged_stop(void **state)
{
    struct judged *judged = *state;
    if (judged == NULL) /* the start has failed */
        return 0;
    (void)close(judged->server_input);
    assert_int_equal(waitpid(judged->server, NULL, 0), judged->server);
    sw_draft_free(judged->draft);
    sw_catalog_release(&judged->catalog);
    sw_buffer_release(&judged->answers);
    sw_arena_release(&judged->arena);
    free(judged);
    return 0;
}

const char *judged_text(const struct sw_node *row, const char *key)
{
    return sw_node_text(sw_node_get(row, key), NULL);
}

struct project_rig *judged_project(const struct sw_node *row)
{
    void *state = NULL;
    assert_int_equal(project_rig_make(&state), 0);
    struct project_rig *rig = state;
    const char *folder = judged_text(row, "folder"), *file = judged_text(row, "file");
    if (folder != NULL)
        project_sh(rig, sw_arena_format(&rig->arena, "cp -R '%s/.' .", folder));
    else if (file != NULL)
        project_write(rig, file, judged_text(row, "content"));
    else
        project_write(rig, "p.yaml", judged_text(row, "text"));
    rig->project.offline = folder != NULL || sw_node_boolean(sw_node_get(row, "offline"), false);
    project_set(rig, sw_arena_format(&rig->arena, "PIP_INDEX_URL=%s", judged_text(row, "index")));
    project_set(rig, "no_proxy=*");
    return rig;
}

/* Prepare the stack of a file that is no profile, as `check FILE --gpu rtx-5090` does. */
static int prepare_file(struct sw_prepared *prepared, struct project_rig *rig, struct sw_draft *draft,
                        const char *file, const struct sw_catalog *catalog, struct sw_findings *findings,
                        struct sw_error *error)
{
    const char *path = project_in(rig, file);
    sw_draft_judge(draft);
    int code = sw_draft_gpu(draft, "rtx-5090", error);
    if (code == 0)
        code = sw_grants_add_file(&rig->project, path, error);
    if (code == 0)
        code = sw_draft_read(draft, &rig->project.permissions, path, error);
    if (code == 0)
        code = sw_draft_profile(&prepared->profile, draft, findings, error);
    if (code == 0)
        code = sw_plan_resolve(&prepared->plan, &prepared->profile, catalog, findings, error);
    if (code == 0)
        code = sw_prepared_settle_base(prepared, &rig->project, catalog, findings, error);
    return code;
}

int judged_prepare(struct sw_prepared *prepared, struct project_rig *rig, struct judged *judged,
                   const struct sw_node *row, struct sw_findings *findings, struct sw_error *error)
{
    const char *file = judged_text(row, "file");
    sw_draft_free(judged->draft);
    judged->draft = file == NULL ? NULL : sw_draft_new(project_in(rig, file), &judged->catalog, &rig->cancel);
    if (judged->draft != NULL)
        return prepare_file(prepared, rig, judged->draft, file, &judged->catalog, findings, error);
    return sw_prepare(prepared, &rig->project, project_in(rig, "p.yaml"), &judged->catalog, findings, error);
}
