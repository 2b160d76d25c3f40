#include "display/logfile.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "display/steps.h"
#include "display/write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <unistd.h>

enum { LOG_BUFFER = 64 << 10 };

struct logfile {
    int fd;
    struct sw_buffer out;
    struct steps steps;
    /* The step whose output stands at the end of the file. */
    const struct step *current;
    struct sw_sink report;
    struct sw_error problem; /* its text is empty while all is well */
    int64_t flushed_ns;
};

int logfile_new(struct logfile **log, const char *path, struct sw_error *error)
{
    struct logfile *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return sw_fail_memory(error);
    made->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (made->fd < 0) {
        int code = sw_fail_errno(error, SW_EENV, "cannot write the log '%s'", path);
        free(made);
        return code;
    }
    sw_buffer_init(&made->out, LOG_BUFFER);
    *log = made;
    return 0;
}

void logfile_report_to(struct logfile *log, struct sw_sink sink)
{
    log->report = sink;
}

const char *logfile_problem(const struct logfile *log)
{
    return log->problem.text[0] == '\0' ? NULL : log->problem.text;
}

static void write_out(struct logfile *log, struct sw_str bytes)
{
    if (log->problem.text[0] != '\0' || write_all(log->fd, bytes))
        return;
    (void)sw_fail_errno(&log->problem, SW_EENV, "the log is incomplete");
    sw_emit(&log->report,
            (struct sw_event){.kind = SW_EVENT_WARNING, .text = sw_str_from(log->problem.text)});
}

static void flush(struct logfile *log)
{
    write_out(log, sw_buffer_str(&log->out));
    sw_buffer_clear(&log->out);
}

static void add(struct logfile *log, struct sw_str bytes)
{
    if (bytes.n == 0)
        return;
    if (bytes.n > LOG_BUFFER - log->out.n)
        flush(log);
    if (bytes.n > LOG_BUFFER)
        write_out(log, bytes);
    else
        sw_buffer_add_str(&log->out, bytes);
}

/* A line of our own. */
static void add_line(struct logfile *log, const char *prefix, struct sw_str text)
{
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, 4 * SW_MAX_FAILURE_TEXT); /* cleaning makes four bytes of one at most */
    sw_buffer_add_text(&line, prefix);
    sw_text_add_clean(&line, text);
    sw_buffer_add_char(&line, '\n');
    add(log, sw_buffer_str(&line));
}

/* Name the step, if the output that follows is of another step than the output before. */
static void turn_to(struct logfile *log, const struct step *step)
{
    if (log->current == step)
        return;
    log->current = step;
    char prefix[32];
    (void)snprintf(prefix, sizeof(prefix), "=== #%u ", step->number);
    add_line(log, prefix, sw_str_from(step->name));
}

static void add_end(struct logfile *log, const struct step *step, struct sw_str why)
{
    char prefix[64], time[16];
    sw_text_duration(time, step_elapsed(step, 0));
    (void)snprintf(prefix, sizeof(prefix), "=== #%u %s", step->number,
                   step->state == STEP_CACHED     ? "cached"
                   : step->state == STEP_CANCELED ? "canceled: "
                   : step->state == STEP_FAILED   ? "failed: "
                                                  : "done in ");
    add_line(log, prefix, step->state == STEP_DONE ? sw_str_from(time) : why);
}

void logfile_add(struct logfile *log, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add_line(log, "=== ", sw_str_from(text));
}

/* The arguments of take_line() besides the line. */
struct output {
    struct logfile *log;
    const struct step *step;
};

static void take_line(void *self, struct sw_str raw, size_t dropped, bool whole)
{
    const struct output *output = self;
    if (!whole)
        return;
    SW_BUFFER_AUTO line;
    sw_buffer_init(&line, 5 * SW_MAX_LOG_LINE); /* cleaning makes four bytes of one at most */
    sw_text_add_clean(&line, raw);
    if (dropped > 0)
        sw_buffer_addf(&line, " [%zu bytes more]", dropped);
    sw_buffer_add_char(&line, '\n');
    turn_to(output->log, output->step);
    add(output->log, sw_buffer_str(&line));
}

