#include "stream/step_lines_internal.h"

#include "base/limits.h"

/* ---- reading ---- */

static bool same_word(struct sw_str a, struct sw_str b)
{
    for (size_t i = 0; a.n == b.n && i < a.n; i++)
        if (sw_lower(a.p[i]) != sw_lower(b.p[i]))
            return false;
    return a.n == b.n;
}

static bool is_word(struct sw_str s, const char *word)
{
    return same_word(s, sw_str_from(word));
}

/* The next word, {NULL, 0} at the end. */
static struct sw_str next_word(struct sw_str *rest)
{
    *rest = sw_str_trim(*rest);
    size_t n = 0;
    while (n < rest->n && !sw_is_space(rest->p[n]))
        n++;
    struct sw_str word = {n > 0 ? rest->p : NULL, n};
    *rest = (struct sw_str){rest->p + n, rest->n - n};
    return word;
}

static size_t find_stage(const struct sw_dockerfile *file, struct sw_str name)
{
    for (size_t i = 0; i < file->stage_count; i++)
        if (file->stages[i].n > 0 && same_word(file->stages[i], name))
            return i + 1;
    return 0;
}

/* Read the words behind FROM: flags, an image or an earlier stage, and perhaps AS and a name. Return true if
 * it is an image. */
static bool add_stage(struct sw_dockerfile *file, struct sw_str rest)
{
    struct sw_str base = next_word(&rest);
    while (sw_str_starts(base, "--"))
        base = next_word(&rest);
    struct sw_str name = {"", 0};
    if (is_word(next_word(&rest), "as"))
        name = next_word(&rest);
    bool image = !is_word(base, "scratch") && find_stage(file, base) == 0;
    struct sw_str *stages =
        sw_arena_grow(&file->arena, file->stages, file->stage_count, sizeof(*file->stages));
    char *copy = sw_arena_copy(&file->arena, name);
    if (stages == NULL || copy == NULL)
        return image;
    file->stages = stages;
    stages[file->stage_count++] = (struct sw_str){copy, name.n};
    return image;
}

static void add_step(struct sw_dockerfile *file, const struct sw_instruction *instruction)
{
    static const char *const layers[] = {"run", "copy", "add", "workdir"};
    struct sw_dockerfile_step *steps =
        sw_arena_grow(&file->arena, file->steps, file->count, sizeof(*file->steps));
    if (steps == NULL)
        return;
    bool makes_layer = sw_instruction_is(instruction, "from") && add_stage(file, instruction->text);
    for (size_t i = 0; i < SW_COUNT(layers); i++)
        makes_layer = makes_layer || sw_instruction_is(instruction, layers[i]);
    file->steps = steps;
    steps[file->count++] = (struct sw_dockerfile_step){instruction, (unsigned)file->stage_count, makes_layer};
}

void sw_dockerfile_init(struct sw_dockerfile *file, struct sw_str text)
{
    *file = (struct sw_dockerfile){0};
    sw_arena_init(&file->arena, SW_MAX_ARENA);
    sw_instructions_init(&file->instructions, text);
    for (size_t i = 0; i < file->instructions.count; i++)
        add_step(file, &file->instructions.items[i]);
}

void sw_dockerfile_release(struct sw_dockerfile *file)
{
    if (file == NULL)
        return;
    sw_instructions_release(&file->instructions);
    sw_arena_release(&file->arena);
    *file = (struct sw_dockerfile){0};
}

/* ---- finding ---- */

/* "[WHERE N/M] KEYWORD …". */
struct label {
    /* The stage: empty, its name after perhaps a platform, or "1/2". */
    struct sw_str where;
    uint64_t number, total;
    struct sw_str keyword;
};

static bool read_fraction(struct sw_str s, uint64_t *number, uint64_t *total)
{
    struct sw_str first = sw_str_cut(&s, '/');
    return s.p != NULL && sw_str_to_u64(first, number) && sw_str_to_u64(s, total) && *number > 0;
}

static bool read_label(struct label *label, struct sw_str name)
{
    *label = (struct label){.where = {"", 0}};
    if (!sw_str_starts(name, "["))
        return false;
    struct sw_str rest = {name.p + 1, name.n - 1};
    struct sw_str inside = sw_str_cut(&rest, ']');
    if (rest.p == NULL)
        return false;
    label->keyword = next_word(&rest);
    struct sw_str last = {"", 0};
    for (struct sw_str word = next_word(&inside); word.n > 0; word = next_word(&inside)) {
        label->where = last;
        last = word;
    }
    return label->keyword.n > 0 && read_fraction(last, &label->number, &label->total);
}

/* The n-th instruction of a stage (0: of all), if it has that keyword; `*total` is how many there are. */
static unsigned nth(const struct sw_dockerfile *file, uint64_t stage, bool layers_only,
                    const struct label *label, uint64_t *total)
{
    unsigned line = 0;
    *total = 0;
    for (size_t i = 0; i < file->count; i++) {
        const struct sw_dockerfile_step *step = &file->steps[i];
        if ((stage != 0 && step->stage != stage) || (layers_only && !step->makes_layer))
            continue;
        if (++*total == label->number && same_word(step->instruction->keyword, label->keyword))
            line = step->instruction->line;
    }
    return line;
}

/* BuildKit leaves the stage out if there is only one stage, and calls a stage without a name "stage-0". */
unsigned sw_dockerfile_line_buildkit(const struct sw_dockerfile *file, struct sw_str name)
{
    struct label label;
    if (!read_label(&label, name))
        return 0;
    uint64_t stage = find_stage(file, label.where), total = 0;
    if (label.where.n == 0 && file->stage_count == 1)
        stage = 1;
    if (stage == 0 && sw_str_starts(label.where, "stage-") &&
        sw_str_to_u64((struct sw_str){label.where.p + 6, label.where.n - 6}, &stage))
        stage++;
    unsigned line = stage == 0 ? 0 : nth(file, stage, true, &label, &total);
    return total == label.total ? line : 0;
}

/* Docker counts the instructions before the first FROM, Podman does not; labels of the request are steps
 * beyond the last instruction. */
unsigned sw_dockerfile_line_classic(const struct sw_dockerfile *file, struct sw_str name)
{
    struct label label;
    uint64_t stage = 0, stages = 0, total = 0;
    if (!read_label(&label, name))
        return 0;
    if (label.where.n > 0)
        return read_fraction(label.where, &stage, &stages) && stages == file->stage_count
                   ? nth(file, stage, false, &label, &total)
                   : 0;
    unsigned line = nth(file, 0, false, &label, &total);
    return line == 0 && file->stage_count == 1 ? nth(file, 1, false, &label, &total) : line;
}
