#include "template/template.h"

#include "base/limits.h"
#include "base/text.h"
#include "template/filter_internal.h"
#include "template/parse_internal.h"

/* A template that was loaded, with the indentation it was parsed for. */
struct loaded {
    struct loaded *next;
    struct sw_str name, indent;
    struct sw_template template;
};

struct renderer {
    const struct sw_template_source *source;
    struct sw_arena arena;
    struct sw_buffer out;
    struct loaded *loaded;
    const struct sw_node *contexts[SW_MAX_TEMPLATE_DEPTH + 1]; /* outermost first */
    size_t contexts_count;
    unsigned depth;
    unsigned steps;
    struct sw_error *error;
};

/* The place of a step, for errors. */
struct place {
    const struct sw_template *template;
    const struct sw_template_step *step;
};

#define FAIL(r, place, ...)                                                                                 \
    sw_fail_at((r)->error, SW_EINPUT, (place)->template->label, (place)->step->line, (place)->step->column, \
               __VA_ARGS__)

static const struct sw_node *member_of(const struct sw_node *map, struct sw_str key)
{
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        if (sw_str_equal(sw_node_member_at(map, i)->key, key))
            return sw_node_member_at(map, i)->value;
    }
    return NULL;
}

/* The key of `map` that is nearest to `key` and nearer than `*distance`, which it then becomes. */
static void find_nearest(struct sw_str *nearest, unsigned *distance, const struct sw_node *map,
                         struct sw_str key)
{
    for (size_t i = 0; i < sw_node_member_count(map); i++) {
        unsigned d = sw_str_distance(sw_node_member_at(map, i)->key, key);
        if (d < *distance) {
            *distance = d;
            *nearest = sw_node_member_at(map, i)->key;
        }
    }
}

/* Fail because `part` of the step's name is not in `within`, or in no context if `within` is NULL. */
static int fail_unknown(struct renderer *r, const struct place *place, const struct sw_node *within,
                        struct sw_str part)
{
    struct sw_str name = place->step->text, nearest = {NULL, 0};
    /* At most one letter may be wrong in a short name, two in others. */
    unsigned distance = part.n < 4 ? 2 : 3;
    if (within != NULL)
        find_nearest(&nearest, &distance, within, part);
    for (size_t i = r->contexts_count; within == NULL && i > 0; i--)
        find_nearest(&nearest, &distance, r->contexts[i - 1], part);
    (void)FAIL(r, place, "unknown name '%.*s'", SW_STR_FORMAT(name));
    size_t before = (size_t)(part.p - name.p), after = name.n - before - part.n;
    if (nearest.p != NULL)
        return sw_error_hint(r->error, "did you mean '%.*s%.*s%.*s'?", (int)before, name.p,
                             SW_STR_FORMAT(nearest), (int)after, part.p + part.n);
    if (within != NULL && sw_node_type(within) != SW_NODE_MAP)
        return sw_error_hint(r->error, "'%.*s' is a %s", (int)before - 1, name.p,
                             sw_node_type_name(sw_node_type(within)));
    return SW_EINPUT;
}

static int look_up(struct renderer *r, const struct place *place, const struct sw_node **out)
{
    struct sw_str rest = place->step->text;
    const struct sw_node *value = NULL;
    if (sw_str_is(rest, ".")) {
        *out = r->contexts[r->contexts_count - 1];
        return 0;
    }
    struct sw_str part = sw_str_cut(&rest, '.');
    for (size_t i = r->contexts_count; i > 0 && value == NULL; i--)
        value = member_of(r->contexts[i - 1], part);
    if (value == NULL)
        return fail_unknown(r, place, NULL, part);
    while (rest.p != NULL) {
        part = sw_str_cut(&rest, '.');
        const struct sw_node *within = value;
        value = member_of(within, part);
        if (value == NULL)
            return fail_unknown(r, place, within, part);
    }
    *out = value;
    return 0;
}