static void log_event(struct logfile *log, struct step *step, const struct sw_event *event)
{
    struct output output = {log, step};
    if (step_work(step) != NULL)
        lines_add(&step->work->lines[event->stream == SW_STDERR], event->text, take_line, &output);
}

/* Lines that have no end, of a step that has ended or of a build that was cut short. */
static void end_lines(struct logfile *log, struct step *step)
{
    struct output output = {log, step};
    for (size_t i = 0; step->work != NULL && i < SW_COUNT(step->work->lines); i++)
        lines_end(&step->work->lines[i], take_line, &output);
    step_drop_work(step);
}

static void step_event(struct logfile *log, struct step *step, const struct sw_event *event)
{
    if (event->kind == SW_EVENT_STEP_STARTED) {
        turn_to(log, step);
        step_start(step, event->time_ns);
    } else if (event->kind == SW_EVENT_STEP_DONE) {
        end_lines(log, step);
        step_end(step, event);
        add_end(log, step, event->text);
    } else if (event->kind == SW_EVENT_LOG) {
        log_event(log, step, event);
    }
}

/* The buffer goes out once a second, so that who follows the file sees it grow. */
static void emit(void *self, const struct sw_event *event)
{
    struct logfile *log = self;
    struct step *step = NULL;
    if (event->kind == SW_EVENT_WARNING)
        add_line(log, "=== warning: ", event->text);
    else if (event->kind == SW_EVENT_NOTE)
        add_line(log, "=== ", event->text);
    else
        step = steps_get(&log->steps, event);
    if (step != NULL)
        step_event(log, step, event);
    if (event->time_ns - log->flushed_ns >= SW_SECOND_NS) {
        log->flushed_ns = event->time_ns;
        flush(log);
    }
}

struct sw_sink logfile_sink(struct logfile *log)
{
    return (struct sw_sink){emit, log};
}

const char *logfile_path(struct sw_arena *arena, const char *folder, const char *profile)
{
    char now[32];
    sw_clock_rfc3339(now, sw_clock_epoch());
    const char *name = sw_arena_format(arena, "%s-%s-%d.log", profile, now, (int)getpid());
    return name == NULL ? NULL : sw_path_join(arena, folder, name);
}

/* Return true if logfile_path() gives such a name for this profile. The name of another profile may begin
 * with this profile's name. */
static bool is_log_of(const char *name, const char *profile)
{
    static const char shape[] = "-0000-00-00T00:00:00Z-0";
    size_t n = strlen(profile);
    if (strncmp(name, profile, n) != 0 || !sw_str_ends(sw_str_from(name), ".log"))
        return false;
    name += n;
    for (const char *s = shape; *s != '\0'; s++, name++) {
        if (*s == '0' ? !sw_is_digit((unsigned char)*name) : *name != *s)
            return false;
    }
    return true;
}

const char *logfile_newest(struct sw_arena *arena, const char *folder, const char *profile)
{
    char newest[NAME_MAX + 1] = "";
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return NULL;
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (is_log_of(entry->d_name, profile) && strcmp(entry->d_name, newest) > 0)
            (void)snprintf(newest, sizeof newest, "%s", entry->d_name);
    }
    (void)closedir(entries);
    return newest[0] == '\0' ? NULL : sw_path_join(arena, folder, newest);
}

void logfile_free(struct logfile *log)
{
    if (log == NULL)
        return;
    for (size_t i = 0; i < log->steps.count; i++)
        end_lines(log, log->steps.list[i]);
    flush(log);
    (void)close(log->fd);
    steps_release(&log->steps);
    sw_buffer_release(&log->out);
    free(log);
}
