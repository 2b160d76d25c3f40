#include "index/wheel_files.h"

/* ---- files and tops ---- */

static size_t count_lines(struct sw_str text)
{
    size_t count = 0;
    while (text.n > 0) {
        (void)sw_str_cut(&text, '\n');
        count++;
    }
    return count;
}

/* Read a line; a line without two tabs has no name. */
static struct sw_wheel_file read_line(struct sw_str line)
{
    struct sw_str name = line;
    (void)sw_str_cut(&name, '\t');
    (void)sw_str_cut(&name, '\t');
    if (name.p == NULL)
        return (struct sw_wheel_file){SW_STR(""), SW_STR("")};
    return (struct sw_wheel_file){name, {line.p, line.n - name.n - 1}};
}

static struct sw_str module_of(struct sw_str top, bool is_folder)
{
    struct sw_str rest = top, stem = sw_str_cut(&rest, '.');
    bool module = is_folder ? rest.p == NULL : sw_str_ends(top, ".py") || sw_str_ends(top, ".so");
    return module ? stem : SW_STR("");
}

/* Add the file to the last top, or begin a top with it. */
static bool add_to_top(struct sw_wheel_files *files, struct sw_arena *arena, size_t place)
{
    struct sw_str rest = files->items[place].name, name = sw_str_cut(&rest, '/');
    struct sw_wheel_top *last = files->top_count == 0 ? NULL : &files->tops[files->top_count - 1];
    if (last != NULL && sw_str_equal(last->name, name)) {
        last->end = place + 1;
        return true;
    }
    struct sw_wheel_top *tops = sw_arena_grow(arena, files->tops, files->top_count, sizeof *tops);
    if (tops == NULL)
        return false;
    tops[files->top_count++] = (struct sw_wheel_top){name, module_of(name, rest.p != NULL), place, place + 1};
    files->tops = tops;
    return true;
}

static bool read_files(struct sw_wheel_files *files, struct sw_arena *arena, struct sw_str listing)
{
    size_t lines = count_lines(listing);
    files->items = sw_arena_array(arena, lines + 1, sizeof *files->items);
    bool done = files->items != NULL;
    while (done && listing.n > 0) {
        files->items[files->count] = read_line(sw_str_cut(&listing, '\n'));
        if (files->items[files->count].name.n > 0)
            done = add_to_top(files, arena, files->count++);
    }
    return done;
}

/* ---- parts ---- */

static size_t hash_of(struct sw_str text)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001B3);
    return (size_t)(hash ^ hash >> 32);
}

const struct sw_wheel_part *sw_wheel_files_part(const struct sw_wheel_files *files, struct sw_str text,
                                                const struct sw_wheel_part *part)
{
    size_t at = files->parts == NULL ? 0
                : part != NULL       ? part->next
                                     : files->chains[hash_of(text) & (files->chain_count - 1)];
    while (at != 0 && !sw_str_equal(files->parts[at - 1].text, text))
        at = files->parts[at - 1].next;
    return at == 0 ? NULL : &files->parts[at - 1];
}

static bool add_part(struct sw_wheel_files *files, struct sw_arena *arena, struct sw_wheel_part part)
{
    const struct sw_wheel_part *same = NULL;
    while ((same = sw_wheel_files_part(files, part.text, same)) != NULL) {
        if (same->inner == part.inner && same->copy == part.copy)
            return true;
    }
    struct sw_wheel_part *parts = sw_arena_grow(arena, files->parts, files->part_count, sizeof *parts);
    if (parts == NULL)
        return false;
    size_t *chain = &files->chains[hash_of(part.text) & (files->chain_count - 1)];
    part.next = *chain;
    parts[files->part_count++] = part;
    files->parts = parts;
    *chain = files->part_count;
    return true;
}

/* Return true for a folder for the copies of other projects, which packages put on Python's path. */
static bool is_for_copies(struct sw_str folder)
{
    static const char *const words[] = {"vendor", "third", "extern"};
    bool copies = folder.n > 0 && folder.p[0] == '_';
    for (size_t i = 0; i < SW_COUNT(words) && !copies; i++)
        copies = sw_str_find(folder, sw_str_from(words[i])) < folder.n;
    return copies;
}

/* The folders of the path that is read, which the next path of a listing shares as a rule. */
struct folders {
    struct sw_str path; /* with its last slash */
    bool inner, copies;
};

static struct sw_wheel_part part_in(const struct folders *folders, struct sw_str name)
{
    return (struct sw_wheel_part){
        .text = sw_str_cut(&name, '.'), .inner = folders->inner && !folders->copies, .copy = folders->copies};
}

/* Add the folders of a path, and note whether the names in them are inner names or copies. */
static bool add_folders(struct folders *folders, struct sw_wheel_files *files, struct sw_arena *arena,
                        struct sw_str path, bool package)
{
    bool done = true;
    *folders = (struct folders){.path = path};
    for (struct sw_str rest = path; rest.n > 0 && done; folders->inner = package) {
        struct sw_str folder = sw_str_cut(&rest, '/');
        done = add_part(files, arena, part_in(folders, folder));
        folders->copies = folders->copies || is_for_copies(folder);
    }
    return done;
}

/* Return true if the top has an "__init__.py". */
static bool is_package(const struct sw_wheel_files *files, const struct sw_wheel_top *top)
{
    static const char init[] = "/__init__.py";
    for (size_t i = top->first; i < top->end; i++) {
        struct sw_str name = files->items[i].name;
        if (name.n == top->name.n + strlen(init) && sw_str_ends(name, init))
            return true;
    }
    return false;
}

static bool read_parts(struct sw_wheel_files *files, struct sw_arena *arena, const struct sw_wheel_top *top)
{
    bool package = is_package(files, top), done = true;
    struct folders folders = {.path = SW_STR("")};
    for (size_t i = top->first; i < top->end && done; i++) {
        struct sw_str name = files->items[i].name;
        size_t folder = name.n;
        while (folder > 0 && name.p[folder - 1] != '/')
            folder--;
        const struct sw_str path = {name.p, folder};
        if (!sw_str_equal(path, folders.path))
            done = add_folders(&folders, files, arena, path, package);
        done = done && add_part(files, arena, part_in(&folders, sw_str_drop(name, folder)));
    }
    return done;
}

int sw_wheel_files_read(struct sw_wheel_files *out, struct sw_arena *arena, struct sw_str listing,
                        struct sw_error *error)
{
    struct sw_wheel_files files = {.chain_count = 1};
    bool done = read_files(&files, arena, listing);
    while (files.chain_count < files.count)
        files.chain_count *= 2;
    files.chains = sw_arena_array(arena, files.chain_count, sizeof *files.chains);
    done = done && files.chains != NULL;
    for (size_t i = 0; i < files.top_count && done; i++)
        done = read_parts(&files, arena, &files.tops[i]);
    if (!done)
        return sw_fail_memory(error);
    *out = files;
    return 0;
}

bool sw_wheel_files_has_module(const struct sw_wheel_files *files, struct sw_str module)
{
    for (size_t i = 0; i < files->top_count; i++) {
        if (module.n > 0 && sw_str_equal(files->tops[i].module, module))
            return true;
    }
    return false;
}
