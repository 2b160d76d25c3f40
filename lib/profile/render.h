/* A plan as files: the same plan always gives the same bytes. */
#ifndef SLIPWAY_PROFILE_RENDER_H
#define SLIPWAY_PROFILE_RENDER_H

#include "profile/plan.h"

struct sw_rendered_file {
    const char *name; /* relative, without folders */
    struct sw_str text;
    unsigned mode; /* permissions */
};

struct sw_rendering {
    struct sw_arena arena;
    struct sw_rendered_file *files;
    size_t count;
};

enum sw_render_target {
    /* Dockerfile first, .dockerignore, requirements.txt, constraints.txt, stack.json, …. */
    SW_RENDER_DOCKER,
    SW_RENDER_TRUSS,   /* config.yaml of a Truss */
    SW_RENDER_COMPOSE, /* compose.yaml with the image as a service */
};

/* The architecture of this program, in the words of image platforms, and of the programs that it has for images. */
#if defined(__x86_64__)
#define SW_GUARD_ARCHITECTURE "amd64"
#elif defined(__aarch64__)
#define SW_GUARD_ARCHITECTURE "arm64"
#else
#define SW_GUARD_ARCHITECTURE "other"
#endif

/* Build the content of stack.json: pins and assertions, for the service and for the probe. NULL without memory. */
const struct sw_node *sw_render_stack(struct sw_builder *b, const struct sw_plan *plan);

/* Render the plan, which must outlive the rendering. Templates come from `project` (a folder, or NULL) if it has them, else from the program. */
int sw_render(struct sw_rendering *out, const struct sw_plan *plan, enum sw_render_target target,
              const char *project, struct sw_error *error) SW_NODISCARD;
/* The last layer that the image of a user's Dockerfile gets. */
struct sw_render_layer {
    const char *image;            /* the name of that image */
    const struct sw_node *config; /* its configuration, as engines tell it */
};
/* Append the Dockerfile of that layer; its other files are those of the plan's rendering. SW_EINPUT if the image's
 * configuration cannot be kept. */
int sw_render_layer(struct sw_buffer *out, const struct sw_plan *plan, const struct sw_render_layer *layer,
                    const char *project, struct sw_error *error) SW_NODISCARD;
/* Append the user's Dockerfile as it is built: byte for byte, or with lines that hold its installs. */
int sw_render_dockerfile(struct sw_buffer *out, const struct sw_plan *plan,
                         struct sw_error *error) SW_NODISCARD;
/* The line of the user's Dockerfile that stands on `line` of the text that is built; 0 for none. */
unsigned sw_render_dockerfile_line(const struct sw_plan *plan, unsigned line);
/* The file of a user's context that holds the constraints, if the plan holds the installs of the user's Dockerfile. */
#define SW_HOLD_FILE ".slipway-constraints.txt"

/* Return true if the file of a rendering goes into the last layer. */
bool sw_render_is_layer_file(const char *name);
/* Add a warning at each value of the profile that the target has no words for. */
int sw_render_losses(const struct sw_plan *plan, enum sw_render_target target,
                     const struct sw_profile *profile, struct sw_findings *findings,
                     struct sw_error *error) SW_NODISCARD;
void sw_rendering_release(struct sw_rendering *rendering); /* takes NULL and a zeroed rendering */
#define SW_RENDERING_AUTO SW_CLEANUP(sw_rendering_release) struct sw_rendering

/* Add SW102 if a line of the Dockerfile is longer than an engine reads, at the longest value of the profile that is in it. */
void sw_rendering_check(const struct sw_rendering *rendering, const struct sw_profile *profile,
                        struct sw_findings *findings);

/* The text of a file, empty if there is none of that name. */
struct sw_str sw_rendering_text(const struct sw_rendering *rendering, const char *name);

#endif
