"""Everything about files: find them, remember them, turn them into voxels."""
