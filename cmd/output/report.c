#include "output/report.h"

#include "output/page.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "data/path.h"
#include "engine/image.h"
#include "project/program_version.h"
#include "template/shipped.h"

static struct sw_node *text_or_null(struct sw_builder *b, const char *text)
{
    return sw_build_text(b, text == NULL || text[0] == '\0' ? NULL : text);
}

/* Each line of a text of several. */
static struct sw_node *lines_node(struct sw_builder *b, const char *text)
{
    struct sw_node *list = sw_build_list(b);
    for (struct sw_str rest = sw_str_from(text); rest.n > 0;)
        sw_build_append(b, list, sw_build_str(b, sw_str_cut(&rest, '\n')));
    return list;
}

static struct sw_node *evidence_node(struct sw_builder *b, const struct sw_finding *finding)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "text", sw_build_text(b, finding->evidence[i].text));
        sw_build_set(b, row, "source", text_or_null(b, finding->evidence[i].source));
        sw_build_append(b, list, row);
    }
    return list;
}

static struct sw_node *findings_node(struct sw_builder *b, const struct sw_findings *findings)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < findings->count; i++) {
        const struct sw_finding *finding = findings->items[i];
        struct sw_node *row = sw_build_map(b);
        bool placed = finding->file != NULL && finding->line > 0;
        sw_build_set(b, row, "code", sw_build_text(b, finding->code));
        sw_build_set(b, row, "severity", sw_build_text(b, sw_severity_name(finding->severity)));
        sw_build_set(b, row, "message", sw_build_text(b, finding->message));
        sw_build_set(b, row, "place",
                     placed ? sw_build_format(b, "%s:%u", finding->file, finding->line)
                            : text_or_null(b, finding->file));
        sw_build_set(b, row, "evidence", page_rows(b, evidence_node(b, finding)));
        sw_build_set(b, row, "hint", page_rows(b, lines_node(b, finding->hint)));
        sw_build_append(b, list, row);
    }
    return list;
}

/* Oldest first, those without content left out. */
static struct sw_node *layers_node(struct sw_builder *b, const struct sw_attempt *attempt, const char *id)
{
    const struct sw_node *history = NULL;
    struct sw_node *list = sw_build_list(b);
    if (id == NULL || attempt->engine.engine == NULL ||
        sw_image_history(&history, b->arena, attempt->engine.engine, id, NULL) != 0)
        return list;
    int64_t largest = 1;
    for (size_t i = 0; i < sw_node_count(history); i++) {
        int64_t size = sw_node_integer(sw_node_get(sw_node_item(history, i), "Size"), 0);
        largest = size > largest ? size : largest;
    }
    for (size_t i = sw_node_count(history); i-- > 0;) {
        int64_t size = sw_node_integer(sw_node_get(sw_node_item(history, i), "Size"), 0);
        if (size <= 0)
            continue;
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "size", page_size(b, (uint64_t)size));
        sw_build_set(b, row, "width", sw_build_format(b, "%.2f", (double)size * 100.0 / (double)largest));
        const char *by = sw_node_text(sw_node_get(sw_node_item(history, i), "CreatedBy"), "");
        sw_build_set(b, row, "by", sw_build_text(b, by[0] == '\0' ? "imported" : by));
        sw_build_append(b, list, row);
    }
    return list;
}

static struct sw_node *image_node(struct sw_builder *b, const struct sw_attempt *attempt, const char *id)
{
    if (id == NULL)
        return sw_build_null(b);
    const struct sw_node *inspected = NULL;
    struct sw_node *image = sw_build_map(b), *tags = sw_build_list(b), *size = sw_build_null(b);
    if (attempt->engine.engine != NULL &&
        sw_image_inspect(&inspected, b->arena, attempt->engine.engine, id, NULL) == 0)
        size = page_size(b, (uint64_t)sw_node_integer(sw_node_get(inspected, "Size"), 0));
    for (const char *const *tag = attempt->tags; attempt->named && *tag != NULL; tag++)
        sw_build_append(b, tags, sw_build_text(b, *tag));
    sw_build_set(b, image, "id", sw_build_text(b, id));
    sw_build_set(b, image, "size", size);
    sw_build_set(b, image, "tags", tags);
    return image;
}

