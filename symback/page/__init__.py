"""What is shown: notation, typesetting, the views of a derivation, pictures, and words."""
