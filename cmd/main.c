#include "commands.h"

#include "output/say.h"
#include "version.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/variables.h"
#include "project/grants.h"
#include "project/web.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The signal handler's way to the session, and to the timer that ends a command which does not hear the request. */
static struct sw_cancel *interrupted;
static timer_t deadline;
static bool has_deadline;

/* The time on a processor that a command may spend after a request to end. The time in which it waits, and in which others have the
 * processor, does not count: a command that waits for an engine hears the request. */
static const struct itimerspec grace = {.it_value = {.tv_nsec = 800 * SW_MILLISECOND_NS}};

static void on_signal(int number)
{
    (void)number;
    sw_cancel_request(interrupted);
    if (has_deadline)
        (void)timer_settime(deadline, 0, &grace, NULL);
}

/* The command is in a computation that does not look at the request: end as a second Ctrl-C would. All that is written is written by
 * renaming, and the next command sweeps temporary files. */
static void on_deadline(int number)
{
    static const char text[] = "\nerror: interrupted\n";
    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(STATUS_INTERRUPTED);
}

static void watch_deadline(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct sigaction action = {.sa_handler = on_deadline};
    (void)sigemptyset(&action.sa_mask);
    has_deadline = sigaction(SIGALRM, &action, NULL) == 0 &&
                   timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &deadline) == 0;
}

static void catch_signals(struct session *session)
{
    interrupted = &session->cancel;
    watch_deadline();
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends at once */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    struct sigaction inherited;
    if (sigaction(SIGHUP, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN) /* nohup(1) ignores it */
        (void)sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write */
}

static int choose_format(struct session *session, struct sw_error *error)
{
    static const struct {
        const char *name;
        enum format format;
    } formats[] = {{"tty", FORMAT_TTY},
                   {"plain", FORMAT_PLAIN},
                   {"json", FORMAT_JSON},
                   {"github", FORMAT_GITHUB},
                   {"sarif", FORMAT_SARIF}};
    static const char *const no_color[] = {"NO_COLOR"};
    const char *name = session->options.format_name;
    bool terminal = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    if (name == NULL && say_is_runner())
        session->format = FORMAT_GITHUB;
    else if (name == NULL)
        session->format = terminal ? FORMAT_TTY : FORMAT_PLAIN;
    for (size_t i = 0; name != NULL && i < SW_COUNT(formats); i++) {
        if (strcmp(formats[i].name, name) == 0)
            session->format = formats[i].format;
    }
    if (session->format == FORMAT_AUTO) {
        (void)sw_fail(error, SW_EINPUT, "unknown format '%s'", name);
        return sw_error_hint(error, "one of tty, plain, json, github, sarif");
    }
    const char *term = sw_variables_get(session->project.environment, "TERM");
    session->color = session->format == FORMAT_TTY && terminal && !session->options.no_color &&
                     sw_project_variable(&session->project, no_color, SW_COUNT(no_color)) == NULL &&
                     (term == NULL || strcmp(term, "dumb") != 0);
    session->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    return 0;
}

static int check_arguments(const struct session *session, const struct command *command,
                           struct sw_error *error)
{
    const struct sw_texts *given = &session->options.arguments;
    if (session->options.hosts.count > 1 && strcmp(command->name, "build") != 0)
        return sw_fail(error, SW_EINPUT, "-H stands once: only 'build' takes several engines");
    if (session->options.hosts.count > 0 && session->options.builder != NULL)
        return sw_fail(error, SW_EINPUT, "-H and --builder name two engines: leave one of them out");
    static const char *const counts[] = {"none", "one", "two"};
    size_t most = strstr(command->arguments, "...") != NULL ? SIZE_MAX : 0;
    if (most == 0 && command->arguments[0] != '\0')
        most = strchr(command->arguments, ' ') == NULL ? 1 : 2;
    if (given->count <= most)
        return 0;
    (void)sw_fail(error, SW_EINPUT, "unexpected argument '%s': %s takes %s", given->items[most],
                  command->name, counts[most]);
    return sw_error_hint(error, "see 'slipway help %s'", command->name);
}

/* Prepare everything that commands need, then run the command. */
static enum status run(struct session *session, const struct command *command, int argc, char **argv)
{
    struct sw_error error;
    int code = options_parse(&session->options, command->name, argc, argv, &error);
    if (code == 0)
        code = choose_format(session, &error);
    if (code != 0)
        return session_fail(session, &error);
    if (session->options.help) {
        help_print(session->out, command);
        return STATUS_DONE;
    }
    if (session->options.version)
        return version_print(session);
    struct stat status;
    const char *directory = session->options.directory;
    if (directory != NULL && (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode))) {
        (void)sw_fail(&error, SW_EINPUT, "no such folder: '%s'", directory);
        return session_fail(session, &error);
    }
    if (check_arguments(session, command, &error) != 0 ||
        options_below(&session->options, &session->arena, &error) != 0)
        return session_fail(session, &error);
    if (session_open_project(session, &error) != 0)
        return session_fail(session, &error);
    sw_project_sweep(&session->project);
    enum status result = command->run(session);
    return sw_cancel_requested(&session->cancel) && result != STATUS_DONE ? STATUS_INTERRUPTED : result;
}

