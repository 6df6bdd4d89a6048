"""Files that are not DICOM, one format a module."""
