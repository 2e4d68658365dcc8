"""Pages for patients and partners behind opaque links; nobody signs in."""