static const char *served_word(enum sw_served served)
{
    static const char *const words[] = {[SW_NOT_SERVED] = "no code for it",
                                        [SW_SERVED_BY_PTX] = "compiled by the driver at first use",
                                        [SW_SERVED] = "served"};
    return words[served];
}

/* Each GPU against torch's own code. */
static struct sw_node *gpus_node(struct sw_builder *b, const struct sw_attempt *attempt)
{
    const struct sw_plan_parts *plan = &attempt->prepared.plan.parts;
    const char *torch = sw_node_text(plan->torch.version, NULL), *cuda = sw_node_text(plan->torch.cuda, "");
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < sw_node_count(plan->accelerators); i++) {
        const struct sw_node *name = sw_node_get(sw_node_item(plan->accelerators, i), "name");
        const struct sw_node *gpu = sw_catalog_row(attempt->catalog->gpus, "name", sw_node_text(name, ""));
        const struct sw_node *code =
            torch == NULL || gpu == NULL
                ? NULL
                : sw_catalog_code(attempt->catalog->torch_code, torch, cuda, sw_catalog_machine(gpu));
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "name", name);
        sw_build_set(b, row, "capability",
                     sw_node_get(sw_node_item(plan->accelerators, i), "compute_capability"));
        sw_build_set(
            b, row, "served",
            sw_build_text(b, code == NULL ? "not known" : served_word(sw_catalog_serves(code, gpu))));
        sw_build_append(b, list, row);
    }
    return list;
}

static struct sw_node *stack_node(struct sw_builder *b, const struct sw_plan_parts *plan)
{
    const struct {
        const char *title;
        const struct sw_node *value;
    } rows[] = {{"base", plan->base.reference}, {"Python", plan->python},
                {"installer", plan->installer}, {"torch", plan->torch.local},
                {"CUDA", plan->torch.cuda},     {"driver of the hosts", plan->driver}};
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        const char *text = sw_node_text(rows[i].value, NULL);
        if (text == NULL)
            continue;
        struct sw_node *row = sw_build_map(b);
        sw_build_set(b, row, "title", sw_build_text(b, rows[i].title));
        sw_build_set(b, row, "text", sw_build_text(b, text));
        sw_build_append(b, list, row);
    }
    return list;
}

static struct sw_node *view_of(struct sw_builder *b, const struct build_view *shown,
                               const struct sw_attempt *attempt, bool ok)
{
    char duration[16];
    sw_text_duration(duration, sw_clock_now() - attempt->started_ns);
    const char *id = attempt->outcome.image_id;
    id = id != NULL && id[0] != '\0' ? id : NULL;
    struct sw_node *view = sw_build_map(b);
    const char *name = attempt->prepared.profile.name;
    sw_build_set(b, view, "name", sw_build_text(b, name == NULL ? "a profile" : name));
    sw_build_set(b, view, "ok", sw_build_bool(b, ok));
    sw_build_set(b, view, "verified", sw_build_bool(b, attempt->verified));
    sw_build_set(b, view, "checks", sw_build_int(b, (int64_t)attempt->verification.passed));
    sw_build_set(b, view, "duration", sw_build_text(b, duration));
    sw_build_set(
        b, view, "plan",
        sw_build_text(b, attempt->prepared.plan.root == NULL ? NULL : attempt->prepared.plan.digest));
    sw_build_set(b, view, "version", sw_build_text(b, SLIPWAY_VERSION));
    sw_build_set(b, view, "image", image_node(b, attempt, id));
    sw_build_set(b, view, "stack", page_rows(b, stack_node(b, &attempt->prepared.plan.parts)));
    sw_build_set(b, view, "gpus", page_rows(b, gpus_node(b, attempt)));
    sw_build_set(b, view, "findings", page_rows(b, findings_node(b, &attempt->findings)));
    sw_build_set(b, view, "steps", page_rows(b, timeline_node(b, &shown->timeline)));
    sw_build_set(b, view, "layers", page_rows(b, layers_node(b, attempt, id)));
    return view;
}

int report_render(struct sw_buffer *out, const struct build_view *shown, const struct sw_attempt *attempt,
                  const char *template, bool ok, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    struct sw_builder b = {.arena = &arena};
    struct sw_node *view = view_of(&b, shown, attempt, ok);
    if (b.failed)
        return sw_fail_memory(error);
    return sw_template_render_shipped(out, &arena, attempt->project->overrides, template, view, error);
}
