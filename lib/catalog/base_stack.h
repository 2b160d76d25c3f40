/* The stack that a base image brings, as its tag tells it: by `stacks` of profiles/catalog/images.yaml. */
#ifndef SLIPWAY_CATALOG_BASE_STACK_H
#define SLIPWAY_CATALOG_BASE_STACK_H

#include "catalog/catalog.h"

struct sw_base_stack {
    /* The row of the catalog; NULL if the image is in no row. */
    const struct sw_node *row;
    /* Each NULL if the tag does not tell it: "3.11", "2.4.0", "12.4". */
    const char *python, *torch, *cuda;
    /* The projects that the image brings along with its torch and that are built for it: a list of names, or NULL. */
    const struct sw_node *companions;
    /* A requirement that the image was built from, "vllm==0.9.1"; or NULL. */
    const char *requirement;
    /* The reason why its torch cannot be judged; NULL if it is judged or the image has none. */
    const char *unknown;
};

/* The part of a reference behind the registry of Docker Hub or of a mirror of it, within the reference: "python:3.11" of
 * "docker.io/library/python:3.11", "nvidia/cuda:12.4.1" of "nvcr.io/nvidia/cuda:12.4.1". */
const char *sw_catalog_base_name(const char *reference);
/* Look a reference up, such as "pytorch/pytorch:2.4.0-cuda12.4-cudnn9-runtime"; false without memory. */
bool sw_catalog_base_stack(struct sw_base_stack *out, struct sw_arena *arena,
                           const struct sw_catalog *catalog, const char *reference);

#endif
