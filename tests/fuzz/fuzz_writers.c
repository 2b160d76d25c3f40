/* Texts of others, separated by "\x1e", in everything that is written of a result: text for a terminal, commands of GitHub
 * Actions, its summary, JSON, SARIF, JUnit, a page. No text leaves its place: documents read back as what was put in, pages have
 * the tags that they have with harmless texts, and nothing is left that a terminal, a runner or a reader of XML obeys. */
#include "build_view.h"
#include "output/format.h"
#include "output/junit.h"
#include "output/report.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/finding_json.h"
#include "data/json.h"
#include "http/uri.h"

#include "fuzz.h"
#include "support.h"

enum { MOST_TEXTS = 12, FINDINGS = 3, WRITERS = 4 };

struct texts {
    struct sw_arena *arena;
    const char *items[MOST_TEXTS];
    size_t count, next;
};

static const char *text(struct texts *texts)
{
    return texts->items[texts->next++ % texts->count];
}

/* Findings from a list of codes with all that a finding has. */
static void fill(struct sw_findings *findings, struct texts *texts)
{
    for (size_t i = 0; i < FINDINGS; i++) {
        const char *code = sw_finding_codes[(strlen(texts->items[0]) + i) % sw_finding_codes_count].code;
        struct sw_finding *finding =
            sw_findings_add(findings, code, (enum sw_severity)(i % 3), "%s", text(texts));
        sw_finding_place(findings, finding, text(texts), (unsigned)i, 7);
        const char *source = text(texts);
        sw_finding_evidence(findings, finding, sw_str_from(text(texts)), source);
        sw_finding_hint(findings, finding, "%s", text(texts));
        const char *path = text(texts);
        sw_finding_fix(findings, finding, i == 0 ? SW_EDIT_REMOVE : SW_EDIT_SET, path,
                       i == 0 ? NULL : text(texts));
    }
}

/* ---- what a reader obeys ---- */

/* Nothing that a terminal obeys, hides or reverses, and no login. The first loop judges without sw_text_unsafe(). */
static void claim_shown(struct sw_str shown)
{
    static const char *const hidden[] = {"\xE2\x80\xAE", "\xE2\x80\x8B", "\xEF\xBB\xBF", "\xE2\x81\xA6"};
    struct sw_str login;
    fuzz_claim(sw_utf8_valid(shown));
    for (size_t i = 0; i < shown.n; i++) {
        const unsigned char c = (unsigned char)shown.p[i],
                            d = i + 1 < shown.n ? (unsigned char)shown.p[i + 1] : 0;
        fuzz_claim((c >= 0x20 || c == '\n') && c != 0x7F);
        fuzz_claim(c != 0xC2 || d >= 0xA0); /* C1 */
    }
    for (size_t i = 0; i < SW_COUNT(hidden); i++)
        fuzz_claim(sw_str_find(shown, sw_str_from(hidden[i])) == shown.n);
    for (struct sw_str rest = shown; rest.n > 0;) {
        size_t length = 1;
        uint32_t code = 0;
        fuzz_claim(rest.p[0] == '\n' || !sw_text_unsafe(rest, &length, &code));
        rest = sw_str_drop(rest, length);
    }
    while (shown.p != NULL) {
        for (struct sw_str rest = sw_str_cut(&shown, '\n'); sw_text_find_login(&login, rest);) {
            const size_t at = (size_t)(login.p - rest.p) - strlen("://");
            const bool has_scheme = at > 0 && sw_is_alnum((unsigned char)rest.p[at - 1]);
            fuzz_claim(!has_scheme || sw_str_is(login, "***"));
            rest = sw_str_drop(rest, (size_t)(login.p + login.n - rest.p));
        }
    }
}

/* No line is a command of GitHub's runner, whose commands have names of letters: "::1:7: error" behind a file called ":" is none. */
static void claim_no_command(struct sw_str shown)
{
    fuzz_claim(sw_str_find(shown, SW_STR("##[")) == shown.n);
    while (shown.p != NULL) {
        const struct sw_str line = sw_str_trim(sw_str_cut(&shown, '\n'));
        fuzz_claim(!sw_str_starts(line, "::") || line.n == 2 || !sw_is_alpha((unsigned char)line.p[2]));
    }
}

/* A document of XML 1.0 as the JUnit writer may use it: elements in each other, attributes in double quotes, no text but blanks,
 * references by number. */
static struct sw_str claim_name(struct sw_str *xml)
{
    size_t n = 0;
    while (n < xml->n && (sw_is_alnum((unsigned char)xml->p[n]) || xml->p[n] == '-'))
        n++;
    fuzz_claim(n > 0);
    const struct sw_str name = {xml->p, n};
    *xml = sw_str_drop(*xml, n);
    return name;
}

