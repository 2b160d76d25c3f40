/* Shows an engine's stream, read from standard input as it comes, on standard output.
 *
 * usage: replay KIND color|mono utf8|ascii [LOG]
 *
 * The exit status is 0 when the build was well, 1 when it failed, 2 for a mistake. */
#include "display/logfile.h"
#include "display/progress.h"

#include "stream/stream.h"

#include <locale.h>
#include <unistd.h>

struct both {
    struct sw_sink display, log;
};

static void to_both(void *self, const struct sw_event *event)
{
    struct both *both = self;
    sw_emit(&both->display, *event);
    sw_emit(&both->log, *event);
}

static int read_stream(const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_build_stream *stream = sw_build_stream_new(sink);
    if (stream == NULL)
        return sw_fail_memory(error);
    char bytes[4096];
    int code = 0;
    for (ssize_t n = read(0, bytes, sizeof(bytes)); n > 0 && code == 0; n = read(0, bytes, sizeof(bytes)))
        code = sw_build_stream_feed(stream, bytes, (size_t)n, error);
    SW_BUILD_OUTCOME_AUTO outcome = {0};
    if (code == 0)
        code = sw_build_stream_finish(stream, true, &outcome, error);
    sw_build_stream_free(stream);
    if (code == 0 && outcome.failed)
        code = sw_fail(error, SW_ENO, "%s", outcome.failure_text);
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    (void)setlocale(LC_CTYPE, "");
    struct sw_error error = {0};
    struct progress_options options = {
        .fd = 1, .color = strcmp(argv[2], "color") == 0, .utf8 = strcmp(argv[3], "utf8") == 0};
    struct progress *progress = NULL;
    struct logfile *log = NULL;
    if (progress_kind_find(&options.kind, argv[1], &error) != 0 ||
        progress_new(&progress, &options, &error) != 0 ||
        (argc > 4 && logfile_new(&log, argv[4], &error) != 0)) {
        (void)fprintf(stderr, "%s\n", error.text);
        progress_free(progress);
        return 2;
    }
    struct both both = {.display = progress_sink(progress)};
    if (log != NULL) {
        both.log = logfile_sink(log);
        logfile_report_to(log, both.display);
    }
    struct sw_sink sink = {to_both, &both};
    int code = read_stream(&sink, &error);
    logfile_free(log);
    progress_free(progress);
    if (code != 0)
        (void)fprintf(stderr, "%s\n", error.text);
    return code == 0 ? 0 : code == SW_ENO ? 1 : 2;
}
