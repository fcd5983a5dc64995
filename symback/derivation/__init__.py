"""The reverse sweep and its record; Jacobians, stable forms and proofs that read the record."""