/* Take the first word that is no option as the command; the words before it belong to the command too. */
static const struct command *take_command(int argc, char **argv, const char **unknown)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            i += option_wants_value(argv[i]);
            continue;
        }
        const struct command *command = command_find(argv[i]);
        if (command == NULL)
            *unknown = argv[i];
        for (int j = i; j > 0; j--)
            argv[j] = argv[j - 1];
        return command;
    }
    return NULL;
}

/* Refuse a first word that is no command: it may be a file, a command of other tools, or a command mistyped. */
static enum status refuse_word(struct session *session, const char *word)
{
    struct sw_error error;
    struct stat status;
    const char *nearest = command_nearest(word), *instead = command_instead(word);
    (void)sw_fail(&error, SW_EINPUT, "unknown command '%s'", word);
    if (stat(word, &status) == 0)
        (void)sw_error_hint(&error, "did you mean 'slipway check %s'?", word);
    else if (instead != NULL)
        (void)sw_error_hint(&error, "did you mean '%s'?", instead);
    else
        (void)sw_error_hint(&error, nearest == NULL ? "see 'slipway help'" : "did you mean '%s'?", nearest);
    return session_fail(session, &error);
}

static enum status without_command(struct session *session, int argc, char **argv, const char *unknown)
{
    struct sw_error error;
    if (unknown != NULL)
        return refuse_word(session, unknown);
    int code = options_parse(&session->options, "help", argc, argv, &error);
    if (code != 0)
        return session_fail(session, &error);
    if (session->options.version)
        return version_print(session);
    help_print(session->options.help ? session->out : session->err, NULL);
    return session->options.help ? STATUS_DONE : STATUS_INPUT;
}

/* Open each standard stream that is closed, so that no file that is opened later becomes standard output.
 * Each is opened so that its use fails, as the use of a closed stream does. */
static void fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/* Asked of the pipe itself: by now errno can be another call's. */
static bool reader_is_gone(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

/* End the session. Everything that was printed must really have been written, or the exit status would lie. A
 * reader that went away (a closed pipe) is no fault of ours. */
static enum status finish(struct session *session, enum status status)
{
    bool failed = fflush(session->out) != 0 || ferror(session->out) != 0;
    if (failed && !reader_is_gone()) {
        say(session->err, "slipway: error: cannot write to standard output\n");
        status = status == STATUS_DONE ? STATUS_ENVIRONMENT : status;
    }
    sw_web_free(session->project.web);
    sw_cancel_release(&session->cancel);
    sw_arena_release(&session->arena);
    options_release(&session->options);
    return status;
}

int main(int argc, char **argv)
{
    fill_standard_streams();
    (void)setlocale(LC_CTYPE, "");
    struct session session = {.out = stdout, .err = stderr};
    session.project = (struct sw_project){
        .arena = &session.arena, .cancel = &session.cancel, .environment = (const char *const *)environ};
    sw_arena_init(&session.arena, SW_MAX_ARENA);
    sw_cancel_init(&session.cancel);
    catch_signals(&session);
    const char *unknown = NULL;
    const struct command *command = take_command(argc, argv, &unknown);
    enum status status = command == NULL ? without_command(&session, argc, argv, unknown)
                                         : run(&session, command, argc - 1, argv + 1);
    status = finish(&session, status);
    return (int)status;
}
