#include "catalog/companions.h"

#include "python/name.h"

const char *const sw_companions[] = {"torchvision", "torchaudio", NULL};

static const char *find(struct sw_str project)
{
    for (size_t i = 0; sw_companions[i] != NULL; i++) {
        if (sw_name_equal(project, sw_str_from(sw_companions[i])))
            return sw_companions[i];
    }
    return NULL;
}

bool sw_companions_has(struct sw_str project)
{
    return sw_name_equal(project, SW_STR("torch")) || find(project) != NULL;
}

const char *sw_companion_release(const struct sw_node *row, struct sw_str project)
{
    const char *key = sw_name_equal(project, SW_STR("triton")) ? "triton" : find(project);
    return key == NULL ? NULL : sw_node_text(sw_node_get(row, key), NULL);
}
