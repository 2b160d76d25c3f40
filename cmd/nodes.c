#include "nodes.h"

#include "project/host_engine.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

int nodes_init(struct nodes *nodes, struct session *session, unsigned jobs, size_t builds,
               struct sw_error *error)
{
    const struct sw_texts *hosts = &session->options.hosts;
    size_t count = hosts->count == 0 ? 1 : hosts->count;
    *nodes = (struct nodes){
        .items = sw_arena_array(&session->arena, count, sizeof *nodes->items), .count = count, .jobs = jobs};
    for (size_t i = 0; nodes->items != NULL && i < count; i++) {
        struct node *node = &nodes->items[i];
        *node = (struct node){.host = hosts->count == 0 ? NULL : hosts->items[i],
                              .bases = sw_arena_array(&session->arena, builds, sizeof(char *))};
        for (size_t j = 0; j < i; j++) {
            if (strcmp(nodes->items[j].host, node->host) == 0)
                return sw_fail(error, SW_EINPUT, "-H names '%s' twice", node->host);
        }
        if (node->bases == NULL)
            return sw_fail_memory(error);
    }
    return nodes->items == NULL ? sw_fail_memory(error) : 0;
}

struct node *nodes_free(const struct nodes *nodes)
{
    struct node *best = NULL;
    for (size_t i = 0; i < nodes->count; i++) {
        struct node *node = &nodes->items[i];
        if (!node->lost && node->running < nodes->jobs && (best == NULL || node->running < best->running))
            best = node;
    }
    return best;
}

bool nodes_live(const struct nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->items[i].lost)
            return true;
    }
    return false;
}

static bool has_base(const struct node *node, const char *base)
{
    for (size_t i = 0; i < node->bases_count; i++) {
        if (strcmp(node->bases[i], base) == 0)
            return true;
    }
    return false;
}

int nodes_rank(const struct nodes *nodes, const struct node *node, const char *base)
{
    if (has_base(node, base))
        return 2;
    for (size_t i = 0; i < nodes->count; i++) {
        if (!nodes->items[i].lost && has_base(&nodes->items[i], base))
            return 0;
    }
    return 1;
}

void nodes_take(struct node *node, const char *base)
{
    node->running++;
    if (!has_base(node, base))
        node->bases[node->bases_count++] = base;
}

bool nodes_answer(const struct node *node, struct session *session)
{
    (void)fflush(NULL);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct sw_host_engine engine = {0};
        struct sw_error error;
        session->project.host = node->host;
        _exit(sw_host_engine_find(&engine, NULL, &session->project, NULL, &error) == 0 ? 0 : 1);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return child < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
