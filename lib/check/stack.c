#include "check/stack.h"

#include "base/limits.h"
#include "catalog/companions.h"
#include "catalog/gpu.h"
#include "data/path.h"
#include "python/name.h"

#include <stdarg.h>

const struct sw_node *sw_stack_get(const struct sw_stack *stack, const char *path)
{
    return sw_node_at(stack->input->profile->root, path);
}

const struct sw_node *sw_stack_step(const struct sw_stack *stack, size_t index)
{
    return sw_profile_step(stack->input->profile->root, index);
}

bool sw_stack_names_image(const struct sw_stack *stack)
{
    return sw_stack_get(stack, "base_image") != NULL || !stack->input->profile->is_found;
}

struct sw_base_libc sw_stack_libc(const struct sw_stack *stack)
{
    const struct sw_node *base = stack->input->plan->parts.base.node;
    const char *reference = sw_node_text(sw_node_get(base, "reference"), "");
    struct sw_base_libc libc = sw_catalog_base_libc(
        stack->catalog,
        sw_stack_names_image(stack) ? sw_node_text(sw_node_get(base, "bootstrap"), reference) : "");
    return libc.musl && (stack->target_count > 0 || stack->torch.version != NULL)
               ? sw_catalog_base_libc(stack->catalog, "")
               : libc;
}

struct sw_finding *sw_stack_find(struct sw_stack *stack, const char *code, enum sw_severity severity,
                                 const struct sw_node *at, const char *format, ...)
{
    char text[SW_MAX_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct sw_finding *finding = sw_findings_add(stack->findings, code, severity, "%s", text);
    if (at != NULL && sw_node_file(at) != NULL)
        sw_finding_place(stack->findings, finding, sw_node_file(at), sw_node_line(at), sw_node_column(at));
    else
        sw_profile_place(stack->input->profile, stack->findings, finding, "");
    return finding;
}

struct sw_finding *sw_stack_about(const struct sw_stack *stack, const char *code, const char *subject,
                                  const struct sw_node *at)
{
    return sw_findings_about(stack->findings, code, subject, sw_node_file(at), sw_node_line(at),
                             sw_node_column(at));
}

void sw_stack_cover(const struct sw_stack *stack, enum sw_aspect aspect, const char *subject,
                    enum sw_judgement judgement, const char *why)
{
    sw_coverage_add(stack->input->coverage, aspect, subject, judgement, why);
}

void sw_stack_evidence(struct sw_stack *stack, struct sw_finding *finding, const struct sw_node *row,
                       const char *format, ...)
{
    char text[SW_MAX_MESSAGE], source[SW_MAX_MESSAGE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(source, sizeof source, "%s; %s", sw_node_text(sw_node_get(row, "source"), ""),
                   sw_node_file(row));
    sw_finding_evidence(stack->findings, finding, sw_str_from(text), source);
}

void sw_stack_evidence_pin(struct sw_stack *stack, struct sw_finding *finding, const struct sw_pin *pin)
{
    char source[SW_MAX_PATH_SIZE];
    const char *file = sw_node_file(pin->at) == NULL ? stack->input->profile->path : sw_node_file(pin->at);
    (void)snprintf(source, sizeof source, "%s:%u", file, sw_node_line(pin->at));
    sw_finding_evidence(stack->findings, finding, sw_node_str(pin->at), source);
}

/* Text of the stack's arena, or "" without memory, which sw_check() reports. */
static const char *keep(const struct sw_stack *stack, struct sw_str text)
{
    const char *copy = sw_arena_copy(stack->b.arena, text);
    return copy == NULL ? "" : copy;
}

const char *sw_stack_public(const struct sw_stack *stack, const char *version)
{
    struct sw_str text = sw_str_from(version);
    return keep(stack, sw_str_cut(&text, '+'));
}

const char *sw_stack_join(struct sw_stack *stack, const struct sw_node *list)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    for (size_t i = 0; i < sw_node_count(list); i++)
        sw_buffer_addf(&text, "%s%s",
                       i == 0                         ? ""
                       : i + 1 == sw_node_count(list) ? " and "
                                                      : ", ",
                       sw_node_text(sw_node_item(list, i), ""));
    return keep(stack, sw_buffer_str(&text));
}

void sw_stack_fix_pin(struct sw_stack *stack, struct sw_finding *finding, const struct sw_pin *pin,
                      const char *specifier)
{
    const struct sw_requirement *requirement = &pin->requirement;
    const char *fixed = sw_arena_format(stack->b.arena, "%s%s", pin->project, specifier);
    if (fixed != NULL && specifier[0] != '\0' && !pin->is_constraint && !pin->is_member &&
        requirement->marker == NULL && requirement->extra_count == 0)
        sw_finding_fix(stack->findings, finding, SW_EDIT_SET, pin->path, fixed);
}

const char *sw_stack_code_text(struct sw_stack *stack, const struct sw_node *code)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_REQUIREMENT_SIZE);
    const struct sw_node *sass = sw_node_get(code, "sass"), *ptx = sw_node_get(code, "ptx");
    for (size_t i = 0; i < sw_node_count(sass); i++)
        sw_buffer_addf(&text, "%s%s", i == 0 ? "" : " ", sw_node_text(sw_node_item(sass, i), ""));
    if (sw_node_count(ptx) == 0)
        sw_buffer_add_text(&text, ", no PTX");
    else
        sw_buffer_addf(&text, ", PTX of %s", sw_stack_join(stack, ptx));
    return keep(stack, sw_buffer_str(&text));
}

