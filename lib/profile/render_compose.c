/* The image of a plan as a service of a compose file (https://github.com/compose-spec/compose-spec): whatever the image says of
 * itself stays in the image; a host's part is the GPU, the ports and the volumes. */
#include "profile/render_internal.h"

#include "base/limits.h"
#include "data/path.h"

/* A port of the image, on the same port of the host. */
static struct sw_node *ports_of(struct target *t)
{
    const struct sw_node *ports = t->plan->parts.ports;
    struct sw_node *list = sw_build_list(t->b);
    for (size_t i = 0; i < sw_node_count(ports); i++) {
        struct sw_str protocol = sw_node_str(sw_node_item(ports, i)), port = sw_str_cut(&protocol, '/');
        sw_build_append(
            t->b, list,
            sw_build_format(t->b, "%.*s:%s", SW_STR_FORMAT(port), sw_node_text(sw_node_item(ports, i), "")));
    }
    return list;
}

/* A name for the volume of a folder: "srv-models" for /srv/models. */
static struct sw_node *volume_name(struct target *t, struct sw_str path, size_t number)
{
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_RENDERED_SIZE);
    for (size_t i = 0; i < path.n; i++) {
        bool fits = sw_is_alnum((unsigned char)path.p[i]) || path.p[i] == '_';
        if (fits)
            sw_buffer_add_char(&name, path.p[i]);
        else if (name.n > 0 && name.p[name.n - 1] != '-')
            sw_buffer_add_char(&name, '-');
    }
    if (name.n == 0)
        sw_buffer_add_text(&name, "data");
    if (number > 0)
        sw_buffer_addf(&name, "-%zu", number);
    t->b->failed = t->b->failed || name.state != SW_BUFFER_OK;
    return sw_build_str(t->b, sw_buffer_str(&name));
}

static bool is_taken(const struct sw_node *mounts, const struct sw_node *name)
{
    for (size_t i = 0; i < sw_node_count(mounts); i++) {
        if (sw_node_equal(sw_node_get(sw_node_item(mounts, i), "name"), name))
            return true;
    }
    return false;
}

/* A text in which Compose reads no variable. */
static struct sw_node *literal(struct target *t, struct sw_str text)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_RENDERED_SIZE);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '$')
            sw_buffer_add_char(&out, '$');
        sw_buffer_add_char(&out, text.p[i]);
    }
    t->b->failed = t->b->failed || out.state != SW_BUFFER_OK;
    return sw_build_str(t->b, sw_buffer_str(&out));
}

static struct sw_node *mounts_of(struct target *t)
{
    const struct sw_node *volumes = t->plan->parts.volumes;
    struct sw_node *list = sw_build_list(t->b);
    for (size_t i = 0; i < sw_node_count(volumes); i++) {
        struct sw_str path = sw_node_str(sw_node_item(volumes, i));
        struct sw_node *mount = sw_build_map(t->b), *name = volume_name(t, path, 0);
        for (size_t number = 2; is_taken(list, name) && number <= i + 2; number++)
            name = volume_name(t, path, number);
        sw_build_set(t->b, mount, "name", name);
        sw_build_set(t->b, mount, "path", literal(t, path));
        sw_build_append(t->b, list, mount);
    }
    return list;
}

/* The parts that Compose has no words for; NULL if there are none. */
static struct sw_node *host_of(struct target *t)
{
    struct sw_node *host = sw_build_map(t->b), *names = sw_build_list(t->b);
    const struct sw_node *gpus = t->plan->parts.accelerators, *driver = t->plan->parts.driver,
                         *memory = t->plan->parts.gpu_memory;
    for (size_t i = 0; i < sw_node_count(gpus); i++)
        sw_build_append(t->b, names, sw_node_get(sw_node_item(gpus, i), "name"));
    if (sw_node_count(names) > 0)
        sw_build_set(t->b, host, "accelerators", names);
    if (sw_node_type(driver) == SW_NODE_TEXT)
        sw_build_set(t->b, host, "driver", literal(t, sw_node_str(driver)));
    if (sw_node_type(memory) == SW_NODE_INT)
        sw_build_set(t->b, host, "gpu_memory", memory);
    return sw_node_member_count(host) == 0 ? NULL : host;
}

static void lose_parts(struct target *t)
{
    bool guarded = sw_node_type(t->plan->parts.guard) == SW_NODE_MAP;
    const char *who = guarded ? "the guard warns" : "'guard: true' would warn";
    if (sw_node_type(t->plan->parts.gpu_memory) == SW_NODE_INT)
        sw_target_lose(t, "gpu_memory", "Compose has no word for a GPU's memory: %s if there is less", who);
    if (sw_node_count(t->plan->parts.accelerators) > 0 && !guarded)
        sw_target_lose(
            t, "accelerators",
            "Compose takes any GPU of the host: 'guard: true' would refuse those without code for it");
}

struct sw_node *sw_render_compose(struct sw_builder *b, const struct sw_plan *plan)
{
    struct target t = {.b = b, .plan = plan, .view = sw_build_map(b), .losses = sw_build_list(b)};
    const struct sw_node *driver = sw_node_get(plan->facts, "driver");
    bool has_gpu = sw_node_count(t.plan->parts.accelerators) > 0 || sw_node_type(driver) == SW_NODE_TEXT;
    sw_target_set(&t, "image", literal(&t, sw_node_str(sw_node_at(plan->parts.image.tags, "[0]"))));
    sw_target_set(&t, "driver", driver);
    sw_target_set(&t, "gpu", sw_build_bool(b, has_gpu));
    sw_target_set(&t, "ports", sw_target_section(&t, ports_of(&t)));
    sw_target_set(&t, "mounts", sw_target_section(&t, mounts_of(&t)));
    sw_target_set(&t, "host", host_of(&t));
    lose_parts(&t);
    sw_target_set(&t, "losses", t.losses);
    return t.view;
}
