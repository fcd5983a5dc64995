"""What every floor stands on: errors, files, the tree of what is displayed, and Forms."""