const struct sw_pin *sw_stack_requirement(const struct sw_stack *stack, const char *project)
{
    for (size_t i = 0; i < stack->pin_count; i++) {
        if (!stack->pins[i].is_constraint && strcmp(stack->pins[i].project, project) == 0)
            return &stack->pins[i];
    }
    return NULL;
}

const struct sw_pin *sw_stack_override(const struct sw_stack *stack, const char *project)
{
    for (size_t i = 0; i < stack->pin_count; i++) {
        if (stack->pins[i].is_override && strcmp(stack->pins[i].project, project) == 0)
            return &stack->pins[i];
    }
    return NULL;
}

const struct sw_pin *sw_stack_pinned(const struct sw_stack *stack, const char *project)
{
    const struct sw_pin *override = sw_stack_override(stack, project);
    if (override != NULL)
        return override->version == NULL ? NULL : override;
    for (size_t i = 0; i < stack->pin_count; i++) {
        if (stack->pins[i].version != NULL && strcmp(stack->pins[i].project, project) == 0)
            return &stack->pins[i];
    }
    return NULL;
}

const char *sw_stack_companion(const struct sw_stack *stack, const char *project)
{
    return sw_companion_release(stack->torch.row, sw_str_from(project));
}

const char *sw_stack_release(const struct sw_stack *stack, const char *project)
{
    if (strcmp(project, "torch") == 0)
        return stack->torch.version;
    const struct sw_pin *pin = sw_stack_pinned(stack, project);
    return pin == NULL ? sw_stack_companion(stack, project) : sw_stack_public(stack, pin->version);
}

/* Return true if a requirement is for the image at all. A marker that cannot be evaluated counts as true. */
static bool applies(const struct sw_stack *stack, const struct sw_requirement *requirement)
{
    const char *machine =
        stack->target_count == 0 ? SW_CATALOG_MACHINE : sw_catalog_machine(stack->targets[0].row);
    const char *full = sw_arena_format(stack->b.arena, "%s.0", stack->python);
    struct sw_marker_environment environment = sw_marker_environment_linux(stack->python, full, machine);
    bool holds = true;
    return sw_marker_evaluate(&holds, requirement->marker, &environment, NULL) != 0 || holds;
}

const struct sw_pin *sw_stack_item(const struct sw_stack *stack, size_t i)
{
    if (i < stack->pin_count)
        return &stack->pins[i];
    return i - stack->pin_count < stack->member_count ? &stack->members[i - stack->pin_count] : NULL;
}

static int by_project(const void *project, const void *member)
{
    return strcmp(project, ((const struct sw_pin *)member)->project);
}

static const struct sw_pin *find_member(const struct sw_stack *stack, const char *project)
{
    return stack->member_count == 0
               ? NULL
               : bsearch(project, stack->members, stack->member_count, sizeof *stack->members, by_project);
}

