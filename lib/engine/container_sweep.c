/* Containers that a killed process left behind: a label says whose each is. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "engine/call.h"
#include "engine/container_internal.h"

#include <inttypes.h>
#include <unistd.h>

enum { SWEEP_SECONDS = 5, BOOT_ID_SIZE = 64, START_FIELD = 22 };

/* Return the time at which a process was started, in the kernel's ticks since the boot, or 0 if there is no such process. The time tells
 * the process from a later process with the same number. */
static uint64_t start_of(uint64_t pid)
{
    char path[64];
    SW_BUFFER_AUTO text;
    uint64_t start = 0;
    sw_buffer_init(&text, 4 * SW_KIB);
    (void)snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    if (sw_file_read(&text, path, NULL) != 0)
        return 0;
    /* The second field is the program's name and may hold anything. */
    const char *name = strrchr(text.p, ')');
    struct sw_str rest = sw_str_from(name == NULL ? "" : name);
    struct sw_str field = {"", 0};
    for (int i = 2; i <= START_FIELD && rest.p != NULL; i++)
        field = sw_str_cut(&rest, ' ');
    return sw_str_to_u64(field, &start) ? start : 0;
}

static void read_boot_id(char out[BOOT_ID_SIZE])
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, 4 * SW_KIB);
    out[0] = '\0';
    if (sw_file_read(&text, "/proc/sys/kernel/random/boot_id", NULL) == 0)
        (void)snprintf(out, BOOT_ID_SIZE, "%.*s", SW_STR_FORMAT(sw_str_trim(sw_buffer_str(&text))));
}

/* The boot of the kernel and the namespace that process numbers are of, as the beginning of a label; it ends with a slash. */
static void read_place(char out[SW_OWNER_SIZE])
{
    char boot[BOOT_ID_SIZE], space[64];
    ssize_t n = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    space[n < 0 ? 0 : n] = '\0';
    read_boot_id(boot);
    (void)snprintf(out, SW_OWNER_SIZE, "%s/%s/", boot, space);
}

void sw_container_owner(char out[SW_OWNER_SIZE])
{
    char place[SW_OWNER_SIZE];
    uint64_t pid = (uint64_t)getpid();
    read_place(place);
    (void)snprintf(out, SW_OWNER_SIZE, "%.100s%" PRIu64 "/%" PRIu64, place, pid, start_of(pid));
}

bool sw_container_is_orphan(const char *label, bool *known)
{
    char place[SW_OWNER_SIZE];
    uint64_t pid = 0, start = 0;
    read_place(place);
    struct sw_str rest = sw_str_from(label);
    *known = sw_str_starts(rest, place);
    if (!*known)
        return false;
    rest = sw_str_drop(rest, strlen(place));
    if (!sw_str_to_u64(sw_str_cut(&rest, '/'), &pid) || rest.p == NULL || !sw_str_to_u64(rest, &start))
        *known = false;
    return *known && start_of(pid) != start;
}

/* The engine's clock is not this host's, so that much is allowed between the two. */
static bool is_old(const struct sw_node *container)
{
    int64_t created = sw_node_integer(sw_node_get(container, "Created"), INT64_MAX);
    return created < sw_clock_epoch() / SW_SECOND_NS - SW_ORPHAN_SECONDS;
}

static bool is_orphan(const struct sw_node *container)
{
    const char *label = sw_node_text(sw_node_get(sw_node_get(container, "Labels"), SW_CONTAINER_LABEL), NULL);
    bool known = false;
    return label != NULL && (sw_container_is_orphan(label, &known) || (!known && is_old(container)));
}

static int list(const struct sw_node **out, struct sw_arena *arena, struct sw_engine *engine)
{
    SW_HTTP_RESPONSE_AUTO response;
    SW_BUFFER_AUTO target;
    sw_http_response_init(&response);
    sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
    sw_call_target(&target, engine, "/containers/json?all=1");
    sw_query_add(&target, "filters", "{\"label\":[\"" SW_CONTAINER_LABEL "\"]}");
    const struct sw_http_request request = {
        .method = "GET", .target = target.p, .timeout_ns = SWEEP_SECONDS * SW_SECOND_NS};
    int code = sw_call(&response, engine, &request, NULL);
    return code == 0 ? sw_call_json(out, arena, &response, NULL) : code;
}

void sw_container_sweep(struct sw_engine *engine)
{
    SW_ARENA_AUTO arena;
    const struct sw_node *found = NULL;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (engine->info.builder || list(&found, &arena, engine) != 0)
        return;
    int64_t deadline = sw_clock_now() + SWEEP_SECONDS * SW_SECOND_NS;
    for (size_t i = 0; sw_node_item(found, i) != NULL && sw_clock_now() < deadline; i++) {
        const struct sw_node *container = sw_node_item(found, i);
        SW_BUFFER_AUTO target;
        sw_buffer_init(&target, SW_MAX_HTTP_HEADERS);
        sw_call_target(&target, engine, "/containers/");
        sw_query_add_path(&target, sw_node_text(sw_node_get(container, "Id"), ""));
        sw_buffer_add_text(&target, "?force=1&v=1");
        if (is_orphan(container) && !sw_cancel_requested(engine->cancel))
            sw_call_cleanup(engine, "DELETE", &target);
    }
}
