#include "many_internal.h"

#include "output/format.h"
#include "output/table.h"

#include "base/clock.h"
#include "base/text.h"
#include "data/finding_json.h"

#include <signal.h>

void many_print_result(struct many *many, const struct worker *worker, const struct sw_findings *findings)
{
    if (many->session->format != FORMAT_JSON) {
        format_aside(many->session, findings);
        return;
    }
    struct sw_builder b = {.arena = &many->session->arena};
    struct sw_node *root = sw_build_map(&b);
    double seconds = (double)(worker->ended_ns - worker->started_ns) / (double)SW_SECOND_NS;
    sw_build_set(&b, root, "ok", sw_build_bool(&b, false));
    sw_build_set(&b, root, "profile", sw_build_text(&b, worker->name));
    sw_build_set(&b, root, "image", sw_build_null(&b));
    sw_build_set(&b, root, "findings", sw_findings_json(&b, findings));
    sw_build_set(&b, root, "seconds", sw_build_real(&b, seconds));
    (void)format_node(many->session, b.failed ? NULL : root, false);
    (void)fflush(many->session->out);
}

void many_print_failure(struct many *many, const struct worker *worker, const struct sw_error *error)
{
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    (void)sw_findings_add_error(&findings, NULL, error);
    many_print_result(many, worker, &findings);
}

void many_tell_killed(struct many *many, const struct worker *worker)
{
    struct sw_error error;
    (void)sw_fail(&error, SW_EENV, "the build of '%s' was killed by signal %d (%s)", worker->name,
                  worker->signal, strsignal(worker->signal));
    if (worker->signal == SIGKILL)
        (void)sw_error_hint(&error,
                            "where memory ran out the kernel's log says so; fewer at once (-j) need less");
    many_print_failure(many, worker, &error);
}

static const char *result_word(const struct many *many, const struct worker *worker)
{
    static const char *const words[] = {
        [STATUS_NO] = "failed", [STATUS_INPUT] = "failed: bad input", [STATUS_ENVIRONMENT] = "could not run"};
    if (worker->started_ns == 0)
        return "not started";
    if (worker->signal != 0 && !worker->canceled) {
        const char *text = sw_arena_format(&many->session->arena, "killed by signal %d", worker->signal);
        return text == NULL ? "killed" : text;
    }
    if (worker->status == STATUS_DONE)
        return many->session->options.dry_run ? "can be built" : "built";
    bool ended = worker->signal == 0 && worker->status < SW_COUNT(words);
    return !ended ? "canceled" : words[worker->status];
}

enum { COLUMNS = 4 };

/* The node is named only if there are several. */
void many_print_table(const struct many *many)
{
    struct sw_arena *arena = &many->session->arena;
    size_t columns = many->nodes.count > 1 ? COLUMNS : COLUMNS - 1;
    struct table table = {.columns = columns,
                          .right = {false, false, true, false},
                          .titles = {"PROFILE", "RESULT", "TIME", "NODE"},
                          .cells = sw_arena_array(arena, many->count * columns, sizeof(const char *)),
                          .rows = many->count};
    for (size_t i = 0; table.cells != NULL && i < many->count; i++) {
        const struct worker *worker = &many->seats[i].worker;
        const char **cells = table.cells + i * columns;
        char time[16];
        sw_text_duration(time, worker->ended_ns - worker->started_ns);
        const char *cell = sw_arena_text(arena, time);
        cells[0] = worker->name;
        cells[1] = result_word(many, worker);
        cells[2] = worker->started_ns == 0 || cell == NULL ? "" : cell;
        if (columns == COLUMNS)
            cells[3] = many->seats[i].node == NULL ? "" : many->seats[i].node->host;
    }
    if (table.cells != NULL)
        table_print(many->session, &table);
}
