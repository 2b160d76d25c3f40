/* The tables of fields of the catalog's files. Not for use outside catalog.c. */
#ifndef SLIPWAY_CATALOG_CATALOG_SCHEMA_INTERNAL_H
#define SLIPWAY_CATALOG_CATALOG_SCHEMA_INTERNAL_H

#include "catalog/architecture.h"
#include "data/schema.h"

extern const struct sw_field sw_catalog_gpus_fields[];
extern const struct sw_field sw_catalog_cuda_fields[];
extern const struct sw_field sw_catalog_torch_fields[];
extern const struct sw_field sw_catalog_bitsandbytes_fields[];
extern const struct sw_field sw_catalog_companions_fields[];
extern const struct sw_field sw_catalog_known_bad_fields[];
extern const struct sw_field sw_catalog_imports_fields[];
extern const struct sw_field sw_catalog_removed_fields[];
extern const struct sw_field sw_catalog_modules_fields[];
extern const struct sw_field sw_catalog_numpy_fields[];
extern const struct sw_field sw_catalog_frameworks_fields[];
extern const struct sw_field sw_catalog_images_fields[];
extern const struct sw_field sw_catalog_libraries_fields[];
extern const struct sw_field sw_catalog_code_fields[];
extern const struct sw_field sw_catalog_sizes_fields[];

#endif
