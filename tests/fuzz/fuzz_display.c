/* Events of an engine, whose texts are of others, in the displays that are not drawn in place. An event is
 * a letter for its kind, a letter for its step and its text, up to the next "\x1e". The plain display writes lines that can be
 * shown; the one for programs an object a line, from which the event can be read again. */
#include "display/progress.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/json.h"

#include "fuzz.h"
#include "support.h"

#include <sys/mman.h>
#include <unistd.h>

static struct sw_event event_of(struct sw_str text)
{
    static const char kinds[] = "sdplwn";
    const char *kind = text.n == 0 ? NULL : memchr(kinds, text.p[0], sizeof kinds - 1);
    struct sw_event event = {.kind = kind == NULL ? SW_EVENT_LOG : (enum sw_event_kind)(kind - kinds),
                             .stream = text.n % 2 == 0 ? SW_STDOUT : SW_STDERR,
                             .step = {text.p + (text.n > 1), text.n > 1},
                             .text = sw_str_drop(text, text.n < 2 ? text.n : 2),
                             .current = (int64_t)text.n,
                             .total = text.n % 3 == 0 ? -1 : 100,
                             .time_ns = 1,
                             .cached = text.n % 5 == 0,
                             .failed = text.n % 7 == 0};
    return event;
}

static void emit(const struct sw_sink *sink, struct sw_str events)
{
    while (events.p != NULL)
        sw_emit(sink, event_of(sw_str_cut(&events, '\x1e')));
}

/* All that a display of this kind writes, appended to `out`. */
static void display(struct sw_buffer *out, enum progress_kind kind, struct sw_str events)
{
    struct progress *progress = NULL;
    int fd = memfd_create("display", MFD_CLOEXEC);
    const struct progress_options options = {.kind = kind, .fd = fd, .utf8 = true};
    char path[64];
    fuzz_claim(fd >= 0 && progress_new(&progress, &options, NULL) == 0);
    const struct sw_sink sink = progress_sink(progress);
    emit(&sink, events);
    progress_free(progress);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fuzz_claim(sw_file_read(out, path, NULL) == 0);
    (void)close(fd);
}

static void claim_shown(struct sw_str text)
{
    while (text.n > 0) {
        size_t length = 1;
        uint32_t code = 0;
        fuzz_claim(text.p[0] == '\n' || !sw_text_unsafe(text, &length, &code));
        text = sw_str_drop(text, length);
    }
}

static void claim_objects(struct sw_str lines)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    fuzz_claim(lines.n == 0 || sw_str_ends(lines, "\n"));
    while (lines.n > 0) {
        const struct sw_node *object = NULL;
        const struct sw_str line = sw_str_cut(&lines, '\n');
        fuzz_claim(sw_json_read(&object, &arena, line, NULL, NULL) == 0 &&
                   sw_node_type(object) == SW_NODE_MAP);
    }
}

int fuzz_display(const uint8_t *data, size_t size)
{
    const struct sw_str events = {(const char *)data, size};
    SW_BUFFER_AUTO plain, objects;
    sw_buffer_init(&plain, SW_MAX_JSON_SIZE);
    sw_buffer_init(&objects, SW_MAX_JSON_SIZE);
    display(&plain, PROGRESS_PLAIN, events);
    claim_shown(sw_buffer_str(&plain));
    display(&objects, PROGRESS_RAWJSON, events);
    claim_objects(sw_buffer_str(&objects));
    return 0;
}
