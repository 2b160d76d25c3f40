#include "check/locking.h"

#include "base/limits.h"
#include "check/check_internal.h"
#include "check/closure_internal.h"
#include "data/path.h"
#include "index/file_digest.h"
#include "profile/plan_lock.h"
#include "python/name.h"

/* Return true if the release of the former lock is not to be preferred. */
static bool is_upgraded(const struct sw_locking *locking, const char *project)
{
    for (size_t i = 0; i < locking->upgraded_count; i++) {
        if (sw_name_equal(sw_str_from(locking->upgraded[i]), sw_str_from(project)))
            return true;
    }
    return false;
}

const struct sw_resolved_package *sw_locking_former(const struct sw_locking *locking, const char *project)
{
    bool kept = locking->former != NULL && !is_upgraded(locking, project);
    return kept ? sw_resolution_find(&locking->former->set, project) : NULL;
}

static int prefer_former(struct sw_resolve_input *question, struct sw_arena *arena,
                         const struct sw_locking *locking, struct sw_error *error)
{
    size_t count = locking->former->set.package_count, kept = 0;
    struct sw_resolve_preference *preferences = sw_arena_array(arena, count + 1, sizeof *preferences);
    if (preferences == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct sw_resolved_package *package = &locking->former->set.packages[i];
        struct sw_resolve_preference *preference = &preferences[kept];
        preference->project = package->name;
        if (!is_upgraded(locking, package->name) &&
            sw_version_parse(&preference->version, sw_str_from(package->version), NULL) == 0)
            kept++;
    }
    question->preferences = preferences;
    question->preference_count = kept;
    return 0;
}

/* The digest that the reference of the base image names, or "". */
static const char *base_digest(const struct sw_plan *plan)
{
    const char *at = strchr(sw_node_text(plan->parts.base.reference, ""), '@');
    return at != NULL && strncmp(at, "@sha256:", 8) == 0 && strlen(at) == 8 + 64 ? at + 1 : "";
}

static int describe(struct sw_pylock *lock, const struct sw_candidates *candidates,
                    const struct sw_closed_set *set, struct sw_error *error)
{
    const struct sw_stack *stack = candidates->stack;
    struct sw_arena *arena = stack->b.arena;
    const struct sw_plan *plan = stack->input->plan;
    const struct sw_node *gpus = plan->parts.accelerators;
    const char **names = sw_arena_array(arena, sw_node_count(gpus) + 1, sizeof *names);
    const char **roots = sw_arena_array(arena, set->question.root_count + 1, sizeof *roots);
    char digest[SW_SHA256_HEX_SIZE];
    int code = sw_plan_lock_source(digest, plan, error);
    if (code != 0)
        return code;
    lock->profile = sw_node_text(plan->parts.name, "");
    lock->python = stack->python;
    lock->machine = candidates->environment.platform_machine;
    const char *libc =
        sw_arena_format(arena, candidates->libc.musl ? "1.%u" : "2.%u", candidates->libc.minor);
    lock->glibc = candidates->libc.musl ? "" : libc;
    lock->musl = candidates->libc.musl ? libc : "";
    lock->base = sw_node_text(plan->parts.base.reference, "");
    lock->base_digest = base_digest(plan);
    lock->source = sw_arena_text(arena, digest);
    if (names == NULL || roots == NULL || libc == NULL || lock->source == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < sw_node_count(gpus); i++)
        names[i] = sw_node_text(sw_node_get(sw_node_item(gpus, i), "name"), "");
    for (size_t i = 0; i < set->question.root_count; i++)
        roots[i] = set->question.roots[i].text.p;
    lock->accelerators = names;
    lock->accelerator_count = sw_node_count(gpus);
    lock->requirements = roots;
    lock->requirement_count = set->question.root_count;
    return 0;
}

/* Refuse a set of which parts cannot be found: the default index has the CUDA libraries of one CUDA only. */
static int check_whole(const struct sw_closed_set *set, const struct sw_candidates *candidates,
                       struct sw_error *error)
{
    const struct sw_stack *stack = candidates->stack;
    if (set->question.left_out_count == 0)
        return 0;
    if (candidates->torch_index.code != 0) {
        (void)sw_fail(error, SW_EENV, "torch %s comes from its own index: %s", stack->torch.local,
                      candidates->torch_index.text);
        return sw_error_hint(error, "name an index that has it: indexes: [{url: ..., for: [torch]}]");
    }
    (void)sw_fail(error, SW_EINPUT, "the CUDA libraries of torch %s for CUDA %s are not on the default index",
                  stack->torch.version, stack->torch.cuda);
    if (stack->torch.cuda_path == NULL)
        return sw_error_hint(error, "use the key 'torch' instead: torch: {version: \"%s\", cuda: \"%s\"}",
                             stack->torch.version, stack->torch.cuda);
    return sw_error_hint(error, "take torch from its own index: leave it out of 'indexes'");
}