static void claim_attribute(struct sw_str *xml)
{
    (void)claim_name(xml);
    fuzz_claim(sw_str_starts(*xml, "=\""));
    *xml = sw_str_drop(*xml, 2);
    const size_t n = sw_str_find(*xml, SW_STR("\""));
    const struct sw_str value = {xml->p, n};
    fuzz_claim(n < xml->n && sw_utf8_valid(value));
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)value.p[i];
        fuzz_claim(c >= 0x20 && c != '<');
        fuzz_claim(c != '&' || sw_str_starts(sw_str_drop(value, i), "&#"));
        fuzz_claim(!sw_str_starts(sw_str_drop(value, i), "\xEF\xBF\xBE") &&
                   !sw_str_starts(sw_str_drop(value, i), "\xEF\xBF\xBF"));
    }
    *xml = sw_str_drop(*xml, n + 1);
}

static void claim_xml(struct sw_str xml)
{
    struct sw_str open[8];
    size_t depth = 0, elements = 0;
    const struct sw_str head = SW_STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    fuzz_claim(sw_str_starts(xml, head.p));
    for (xml = sw_str_trim(sw_str_drop(xml, head.n)); xml.n > 0; xml = sw_str_trim(xml)) {
        const bool ends = sw_str_starts(xml, "</");
        fuzz_claim(xml.p[0] == '<' && (depth > 0 || elements == 0));
        xml = sw_str_drop(xml, ends ? 2 : 1);
        const struct sw_str name = claim_name(&xml);
        if (ends) {
            fuzz_claim(depth > 0 && sw_str_equal(open[--depth], name));
        } else {
            while (sw_str_starts(xml, " ")) {
                xml = sw_str_drop(xml, 1);
                claim_attribute(&xml);
            }
            elements++;
            fuzz_claim(depth < SW_COUNT(open));
            if (sw_str_starts(xml, "/"))
                xml = sw_str_drop(xml, 1);
            else
                open[depth++] = name;
        }
        fuzz_claim(sw_str_starts(xml, ">"));
        xml = sw_str_drop(xml, 1);
    }
    fuzz_claim(depth == 0 && elements > 0);
}

/* ---- what is written ---- */

/* What `write` prints of a finding. */
static struct sw_str printed(struct sw_arena *arena, const struct sw_finding *finding, bool github)
{
    char *bytes = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&bytes, &n);
    fuzz_claim(to != NULL);
    if (github)
        format_finding_github(to, finding);
    else
        format_finding_text(to, finding, false);
    fuzz_claim(fclose(to) == 0);
    const char *copy = fuzz_text(arena, (struct sw_str){bytes, n});
    free(bytes);
    return (struct sw_str){copy, n};
}

/* A command's text as the runner reads it. */
static struct sw_str decoded(struct sw_arena *arena, struct sw_str command)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RENDERED_SIZE);
    sw_uri_decode(&text, command);
    return (struct sw_str){fuzz_text(arena, sw_buffer_str(&text)), text.n};
}

static void check_json(struct sw_arena *arena, const struct sw_node *node)
{
    const struct sw_node *again = NULL;
    SW_BUFFER_AUTO json;
    sw_buffer_init(&json, SW_MAX_JSON_SIZE);
    sw_json_write(&json, node, SW_JSON_COMPACT);
    fuzz_claim(sw_utf8_valid(sw_buffer_str(&json)) && memchr(json.p, '\n', json.n) == NULL);
    fuzz_claim(sw_json_read(&again, arena, sw_buffer_str(&json), NULL, NULL) == 0);
}

static void check_findings(struct sw_arena *arena, const struct sw_findings *findings)
{
    struct sw_builder b = {.arena = arena};
    for (size_t i = 0; i < findings->count; i++) {
        const struct sw_str shown = printed(arena, findings->items[i], false);
        claim_shown(shown);
        claim_no_command(shown);
        const struct sw_str command = printed(arena, findings->items[i], true);
        fuzz_claim(sw_str_starts(command, "::") && sw_str_find(command, SW_STR("\n")) == command.n - 1);
        claim_shown(decoded(arena, command));
        claim_no_command(sw_str_drop(decoded(arena, command), 2));
        check_json(arena, sw_finding_json(&b, findings->items[i]));
    }
    check_json(arena, format_sarif(&b, findings));
    fuzz_claim(!b.failed);
}

