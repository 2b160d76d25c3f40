#include "many_internal.h"

#include "output/format.h"
#include "output/say.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/path.h"
#include "project/grants.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { TICK_MS = 100 };

/* ---- before the first ---- */

/* Fill in the names of a profile and its base; without memory they are NULL. */
static void read_profile(struct seat *seat, struct session *session, const char *path)
{
    const struct sw_profile_source source = sw_grants_source(&session->project);
    SW_PROFILE_AUTO profile = {0};
    SW_FINDINGS_AUTO faults; /* for its build to tell */
    sw_findings_init(&faults);
    bool loads = sw_profile_load(&profile, path, &source, &faults, NULL) == 0 && profile.name != NULL;
    const struct sw_node *base = sw_node_get(profile.root, "base_image");
    seat->worker.name = loads ? sw_arena_text(&session->arena, profile.name)
                              : sw_text_clean(&session->arena, sw_str_from(sw_path_base(path)));
    seat->base = sw_arena_format(&session->arena, "%s %s %s %s %s", sw_node_text(base, "auto"),
                                 sw_node_text(sw_node_get(base, "bootstrap"), ""),
                                 sw_node_text(sw_node_get(profile.root, "python_version"), ""),
                                 sw_node_text(sw_node_at(profile.root, "torch.version"), ""),
                                 sw_node_text(sw_node_at(profile.root, "torch.cuda"), ""));
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
    many->waits = sw_arena_array(arena, paths->count + 1, sizeof *many->waits);
    if (many->seats == NULL || many->waits == NULL)
        return sw_fail_memory(error);
    int code = 0;
    for (size_t i = 0; code == 0 && i < paths->count; i++) {
        struct seat *seat = &many->seats[i];
        *seat = (struct seat){.worker = {.path = paths->items[i], .events = -1}, .waits = true};
        sw_buffer_init(&seat->begun, PIECE);
        sw_buffer_init(&seat->result, SW_MAX_JSON_SIZE);
        read_profile(seat, many->session, paths->items[i]);
        many->count++;
        many->waiting++;
        code = seat->worker.name == NULL || seat->base == NULL ? sw_fail_memory(error)
                                                               : check_different(many, i, error);
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
    for (size_t i = 0; i < many->count; i++) {
        sw_buffer_release(&many->seats[i].begun);
        sw_buffer_release(&many->seats[i].result);
    }
}

/* ---- while they work ---- */

static void stop(struct many *many)
{
    many->stopping = true;
    for (size_t i = 0; i < many->count; i++)
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

/* Print the events, and hold the result, which is the last line: it is no result if the node is lost. */
static void hold_result(struct many *many, struct seat *seat, struct sw_str read)
{
    static const char start[] = "{\"ok\":";
    struct sw_str rest = read;
    while (seat->result.n == 0 && rest.n > 0 && !sw_str_starts(rest, start))
        (void)sw_str_cut(&rest, '\n');
    (void)say_bytes(many->to, (struct sw_str){read.p, read.n - rest.n});
    (void)fflush(many->to);
    sw_buffer_add_str(&seat->result, rest);
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
    } else if (many->nodes.count > 1 && many->display.results) {
        hold_result(many, seat, read);
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

static void build_elsewhere(struct many *many, struct seat *seat)
{
    worker_forget(&seat->worker);
    seat->result.n = 0;
    seat->waits = true;
    many->waiting++;
}

/* The images that the node has built are lost with it, unless they have gone to a registry or a file. */
static void lose_node(struct many *many, struct node *node)
{
    const struct options *options = &many->session->options;
    bool stays = options->push || options->outputs.count > 0 || options->dry_run;
    node->lost = true;
    say(many->session->err, "warning: the engine '%s' does not answer any more%s\n", node->host,
        nodes_live(&many->nodes) ? ": the others build its profiles" : "");
    for (size_t i = 0; i < many->count && !stays; i++) {
        struct seat *seat = &many->seats[i];
        bool is_done = seat->worker.ended_ns != 0 && seat->worker.status == STATUS_DONE;
        if (seat->node == node && is_done)
            build_elsewhere(many, seat);
    }
}

/* Return true if the build could not run because its node does not answer, and another node may build the profile. */
static bool is_lost(struct many *many, const struct seat *seat)
{
    const struct worker *worker = &seat->worker;
    if (many->nodes.count == 1 || many->stopping || worker->canceled || worker->signal != 0 ||
        worker->status != STATUS_ENVIRONMENT)
        return false;
    if (!seat->node->lost && !nodes_answer(seat->node, many->session))
        lose_node(many, seat->node);
    return seat->node->lost && nodes_live(&many->nodes);
}

static void end(struct many *many, struct seat *seat)
{
    struct worker *worker = &seat->worker;
    take_rest(many, seat);
    if (many->board != NULL)
        board_clear(many->board);
    worker_end(worker);
    many->running--;
    seat->node->running--;
    if (is_lost(many, seat)) {
        build_elsewhere(many, seat);
        return;
    }
    (void)say_bytes(many->to, sw_buffer_str(&seat->result));
    worker_print(worker, many->session);
    if (worker->signal != 0 && !worker->canceled)
        many_tell_killed(many, worker);
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
    for (size_t i = 0; i < many->count; i++) {
        if (is_heard(many, &many->seats[i]))
            many->waits[count++] = (struct pollfd){.fd = many->seats[i].worker.events, .events = POLLIN};
    }
    const struct seat *floor = many->floor;
    int ready = poll(many->waits, count, many->board == NULL ? -1 : TICK_MS);
    if (sw_cancel_requested(cancel) && !many->interrupted) {
        many->interrupted = true;
        stop(many);
    }
    for (size_t i = 0; ready > 0 && i < many->count && at < count; i++) {
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

/* The seat to be started on the node: the first, or, with several nodes, the first whose base suits the node best. */
static struct seat *choose(const struct many *many, const struct node *node)
{
    struct seat *best = NULL;
    int rank = -1;
    for (size_t i = 0; i < many->count; i++) {
        struct seat *seat = &many->seats[i];
        int suits = many->nodes.count == 1 ? 0 : nodes_rank(&many->nodes, node, seat->base);
        if (seat->waits && suits > rank) {
            best = seat;
            rank = suits;
        }
    }
    return best;
}

/* Start the worker of a seat on the node. In the new process `*inside` is its seat. */
static int start(struct many *many, struct seat *seat, struct node *node, const struct seat **inside,
                 struct sw_error *error)
{
    bool is_inside = false;
    seat->waits = false;
    seat->node = node;
    many->waiting--;
    nodes_take(node, seat->base);
    many->session->project.host = node->host;
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
        node->running--;
        seat->worker.status = status_of(code);
        many_print_failure(many, &seat->worker, error);
        stop(many);
        return 0;
    }
    many->running++;
    if (many->board != NULL)
        board_start(many->board, (size_t)(seat - many->seats));
    return 0;
}

/* The result of a build that was not started, or whose engine was lost. */
static void tell_waiting(struct many *many, const struct worker *worker)
{
    static const struct sw_findings none;
    struct sw_error error;
    (void)sw_fail(&error, SW_EENV, "no engine is left that could build '%s'", worker->name);
    if (nodes_live(&many->nodes))
        many_print_result(many, worker, &none);
    else
        many_print_failure(many, worker, &error);
}

static enum status summarize(struct many *many)
{
    enum status worst = many->interrupted ? STATUS_INTERRUPTED : STATUS_DONE;
    for (size_t i = 0; i < many->count; i++) {
        const struct worker *worker = &many->seats[i].worker;
        if (!is_only_canceled(many, worker) && worker->status > worst)
            worst = worker->status;
        if (many->seats[i].waits && many->session->format == FORMAT_JSON)
            tell_waiting(many, worker);
    }
    if (many->session->format != FORMAT_JSON)
        many_print_table(many);
    return worst;
}

static bool is_to_start(const struct many *many)
{
    return many->waiting > 0 && !many->stopping && nodes_live(&many->nodes);
}

enum status many_build(struct session *session, const struct sw_texts *paths, unsigned jobs, many_work *work,
                       void *self)
{
    struct many many = {.session = session};
    const struct seat *inside = NULL;
    struct sw_error error;
    int code = nodes_init(&many.nodes, session, jobs, paths->count, &error);
    if (code == 0)
        code = take_seats(&many, paths, &error);
    if (code == 0)
        code = choose_display(&many, &error);
    while (code == 0 && inside == NULL && (many.running > 0 || is_to_start(&many))) {
        struct node *node = is_to_start(&many) ? nodes_free(&many.nodes) : NULL;
        struct seat *seat = node == NULL ? NULL : choose(&many, node);
        if (seat != NULL)
            code = start(&many, seat, node, &inside, &error);
        else
            listen_to_all(&many);
    }
    enum status status = STATUS_DONE;
    if (code == 0 && inside == NULL)
        status = summarize(&many);
    else if (inside != NULL)
        /* A pipe that stayed open here would keep its worker from noticing that the parent has ended. */
        for (size_t i = 0; i < many.count; i++)
            sw_fd_close(&many.seats[i].worker.events);
    const char *path = inside == NULL ? NULL : inside->worker.path;
    release(&many);
    if (code != 0)
        return session_fail(session, &error);
    return path == NULL ? status : work(self, path);
}
