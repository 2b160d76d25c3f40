#include "many.h"

#include "display/board.h"
#include "output/format.h"
#include "output/say.h"
#include "output/table.h"
#include "worker.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/finding_json.h"
#include "project/grants.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { PIECE = 64 << 10, TICK_MS = 100 };

/* A worker, and the unfinished line that has been read from it. */
struct seat {
    struct worker worker;
    struct sw_buffer begun;
};

struct many {
    struct session *session;
    struct seat *seats;
    /* `next` is the first seat whose worker has not been started. */
    size_t count, next, running;
    unsigned jobs;
    struct worker_display display;
    /* The reader of the events; NULL if they are handed on to `to`. */
    struct board *board;
    FILE *to; /* gets the events if `board` is NULL */
    /* The seat that has begun a line longer than a piece: until that line ends, no other worker is read. */
    const struct seat *floor;
    struct pollfd *waits;
    bool stopping, interrupted;
};

/* ---- before the first ---- */

static const char *profile_name(struct session *session, const char *path)
{
    const struct sw_profile_source source = sw_grants_source(&session->project);
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO faults; /* for its build to tell */
    sw_findings_init(&faults);
    if (sw_profile_load(&profile, path, &source, &faults, NULL) == 0 && profile.name != NULL)
        return sw_arena_text(&session->arena, profile.name);
    return sw_text_clean(&session->arena, sw_str_from(sw_path_base(path)));
}

/* Two builds of one name would write one tag and one history. */
static int check_different(const struct many *many, size_t count, struct sw_error *error)
{
    const struct worker *last = &many->seats[count].worker;
    for (size_t i = 0; i < count; i++) {
        const struct worker *other = &many->seats[i].worker;
        if (strcmp(other->name, last->name) == 0)
            return sw_fail(error, SW_EINPUT, "'%s' and '%s' are both the profile '%s'", other->path,
                           last->path, last->name);
    }
    return 0;
}

static int take_seats(struct many *many, const struct sw_texts *paths, struct sw_error *error)
{
    struct sw_arena *arena = &many->session->arena;
    many->seats = sw_arena_array(arena, paths->count, sizeof *many->seats);
    many->waits = sw_arena_array(arena, many->jobs + 1, sizeof *many->waits);
    if (many->seats == NULL || many->waits == NULL)
        return sw_fail_memory(error);
    int code = 0;
    for (size_t i = 0; code == 0 && i < paths->count; i++) {
        const char *name = profile_name(many->session, paths->items[i]);
        many->seats[i].worker = (struct worker){.name = name, .path = paths->items[i], .events = -1};
        sw_buffer_init(&many->seats[i].begun, PIECE);
        many->count++;
        code = name == NULL ? sw_fail_memory(error) : check_different(many, i, error);
    }
    return code;
}

static int open_board(struct many *many, const struct progress_options *options, struct sw_error *error)
{
    const char **names = sw_arena_array(&many->session->arena, many->count, sizeof *names);
    for (size_t i = 0; names != NULL && i < many->count; i++)
        names[i] = many->seats[i].worker.name;
    many->board = names == NULL ? NULL : board_new(options, names, many->count);
    return many->board == NULL ? sw_fail_memory(error) : 0;
}

static int choose_display(struct many *many, struct sw_error *error)
{
    struct session *session = many->session;
    struct progress_options options = {0};
    int code = session_display(&options, session, error);
    if (code != 0)
        return code;
    progress_settle(&options);
    many->display.kind = options.kind;
    many->display.printed = options.kind == PROGRESS_PLAIN && session->format == FORMAT_GITHUB;
    many->display.results = options.kind == PROGRESS_RAWJSON;
    many->to = options.kind == PROGRESS_RAWJSON ? session->out : session->err;
    if (options.kind != PROGRESS_TTY)
        return 0;
    many->display.kind = PROGRESS_RAWJSON;
    return open_board(many, &options, error);
}

static void release(struct many *many)
{
    board_free(many->board);
    for (size_t i = 0; i < many->count; i++)
        sw_buffer_release(&many->seats[i].begun);
}

/* ---- results that no worker tells ---- */

static void print_result(struct many *many, const struct worker *worker, const struct sw_findings *findings)
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