const struct sw_pin *sw_stack_installed(const struct sw_stack *stack, const char *project)
{
    const struct sw_pin *pin = sw_stack_pinned(stack, project);
    return pin == NULL ? find_member(stack, project) : pin;
}

const char *sw_stack_comes(const struct sw_stack *stack, const char *project)
{
    const char *release = strcmp(project, "torch") == 0 ? stack->torch.version : NULL;
    const struct sw_pin *pin = release == NULL ? sw_stack_installed(stack, project) : NULL;
    if (pin != NULL)
        release = sw_stack_public(stack, pin->version);
    return release == NULL ? sw_stack_companion(stack, project) : release;
}

void sw_stack_evidence_way(struct sw_stack *stack, struct sw_finding *finding, const char *project,
                           const char *version, const char *by, const struct sw_node *at)
{
    if (by == NULL)
        return;
    char source[SW_MAX_PATH_SIZE];
    const char *text = sw_arena_format(stack->b.arena, "%s %s is brought by %s", project, version, by);
    const char *file = sw_node_file(at) == NULL ? stack->input->profile->path : sw_node_file(at);
    (void)snprintf(source, sizeof source, "%s:%u", file, sw_node_line(at));
    if (text != NULL)
        sw_finding_evidence(stack->findings, finding, sw_str_from(text), source);
}

void sw_stack_evidence_brought(struct sw_stack *stack, struct sw_finding *finding, const struct sw_pin *pin)
{
    sw_stack_evidence_way(stack, finding, pin->project, pin->version, pin->by, pin->at);
}

static void add_pins(struct sw_stack *stack, const char *key)
{
    const struct sw_node *list = sw_stack_get(stack, key);
    for (size_t i = 0; i < sw_node_count(list); i++) {
        struct sw_pin *pin = &stack->pins[stack->pin_count];
        const struct sw_node *at = sw_node_item(list, i);
        if (sw_requirement_parse(&pin->requirement, stack->b.arena, sw_node_str(at), NULL) != 0 ||
            !applies(stack, &pin->requirement))
            continue;
        pin->at = at;
        const char *project = sw_name_normalized(stack->b.arena, pin->requirement.name);
        pin->project = project == NULL ? "" : project;
        pin->version = sw_requirement_pin(stack->b.arena, sw_node_str(at));
        pin->path = sw_arena_format(stack->b.arena, "%s[%s]", key, pin->project);
        pin->is_override = strcmp(key, "overrides") == 0;
        pin->is_constraint = pin->is_override || strcmp(key, "constraints") == 0;
        pin->install = stack->input->profile->installs == NULL || pin->is_constraint
                           ? 0
                           : stack->input->profile->installs[i];
        stack->b.failed = stack->b.failed || pin->path == NULL;
        stack->pin_count++;
    }
}

static bool read_pins(struct sw_stack *stack)
{
    const struct sw_node *requirements = sw_stack_get(stack, "requirements"),
                         *constraints = sw_stack_get(stack, "constraints"),
                         *overrides = sw_stack_get(stack, "overrides");
    size_t most = sw_node_count(requirements) + sw_node_count(constraints) + sw_node_count(overrides);
    stack->pins = sw_arena_array(stack->b.arena, most + 1, sizeof *stack->pins);
    if (stack->pins == NULL)
        return false;
    add_pins(stack, "requirements");
    add_pins(stack, "constraints");
    add_pins(stack, "overrides");
    return true;
}

static bool read_targets(struct sw_stack *stack)
{
    const struct sw_node *list = sw_stack_get(stack, "accelerators");
    size_t most = sw_node_count(list);
    stack->targets = sw_arena_array(stack->b.arena, most + 1, sizeof *stack->targets);
    if (stack->targets == NULL)
        return false;
    for (size_t i = 0; i < most; i++) {
        const struct sw_node *row = sw_gpu_row(stack->catalog, sw_node_text(sw_node_item(list, i), ""));
        if (row == NULL)
            continue;
        stack->targets[stack->target_count++] =
            (struct sw_target){sw_node_item(list, i), row, sw_node_text(sw_node_get(row, "title"), ""),
                               sw_node_text(sw_node_get(row, "compute_capability"), "")};
    }
    return true;
}

