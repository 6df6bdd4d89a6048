"""From a folder to headers and a receipt."""
