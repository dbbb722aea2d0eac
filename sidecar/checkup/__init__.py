"""What `doctor` looks at: one module per part of the house, each answering findings. Looks, and changes nothing."""