/* The CUDA of a local version such as cu128, or NULL: one of the release's variants, or one of the toolkits. */
static const char *cuda_of_local(const struct sw_stack *stack, struct sw_str local)
{
    for (size_t i = 0; i < sw_node_count(stack->catalog->toolkits); i++) {
        const char *cuda =
            sw_node_text(sw_node_get(sw_node_item(stack->catalog->toolkits, i), "version"), "");
        const char *variant = sw_catalog_variant(stack->b.arena, cuda);
        if (variant != NULL && sw_str_is(local, variant))
            return cuda;
    }
    return NULL;
}

static void read_local(struct sw_stack *stack)
{
    struct sw_torch_choice *torch = &stack->torch;
    const char *variant = sw_catalog_variant(stack->b.arena, torch->cuda);
    torch->local = variant == NULL ? NULL : sw_arena_format(stack->b.arena, "%s+%s", torch->version, variant);
    stack->b.failed = stack->b.failed || torch->local == NULL;
}

/* torch as a pin or member names it; without a local version the default index decides the CUDA. */
static void read_torch_pin(struct sw_stack *stack, const struct sw_pin *pin)
{
    struct sw_torch_choice *torch = &stack->torch;
    struct sw_str rest = sw_str_from(pin->version);
    torch->version = keep(stack, sw_str_cut(&rest, '+'));
    torch->row = sw_catalog_version(stack->catalog->torch, torch->version);
    torch->version = sw_node_text(sw_node_get(torch->row, "version"), torch->version);
    torch->cuda =
        rest.p == NULL ? sw_node_text(sw_node_get(torch->row, "default"), NULL) : cuda_of_local(stack, rest);
    if (torch->cuda != NULL)
        read_local(stack);
    torch->at_version = torch->at_cuda = pin->at;
    torch->version_path = pin->path;
    torch->member = pin->is_member ? pin : NULL;
}

/* Without the key `torch` a requirement may pin it all the same. */
static void read_torch_requirement(struct sw_stack *stack)
{
    const struct sw_pin *pin = sw_stack_pinned(stack, "torch");
    if (pin != NULL && sw_stack_requirement(stack, "torch") != NULL)
        read_torch_pin(stack, pin);
}

void sw_stack_read_members(struct sw_stack *stack)
{
    const struct sw_pin *member = find_member(stack, "torch");
    if (member != NULL && stack->torch.version == NULL)
        read_torch_pin(stack, member);
}

static void read_torch(struct sw_stack *stack)
{
    struct sw_torch_choice *torch = &stack->torch;
    const struct sw_node *planned = stack->input->plan->parts.torch.node;
    torch->version = sw_node_text(sw_node_get(planned, "version"), NULL);
    if (torch->version == NULL) {
        read_torch_requirement(stack);
        return;
    }
    torch->cuda = sw_node_text(sw_node_get(planned, "cuda"), NULL);
    torch->local = sw_node_text(sw_node_get(planned, "local"), NULL);
    torch->row = sw_catalog_version(stack->catalog->torch, torch->version);
    torch->at_version = sw_stack_get(stack, "torch.version");
    torch->at_cuda = sw_stack_get(stack, "torch.cuda");
    if (torch->at_cuda == NULL)
        torch->at_cuda = torch->at_version;
    torch->version_path = "torch.version";
    torch->cuda_path = "torch.cuda";
}

int sw_stack_read(struct sw_stack *stack, const struct sw_check_input *input, struct sw_findings *findings,
                  struct sw_arena *arena, struct sw_error *error)
{
    struct sw_stack read = {
        .input = input, .catalog = input->catalog, .findings = findings, .b = {.arena = arena}};
    read.python = sw_node_text(input->plan->parts.python, "");
    read.driver = sw_node_text(input->plan->parts.driver, NULL);
    if (!read_targets(&read) || !read_pins(&read))
        return sw_fail_memory(error);
    read_torch(&read);
    *stack = read;
    return 0;
}