static void print_failure(struct many *many, const struct worker *worker, const struct sw_error *error)
{
    SW_FINDINGS_AUTO findings;
    sw_findings_init(&findings);
    (void)sw_findings_add_error(&findings, NULL, error);
    print_result(many, worker, &findings);
}

static void tell_killed(struct many *many, const struct worker *worker)
{
    struct sw_error error;
    (void)sw_fail(&error, SW_EENV, "the build of '%s' was killed by signal %d (%s)", worker->name,
                  worker->signal, strsignal(worker->signal));
    if (worker->signal == SIGKILL)
        (void)sw_error_hint(&error,
                            "where memory ran out the kernel's log says so; fewer at once (-j) need less");
    print_failure(many, worker, &error);
}

/* ---- while they work ---- */

static void stop(struct many *many)
{
    many->stopping = true;
    for (size_t i = 0; i < many->next; i++)
        worker_cancel(&many->seats[i].worker);
}

static bool is_only_canceled(const struct many *many, const struct worker *worker)
{
    bool ended_so = worker->status == STATUS_INTERRUPTED || worker->signal == SIGINT;
    return !many->interrupted && worker->canceled && ended_so;
}

/* Pieces of JSON that are not a whole line are no events. */
static void show_events(struct many *many, const struct seat *seat, struct sw_str lines)
{
    SW_ARENA_AUTO arena;
    struct sw_event event;
    sw_arena_init(&arena, SW_MAX_ARENA);
    while (lines.n > 0) {
        struct sw_str line = sw_str_cut(&lines, '\n');
        if (progress_json_read(&event, &arena, line))
            board_event(many->board, (size_t)(seat - many->seats), &event);
    }
}

/* Take the complete lines; if the buffer is full and has no newline, take all of it. */
static void take_lines(struct many *many, struct seat *seat)
{
    struct sw_str read = sw_buffer_str(&seat->begun);
    while (read.n > 0 && read.p[read.n - 1] != '\n')
        read.n--;
    if (read.n == 0 && seat->begun.n < PIECE)
        return;
    if (read.n == 0)
        read.n = seat->begun.n;
    if (many->board != NULL) {
        show_events(many, seat, read);
    } else {
        (void)say_bytes(many->to, read); /* lines that the worker said */
        (void)fflush(many->to);
        many->floor = read.p[read.n - 1] == '\n' ? NULL : seat;
    }
    sw_buffer_consume(&seat->begun, read.n);
}

/* Take the rest of the output: a worker that was killed may have ended in the middle of a line. */
static void take_rest(struct many *many, struct seat *seat)
{
    if (many->board == NULL && (seat->begun.n > 0 || many->floor == seat))
        sw_buffer_add_char(&seat->begun, '\n');
    take_lines(many, seat);
}

static void end(struct many *many, struct seat *seat)
{
    struct worker *worker = &seat->worker;
    take_rest(many, seat);
    if (many->board != NULL)
        board_clear(many->board);
    worker_end(worker, many->session);
    many->running--;
    if (worker->signal != 0 && !worker->canceled)
        tell_killed(many, worker);
    if (many->board != NULL)
        board_end(many->board, (size_t)(seat - many->seats), worker->status == STATUS_DONE);
    if (worker->status != STATUS_DONE && many->session->options.fail_fast)
        stop(many);
}

static void hear(struct many *many, struct seat *seat)
{
    char bytes[PIECE];
    ssize_t n = read(seat->worker.events, bytes, PIECE - seat->begun.n);
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        end(many, seat);
        return;
    }
    sw_buffer_add(&seat->begun, bytes, (size_t)n);
    take_lines(many, seat);
}

static bool is_heard(const struct many *many, const struct seat *seat)
{
    return seat->worker.pid != 0 && (many->floor == NULL || many->floor == seat);
}

static void listen_to_all(struct many *many)
{
    struct sw_cancel *cancel = &many->session->cancel;
    nfds_t count = 0, at = 1;
    many->waits[count++] = (struct pollfd){.fd = many->interrupted ? -1 : cancel->fd, .events = POLLIN};
    for (size_t i = 0; i < many->next; i++) {
        if (is_heard(many, &many->seats[i]))
            many->waits[count++] = (struct pollfd){.fd = many->seats[i].worker.events, .events = POLLIN};
    }
    const struct seat *floor = many->floor;
    int ready = poll(many->waits, count, many->board == NULL ? -1 : TICK_MS);
    if (sw_cancel_requested(cancel) && !many->interrupted) {
        many->interrupted = true;
        stop(many);
    }
    for (size_t i = 0; ready > 0 && i < many->next && at < count; i++) {
        struct seat *seat = &many->seats[i];
        if (seat->worker.events != many->waits[at].fd)
            continue;
        if (many->waits[at++].revents != 0 && many->floor == floor)
            hear(many, seat);
    }
    if (many->board != NULL && many->running > 0)
        board_draw(many->board, false);
}

