#include "output/format.h"

#include "output/say.h"

#include "base/limits.h"
#include "base/text.h"
#include "data/finding_json.h"
#include "data/json.h"

enum status findings_status(const struct sw_findings *findings)
{
    return status_of(sw_findings_code(findings));
}

/* A text of several lines behind something on its first; the others are indented. */
static void say_indented(FILE *to, const char *text)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, 4 * SW_MAX_JSON_SIZE);
    sw_text_add_clean_lines(&clean, sw_str_from(text), "      ");
    (void)say_bytes(to, sw_buffer_str(&clean));
}

static void say_evidence(FILE *to, const struct sw_evidence *row)
{
    bool sourced = row->source[0] != '\0';
    say(to, "| %s%s%s%s", row->text, sourced ? "   (" : "", row->source, sourced ? ")" : "");
}

void format_finding_text(FILE *to, const struct sw_finding *finding, bool color)
{
    static const char *const colors[] = {
        [SW_NOTE] = "\033[36m", [SW_WARNING] = "\033[33m", [SW_ERROR] = "\033[31m"};
    const char *on = color ? colors[finding->severity] : "", *bold = color ? "\033[1m" : "";
    const char *dim = color ? "\033[2m" : "", *off = color ? "\033[0m" : "";
    bool placed = finding->file != NULL && finding->line > 0; /* a message about a whole file names it */
    say_own(to, bold);
    say(to, "%s", placed ? finding->file : "slipway");
    if (placed)
        say(to, ":%u:%u", finding->line, finding->column);
    say_own(to, ":");
    say_own(to, off);
    say_own(to, " ");
    say_own(to, on);
    say(to, "%s:", sw_severity_name(finding->severity));
    say_own(to, off);
    say_own(to, " ");
    say_indented(to, finding->message);
    if (finding->code[0] != '\0')
        say(to, " [%s]", finding->code);
    say(to, "\n");
    for (size_t i = 0; i < finding->evidence_count; i++) {
        say_own(to, "    ");
        say_own(to, dim);
        say_evidence(to, &finding->evidence[i]);
        say_own(to, off);
        say(to, "\n");
    }
    if (finding->hint != NULL) {
        say(to, "hint: ");
        say_indented(to, finding->hint);
        say(to, "\n");
    }
    for (size_t i = 0; i < finding->fix_count; i++) {
        const struct sw_edit *edit = &finding->fix[i];
        const char *between = edit->op == SW_EDIT_SET ? " to " : edit->op == SW_EDIT_ADD ? ": " : "";
        say(to, "fix: %s %s%s", sw_edit_op_name(edit->op), edit->path, between);
        say_indented(to, edit->value == NULL ? "" : edit->value);
        say(to, "\n");
    }
}

/* Append `text` with the escapes that a runner undoes; a property's value ends at a colon or comma, which are escaped too. */
static void add_github(struct sw_buffer *out, struct sw_str text, bool property)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, out->max);
    sw_text_add_clean_lines(&clean, text, "");
    for (size_t i = 0; i < clean.n; i++) {
        char c = clean.p[i];
        if (c == '%' || c == '\n' || (property && (c == ':' || c == ',')))
            sw_buffer_addf(out, "%%%02X", (unsigned)c);
        else
            sw_buffer_add_char(out, c);
    }
}

void format_finding_github(FILE *to, const struct sw_finding *finding)
{
    static const char *const commands[] = {
        [SW_NOTE] = "notice", [SW_WARNING] = "warning", [SW_ERROR] = "error"};
    const struct sw_finding_code *code = sw_finding_code_find(finding->code);
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_JSON_SIZE);
    sw_buffer_addf(&out, "::%s ", commands[finding->severity]);
    if (finding->file != NULL) {
        sw_buffer_add_text(&out, "file=");
        add_github(&out, sw_str_from(finding->file), true);
        if (finding->line > 0)
            sw_buffer_addf(&out, ",line=%u,col=%u", finding->line, finding->column);
        sw_buffer_add_char(&out, ',');
    }
    sw_buffer_add_text(&out, "title=");
    add_github(&out, sw_str_from(finding->code[0] == '\0' ? "slipway" : finding->code), true);
    if (code != NULL)
        sw_buffer_addf(&out, " %s", code->name);
    sw_buffer_add_text(&out, "::");
    add_github(&out, sw_str_from(finding->message), false);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        sw_buffer_add_text(&out, "%0A| ");
        add_github(&out, sw_str_from(finding->evidence[i].text), false);
    }
    if (finding->hint != NULL) {
        sw_buffer_add_text(&out, "%0Ahint: ");
        add_github(&out, sw_str_from(finding->hint), false);
    }
    sw_buffer_add_char(&out, '\n');
    say_own(to, out.p);
}