static void check_junit(struct texts *texts)
{
    struct sw_verification verification = {.passed = 1, .failed = 1, .untried = 1};
    struct sw_builder b = {.arena = texts->arena};
    struct sw_node *results = sw_build_list(&b);
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        struct sw_node *row = sw_build_map(&b);
        sw_build_set(&b, row, "check", sw_build_text(&b, text(texts)));
        sw_build_set(&b, row, "at", sw_build_text(&b, text(texts)));
        sw_build_set(&b, row, "what", sw_build_text(&b, text(texts)));
        sw_build_set(&b, row, "code", sw_build_text(&b, text(texts)));
        sw_build_set(&b, row, "fault", sw_build_text(&b, i == 1 ? text(texts) : NULL));
        sw_build_set(&b, row, "untried", sw_build_text(&b, i == 2 ? text(texts) : NULL));
        sw_build_append(&b, results, row);
    }
    verification.results = results;
    (void)snprintf(path, sizeof path, "%s/junit.xml", fuzz_folder());
    fuzz_claim(!b.failed && junit_write(path, text(texts), NULL, &verification, NULL) == 0);
    SW_BUFFER_AUTO xml;
    sw_buffer_init(&xml, SW_MAX_JSON_SIZE);
    fuzz_claim(sw_file_read(&xml, path, NULL) == 0);
    claim_xml(sw_buffer_str(&xml));
}

static void render(struct sw_buffer *out, struct texts *texts, const char *template)
{
    static struct sw_catalog catalog;
    struct session session = {0};
    struct build_view view = {.session = &session};
    struct sw_attempt attempt = {.project = &session.project, .catalog = &catalog};
    const char *tags[] = {text(texts), text(texts), NULL};
    attempt.tags = tags;
    attempt.prepared.profile.name = text(texts);
    attempt.outcome.image_id = sw_arena_text(texts->arena, text(texts));
    sw_findings_init(&attempt.findings);
    fill(&attempt.findings, texts);
    const struct sw_sink sink = timeline_sink(&view.timeline);
    sw_emit(&sink, (struct sw_event){.kind = SW_EVENT_STEP_STARTED,
                                     .step = SW_STR("a"),
                                     .text = sw_str_from(text(texts)),
                                     .time_ns = 1});
    fuzz_claim(report_render(out, &view, &attempt, template, false, NULL) == 0);
    timeline_release(&view.timeline);
    sw_findings_release(&attempt.findings);
}

/* How often a sign stands in the page. An empty comment is none: it takes the meaning from the sign before it. */
static size_t count(const struct sw_buffer *page, char c)
{
    const struct sw_str comment = SW_STR("<!-- -->");
    size_t n = 0;
    for (size_t i = 0; i < page->n; i++) {
        if (sw_str_starts((struct sw_str){page->p + i, page->n - i}, comment.p))
            i += comment.n - 1;
        else
            n += page->p[i] == c;
    }
    return n;
}

/* The page has as many tags, quotes and lines as one of harmless texts that are empty where these are, with lines where these
 * have lines. */
static void check_page(struct texts *texts, const char *template)
{
    struct texts harmless = *texts;
    SW_BUFFER_AUTO page, plain;
    sw_buffer_init(&page, SW_MAX_RENDERED_SIZE);
    sw_buffer_init(&plain, SW_MAX_RENDERED_SIZE);
    for (size_t i = 0; i < texts->count; i++) {
        char *copy = sw_arena_text(texts->arena, texts->items[i]);
        fuzz_claim(copy != NULL);
        for (char *c = copy; *c != '\0'; c++)
            *c = *c == '\n' ? '\n' : 'x';
        harmless.items[i] = copy;
    }
    texts->next = harmless.next = 0;
    render(&page, texts, template);
    render(&plain, &harmless, template);
    claim_shown(sw_buffer_str(&page));
    for (const char *c = "<>\"\n"; *c != '\0'; c++)
        fuzz_claim(count(&page, *c) == count(&plain, *c));
}

int fuzz_writers(const uint8_t *data, size_t size)
{
    SW_ARENA_AUTO arena;
    SW_FINDINGS_AUTO findings;
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_findings_init(&findings);
    struct texts texts = {.arena = &arena};
    struct sw_str rest = {(const char *)data, size};
    while (rest.p != NULL && texts.count < MOST_TEXTS)
        texts.items[texts.count++] = fuzz_text(&arena, sw_str_cut(&rest, '\x1e'));
    fill(&findings, &texts);
    /* One writer an execution, by the length, so that each execution is short. */
    switch (size % WRITERS) {
    case 0:
        check_findings(&arena, &findings);
        break;
    case 1:
        check_junit(&texts);
        break;
    case 2:
        check_page(&texts, "templates/report.html");
        break;
    default:
        check_page(&texts, "templates/summary.md");
    }
    return 0;
}