/* ---- the beginning and the end of workers ---- */

/* Start the next worker, in `seat`. In the new process `*inside` is its seat. */
static int start(struct many *many, struct seat *seat, const struct seat **inside, struct sw_error *error)
{
    bool is_inside = false;
    many->next++;
    if (many->board != NULL)
        board_clear(many->board); /* the new process then has none to clear */
    else if (many->display.printed)
        say(many->session->err, "building %s: its lines come at its end\n", seat->worker.name);
    int code = worker_start(&seat->worker, &is_inside, many->session, &many->display, error);
    if (is_inside) {
        *inside = seat;
        return code;
    }
    if (code != 0) {
        seat->worker.status = status_of(code);
        print_failure(many, &seat->worker, error);
        stop(many);
        return 0;
    }
    many->running++;
    if (many->board != NULL)
        board_start(many->board, (size_t)(seat - many->seats));
    return 0;
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

enum { COLUMNS = 3 };

static void print_table(const struct many *many)
{
    struct sw_arena *arena = &many->session->arena;
    struct table table = {.columns = COLUMNS,
                          .right = {false, false, true},
                          .titles = {"PROFILE", "RESULT", "TIME"},
                          .cells = sw_arena_array(arena, many->count * COLUMNS, sizeof(const char *)),
                          .rows = many->count};
    for (size_t i = 0; table.cells != NULL && i < many->count; i++) {
        const struct worker *worker = &many->seats[i].worker;
        char time[16];
        sw_text_duration(time, worker->ended_ns - worker->started_ns);
        const char *cell = sw_arena_text(arena, time);
        table.cells[i * COLUMNS] = worker->name;
        table.cells[i * COLUMNS + 1] = result_word(many, worker);
        table.cells[i * COLUMNS + 2] = worker->started_ns == 0 || cell == NULL ? "" : cell;
    }
    if (table.cells != NULL)
        table_print(many->session, &table);
}

static enum status summarize(struct many *many)
{
    static const struct sw_findings none;
    enum status worst = many->interrupted ? STATUS_INTERRUPTED : STATUS_DONE;
    for (size_t i = 0; i < many->count; i++) {
        const struct worker *worker = &many->seats[i].worker;
        if (!is_only_canceled(many, worker) && worker->status > worst)
            worst = worker->status;
        if (worker->started_ns == 0 && i >= many->next && many->session->format == FORMAT_JSON)
            print_result(many, worker, &none);
    }
    if (many->session->format != FORMAT_JSON)
        print_table(many);
    return worst;
}

enum status many_build(struct session *session, const struct sw_texts *paths, unsigned jobs, many_work *work,
                       void *self)
{
    struct many many = {.session = session, .jobs = jobs};
    const struct seat *inside = NULL;
    struct sw_error error;
    int code = take_seats(&many, paths, &error);
    if (code == 0)
        code = choose_display(&many, &error);
    struct seat *seats = many.seats;
    while (code == 0 && inside == NULL && (many.running > 0 || (many.next < many.count && !many.stopping))) {
        if (many.next < many.count && many.running < jobs && !many.stopping)
            code = start(&many, &seats[many.next], &inside, &error);
        else
            listen_to_all(&many);
    }
    enum status status = STATUS_DONE;
    if (code == 0 && inside == NULL)
        status = summarize(&many);
    else if (inside != NULL)
        /* A pipe that stayed open here would keep its worker from noticing that the parent has ended. */
        for (size_t i = 0; i < many.next; i++)
            sw_fd_close(&many.seats[i].worker.events);
    const char *path = inside == NULL ? NULL : inside->worker.path;
    release(&many);
    if (code != 0)
        return session_fail(session, &error);
    return path == NULL ? status : work(self, path);
}