/* Print the error on standard error. This function is for a result that cannot become a document, not even a
 * document that reports the error. */
static enum status fail_plainly(const struct session *session, const struct sw_error *error)
{
    say(session->err, "slipway: error: %s\n", error->text);
    return status_of(error->code);
}

enum status format_node(struct session *session, const struct sw_node *node, bool pretty)
{
    SW_BUFFER_AUTO text;
    struct sw_error error;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    if (node == NULL) {
        (void)sw_fail_memory(&error);
        return fail_plainly(session, &error);
    }
    sw_json_write(&text, node, pretty ? SW_JSON_SHOWN_PRETTY : SW_JSON_SHOWN);
    if (!pretty)
        sw_buffer_add_char(&text, '\n');
    if (sw_buffer_check(&text, "the result", &error) != 0)
        return fail_plainly(session, &error);
    (void)say_bytes(session->out, sw_buffer_str(&text));
    return STATUS_DONE;
}

static struct sw_node *result_json(struct sw_builder *b, const struct sw_findings *findings,
                                   const struct sw_node *more)
{
    struct sw_node *root = sw_build_map(b), *summary = sw_build_map(b);
    sw_build_set(b, summary, "errors", sw_build_int(b, (int64_t)sw_findings_count(findings, SW_ERROR)));
    sw_build_set(b, summary, "warnings", sw_build_int(b, (int64_t)sw_findings_count(findings, SW_WARNING)));
    sw_build_set(b, root, "findings", sw_findings_json(b, findings));
    sw_build_set(b, root, "summary", summary);
    for (size_t i = 0; i < sw_node_member_count(more); i++)
        sw_build_set(b, root, sw_node_member_at(more, i)->key.p, sw_node_member_at(more, i)->value);
    return b->failed ? NULL : root;
}

static void print_findings(const struct session *session, FILE *to, const struct sw_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (session->format == FORMAT_GITHUB)
            format_finding_github(to, findings->items[i]);
        else
            format_finding_text(to, findings->items[i], session->color);
    }
    if (findings->dropped > 0)
        say(to, "and %zu more findings\n", findings->dropped);
}

static bool is_document(const struct session *session)
{
    return session->format == FORMAT_JSON || session->format == FORMAT_SARIF;
}

static enum status print_document(struct session *session, const struct sw_findings *findings,
                                  const struct sw_node *more)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *root =
        session->format == FORMAT_JSON ? result_json(&b, findings, more) : format_sarif(&b, findings);
    return format_node(session, root, true);
}

enum status format_result(struct session *session, const struct sw_findings *findings)
{
    return format_result_with(session, findings, NULL);
}

enum status format_result_with(struct session *session, const struct sw_findings *findings,
                               const struct sw_node *more)
{
    enum status written = STATUS_DONE;
    if (is_document(session)) {
        written = print_document(session, findings, more);
    } else {
        print_findings(session, session->out, findings);
        size_t errors = sw_findings_count(findings, SW_ERROR),
               warnings = sw_findings_count(findings, SW_WARNING);
        if (!session->options.quiet && session->format != FORMAT_GITHUB)
            say(session->out, "%zu error%s, %zu warning%s\n", errors, errors == 1 ? "" : "s", warnings,
                warnings == 1 ? "" : "s");
    }
    return written == STATUS_DONE ? findings_status(findings) : written;
}

void format_aside(struct session *session, const struct sw_findings *findings)
{
    if (!is_document(session))
        print_findings(session, session->err, findings);
}

enum status format_refusal(struct session *session, const struct sw_findings *findings)
{
    if (is_document(session))
        return format_result(session, findings);
    format_aside(session, findings);
    return findings_status(findings);
}