static int fail_filter(struct renderer *r, const struct place *place)
{
    struct sw_str name = place->step->filter;
    char shown[SW_TEXT_BRIEF], known[64] = "";
    sw_text_brief(shown, name);
    for (size_t i = 0; i < sw_filters_count; i++) {
        size_t used = strlen(known);
        (void)snprintf(known + used, sizeof known - used, "%s%s", i == 0 ? "" : ", ", sw_filters[i].name);
    }
    (void)FAIL(r, place, "unknown filter '%s'", shown);
    return sw_error_hint(r->error, "there are %s", known);
}

static bool is_collection(const struct sw_node *value)
{
    return sw_node_type(value) == SW_NODE_LIST || sw_node_type(value) == SW_NODE_MAP;
}

static int render_value(struct renderer *r, const struct place *place)
{
    const struct sw_node *value = NULL;
    int code = look_up(r, place, &value);
    if (code != 0)
        return code;
    struct sw_str name = place->step->text;
    const struct sw_filter *filter = NULL;
    if (place->step->filter.p != NULL) {
        filter = sw_filter_find(place->step->filter);
        if (filter == NULL)
            return fail_filter(r, place);
    }
    if (is_collection(value) && (filter == NULL || !filter->takes_collections)) {
        (void)FAIL(r, place, "'%.*s' is a %s, not a text", SW_STR_FORMAT(name),
                   sw_node_type_name(sw_node_type(value)));
        return sw_error_hint(r->error, "write a section, or {{%.*s|json}}", SW_STR_FORMAT(name));
    }
    if (filter != NULL) {
        const char *fault = filter->write(&r->out, value);
        return fault == NULL ? 0
                             : FAIL(r, place, "'%.*s' holds %s, which '%s' cannot write", SW_STR_FORMAT(name),
                                    fault, filter->name);
    }
    if (sw_node_type(value) != SW_NODE_NULL)
        sw_buffer_add_str(&r->out, sw_node_str(value));
    return 0;
}

static int render_steps(struct renderer *r, const struct sw_template *template, size_t from, size_t to);

static bool is_false(const struct sw_node *value)
{
    return sw_node_type(value) == SW_NODE_NULL || !sw_node_boolean(value, true) ||
           (sw_node_type(value) == SW_NODE_LIST && sw_node_count(value) == 0);
}

/* Count each step, and each item of a section too, since a section may be empty. */
static int count_step(struct renderer *r, const struct place *place)
{
    if (r->steps == SW_MAX_TEMPLATE_STEPS)
        return FAIL(r, place, "more than %d steps", SW_MAX_TEMPLATE_STEPS);
    r->steps++;
    return 0;
}

static int enter(struct renderer *r, const struct place *place)
{
    if (r->depth == SW_MAX_TEMPLATE_DEPTH)
        return FAIL(r, place, "sections and partials are nested deeper than %d", SW_MAX_TEMPLATE_DEPTH);
    r->depth++;
    return 0;
}

static int render_inside(struct renderer *r, const struct place *place)
{
    size_t first = (size_t)(place->step - place->template->steps) + 1;
    return render_steps(r, place->template, first, place->step->end);
}

static int render_with(struct renderer *r, const struct place *place, const struct sw_node *context)
{
    int code = count_step(r, place);
    if (code != 0)
        return code;
    r->contexts[r->contexts_count++] = context;
    code = render_inside(r, place);
    r->contexts_count--;
    return code;
}

static int render_items(struct renderer *r, const struct place *place, const struct sw_node *list)
{
    int code = 0;
    for (size_t i = 0; i < sw_node_count(list) && code == 0; i++)
        code = render_with(r, place, sw_node_item(list, i));
    return code;
}

static int render_section(struct renderer *r, const struct place *place)
{
    const struct sw_node *value = NULL;
    bool inverted = place->step->kind == SW_TEMPLATE_INVERTED;
    int code = look_up(r, place, &value);
    if (code != 0 || is_false(value) != inverted)
        return code;
    code = enter(r, place);
    if (code != 0)
        return code;
    if (inverted)
        code = render_inside(r, place);
    else if (sw_node_type(value) == SW_NODE_LIST)
        code = render_items(r, place, value);
    else
        code = render_with(r, place, value);
    r->depth--;
    return code;
}

