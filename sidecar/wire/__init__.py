"""The contract both ends share. Central Command imports this package and floor 0, nothing else of the sidecar."""
