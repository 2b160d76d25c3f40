#include "catalog/base_stack.h"
#include "check/bringers_internal.h"

#include "data/path.h"

static const struct sw_node *projects_of(const struct sw_catalog *catalog)
{
    return sw_node_get(catalog->libraries, "projects");
}

bool sw_bringers_has_rows(const struct sw_catalog *catalog, const char *project)
{
    return sw_catalog_row(projects_of(catalog), "project", project) != NULL;
}

bool sw_bringers_is_torch(const char *library)
{
    static const char *const starts[] = {"libtorch", "libc10", "libshm.so", "libcaffe2_nvrtc"};
    for (size_t i = 0; i < SW_COUNT(starts); i++) {
        if (strncmp(library, starts[i], strlen(starts[i])) == 0)
            return true;
    }
    return false;
}

/* ---- the base image ---- */

static const char *base_of(const struct sw_stack *stack)
{
    return sw_node_text(stack->input->plan->parts.base.reference, "");
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool sw_bringers_knows_base(const struct sw_stack *stack)
{
    static const char *const known[] = {
        "python:", "debian:", "ubuntu:", "nvidia/cuda:", "localhost/slipway-base:"};
    for (size_t i = 0; i < SW_COUNT(known); i++) {
        if (starts_with(sw_catalog_base_name(base_of(stack)), known[i]))
            return true;
    }
    return false;
}

bool sw_bringers_base_has_cuda(const struct sw_bringers *bringers)
{
    return starts_with(sw_catalog_base_name(base_of(bringers->set->candidates->stack)), "nvidia/cuda:");
}

/* An image of CUDA has the libraries of its toolkit, unless it is of the kind "base", which has the runtime alone; cuDNN if its
 * tag says so. */
static bool base_brings(const struct sw_stack *stack, const struct sw_node *row, const char *library)
{
    const char *base = sw_catalog_base_name(base_of(stack)),
               *cuda = sw_node_text(sw_node_get(row, "cuda"), "");
    if (!starts_with(base, "nvidia/cuda:") || !starts_with(base + strlen("nvidia/cuda:"), cuda))
        return false;
    if (strstr(base, "-base-") != NULL)
        return starts_with(library, "libcudart.");
    return strstr(sw_node_text(sw_node_get(row, "project"), ""), "cudnn") == NULL ||
           strstr(base, "cudnn") != NULL;
}

/* ---- packages and steps ---- */

static bool is_about_cuda(const char *text)
{
    static const char *const words[] = {"cuda", "cudnn", "cublas", "nvidia", "tensorrt"};
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        if (strcasestr(text, words[i]) != NULL)
            return true;
    }
    return false;
}

/* Return true if a text below the node may bring libraries of CUDA. */
static bool mentions_cuda(const struct sw_node *node)
{
    bool found = is_about_cuda(sw_node_text(node, ""));
    for (size_t i = 0; i < sw_node_count(node) && !found; i++) {
        const struct sw_node *item = sw_node_item(node, i);
        found = is_about_cuda(sw_node_text(item, "")) ||
                is_about_cuda(sw_node_text(sw_node_get(item, "run"), ""));
    }
    return found;
}

bool sw_bringers_has_more_cuda(const struct sw_stack *stack)
{
    const struct sw_node *copies = sw_stack_get(stack, "context.copy");
    bool found = mentions_cuda(sw_stack_get(stack, "system_packages")) ||
                 sw_node_count(sw_stack_get(stack, "nvidia")) > 0;
    for (size_t i = 0; !found && sw_stack_step(stack, i) != NULL; i++)
        found = mentions_cuda(sw_stack_step(stack, i));
    for (size_t i = 0; !found && i < sw_node_count(copies); i++)
        found = is_about_cuda(sw_node_text(sw_node_get(sw_node_item(copies, i), "image"), ""));
    return found;
}

/* ---- libraries that the catalog knows ---- */

static int by_name(const void *a, const void *b)
{
    const struct sw_known_library *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order != 0 ? order : (one->place > other->place) - (one->place < other->place);
}

static void add_names(struct sw_known_libraries *known, struct sw_stack *stack, const struct sw_node *row,
                      size_t place, const char *key)
{
    const struct sw_node *names = sw_node_get(row, key);
    for (size_t i = 0; i < sw_node_count(names); i++) {
        struct sw_known_library *grown =
            sw_arena_grow(stack->b.arena, known->items, known->count, sizeof *grown);
        if (grown == NULL) {
            stack->b.failed = true;
            return;
        }
        known->items = grown;
        grown[known->count++] =
            (struct sw_known_library){sw_node_text(sw_node_item(names, i), ""), row, place};
    }
}