static struct loaded *find_loaded(const struct renderer *r, struct sw_str name, struct sw_str indent)
{
    for (struct loaded *one = r->loaded; one != NULL; one = one->next) {
        if (sw_str_equal(one->name, name) && sw_str_equal(one->indent, indent))
            return one;
    }
    return NULL;
}

static int load(struct renderer *r, const struct loaded **out, struct sw_str name, struct sw_str indent)
{
    struct loaded *one = find_loaded(r, name, indent);
    *out = one;
    if (one != NULL)
        return 0;
    struct sw_str text;
    const char *label = NULL;
    one = sw_arena_alloc(&r->arena, sizeof *one);
    char *name_copy = sw_arena_copy(&r->arena, name);
    char *indent_copy = sw_arena_copy(&r->arena, indent);
    if (one == NULL || name_copy == NULL || indent_copy == NULL)
        return sw_fail_memory(r->error);
    *one = (struct loaded){.next = r->loaded, .name = {name_copy, name.n}, .indent = {indent_copy, indent.n}};
    int code = r->source->load(r->source->self, &text, &label, name_copy, r->error);
    if (code == 0)
        code = sw_template_parse(&one->template, &r->arena, text, one->indent, label, r->error);
    if (code == 0)
        *out = r->loaded = one;
    return code;
}

static int render_partial(struct renderer *r, const struct place *place)
{
    const struct loaded *partial;
    int code = enter(r, place);
    if (code != 0)
        return code;
    code = load(r, &partial, place->step->text, place->step->indent);
    if (code == 0)
        code = render_steps(r, &partial->template, 0, partial->template.count);
    else if (code == SW_ENOTFOUND)
        code = FAIL(r, place, "no template '%.*s'", SW_STR_FORMAT(place->step->text));
    r->depth--;
    return code;
}

static int render_step(struct renderer *r, const struct place *place)
{
    switch (place->step->kind) {
    case SW_TEMPLATE_TEXT:
        sw_buffer_add_str(&r->out, place->step->text);
        return 0;
    case SW_TEMPLATE_VALUE:
        return render_value(r, place);
    case SW_TEMPLATE_SECTION:
    case SW_TEMPLATE_INVERTED:
        return render_section(r, place);
    case SW_TEMPLATE_PARTIAL:
        break;
    }
    return render_partial(r, place);
}

static int render_steps(struct renderer *r, const struct sw_template *template, size_t from, size_t to)
{
    size_t i = from;
    while (i < to) {
        const struct place place = {template, &template->steps[i]};
        int code = count_step(r, &place);
        if (code == 0)
            code = render_step(r, &place);
        if (code == 0)
            code = sw_buffer_check(&r->out, "what the template makes", r->error);
        if (code != 0)
            return code;
        bool section = place.step->kind == SW_TEMPLATE_SECTION || place.step->kind == SW_TEMPLATE_INVERTED;
        i = section ? place.step->end : i + 1;
    }
    return 0;
}

static int render(struct renderer *r, const char *name)
{
    const struct loaded *template;
    int code = load(r, &template, sw_str_from(name), SW_STR(""));
    if (code == 0)
        code = render_steps(r, &template->template, 0, template->template.count);
    return code;
}

int sw_template_render(struct sw_buffer *out, const struct sw_template_source *source, const char *name,
                       const struct sw_node *data, struct sw_error *error)
{
    struct renderer r = {.source = source, .contexts = {data}, .contexts_count = 1, .error = error};
    sw_arena_init(&r.arena, SW_MAX_ARENA);
    sw_buffer_init(&r.out, SW_MAX_RENDERED_SIZE);
    int code = render(&r, name);
    if (code == 0)
        sw_buffer_add_str(out, sw_buffer_str(&r.out));
    sw_buffer_release(&r.out);
    sw_arena_release(&r.arena);
    return code == 0 ? sw_buffer_check(out, name, error) : code;
}
