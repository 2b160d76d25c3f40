#include "answers.h"
#include "unit.h"

#include "base/file.h"
#include "base/limits.h"
#include "data/diff.h"

#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>

static void add_evidence(struct sw_buffer *out, const struct sw_evidence *evidence)
{
    if (evidence->line > 0)
        return;
    const char *base = sw_path_base(evidence->source), *line = strrchr(base, ':');
    if (strstr(evidence->source, "catalog/") == NULL)
        sw_buffer_addf(out, "  evidence: %s (%s)\n", evidence->text, evidence->source);
    else
        sw_buffer_addf(out, "  evidence of %.*s\n",
                       (int)(line == NULL ? strlen(base) : (size_t)(line - base)), base);
}

/* Write the lines of a log that tell the finding, and how sure it is. */
static void add_lines(struct sw_buffer *out, const struct sw_finding *finding)
{
    sw_buffer_addf(out, "  lines %" PRIu64 "-%" PRIu64 ":", finding->first_line, finding->last_line);
    for (size_t i = 0; i < finding->evidence_count; i++)
        sw_buffer_addf(out, " %" PRIu64, finding->evidence[i].line);
    sw_buffer_addf(out, ", %s%s%s\n", finding->confidence, finding->proof == NULL ? "" : ": ",
                   finding->proof == NULL ? "" : finding->proof);
}

void answers_add(struct sw_buffer *out, const struct sw_finding *finding)
{
    sw_buffer_addf(out, "%s %s %u:%u %s\n", finding->code, sw_severity_name(finding->severity), finding->line,
                   finding->column, finding->message);
    if (finding->subject != NULL)
        sw_buffer_addf(out, "  about: %s\n", finding->subject);
    if (finding->first_line > 0)
        add_lines(out, finding);
    if (finding->hint != NULL)
        sw_buffer_addf(out, "  hint: %s\n", finding->hint);
    for (size_t i = 0; i < finding->fix_count; i++) {
        const struct sw_edit *fix = &finding->fix[i];
        sw_buffer_addf(out, "  fix: %s %s%s%s\n", sw_edit_op_name(fix->op), fix->path,
                       fix->value == NULL ? "" : " ", fix->value == NULL ? "" : fix->value);
    }
    for (size_t i = 0; i < finding->evidence_count; i++)
        add_evidence(out, &finding->evidence[i]);
}

void answers_mask(struct sw_buffer *text, const char *old, const char *with)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, text->max);
    for (size_t i = 0; i < text->n;) {
        if (strncmp(text->p + i, old, strlen(old)) != 0) {
            sw_buffer_add_char(&out, text->p[i++]);
            continue;
        }
        sw_buffer_add_text(&out, with);
        i += strlen(old);
    }
    text->n = 0;
    sw_buffer_add_str(text, sw_buffer_str(&out));
}

void answers_hide(struct sw_buffer *text, const char *pattern, const char *with)
{
    SW_BUFFER_AUTO out;
    regex_t regex;
    regmatch_t match;
    sw_buffer_init(&out, text->max);
    sw_buffer_add_text(&out, "");
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED), 0);
    const char *rest = text->p;
    for (; rest != NULL && regexec(&regex, rest, 1, &match, 0) == 0; rest += match.rm_eo) {
        assert_true(match.rm_eo > 0);
        sw_buffer_addf(&out, "%.*s%s", (int)match.rm_so, rest, with);
    }
    if (rest != NULL)
        sw_buffer_add_text(&out, rest);
    regfree(&regex);
    text->n = 0;
    sw_buffer_add_str(text, sw_buffer_str(&out));
}

void answers_compare(const char *name, struct sw_str found)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO wanted;
    SW_BUFFER_AUTO difference;
    sw_arena_init(&arena, SW_MIB);
    sw_buffer_init(&wanted, 16 * SW_MIB);
    sw_buffer_init(&difference, 16 * SW_MIB);
    const char *path = sw_path_join(&arena, getenv("SLIPWAY_SOURCE"), name);
    if (getenv("SLIPWAY_ACCEPT") != NULL)
        assert_int_equal(sw_file_write(path, found, 0644, NULL), 0);
    assert_int_equal(sw_file_read(&wanted, path, NULL), 0);
    assert_int_equal(sw_diff(&difference, sw_buffer_str(&wanted), found, name, NULL), 0);
    if (difference.n > 0)
        fail_msg("with SLIPWAY_ACCEPT=1 this becomes what is expected:\n%.*s", (int)difference.n,
                 difference.p);
}
