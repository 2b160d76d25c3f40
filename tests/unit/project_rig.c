#include "project_rig.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "project/grants.h"
#include "project/recording.h"
#include "project/web.h"

#include <stdlib.h>

static void tell(void *self, const struct sw_event *event)
{
    struct project_rig *rig = self;
    sw_buffer_add_str(&rig->told, event->text);
    sw_buffer_add_char(&rig->told, '\n');
}

int project_rig_make(void **state)
{
    struct project_rig *rig = calloc(1, sizeof *rig);
    char made[] = "/tmp/slipway-test-XXXXXX";
    assert_non_null(rig);
    assert_non_null(mkdtemp(made));
    assert_non_null(realpath(made, rig->folder));
    sw_arena_init(&rig->arena, SW_MAX_ARENA);
    sw_cancel_init(&rig->cancel);
    sw_buffer_init(&rig->told, SW_MIB);
    rig->project = (struct sw_project){.arena = &rig->arena,
                                       .cancel = &rig->cancel,
                                       .environment = rig->environment,
                                       .directory = rig->folder,
                                       .offline = true,
                                       .sink = {tell, rig}};
    project_set(rig, sw_arena_format(&rig->arena, "HOME=%s/home", rig->folder));
    project_set(rig, "PATH=/usr/bin:/bin");
    project_set(rig, "PIP_CONFIG_FILE=/dev/null");
    project_set(rig, "UV_NO_CONFIG=1");
    project_set(rig, "PIP_INDEX_URL=http://127.0.0.1:9/simple");
    assert_int_equal(sw_grants_open(&rig->project, NULL), 0);
    *state = rig;
    return 0;
}

int project_rig_remove(void **state)
{
    struct project_rig *rig = *state;
    sw_web_free(rig->project.web);
    assert_int_equal(sw_dir_remove(rig->folder, NULL), 0);
    sw_buffer_release(&rig->told);
    sw_cancel_release(&rig->cancel);
    sw_arena_release(&rig->arena);
    free(rig);
    return 0;
}

void project_set(struct project_rig *rig, const char *variable)
{
    size_t i = 0, n = strcspn(variable, "=") + 1;
    while (rig->environment[i] != NULL && strncmp(rig->environment[i], variable, n) != 0)
        i++;
    assert_true(i < PROJECT_MOST_VARIABLES);
    rig->environment[i] = variable;
}

const char *project_in(struct project_rig *rig, const char *name)
{
    const char *path = sw_path_join(&rig->arena, rig->folder, name);
    assert_non_null(path);
    return path;
}

void project_write(struct project_rig *rig, const char *name, const char *text)
{
    const char *path = project_in(rig, name);
    assert_int_equal(sw_dir_make(sw_path_dir(&rig->arena, path), 0755, NULL), 0);
    assert_int_equal(sw_file_write(path, sw_str_from(text), 0644, NULL), 0);
}

const char *project_read(struct project_rig *rig, const char *name)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MIB);
    assert_int_equal(sw_file_read(&text, project_in(rig, name), NULL), 0);
    return sw_arena_copy(&rig->arena, sw_buffer_str(&text));
}

void project_sh(struct project_rig *rig, const char *command)
{
    const char *const argv[] = {"sh", "-ec", command, NULL};
    const struct sw_process_options options = {.argv = argv, .directory = rig->folder};
    struct sw_process_result result = {0};
    struct sw_error error = {0};
    SW_BUFFER_AUTO out;
    SW_BUFFER_AUTO err;
    sw_buffer_init(&out, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_init(&err, SW_MAX_PROCESS_OUTPUT);
    int code = sw_process_run(&result, &options, &out, &err, &error);
    if (code != 0 || result.status != 0)
        fail_msg("%s: %s%s", command, error.text, err.p);
}

const char *project_digest(struct project_rig *rig, char digit)
{
    char digits[65];
    memset(digits, digit, 64);
    digits[64] = '\0';
    return sw_arena_format(&rig->arena, "sha256:%s", digits);
}

static struct sw_texts one(struct project_rig *rig, const char *text)
{
    struct sw_texts list = {0};
    assert_int_equal(sw_texts_add(&list, &rig->arena, text, NULL), 0);
    return list;
}

struct sw_record_facts project_facts(struct project_rig *rig, char digit)
{
    return (struct sw_record_facts){
        .kind = SW_RECORD_BUILD,
        .result = SW_RECORD_VERIFIED,
        .time = "2026-11-21T01:22:33Z",
        .seconds = 1,
        .slipway = "0.1.0",
        .files = one(rig, "slipway/demo.yaml"),
        .plan = project_digest(rig, 'a') + strlen("sha256:"),
        .image = {.id = project_digest(rig, digit), .tags = one(rig, "demo:latest"), .size = -1}};
}

struct sw_record project_record(struct project_rig *rig, struct sw_history *history,
                                const struct sw_record_facts *facts, const char *text)
{
    SW_BUFFER_AUTO json;
    struct sw_error error = {0};
    struct sw_record record;
    sw_buffer_init(&json, SW_MAX_RECORD_JSON);
    if (sw_record_facts_write(&json, &rig->arena, "demo", facts, &error) != 0)
        fail_msg("%s", error.text);
    const struct sw_record_file files[] = {
        {"record.json", sw_buffer_str(&json), false},
        {sw_arena_format(&rig->arena, "profile/%s", facts->files.items[0]), sw_str_from(text), false}};
    const struct sw_record_draft draft = {
        .profile = "demo", .summary = "x", .text = "", .files = files, .files_count = SW_COUNT(files)};
    if (sw_history_append(&record, &rig->arena, history, &draft, &error) != 0)
        fail_msg("%s", error.text);
    return record;
}
