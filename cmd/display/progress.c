#include "display/progress_kinds.h"

#include <unistd.h>

static const char *const kind_names[] = {[PROGRESS_AUTO] = "auto",
                                         [PROGRESS_TTY] = "tty",
                                         [PROGRESS_PLAIN] = "plain",
                                         [PROGRESS_QUIET] = "quiet",
                                         [PROGRESS_RAWJSON] = "rawjson"};

int progress_kind_find(enum progress_kind *kind, const char *name, struct sw_error *error)
{
    for (size_t i = 0; i < SW_COUNT(kind_names); i++) {
        if (strcmp(name == NULL ? "auto" : name, kind_names[i]) == 0) {
            *kind = (enum progress_kind)i;
            return 0;
        }
    }
    (void)sw_fail(error, SW_EINPUT, "unknown progress '%s'", name);
    return sw_error_hint(error, "one of auto, tty, plain, quiet, rawjson");
}

static void free_quiet(struct progress *progress)
{
    free(progress);
}

static struct progress *quiet_new(void)
{
    struct progress *quiet = calloc(1, sizeof(*quiet));
    if (quiet != NULL)
        quiet->free = free_quiet;
    return quiet;
}

static bool moves_its_cursor(int fd)
{
    const char *term = getenv("TERM");
    return isatty(fd) == 1 && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

void progress_settle(struct progress_options *options)
{
    if (options->kind == PROGRESS_AUTO)
        options->kind = moves_its_cursor(options->fd) ? PROGRESS_TTY : PROGRESS_PLAIN;
}

int progress_new(struct progress **progress, const struct progress_options *given, struct sw_error *error)
{
    struct progress_options options = *given;
    progress_settle(&options);
    struct progress *made = options.kind == PROGRESS_TTY       ? progress_tty_new(&options)
                            : options.kind == PROGRESS_PLAIN   ? progress_plain_new(&options)
                            : options.kind == PROGRESS_RAWJSON ? progress_json_new(&options)
                                                               : quiet_new();
    if (made == NULL)
        return sw_fail_memory(error);
    *progress = made;
    return 0;
}

struct sw_sink progress_sink(struct progress *progress)
{
    return (struct sw_sink){progress->emit, progress};
}

void progress_free(struct progress *progress)
{
    if (progress != NULL)
        progress->free(progress);
}
