/* Folders, made and removed. */
#ifndef SLIPWAY_BASE_FOLDER_H
#define SLIPWAY_BASE_FOLDER_H

#include "base/error.h"

/* mkdir -p; directories that exist are fine. */
int sw_dir_make(const char *path, unsigned mode, struct sw_error *error) SW_NODISCARD;
/* Remove a directory and all below it, following no link; a missing directory is no error. */
int sw_dir_remove(const char *path, struct sw_error *error) SW_NODISCARD;

#endif
