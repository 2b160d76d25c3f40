#include "output/github.h"

#include "display/write.h"
#include "output/report.h"
#include "output/say.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

/* A summary of more than 1 MiB is refused as a whole. */
#define MAX_SUMMARY (1000 * 1000)

/* A mask is of one line. */
void github_mask(const struct session *session, const struct sw_attempt *attempt)
{
    for (size_t i = 0; say_is_runner() && i < attempt->offer.secrets_count; i++) {
        struct sw_str rest = attempt->offer.secrets[i].value;
        while (rest.p != NULL) {
            struct sw_str line = sw_str_trim(sw_str_cut(&rest, '\n'));
            if (line.n == 0)
                continue;
            SW_BUFFER_AUTO mask;
            sw_buffer_init(&mask, 4 * SW_MAX_SECRET);
            for (size_t c = 0; c < line.n; c++) {
                if (line.p[c] == '%' || line.p[c] == '\r')
                    sw_buffer_addf(&mask, "%%%02X", (unsigned)(unsigned char)line.p[c]);
                else
                    sw_buffer_add_char(&mask, line.p[c]);
            }
            say_own(session->err, "::add-mask::");
            say_own(session->err, mask.p);
            say_own(session->err, "\n");
        }
    }
}

void github_begin(struct build_view *view, const char *profile)
{
    if (view->session->format != FORMAT_GITHUB)
        return;
    say(view->session->err, "::group::build %s\n", profile);
    (void)fflush(view->session->err);
    view->grouped = true;
}

void github_end(struct build_view *view)
{
    if (view->grouped)
        say_own(view->session->err, "::endgroup::\n");
    view->grouped = false;
}

/* Other steps' lines in the file stay. */
static int append(const char *variable, struct sw_str text, struct sw_error *error)
{
    const char *path = getenv(variable);
    if (path == NULL || path[0] == '\0')
        return 0;
    SW_FD_AUTO fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || !write_all(fd, text))
        return sw_fail_errno(error, SW_EENV, "cannot write %s '%s'", variable, path);
    return 0;
}

/* Outputs in the making. A value ends at a line that is the delimiter, which nobody can guess. */
struct outputs {
    struct sw_buffer text;
    char delimiter[2 * 16 + sizeof "SLIPWAY_"];
};

static int outputs_init(struct outputs *outputs, struct sw_error *error)
{
    unsigned char random[16];
    sw_buffer_init(&outputs->text, SW_MIB);
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return sw_fail_errno(error, SW_EENV, "cannot get random bytes");
    int n = snprintf(outputs->delimiter, sizeof outputs->delimiter, "SLIPWAY_");
    for (size_t i = 0; i < sizeof random; i++)
        n += snprintf(outputs->delimiter + n, sizeof outputs->delimiter - (size_t)n, "%02x", random[i]);
    return 0;
}

static void begin_output(struct outputs *outputs, const char *name)
{
    sw_buffer_addf(&outputs->text, "%s<<%s\n", name, outputs->delimiter);
}

static void add_value(struct outputs *outputs, const char *value)
{
    sw_text_add_clean(&outputs->text, sw_str_from(value));
    sw_buffer_add_char(&outputs->text, '\n');
}

static void end_output(struct outputs *outputs)
{
    sw_buffer_addf(&outputs->text, "%s\n", outputs->delimiter);
}

static void add_output(struct outputs *outputs, const char *name, const char *value)
{
    begin_output(outputs, name);
    add_value(outputs, value);
    end_output(outputs);
}

static int outputs_end(struct outputs *outputs, struct sw_error *error)
{
    int code = sw_buffer_check(&outputs->text, "GITHUB_OUTPUT", error);
    if (code == 0)
        code = append("GITHUB_OUTPUT", sw_buffer_str(&outputs->text), error);
    sw_buffer_release(&outputs->text);
    return code;
}

static int write_outputs(const struct sw_attempt *attempt, bool ok, struct sw_error *error)
{
    struct outputs outputs;
    int code = outputs_init(&outputs, error);
    if (code != 0)
        return code;
    const char *id = attempt->outcome.image_id == NULL || !ok ? "" : attempt->outcome.image_id;
    const char *name = attempt->prepared.profile.name == NULL ? "" : attempt->prepared.profile.name;
    const char *first = !attempt->named || attempt->tags[0] == NULL ? "" : attempt->tags[0];
    add_output(&outputs, "profile", name);
    add_output(&outputs, "ok", ok ? "true" : "false");
    add_output(&outputs, "verified", attempt->verified ? "true" : "false");
    add_output(&outputs, "image", first);
    add_output(&outputs, "imageid", id);
    add_output(&outputs, "digest", sw_node_text(sw_node_at(attempt->pushed, "[0].digest"), ""));
    begin_output(&outputs, "tags");
    for (const char *const *tag = attempt->tags; first[0] != '\0' && *tag != NULL; tag++)
        add_value(&outputs, *tag);
    end_output(&outputs);
    return outputs_end(&outputs, error);
}

int github_pushed(const char *id, const struct sw_node *pushed, struct sw_error *error)
{
    struct outputs outputs;
    if (!say_is_runner())
        return 0;
    int code = outputs_init(&outputs, error);
    if (code != 0)
        return code;
    add_output(&outputs, "image", sw_node_text(sw_node_at(pushed, "[0].tag"), ""));
    add_output(&outputs, "imageid", id);
    add_output(&outputs, "digest", sw_node_text(sw_node_at(pushed, "[0].digest"), ""));
    begin_output(&outputs, "tags");
    for (size_t i = 0; i < sw_node_count(pushed); i++)
        add_value(&outputs, sw_node_text(sw_node_get(sw_node_item(pushed, i), "tag"), ""));
    end_output(&outputs);
    return outputs_end(&outputs, error);
}

int github_report(const struct build_view *view, const struct sw_attempt *attempt, bool ok,
                  struct sw_error *error)
{
    SW_BUFFER_AUTO summary;
    sw_buffer_init(&summary, MAX_SUMMARY);
    if (!say_is_runner())
        return 0;
    int code = write_outputs(attempt, ok, error);
    if (code == 0)
        code = report_render(&summary, view, attempt, "templates/summary.md", ok, error);
    return code == 0 ? append("GITHUB_STEP_SUMMARY", sw_buffer_str(&summary), error) : code;
}
