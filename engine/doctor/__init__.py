"""What `befit doctor` looks at: installation, files, store, log; each finding says what it is, whether it is well, and
what would mend it."""
