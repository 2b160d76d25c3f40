#include "output/github.h"

#include "display/write.h"
#include "output/report.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"

#include <errno.h>
#include <fcntl.h>

/* A summary of more than 1 MiB is refused as a whole. */
#define MAX_SUMMARY (1000 * 1000)

static bool is_runner(void)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    return actions != NULL && strcmp(actions, "true") == 0;
}

/* A mask is of one line. */
void github_mask(const struct build *build)
{
    for (size_t i = 0; is_runner() && i < build->offer.secrets_count; i++) {
        struct sw_str rest = build->offer.secrets[i].value;
        while (rest.p != NULL) {
            struct sw_str line = sw_str_trim(sw_str_cut(&rest, '\n'));
            if (line.n == 0)
                continue;
            (void)fputs("::add-mask::", build->session->err);
            for (size_t c = 0; c < line.n; c++) {
                if (line.p[c] == '%' || line.p[c] == '\r')
                    (void)fprintf(build->session->err, "%%%02X", (unsigned)(unsigned char)line.p[c]);
                else
                    (void)fputc(line.p[c], build->session->err);
            }
            (void)fputc('\n', build->session->err);
        }
    }
}

void github_begin(struct build *build)
{
    if (build->session->format != FORMAT_GITHUB)
        return;
    (void)fprintf(build->session->err, "::group::build %s\n", build->prepared.profile.name);
    (void)fflush(build->session->err);
    build->grouped = true;
}

void github_end(struct build *build)
{
    if (build->grouped)
        (void)fputs("::endgroup::\n", build->session->err);
    build->grouped = false;
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

/* Names of images and IDs have no line breaks, so that no value can end its heredoc. */
static void add_outputs(struct sw_buffer *out, const struct build *build, bool ok)
{
    const char *id = build->outcome.image_id == NULL ? "" : build->outcome.image_id;
    const char *name = build->prepared.profile.name == NULL ? "" : build->prepared.profile.name;
    const char *first = build->tags == NULL || build->tags[0] == NULL || id[0] == '\0' ? "" : build->tags[0];
    sw_buffer_addf(out, "profile=%s\nok=%s\nverified=%s\nimage=%s\nimageid=%s\ndigest=%s\n", name,
                   ok ? "true" : "false", build->verified ? "true" : "false", first, id,
                   sw_node_text(sw_node_at(build->pushed, "[0].digest"), ""));
    sw_buffer_add_text(out, "tags<<SLIPWAY_TAGS\n");
    for (const char *const *tag = build->tags; first[0] != '\0' && *tag != NULL; tag++)
        sw_buffer_addf(out, "%s\n", *tag);
    sw_buffer_add_text(out, "SLIPWAY_TAGS\n");
}

int github_pushed(const char *id, const struct sw_node *pushed, struct sw_error *error)
{
    SW_BUFFER_AUTO outputs;
    sw_buffer_init(&outputs, SW_MIB);
    if (!is_runner())
        return 0;
    sw_buffer_addf(&outputs, "image=%s\nimageid=%s\ndigest=%s\n",
                   sw_node_text(sw_node_at(pushed, "[0].tag"), ""), id,
                   sw_node_text(sw_node_at(pushed, "[0].digest"), ""));
    sw_buffer_add_text(&outputs, "tags<<SLIPWAY_TAGS\n");
    for (size_t i = 0; i < sw_node_count(pushed); i++)
        sw_buffer_addf(&outputs, "%s\n", sw_node_text(sw_node_get(sw_node_item(pushed, i), "tag"), ""));
    sw_buffer_add_text(&outputs, "SLIPWAY_TAGS\n");
    int code = sw_buffer_check(&outputs, "GITHUB_OUTPUT", error);
    return code == 0 ? append("GITHUB_OUTPUT", sw_buffer_str(&outputs), error) : code;
}

int github_report(const struct build *build, bool ok, struct sw_error *error)
{
    SW_BUFFER_AUTO outputs, summary;
    sw_buffer_init(&outputs, SW_MIB);
    sw_buffer_init(&summary, MAX_SUMMARY);
    if (!is_runner())
        return 0;
    add_outputs(&outputs, build, ok);
    int code = sw_buffer_check(&outputs, "GITHUB_OUTPUT", error);
    if (code == 0)
        code = append("GITHUB_OUTPUT", sw_buffer_str(&outputs), error);
    if (code == 0)
        code = report_render(&summary, build, "templates/summary.md", ok, error);
    return code == 0 ? append("GITHUB_STEP_SUMMARY", sw_buffer_str(&summary), error) : code;
}