static void sort_names(struct sw_known_libraries *known)
{
    if (known->count > 1)
        qsort(known->items, known->count, sizeof *known->items, by_name);
}

static void read_rows(struct sw_known_libraries *known, struct sw_stack *stack, const char *list)
{
    const struct sw_node *rows = sw_node_get(stack->catalog->libraries, list);
    for (size_t i = 0; i < sw_node_count(rows); i++)
        add_names(known, stack, sw_node_item(rows, i), i, "libraries");
    sort_names(known);
}

/* The first of the rows that name a text of this length, and their count. */
static const struct sw_known_library *find_name(size_t *count, const struct sw_known_libraries *known,
                                                const char *name, size_t n)
{
    size_t low = 0, high = known->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sw_str_compare(sw_str_from(known->items[middle].name), (struct sw_str){name, n}) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0;
         low + *count < known->count && sw_str_is((struct sw_str){name, n}, known->items[low + *count].name);)
        ++*count;
    return &known->items[low];
}

/* The next length of a library's name under which a row may know it, from `n` on: a name that ends in ".so" is that of each version.
 * 0 behind the last. */
static size_t next_length(const char *library, size_t n)
{
    size_t length = strlen(library);
    const char *end = n >= length ? NULL : strstr(library + n, ".so.");
    return n >= length ? 0 : end == NULL ? length : (size_t)(end - library) + 3;
}

static bool knows(const struct sw_known_libraries *known, const char *library)
{
    size_t count = 0;
    for (size_t n = next_length(library, 0); n > 0 && count == 0; n = next_length(library, n))
        (void)find_name(&count, known, library, n);
    return count > 0;
}

/* ---- wheels ---- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Return true if a file of a wheel is the library: by its name, its own name, or the name that auditwheel gives it, with a
 * hash sum: libcudart-d0da41ae.so.11.0. */
static bool is_library(const struct sw_index_library *file, const char *library)
{
    const char *name = base_name(file->member), *end = strstr(library, ".so");
    size_t stem = end == NULL ? strlen(library) : (size_t)(end - library);
    if (strcmp(name, library) == 0 || (file->soname != NULL && strcmp(file->soname, library) == 0))
        return true;
    const char *rest = strstr(name, ".so");
    return strncmp(name, library, stem) == 0 && name[stem] == '-' && rest != NULL && end != NULL &&
           starts_with(rest, end);
}

static bool wheel_brings(const struct sw_index_libraries *wheel, const char *library)
{
    for (size_t i = 0; i < wheel->count; i++) {
        if (is_library(&wheel->items[i], library))
            return true;
    }
    return false;
}

/* Return true if torch's own wheel, or the projects that it requires for its CUDA, bring the libraries of a row. */
static bool torch_brings(const struct sw_bringers *bringers, const struct sw_node *row)
{
    const char *cuda = sw_node_text(sw_node_get(row, "cuda"), ""),
               *torch = sw_node_text(sw_node_get(row, "torch"), NULL);
    return bringers->torch != NULL && bringers->cuda != NULL && torch != NULL &&
           starts_with(bringers->cuda, cuda) && sw_catalog_covers(torch, bringers->torch);
}

/* Return true if the set has the row's project in a release that the row is about. */
static bool set_has(const struct sw_bringers *bringers, const struct sw_node *row)
{
    const struct sw_set_wheel *wheel =
        sw_wheel_set_find(bringers->set, sw_node_text(sw_node_get(row, "project"), ""));
    const char *releases = sw_node_text(sw_node_get(row, "releases"), NULL);
    if (wheel == NULL || wheel->version[0] == '\0' || releases == NULL)
        return wheel != NULL;
    return sw_catalog_covers(releases, wheel->version);
}

static bool row_brings(const struct sw_bringers *bringers, const struct sw_node *row, const char *library)
{
    return set_has(bringers, row) || torch_brings(bringers, row) ||
           base_brings(bringers->set->candidates->stack, row, library);
}

/* ---- answers ---- */

const struct sw_node *sw_bringers_project(const struct sw_bringers *bringers, const char *library,
                                          const char *cuda)
{
    const struct sw_node *found = NULL;
    const char *wanted = cuda != NULL ? cuda : bringers->cuda;
    for (size_t n = next_length(library, 0), count; n > 0; n = next_length(library, n)) {
        const struct sw_known_library *items = find_name(&count, &bringers->projects, library, n);
        for (size_t i = 0; i < count; i++) {
            const char *own = sw_node_text(sw_node_get(items[i].row, "cuda"), "");
            if (found == NULL || (wanted != NULL && starts_with(wanted, own)))
                found = items[i].row;
        }
    }
    return found;
}

