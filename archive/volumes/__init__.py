"""From headers to stacks, and from stacks to voxels in the patient."""
