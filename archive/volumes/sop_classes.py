"""SOP classes that decide what a stack is (PS3.4 B.5)."""

NO_VOLUMES = {  # classes whose frames are never voxels of a picture -> the word of the stack's title
    "1.2.840.10008.5.1.4.1.1.66.4": "segmentation",
    "1.2.840.10008.5.1.4.1.1.66.7": "segmentation",
}