const char *sw_bringers_cuda(const struct sw_bringers *bringers, const char *library)
{
    size_t count;
    const char *lowest = NULL;
    const struct sw_known_library *items = find_name(&count, &bringers->projects, library, strlen(library));
    for (size_t i = 0; i < count; i++) {
        const char *cuda = sw_node_text(sw_node_get(items[i].row, "cuda"), "");
        if (lowest == NULL || sw_catalog_compare(cuda, lowest) < 0)
            lowest = cuda;
    }
    return lowest;
}

const struct sw_node *sw_bringers_package(const struct sw_bringers *bringers, const char *library)
{
    for (size_t n = next_length(library, 0), count; n > 0; n = next_length(library, n)) {
        const struct sw_known_library *items = find_name(&count, &bringers->packages, library, n);
        if (count > 0)
            return items[0].row;
    }
    return NULL;
}

static bool projects_bring(const struct sw_bringers *bringers, const char *library)
{
    for (size_t n = next_length(library, 0), count; n > 0; n = next_length(library, n)) {
        const struct sw_known_library *items = find_name(&count, &bringers->projects, library, n);
        for (size_t i = 0; i < count; i++) {
            if (row_brings(bringers, items[i].row, library))
                return true;
        }
    }
    return bringers->more_cuda;
}

bool sw_bringers_are_system(const struct sw_bringers *bringers, const char *library)
{
    return knows(&bringers->of_system, library) || starts_with(library, "libpython") ||
           (bringers->torch != NULL && sw_bringers_is_torch(library));
}

enum sw_brought sw_bringers_find(const struct sw_bringers *bringers, const struct sw_index_libraries *wheel,
                                 const char *library)
{
    if (sw_bringers_are_system(bringers, library) || wheel_brings(wheel, library))
        return SW_BROUGHT;
    for (size_t i = 0; i < bringers->wheel_count; i++) {
        if (wheel_brings(&bringers->wheels[i], library))
            return SW_BROUGHT;
    }
    if (sw_bringers_project(bringers, library, NULL) != NULL)
        return projects_bring(bringers, library) ? SW_BROUGHT : SW_NOT_BROUGHT_PROJECT;
    if (sw_bringers_package(bringers, library) == NULL)
        return SW_NOT_BROUGHT_UNKNOWN;
    return bringers->more_packages ? SW_BROUGHT : SW_NOT_BROUGHT_PACKAGE;
}

/* ---- the stack ---- */

static void read_torch(struct sw_bringers *bringers)
{
    const struct sw_stack *stack = bringers->set->candidates->stack;
    const struct sw_set_wheel *wheel = sw_wheel_set_find(bringers->set, "torch");
    const char *version = stack->torch.version;
    bringers->cuda = stack->torch.cuda;
    if (version == NULL && wheel != NULL && wheel->version[0] != '\0')
        version = wheel->version;
    bringers->torch = version == NULL ? NULL : sw_stack_public(stack, version);
    if (bringers->cuda == NULL && bringers->torch != NULL)
        bringers->cuda = sw_node_text(
            sw_node_get(sw_catalog_row(stack->catalog->torch, "version", bringers->torch), "default"), NULL);
}

void sw_bringers_read(struct sw_bringers *bringers, const struct sw_wheel_set *set,
                      const struct sw_index_libraries *wheels, size_t wheel_count)
{
    struct sw_stack *stack = set->candidates->stack;
    const struct sw_node *base = sw_node_get(stack->catalog->libraries, "system");
    *bringers = (struct sw_bringers){.set = set, .wheels = wheels, .wheel_count = wheel_count};
    bringers->base_known = sw_bringers_knows_base(stack);
    bringers->more_packages = sw_node_count(sw_stack_get(stack, "system_packages")) > 0 ||
                              sw_node_count(sw_stack_get(stack, "nvidia")) > 0 ||
                              sw_stack_step(stack, 0) != NULL;
    bringers->more_cuda = sw_bringers_has_more_cuda(stack);
    read_rows(&bringers->projects, stack, "projects");
    read_rows(&bringers->packages, stack, "packages");
    add_names(&bringers->of_system, stack, base, 0, "libraries");
    add_names(&bringers->of_system, stack, base, 0, "host");
    sort_names(&bringers->of_system);
    read_torch(bringers);
}