/* The newest set that the hardware can use: the set that `check` judges. */
static int resolve_newest(struct sw_resolve_answer *answer, struct sw_closed_set *set,
                          struct sw_candidates *candidates, struct sw_error *error)
{
    int code = sw_closure_read(candidates, error);
    if (code != 0)
        return code;
    const struct sw_closure *closure = candidates->closure;
    *set = closure->asked;
    *answer = closure->fitting;
    if (closure->code != 0)
        *error = closure->problem;
    return closure->code;
}

/* The set with as many of the former releases as may stay. */
static int resolve_near(struct sw_resolve_answer *answer, struct sw_closed_set *set,
                        struct sw_candidates *candidates, const struct sw_locking *locking,
                        struct sw_error *error)
{
    int code = sw_closed_set_ask(set, candidates, error);
    if (code == 0)
        code = prefer_former(&set->question, candidates->stack->b.arena, locking, error);
    return code == 0 ? sw_resolve(answer, candidates->stack->b.arena, &set->question, error) : code;
}

/* ---- files without a digest ---- */

static bool lacks_digest(const struct sw_resolved_package *package)
{
    return package->file.kind != SW_RESOLVED_VCS && package->file.sha256[0] == '\0';
}

/* Say which digests nobody vouches for. */
static void report_digests(struct sw_stack *stack, const char *names)
{
    struct sw_finding *finding = sw_stack_find(
        stack, "SW403", SW_NOTE, NULL,
        "no index and no URL gives a SHA-256 of these; the lock has that of the file as it is there now: %s",
        names);
    sw_finding_hint(stack->findings, finding, "a URL may name it: 'NAME @ https://...#sha256=DIGEST'");
}

/* Hash the files that come without a digest. */
static int add_digests(struct sw_resolution *set, const struct sw_candidates *candidates,
                       struct sw_error *error)
{
    struct sw_arena *arena = candidates->stack->b.arena;
    struct sw_resolved_package *packages = sw_arena_array(arena, set->package_count + 1, sizeof *packages);
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_MESSAGE);
    if (packages == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < set->package_count; i++) {
        char digest[SW_SHA256_HEX_SIZE];
        uint64_t size = 0;
        struct sw_resolved_file *file = &packages[i].file;
        packages[i] = set->packages[i];
        if (!lacks_digest(&packages[i]))
            continue;
        int code = sw_index_file_digest(digest, &size, candidates->index, file->url, file->name, error);
        file->sha256 = code == 0 ? sw_arena_text(arena, digest) : "";
        file->size = size;
        if (code != 0 || file->sha256 == NULL)
            return code != 0 ? code : sw_fail_memory(error);
        sw_buffer_addf(&names, "%s%s", names.n == 0 ? "" : ", ", packages[i].name);
    }
    set->packages = packages;
    if (names.n > 0)
        report_digests(candidates->stack, names.p);
    return 0;
}

static int resolve(struct sw_pylock *lock, struct sw_candidates *candidates, const struct sw_locking *locking,
                   struct sw_findings *findings, struct sw_error *error)
{
    struct sw_closed_set set;
    struct sw_resolve_answer answer;
    size_t before = findings->count;
    int code = locking->former == NULL ? resolve_newest(&answer, &set, candidates, error)
                                       : resolve_near(&answer, &set, candidates, locking, error);
    if (code == 0)
        code = check_whole(&set, candidates, error);
    if (code != 0)
        return code;
    if (answer.found) {
        lock->set = answer.resolution;
        code = add_digests(&lock->set, candidates, error);
        return code == 0 ? describe(lock, candidates, &set, error) : code;
    }
    if (!answer.gave_up)
        sw_check_contradiction(candidates, &set, &answer);
    if (findings->count > before)
        return 0;
    return sw_fail(error, SW_ENO, "%s",
                   answer.gave_up
                       ? "resolving the requirements was given up: too many releases contradict each other"
                       : "no set of releases satisfies the requirements");
}

int sw_check_lock(struct sw_pylock *out, struct sw_arena *arena, const struct sw_locking *locking,
                  struct sw_findings *findings, struct sw_error *error)
{
    struct sw_stack stack;
    struct sw_candidates candidates;
    struct sw_pylock lock = {0};
    int code = sw_stack_read(&stack, locking->input, findings, arena, error);
    if (code == 0)
        code = sw_candidates_open(&candidates, &stack, locking->input->index, error);
    if (code == 0)
        code = resolve(&lock, &candidates, locking, findings, error);
    int reset = sw_index_pin(locking->input->index, NULL, 0, error); /* the profile's own die with it */
    if (code == 0)
        code = reset;
    if (code == 0)
        *out = lock;
    return code;
}
