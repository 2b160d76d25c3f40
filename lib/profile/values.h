/* The form of a profile's values. Each function returns NULL, or the fault of the text, which stays valid
 * until the thread's next call. Everything that later stands in a Dockerfile or a shell command passes here. */
#ifndef SLIPWAY_PROFILE_VALUES_H
#define SLIPWAY_PROFILE_VALUES_H

#include "base/arena.h"

const char *sw_value_line(struct sw_str text);    /* no control characters, no login in a URL */
const char *sw_value_setting(struct sw_str text); /* a line, as the value of a variable */
const char *sw_value_name(struct sw_str text);    /* a profile or secret */
const char *sw_value_gpu(struct sw_str text);     /* a GPU, as people call it */
const char *sw_value_python(struct sw_str text);  /* 3.N */
const char *sw_value_cuda(struct sw_str text);    /* N.N */
const char *sw_value_version(struct sw_str text); /* PEP 440, without a local part */
/* A PEP 440 set if it begins with an operator, else any line. */
const char *sw_value_specifier(struct sw_str text);
const char *sw_value_driver(struct sw_str text);      /* a version, or a PEP 440 set */
const char *sw_value_requirement(struct sw_str text); /* PEP 508 */
const char *sw_value_constraint(struct sw_str text);  /* PEP 508, without extras */
const char *sw_value_project(struct sw_str text);     /* PEP 508 name */
/* An http(s) URL without a login, or "default". */
const char *sw_value_index_url(struct sw_str text);
/* NAME or NAME=VERSION of Debian policy 5.6.1. */
const char *sw_value_package(struct sw_str text);
const char *sw_value_reference(struct sw_str text); /* an image reference */
/* An image reference without a tag and without a digest. */
const char *sw_value_repository(struct sw_str text);
const char *sw_value_variable(struct sw_str text);    /* an environment variable's name */
const char *sw_value_path(struct sw_str text);        /* relative, without "..", not empty */
const char *sw_value_destination(struct sw_str text); /* absolute, without ".." */
const char *sw_value_step(struct sw_str text);        /* no NUL, no login in a URL */
const char *sw_value_code(struct sw_str text);        /* SWnnn that exists */

/* The image's own words (values_image.c). */
const char *sw_value_secret(struct sw_str text);  /* a secret's name */
const char *sw_value_user(struct sw_str text);    /* NAME or ID, or with ":GROUP" */
const char *sw_value_account(struct sw_str text); /* a user's or group's name */
/* PORT or FIRST-LAST, or one of them with "/tcp", "/udp" or "/sctp". */
const char *sw_value_port(struct sw_str text);
const char *sw_value_label(struct sw_str text);    /* a label's name */
const char *sw_value_signal(struct sw_str text);   /* a signal of Linux, with or without SIG */
const char *sw_value_duration(struct sw_str text); /* "1m30s" */
/* A variable of the build that slipway does not declare itself. */
const char *sw_value_build_argument(struct sw_str text);
const char *sw_value_sha256(struct sw_str text);      /* 64 hexadecimal digits */
const char *sw_value_fingerprint(struct sw_str text); /* 40 hexadecimal digits, of an OpenPGP key */
const char *sw_value_url(struct sw_str text);         /* an http(s) URL without a login */
const char *sw_value_package_url(struct sw_str text); /* of a package repository */
const char *sw_value_suite(struct sw_str text);       /* of a package repository */
const char *sw_value_component(struct sw_str text);   /* of a package repository */
const char *sw_value_key(struct sw_str text);         /* an OpenPGP key in ASCII armour */
/* A folder, or a repository in a registry. */
const char *sw_value_wheel_cache(struct sw_str text);
/* Return true if the text names a repository in a registry, as an image's name would: its first part is a host. */
bool sw_value_is_repository(struct sw_str text);
/* An image reference that no build takes for the number of a stage. */
const char *sw_value_image(struct sw_str text);

/* The values that were meant by texts that those above refuse, or NULL: "cu128", "128" and "12.8.0" mean "12.8",
 * "3.11.4" and "py311" mean "3.11", "==2.8.0" and "2.8.0+cu128" mean "2.8.0". */
const char *sw_value_meant_cuda(struct sw_arena *arena, struct sw_str text);
const char *sw_value_meant_python(struct sw_arena *arena, struct sw_str text);
const char *sw_value_meant_version(struct sw_arena *arena, struct sw_str text);
const char *sw_value_meant_requirement(struct sw_arena *arena, struct sw_str text); /* "a=1", "a 1", a URL */
const char *sw_value_meant_reference(struct sw_arena *arena, struct sw_str text);   /* "Ubuntu 22.04" */
const char *sw_value_meant_repository(struct sw_arena *arena, struct sw_str text); /* "example/service:1.0" */
const char *sw_value_meant_name(struct sw_arena *arena, struct sw_str text);       /* "My Service" */
const char *sw_value_meant_volume(struct sw_arena *arena, struct sw_str text);     /* "models:/models" */
const char *sw_value_meant_port(struct sw_arena *arena, struct sw_str text);       /* "8080:80" */

const char *sw_value_meant_driver(struct sw_arena *arena, struct sw_str text); /* "570+" */

/* Return the list or map that was meant by a text in its place, as YAML on one line; NULL if none is known. */
const char *sw_value_meant_torch(struct sw_arena *arena, struct sw_str text); /* "2.8.0+cu128" */
const char *sw_value_meant_image(struct sw_arena *arena, struct sw_str text); /* "example/service:1.0" */
const char *sw_value_meant_words(struct sw_arena *arena, struct sw_str text); /* the words of a command */
const char *sw_value_meant_step(struct sw_arena *arena, struct sw_str text);  /* one command of a shell */
const char *sw_value_meant_path_map(struct sw_arena *arena, struct sw_str text);
const char *sw_value_meant_check(struct sw_arena *arena, struct sw_str text);  /* a health check's command */
const char *sw_value_meant_copy(struct sw_arena *arena, struct sw_str text);   /* "app.py", "app.py:/app/" */
const char *sw_value_meant_secret(struct sw_arena *arena, struct sw_str text); /* "HF_TOKEN" */
const char *sw_value_meant_trim(struct sw_arena *arena, struct sw_str text);   /* a GPU */
const char *sw_value_meant_assertion(struct sw_arena *arena, struct sw_str text); /* "torch == 2.8.0" */

#endif
